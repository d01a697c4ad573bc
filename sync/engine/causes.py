"""Puts failed records with the same cause together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sync.model.entity import EntityType
from sync.model.record import Failure

NAMED = 10
"""Records that a cause names."""

_CHANGING = re.compile(
    r"""(?P<quote>["'`“]).*?["'`”]"""
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<![A-Za-z])[-+]?\d[\w.,:+-]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Records of one entity type that failed alike; the sample is the first of them."""

    entity: EntityType
    code: str
    shape: str
    """What their messages have in common: quoted words, ids and numbers are left out."""
    sample: Failure
    count: int = 0
    named: tuple[str, ...] = ()


def shape_of(message: str) -> str:
    """Return a message without what differs from record to record."""
    return _CHANGING.sub("…", message)


def grouped(failures: Iterable[Failure]) -> tuple[Cause, ...]:
    """Return the causes, the most frequent first."""
    found: dict[tuple[EntityType, str, str], Cause] = {}
    for failure in failures:
        key = failure.entity, failure.fault.code, shape_of(failure.fault.message)
        known = found.get(key) or Cause(*key, sample=failure)
        named = (*known.named, failure.external_id)[:NAMED]
        found[key] = replace(known, count=known.count + 1, named=named)
    return tuple(sorted(found.values(), key=lambda cause: -cause.count))
