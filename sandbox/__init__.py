"""Simulated Entra and Business Central for tests, demo and measurements."""
