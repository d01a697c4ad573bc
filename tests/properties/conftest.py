"""Laws are tried on the same examples every time, and keep nothing on disk."""

from hypothesis import settings

settings.register_profile("laws", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("laws")
