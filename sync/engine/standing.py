"""Decides how a run's end changes its integration."""

from sync.model.errors import ConsentError, RetryLaterError, SetupError, SourceGoneError, SyncError
from sync.model.integration import HELD, Status

_STATUS_AFTER: tuple[tuple[type[SyncError], Status], ...] = (
    (ConsentError, Status.REAUTH_REQUIRED),
    (SourceGoneError, Status.BROKEN),
    (SetupError, Status.SETUP_REQUIRED),
)

HELD_CODES = {
    Status.BROKEN: "INTEGRATION_BROKEN",
    Status.SETUP_REQUIRED: "SETUP_REQUIRED",
    Status.REAUTH_REQUIRED: "REAUTH_REQUIRED",
}
"""The code that a sync answers while an integration is held in this status."""


def status_after(error: SyncError) -> Status | None:
    """Return the status that an error puts an integration in, or None when the trouble may pass."""
    return next((status for kind, status in _STATUS_AFTER if isinstance(error, kind)), None)


_WORTH_WAITING = frozenset({"SOURCE_THROTTLED", "STORAGE_UNAVAILABLE", "VAULT_UNAVAILABLE"})


def worth_waiting(error: RetryLaterError) -> bool:
    """Return whether a run should wait for this to pass.

    It should when the remote system named a time, or only wants fewer requests. Other trouble has outlasted
    the connector's own attempts: the caller is told now, and the schedule tries again.
    """
    return error.delay > 0 and (error.announced or error.code in _WORTH_WAITING)


def healed(status: Status) -> Status:
    """Return the status after something worked: a held integration is active again, a paused one stays so."""
    return Status.ACTIVE if status in HELD else status
