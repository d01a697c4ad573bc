"""Decides how a run's end changes its integration."""

from sync.model.errors import ConsentError, SetupError, SourceGoneError, SyncError
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


def healed(status: Status) -> Status:
    """Return the status after something worked: a held integration is active again, a paused one stays so."""
    return Status.ACTIVE if status in HELD else status
