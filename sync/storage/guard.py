"""One guard for every entity: what Azure Tables would refuse is refused here, also where the emulator is lenient."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sync.model.errors import RecordError

type Shape = tuple[object, ...]
"""The names and types of an entity's properties: what many entities have in common."""

LONGEST_TEXT = 32_768
"""UTF-16 units of one string property."""
LONGEST_BINARY = 65_536
"""Bytes of one binary property."""
LARGEST_ENTITY = 1_048_576
LARGEST_BODY = 4_194_304
MOST_OPERATIONS = 100
LITTLE = 16_384
"""Bytes of an entity's JSON: below, none of its properties and not the whole can be too large."""

_MOST_PROPERTIES = 254
_LONGEST_KEY = 512
EARLIEST = datetime(1601, 1, 1, tzinfo=UTC)
"""The first time that a table takes."""
_INT32 = range(-(2**31), 2**31)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9._:!-]{1,512}").fullmatch
_MOST_SHAPES = 1_000
_MEASURED: dict[Shape, tuple[str, ...]] = {}
"""The names of the times in each shape that has passed; whole numbers must be looked at each time."""
_FORBIDDEN = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")


def shape_of(entity: Mapping[str, Any]) -> Shape:
    """Return the entity's shape."""
    return (*entity, *map(type, entity.values()))


def check_entity(entity: Mapping[str, Any], *, encoded: int | None = None) -> None:
    """Let an entity pass, or refuse it.

    `encoded` is the length of its JSON in bytes, where that is known: when that is small and an entity of
    the same shape has been measured, a quick look is enough.

    Raises:
        RecordError: It is too large (ROW_TOO_LARGE), or not what a table can hold (ROW_INVALID).
    """
    shape = shape_of(entity)
    times = _MEASURED.get(shape)
    if times is not None and encoded is not None and encoded <= LITTLE and _is_harmless(entity, times):
        return
    _measure(entity)
    if len(_MEASURED) < _MOST_SHAPES and not any(type(value) is int for value in entity.values()):
        _MEASURED[shape] = tuple(name for name, value in entity.items() if isinstance(value, datetime))


def _is_harmless(entity: Mapping[str, Any], times: tuple[str, ...]) -> bool:
    for name in times:
        moment = entity[name]
        if moment.tzinfo is not UTC or moment.year <= EARLIEST.year:
            return False
    return bool(_PLAIN_KEY(entity["PartitionKey"]) and _PLAIN_KEY(entity["RowKey"]))


def _measure(entity: Mapping[str, Any]) -> None:
    if len(entity) > _MOST_PROPERTIES:
        raise RecordError(f"A row has {len(entity)} properties.", code="ROW_TOO_LARGE")
    size = 4 + _key_size(entity, "PartitionKey") + _key_size(entity, "RowKey")
    for name, value in entity.items():
        measure = _SIZES.get(type(value))
        if measure is None:
            raise RecordError(f"Property {name} is of a type that no table holds.", code="ROW_INVALID")
        size += _name_size(name) + measure(name, value)
    if size > LARGEST_ENTITY:
        raise RecordError(f"A row takes {size} bytes.", code="ROW_TOO_LARGE")


def check_transaction(operations: int, body: int) -> None:
    """Let a transaction pass by its number of operations and its bytes, or refuse it.

    Raises:
        RecordError: It is too large (TRANSACTION_TOO_LARGE).
    """
    if not 0 < operations <= MOST_OPERATIONS or body > LARGEST_BODY:
        message = f"A transaction of {operations} rows takes {body} bytes."
        raise RecordError(message, code="TRANSACTION_TOO_LARGE")


def utf16_units(text: str) -> int:
    """Return the length of a text as Azure counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _key_size(entity: Mapping[str, Any], name: str) -> int:
    key = entity.get(name)
    if not isinstance(key, str) or not key or _FORBIDDEN.search(key):
        raise RecordError(f"{name} is no key.", code="ROW_INVALID")
    units = utf16_units(key)
    if units > _LONGEST_KEY:
        raise RecordError(f"{name} has {units} characters.", code="ROW_TOO_LARGE")
    return units * 2


def _name_size(name: str) -> int:
    if not _NAME.fullmatch(name):
        raise RecordError(f"{name!r} is no name of a property.", code="ROW_INVALID")
    return 8 + 2 * len(name)


def _text_size(name: str, text: str) -> int:
    units = utf16_units(text)
    if units > LONGEST_TEXT:
        raise RecordError(f"Property {name} has {units} characters.", code="ROW_TOO_LARGE")
    return 4 + 2 * units


def _binary_size(name: str, data: bytes) -> int:
    if len(data) > LONGEST_BINARY:
        raise RecordError(f"Property {name} has {len(data)} bytes.", code="ROW_TOO_LARGE")
    return 4 + len(data)


def _time_size(name: str, moment: datetime) -> int:
    if moment.tzinfo is None or moment < EARLIEST:
        raise RecordError(f"Property {name} is a time without zone or before 1601.", code="ROW_INVALID")
    return 8


def _whole_size(name: str, number: int) -> int:
    if number not in _INT32:
        raise RecordError(f"Property {name} does not fit 32 bits.", code="ROW_INVALID")
    return 4


_SIZES: dict[type, Callable[[str, Any], int]] = {
    str: _text_size,
    bytes: _binary_size,
    datetime: _time_size,
    int: _whole_size,
    bool: lambda _name, _value: 1,
    float: lambda _name, _value: 8,
}
