"""Measurements. Two things are compared in one run, and the ratio is what counts: machines differ and are noisy."""
