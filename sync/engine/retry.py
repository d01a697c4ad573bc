"""How long to wait before a request is sent again."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 5
"""How often a request is sent before its trouble is handed to the workflow."""

LONGEST_BACK_OFF = 60.0
"""Seconds; our own guess never exceeds them, a Retry-After may."""

SECONDS_MARGIN = 0.05
"""Added to a Retry-After in seconds: timers and clocks round."""

DATE_MARGIN = 1.0
"""Added to a Retry-After that is a date: HTTP dates have a resolution of one second."""

_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def http_date(text: str | None) -> datetime | None:
    """Return the instant of an HTTP date in UTC, or None when it is none."""
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_retry_after(text: str | None, *, date: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After asks for, with a margin, or None when it asks for nothing readable.

    A date counts from the reply's own `date`, and from `now` when the reply has none.
    """
    wish = (text or "").strip()
    if _SECONDS.fullmatch(wish):
        return float(wish) + SECONDS_MARGIN
    until = http_date(wish)
    if until is None:
        return None
    return max(0.0, (until - (http_date(date) or now)).total_seconds()) + DATE_MARGIN


def delay_after(attempt: int, *, retry_after: float | None, jitter: float) -> float:
    """Return the seconds to wait after the attempt that failed, the first being 1.

    A Retry-After is a floor and wins; without it the wait doubles, shortened by up to half by a `jitter` of 0 to 1.
    """
    if retry_after is not None:
        return retry_after
    steps = min(max(attempt, 1) - 1, 6)
    return min(LONGEST_BACK_OFF, 2.0**steps) * (1.0 - jitter / 2)
