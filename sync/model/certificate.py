"""A certificate: what a run that listed everything found, read and stored, and which records it misses by name."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sync.model.entity import EntityType
from sync.model.run import Verdict, Window

LONGEST_LIST = 1_000
"""Records that a certificate names in one list."""


class Reason(StrEnum):
    """How it is known that a record is missing, or read beyond the count."""

    STORED = "stored_not_listed"
    """It is stored, the listing left it out, and the source was not asked about it alone."""
    KNOWN = "known_not_listed"
    """It is stored, the listing left it out, and the source still gives it when asked for it."""
    LATER = "listed_later"
    """It was never stored; the source's listing left it out, and a second look found it."""
    COUNTED = "counted_not_listed"
    """The source counts a record of this number and lists it nowhere."""
    VANISHED = "gone_since"
    """It was read, and the source does not know it any more."""


@dataclass(frozen=True, slots=True)
class Named:
    """A record as a certificate names it; members that nobody could find out are None."""

    external_id: str | None
    number: str | None
    name: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """What a run marked as gone: how many records, and the first of them by name."""

    named: tuple[Named, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found out about one entity type after its listing."""

    missing: tuple[Named, ...] = ()
    extra: tuple[Named, ...] = ()
    gone: Gone = field(default_factory=Gone)
    requests: int = 0
    """What the search asked of the source."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How many more records each list would name, if it were not cut."""

    missing: int = 0
    extra: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class EntityCertificate:
    """One entity type of a certificate; counts of records."""

    verdict: Verdict
    source: str
    """Tenant, environment and company that were read."""
    mapping_version: int
    watermark: Window
    """`since` is None: everything was listed; `until` is the source's time before the first page."""
    filter: str | None
    counted: int | None
    """The source's count before reading."""
    counted_again: int | None
    """The source's count after reading, where it was asked again."""
    read: int
    created: int
    updated: int
    unchanged: int
    conflicts: int
    errors: int
    stored: int
    """Records of this source that are stored and not gone."""
    missing: tuple[Named, ...] = ()
    """What the source counts and did not list."""
    unnamed: int = 0
    """Missing records that could not be named."""
    extra: tuple[Named, ...] = ()
    """What was read beyond the count."""
    gone: tuple[Named, ...] = ()
    """What this run marked as gone."""
    more: Cut = field(default_factory=Cut)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an auditor keeps of a run; `digest` is the SHA-256 of all other members as canonical JSON."""

    run_id: str
    integration_id: str
    environment: str
    company_id: str
    company: str | None
    """The company's name, where the connection still leads to it."""
    issued_at: datetime
    verdict: Verdict
    entities: dict[EntityType, EntityCertificate]
    digest: str = ""
