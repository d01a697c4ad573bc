"""What a bucket holds: for each record its key, the hash of its content and its standing."""

from dataclasses import dataclass, field
from enum import IntFlag
from typing import NamedTuple


class Mark(IntFlag):
    """A record's standing; the last two say what the manifest's own run did to it."""

    NONE = 0
    ERROR = 1
    """Its last arrival had a fault."""
    CONFLICT = 2
    """Its key belongs to another source of the same user."""
    GONE = 4
    """A proven full listing did not hold it."""
    UNSTORED = 8
    """It is only remembered: no row of this source exists."""
    CREATED = 16
    UPDATED = 32


IN_RUN = Mark.CREATED | Mark.UPDATED


class Entry(NamedTuple):
    """One record in a manifest: 8 bytes of content hash, and its marks."""

    digest: bytes
    marks: Mark


@dataclass(frozen=True, slots=True)
class Manifest:
    """The records that one source keeps in one bucket, by 16-byte key; written with its rows, so it cannot disagree."""

    run_id: str = ""
    """The run whose doings the marks CREATED and UPDATED tell."""
    entries: dict[bytes, Entry] = field(default_factory=dict)
    version: str = ""
    """The store's ETag; empty when the manifest is not stored yet."""
