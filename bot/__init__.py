"""Listens and speaks: mail, chat, clocks, settings. Everything asynchronous lives here."""
