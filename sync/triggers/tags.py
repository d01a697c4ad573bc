"""ETags: short, quoted, and telling nothing."""

from hashlib import blake2b


def tag_of(*facts: str) -> str:
    """Return an ETag that is another one as soon as one of the facts is."""
    return f'"{blake2b("\n".join(facts).encode(), digest_size=12).hexdigest()}"'
