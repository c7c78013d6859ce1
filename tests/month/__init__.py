"""The month: money in, the cycle step by step, the files out and in, and what everybody is told."""
