"""Six-field NCRONTAB schedules in UTC, as timer triggers read them."""

import re
import zlib
from datetime import UTC, datetime, timedelta

from croniter import croniter

_FIELDS = 6
_NUMBERS = re.compile(r"[0-9*/,\-]+")
_MONTHS = re.compile(r"(?:[0-9*/,\-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)+", re.IGNORECASE)
_WEEKDAYS = re.compile(r"(?:[0-9*/,\-]|sun|mon|tue|wed|thu|fri|sat)+", re.IGNORECASE)
_WORDS = (_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _MONTHS, _WEEKDAYS)
_HIGHEST_WEEKDAY = 6
LONGEST_JITTER = timedelta(seconds=30)


def check(schedule: str) -> str | None:
    """Return what is wrong with a schedule, or None."""
    fields = schedule.split()
    if len(fields) != _FIELDS:
        return f"a schedule has six fields (second minute hour day month weekday), not {len(fields)}"
    if not all(words.fullmatch(field) for words, field in zip(_WORDS, fields, strict=True)):
        return "a field holds numbers and * / , - only, months and weekdays also names of three letters"
    if any(int(number) > _HIGHEST_WEEKDAY for number in re.findall(r"(?<!/)\b\d+", fields[-1])):
        return "weekdays are 0 (Sunday) to 6"
    try:
        _iterate(schedule, datetime(2024, 1, 1, tzinfo=UTC)).get_next(datetime)
    except (ValueError, KeyError, ArithmeticError) as error:
        return f"not a schedule: {error}"
    return None


def next_after(schedule: str, moment: datetime) -> datetime:
    """Return the first time of the schedule that is later than the moment."""
    found: datetime = _iterate(schedule, moment).get_next(datetime)
    return found


def upcoming(schedule: str, moment: datetime, count: int) -> tuple[datetime, ...]:
    """Return the next times of the schedule after the moment, the earliest first."""
    times = [moment]
    for _ in range(count):
        times.append(next_after(schedule, times[-1]))
    return tuple(times[1:])


def jitter(integration_id: str, schedule: str, moment: datetime) -> timedelta:
    """Return the integration's own delay, at most a tenth of the interval: equal schedules do not start at once."""
    first = next_after(schedule, moment)
    interval = next_after(schedule, first) - first
    span = min(LONGEST_JITTER, interval / 10)
    return span * (zlib.crc32(integration_id.encode()) % 1000) / 1000


def _iterate(schedule: str, moment: datetime) -> croniter:
    return croniter(schedule, moment, day_or=False, second_at_beginning=True)
