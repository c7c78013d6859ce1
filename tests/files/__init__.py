"""Tests of the files exchanged."""
