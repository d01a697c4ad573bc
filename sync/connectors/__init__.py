"""Talks to remote systems and translates their answers and errors into the hub's own."""
