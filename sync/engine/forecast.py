"""Decides when to say that a client secret or a consent will end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sync.model.integration import AnyIntegration

MARKS = (60, 30, 7, 1, 0)
"""Days before the end of a client secret at which a notice is written; 0 is the end itself."""
CONSENT_LIFE = timedelta(days=90)
"""How long a refresh token lives without use (Microsoft Entra, "refresh tokens")."""

_SECRET_WARNING = 60
_CONSENT_WARNING = 30
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Something that ends soon, or has ended: what, what to do, when, and the days until then (0 or less: ended)."""

    code: str
    detail: str
    expires_at: datetime
    days_left: int


def forecasts(integration: AnyIntegration, now: datetime) -> tuple[Forecast, ...]:
    """Return what an integration's owner should know in time."""
    return (*_of_secret(integration, now), *_of_consent(integration, now))


def notice_due(integration: AnyIntegration, now: datetime) -> Forecast | None:
    """Return what is to be announced about the client secret now, unless that was done."""
    told = integration.announced
    for forecast in _of_secret(integration, now):
        known = told is not None and told.expires_at == forecast.expires_at and told.days <= mark_of(forecast)
        return None if known else forecast
    return None


def mark_of(forecast: Forecast) -> int:
    """Return the mark that has been passed last."""
    return min(mark for mark in MARKS if forecast.days_left <= mark)


def _of_secret(integration: AnyIntegration, now: datetime) -> Iterator[Forecast]:
    ends = integration.connection.client_secret_expires_at
    if ends is None:
        return
    left = _days(ends, now)
    if left <= 0:
        text = "The client secret has expired: make a new one in the app registration and enter it here"
        yield Forecast("CLIENT_SECRET_EXPIRED", text, ends, left)
    elif left <= _SECRET_WARNING:
        text = f"The client secret expires in {_told(left)}: make a new one in the app registration and enter it here"
        yield Forecast("CLIENT_SECRET_EXPIRES", text, ends, left)


def _of_consent(integration: AnyIntegration, now: datetime) -> Iterator[Forecast]:
    """Warn of an idle consent: a sync is known to have used it, other uses only make it last longer."""
    consent = integration.connection.consent
    if consent is None:
        return
    ends = max(consent.given_at, integration.last_synced_at or consent.given_at) + CONSENT_LIFE
    left = _days(ends, now)
    if left <= 0:
        text = "The consent was not used for 90 days and has probably ended: sync, or authorize again"
        yield Forecast("CONSENT_EXPIRED", text, ends, left)
    elif left <= _CONSENT_WARNING:
        text = f"The consent ends in {_told(left)} if it is not used: sync, or authorize again"
        yield Forecast("CONSENT_EXPIRES", text, ends, left)


def _days(ends: datetime, now: datetime) -> int:
    return ceil((ends - now) / _DAY)


def _told(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
