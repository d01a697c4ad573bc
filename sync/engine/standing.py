"""Decides how a run's end changes its integration, and what may be tried while it is held."""

from dataclasses import replace

from sync.model.errors import ConsentError, RetryLaterError, SetupError, SourceGoneError, SyncError
from sync.model.integration import HELD, AnyIntegration, Status

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


def placed[I: AnyIntegration](integration: I, standing: Status, reason: str | None = None) -> I:
    """Return the integration in this standing; a paused one stays paused, shows the reason, and resumes in it."""
    if integration.status is Status.PAUSED:
        return replace(integration, resumes_as=standing, status_reason=reason, untried=False)
    return replace(integration, status=standing, status_reason=reason, untried=False)


def healed[I: AnyIntegration](integration: I) -> I:
    """Return the integration after something worked: active again if it was held, and paused if it is paused."""
    held = integration.standing in HELD
    return placed(integration, Status.ACTIVE) if held else replace(integration, untried=False)


def paused[I: AnyIntegration](integration: I) -> I:
    """Return the integration paused by its owner; what is known of the connection stays."""
    if integration.status is Status.PAUSED:
        return integration
    return replace(integration, status=Status.PAUSED, resumes_as=integration.status, status_reason=_reason(integration))


def resumed[I: AnyIntegration](integration: I) -> I:
    """Return the integration as it is without the pause: what needed a person still does."""
    return replace(
        integration, status=integration.standing, resumes_as=Status.ACTIVE, status_reason=_reason(integration)
    )


def _reason(integration: AnyIntegration) -> str | None:
    return integration.status_reason if integration.standing in HELD else None


_TRIED_BY_HAND = frozenset({Status.SETUP_REQUIRED, Status.BROKEN})


def may_be_tried(integration: AnyIntegration) -> bool:
    """Return whether a sync by hand may find out if a held connection works again.

    Where somebody has to sign in, asking would only be refused once more.
    """
    return integration.standing in _TRIED_BY_HAND and not integration.connection.awaits_consent
