"""Days, instants and wall-clock times."""

import re
from datetime import UTC, date, datetime, time

from mapping.columns import Column, DateBehavior
from mapping.values import Typed, ValueCode, ValueProblem

_FIRST = date(1753, 1, 1)
_LAST = date(9999, 12, 30)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"(?P<wall>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)(?P<fraction>\.[0-9]+)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?",
)


def read_moment(column: Column, raw: object, _: str | None) -> Typed | ValueProblem:
    """Return a day, an instant or a wall-clock time of a record; Dataverse keeps no fractions of seconds."""
    try:
        moment = datetime.fromisoformat(raw if isinstance(raw, str) else "").replace(microsecond=0)
        return _typed(column, moment)
    except (ValueError, OverflowError):
        return ValueProblem(ValueCode.UNEXPECTED_TYPE, "Dynamics sent something else than a date or time.")


def _typed(column: Column, moment: datetime) -> Typed:
    if column.behavior is DateBehavior.USER_LOCAL:
        instant = moment.replace(tzinfo=moment.tzinfo or UTC)
        return instant.astimezone(column.time_zone).date() if column.is_day else instant.astimezone(UTC)
    return moment.date() if column.is_day else moment.replace(tzinfo=None)


def write(_: Column, value: date | datetime) -> str | ValueProblem:
    """Return yyyy-MM-dd, or the same with a time, and Z when it is an instant."""
    return _iso(value)


def parse(column: Column, text: str) -> Typed | ValueProblem:
    """Return the day or time that a text means; a time without a zone is in the field's, which is usually UTC."""
    try:
        return _day(text) if column.is_day else _time(column, text)
    except (ValueError, OverflowError):
        code = ValueCode.NOT_A_DATE if column.is_day else ValueCode.NOT_A_TIME
        form = "yyyy-MM-dd" if column.is_day else "yyyy-MM-ddTHH:mm:ss"
        return ValueProblem(code, f"{form} was expected.")


def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def _time(column: Column, text: str) -> Typed | ValueProblem:
    found = _TIME.fullmatch(text)
    if found is None or (found["fraction"] or "").strip(".0"):
        raise ValueError
    wall = datetime.fromisoformat(found["wall"])
    if column.behavior is DateBehavior.TIME_ZONE_INDEPENDENT:
        return wall
    if found["zone"]:
        return datetime.fromisoformat(found["wall"] + found["zone"]).astimezone(UTC)
    return _instant(column, wall)


def _instant(column: Column, wall: datetime) -> Typed | ValueProblem:
    first, second = (wall.replace(tzinfo=column.time_zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    return ValueProblem(ValueCode.AMBIGUOUS_TIME, "Clocks are changed then: the time exists twice, or not at all.")


def to_dynamics(column: Column, value: date | datetime) -> object:
    """Return the text of a request; a day that is stored as an instant is its midnight in the field's time zone."""
    day = value.date() if isinstance(value, datetime) else value
    if not _FIRST <= day <= _LAST:
        return ValueProblem(ValueCode.OUT_OF_RANGE, f"Dynamics takes dates from {_FIRST} to {_LAST}.")
    if isinstance(value, datetime) or column.behavior is DateBehavior.DATE_ONLY:
        return _iso(value)
    midnight = datetime.combine(value, time())
    if column.behavior is DateBehavior.TIME_ZONE_INDEPENDENT:
        return _iso(midnight)
    instant = midnight.replace(tzinfo=column.time_zone).astimezone(UTC)
    if instant.astimezone(column.time_zone).date() != value:
        return ValueProblem(ValueCode.NOT_A_DATE, "There was no such day in the field's time zone.")
    return _iso(instant)


def _iso(value: date | datetime) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    return value.replace(tzinfo=None).isoformat(timespec="seconds") + ("Z" if value.tzinfo else "")
