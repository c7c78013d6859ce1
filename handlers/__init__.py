"""Decides. Pure functions from a request and a snapshot to an outcome; the standard library only."""
