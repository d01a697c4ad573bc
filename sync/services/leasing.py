"""Work on bridges that only one may do at a time, over all processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sync.services.bridge_desk import BridgeDesk


@contextmanager
def leased(desk: BridgeDesk, key: str, *, span: timedelta) -> Iterator[str | None]:
    """Hold a lease while the work lasts, at most for `span`; gives the holder, or None while somebody else has it."""
    holder, now = desk.ids.new("holder"), desk.clock.now()
    if desk.leases.acquire(key, holder, until=now + span, now=now, facts={}) is None:
        yield None
        return
    try:
        yield holder
    finally:
        desk.leases.release(key, holder)
