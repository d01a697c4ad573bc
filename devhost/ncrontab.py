"""Schedules of timer triggers: NCRONTAB with five or six fields, or a time span."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SIX_FIELDS = 6
_DAYS_UNTIL_THE_CALENDAR_REPEATS = 366 * 28


@dataclass(frozen=True, slots=True)
class _Field:
    label: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def parse(self, text: str) -> tuple[int, ...]:
        return tuple(sorted({value for part in text.split(",") for value in self._range(part)}))

    def _range(self, part: str) -> range:
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        low = self.low if span == "*" else self._number(first)
        open_end = self.high if span == "*" or slash else low
        high = self._number(last) if dash else open_end
        low, high = min(low, high), max(low, high)
        if low < self.low or high > self.high:
            raise ValueError(f"{self.label} {part!r} is outside {self.low}-{self.high}")
        return range(low, high + 1, max(1, int(step)) if slash else 1)

    def _number(self, text: str) -> int:
        if text.isdigit():
            return int(text)
        for index, name in enumerate(self.names):
            if text and name.startswith(text.lower()):
                return index + self.low
        raise ValueError(f"{self.label} {text!r} is not a number" + (" or a name" if self.names else ""))


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)


class Schedule(Protocol):
    """When a timer fires."""

    @property
    def is_monitored(self) -> bool:
        """Tell whether the host keeps this timer's status."""
        ...

    def after(self, moment: datetime) -> datetime:
        """Return the first time later than this moment."""
        ...


@dataclass(frozen=True, slots=True)
class Interval:
    """Fires again and again after the same time."""

    period: timedelta

    @property
    def is_monitored(self) -> bool:
        """Intervals under a minute are not."""
        return self.period >= timedelta(minutes=1)

    def after(self, moment: datetime) -> datetime:
        """Return the moment one period later."""
        return moment + self.period


@dataclass(frozen=True, slots=True)
class Calendar:
    """Fires when every field matches, day and day of week both."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    @property
    def is_monitored(self) -> bool:
        """Schedules that fire more than once a minute are not."""
        return len(self.seconds) == 1

    def after(self, moment: datetime) -> datetime:
        """Return the first matching second later than this moment.

        Raises:
            ValueError: No date ever matches.
        """
        start = moment.replace(microsecond=0) + timedelta(seconds=1)
        day = start.replace(hour=0, minute=0, second=0)
        for _ in range(_DAYS_UNTIL_THE_CALENDAR_REPEATS):
            if self._matches(day) and (found := self._first(day, start)):
                return found
            day += timedelta(days=1)
        raise ValueError("the schedule never fires")

    def _matches(self, day: datetime) -> bool:
        return day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays

    def _first(self, day: datetime, start: datetime) -> datetime | None:
        return next((moment for moment in self._moments(day, start) if moment >= start), None)

    def _moments(self, day: datetime, start: datetime) -> Iterator[datetime]:
        today = day.date() == start.date()
        for hour in self.hours:
            for minute in self.minutes:
                if not today or (hour, minute) >= (start.hour, start.minute):
                    yield from (day.replace(hour=hour, minute=minute, second=second) for second in self.seconds)


def parse_schedule(text: str) -> Schedule:
    """Read a timer trigger's schedule.

    Raises:
        ValueError: It is neither five or six fields nor hh:mm:ss, or a field is out of its range.
    """
    parts = text.split()
    if len(parts) == 1 and text.count(":") == 2:  # noqa: PLR2004 - hh:mm:ss has two colons
        hours, minutes, seconds = map(int, text.split(":"))
        return Interval(_positive(timedelta(hours=hours, minutes=minutes, seconds=seconds)))
    if len(parts) == _SIX_FIELDS - 1:
        parts = ["0", *parts]
    if len(parts) != _SIX_FIELDS:
        raise ValueError(f"schedule {text!r} needs five or six fields")
    return Calendar(*(field.parse(part) for part, field in zip(parts, _FIELDS, strict=True)))


def _positive(period: timedelta) -> timedelta:
    if period <= timedelta():
        raise ValueError("an interval must be longer than nothing")
    return period
