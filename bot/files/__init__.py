"""The files that the transfer agent, the bank and this program send each other, each with its layout."""
