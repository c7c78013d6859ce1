"""Understands: from live text to requests, with every detail's place in the text."""
