"""Decisions as pure functions: what to read, what to write, what was achieved."""
