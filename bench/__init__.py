"""Measures the hub against the barest code that does the same reading and writing; prints ratios of one run."""
