"""Tests of the mail part. What touches the store is passed in, so none is needed here."""
