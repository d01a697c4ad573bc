"""Values as JSON in as many columns as they need."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from sync.codec import from_wire, to_wire

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_CHARACTERS = 16_000


def write_text(name: str, text: str) -> dict[str, str]:
    """Return columns `name0`, `name1`, … that hold the text together."""
    starts = range(0, max(len(text), 1), _CHARACTERS)
    return {f"{name}{index}": text[start : start + _CHARACTERS] for index, start in enumerate(starts)}


def read_text(name: str, entity: Mapping[str, Any]) -> str:
    """Return the text that the columns hold."""
    parts: list[str] = []
    while (part := entity.get(f"{name}{len(parts)}")) is not None:
        parts.append(part)
    return "".join(parts)


def write_document(value: Any) -> dict[str, str]:
    """Return columns that hold the value as JSON."""
    return write_text("body", orjson.dumps(to_wire(value)).decode())


def read_document[T](shape: type[T], entity: Mapping[str, Any]) -> T:
    """Return the value that the columns hold."""
    return from_wire(shape, orjson.loads(read_text("body", entity)))


def versioned[T: "DataclassInstance"](value: T, version: str) -> T:
    """Return the value with its version in the store; the columns themselves never tell one."""
    changes: dict[str, Any] = {"version": version}
    return replace(value, **changes)
