"""Simulated Oneflow: contracts with data fields, signatures, and webhooks."""
