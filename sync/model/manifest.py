"""What a bucket holds: for each record its key, the hash of its content and its standing."""

from dataclasses import dataclass, field
from typing import Final


class Mark:
    """A record's standing, as bits of an int: an IntFlag costs a microsecond for each look, and there are millions."""

    NONE: Final = 0
    ERROR: Final = 1
    """Its last arrival had a fault."""
    CONFLICT: Final = 2
    """Its key belongs to another source of the same user."""
    GONE: Final = 4
    """A proven full listing did not hold it."""
    UNSTORED: Final = 8
    """It is only remembered: no row of this source exists."""
    CREATED: Final = 16
    """The manifest's run created it."""
    UPDATED: Final = 32
    """The manifest's run updated it."""
    PINNED: Final = 64
    """The platform has pinned fields of it."""
    YIELDED: Final = 128
    """A person has left its key to the other source."""
    TURNED: Final = 256
    """The manifest's run was the first to find it at fault, or gone."""

    TWIN: Final = 512
    """In conflict with a record of the platform's own, not with another source's."""


IN_RUN: Final = Mark.CREATED | Mark.UPDATED | Mark.TURNED


type Entry = tuple[bytes, int]
"""One record in a manifest: 8 bytes of content hash, and its marks; a bare tuple because there are millions."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The records that one source keeps in one bucket, by 16-byte key; written with its rows, so it cannot disagree."""

    run_id: str = ""
    """The run whose doings the marks CREATED, UPDATED and TURNED tell."""
    entries: dict[bytes, Entry] = field(default_factory=dict)
    version: str = ""
    """The store's ETag; empty when the manifest is not stored yet."""
