"""Keeps the hub's values in Azure Storage, and in memory for tests."""
