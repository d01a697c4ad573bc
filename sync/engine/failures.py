"""Tells what kind of trouble a failed record has, and when it is tried again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mapping.problems import FieldCode
from sync.engine.arrivals import MISSING_ID
from sync.model.guid import is_guid
from sync.model.integration import HELD, Integration, Status
from sync.model.record import Failure


class FailureClass(StrEnum):
    """Who can mend a failed record."""

    DATA = "data"
    """Its own values, in Business Central."""
    MAPPING = "mapping"
    """The mapping cannot take such a value."""
    SOURCE = "source"
    """The source did not give it."""
    STORAGE = "storage"
    """The store cannot hold it as it is."""


class NextTry(StrEnum):
    """What makes a failed record be tried again."""

    NEXT_SYNC = "next_sync"
    SYNC_BY_HAND = "sync_by_hand"
    """Nothing is scheduled: the next sync that somebody starts, or that a change notice does."""
    FULL_SYNC = "full_sync"
    """It cannot be asked for by its id: the next full sync, or a delta once the source changes it."""
    WHEN_MENDED = "when_mended"
    """The integration is held: the first sync after a person has mended the connection."""
    WHEN_RECONNECTED = "when_reconnected"
    """It belongs to another company than the connection leads to now."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a failed record is tried again; `at` is None when no schedule says so."""

    next_try: NextTry
    at: datetime | None = None


_CLASSES = {
    FieldCode.REQUIRED_FIELD_MISSING: FailureClass.DATA,
    FieldCode.INVALID_VALUE: FailureClass.DATA,
    FieldCode.VALUE_TOO_LONG: FailureClass.DATA,
    FieldCode.UNEXPECTED_TYPE: FailureClass.MAPPING,
    MISSING_ID: FailureClass.MAPPING,
    "RECORD_INVALID": FailureClass.STORAGE,
    "ROW_INVALID": FailureClass.STORAGE,
    "ROW_TOO_LARGE": FailureClass.STORAGE,
}


def class_of(code: str) -> FailureClass:
    """Return who can mend a record that failed with this code: the source's own codes are the source's."""
    return _CLASSES.get(code, FailureClass.SOURCE)


def may_be_asked_for(failure: Failure, source: str) -> bool:
    """Return whether this source can be asked for the record by its id."""
    return is_guid(failure.external_id) and failure.source in {"", source}


def outlook(failure: Failure, integration: Integration) -> Outlook:
    """Return when the record is tried again."""
    if failure.source not in {"", integration.connection.source}:
        return Outlook(NextTry.WHEN_RECONNECTED)
    if integration.status in HELD:
        return Outlook(NextTry.WHEN_MENDED)
    if not is_guid(failure.external_id):
        return Outlook(NextTry.FULL_SYNC)
    if integration.schedule is None or integration.status is Status.PAUSED:
        return Outlook(NextTry.SYNC_BY_HAND)
    return Outlook(NextTry.NEXT_SYNC, integration.next_run_at)
