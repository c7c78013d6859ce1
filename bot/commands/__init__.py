"""The commands of `dspp`, a module for each family. Each registers its own words and returns an exit status."""
