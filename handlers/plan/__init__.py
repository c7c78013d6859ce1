"""The plan's rules as types and pure functions: money, terms, calendar, states, accounts, orders."""
