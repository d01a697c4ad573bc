"""The simulators' clock, and instants as Business Central stores and writes them."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

MICROS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = 300
_DAY = 86_400


class Clock:
    """A clock that runs with real time until it is set, moved or frozen."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        """Seconds since 1970, as the simulators see them."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    def micros(self) -> int:
        """Now in microseconds, rounded as SQL Server rounds a datetime."""
        return sql_rounded(round(self.now() * MICROS))

    def set(self, instant: datetime) -> None:
        """Show this instant now, and go on from it."""
        self._place(instant.timestamp())

    def advance(self, seconds: float) -> None:
        """Move by so many seconds."""
        self._place(self.now() + seconds)

    def offset(self, seconds: float) -> None:
        """Differ from real time by exactly so many seconds, running."""
        self._frozen = None
        self._offset = seconds

    def freeze(self) -> None:
        """Stand still at the present instant."""
        self._frozen = self.now()

    def run(self) -> None:
        """Go on from the present instant."""
        self._offset = self.now() - time.time()
        self._frozen = None

    def _place(self, seconds: float) -> None:
        if self._frozen is None:
            self._offset = seconds - time.time()
        else:
            self._frozen = seconds


def sql_rounded(micros: int) -> int:
    """Round microseconds to SQL Server's ticks of 1/300 s, then to the milliseconds it shows."""
    ticks = (micros * _TICKS + MICROS // 2) // MICROS
    return (ticks * 1000 + _TICKS // 2) // _TICKS * 1000


def wire_time(micros: int) -> str:
    """Write an instant as the API does: UTC, no trailing zeros, no fraction when it is zero."""
    seconds, rest = divmod(micros, MICROS)
    day, second = divmod(seconds, _DAY)
    fraction = f".{rest // 1000:03d}".rstrip("0").rstrip(".") if rest else ""
    return f"{_date(day)}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}{fraction}Z"


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def parse_time(text: str) -> int:
    """Read an ISO instant as microseconds since 1970; without a zone it is UTC.

    Raises:
        ValueError: The text is no instant.
    """
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def http_date(seconds: float) -> str:
    """Write an instant as an HTTP date."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)
