"""How many records and conflicts one event tells of: each its own while there are few, else lists of ids."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from sync.model.entity import EntityType
from sync.model.trail import Deed
from sync.model.webhook import EventType

MOST_ALONE = 50
"""Records of one type that a run created, or updated, and that have an event each; of more, lists are told."""
MOST_TOGETHER = 400
"""Ids in one event."""
MOST_CHARACTERS = 16_000
"""Characters of all ids in one event: Standard Webhooks asks for bodies below 20 KB."""

_MARK_BYTES = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HIGHEST = 2**52 - 1
_DIGITS = 13

RECORD_EVENTS = {
    (EntityType.SUPPLIERS, Deed.CREATED): EventType.SUPPLIER_CREATED,
    (EntityType.SUPPLIERS, Deed.UPDATED): EventType.SUPPLIER_UPDATED,
    (EntityType.PRODUCTS, Deed.CREATED): EventType.PRODUCT_CREATED,
    (EntityType.PRODUCTS, Deed.UPDATED): EventType.PRODUCT_UPDATED,
}
"""Which event tells of a deed."""


def bundled(ids: Iterable[str], *, expected: int) -> Iterator[tuple[str, ...]]:
    """Yield the ids in the bundles that one event tells of each; `expected` is about how many there are."""
    most = 1 if expected <= MOST_ALONE else MOST_TOGETHER
    bundle: list[str] = []
    size = 0
    for each in ids:
        if bundle and (len(bundle) == most or size + len(each) > MOST_CHARACTERS):
            yield tuple(bundle)
            bundle, size = [], 0
        bundle.append(each)
        size += len(each)
    if bundle:
        yield tuple(bundle)


def mark_of(kind: EventType, *facts: str) -> str:
    """Return what two events have in common that tell of the same."""
    return blake2b("\n".join((kind.value, *facts)).encode(), digest_size=_MARK_BYTES).hexdigest()


def name_of(at: datetime, kind: EventType, *facts: str) -> str:
    """Return the id of an event that is known by its time and what it tells: ids fall with time, as all ids do."""
    moment = (at - _EPOCH) // timedelta(microseconds=1)
    return f"evt_{_HIGHEST - moment:0{_DIGITS}x}{mark_of(kind, *facts)}"
