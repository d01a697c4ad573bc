"""Samples that are no JSON."""

from pathlib import Path

_SAMPLES = Path(__file__).parents[1] / "samples"


def sample_text(name: str) -> str:
    """Return a sample as text."""
    return (_SAMPLES / name).read_text(encoding="utf-8")
