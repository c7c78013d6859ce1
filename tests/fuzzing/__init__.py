"""Fuzzing: whatever the bytes of a message, what is promised of its reading holds."""
