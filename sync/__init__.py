"""Keeps Business Central and the platform in step, and answers those who ask about it."""
