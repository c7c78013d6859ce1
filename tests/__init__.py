"""The tests, in folders that mirror the packages; whole-bot dialogues in journeys."""
