"""Values to JSON-safe data and back: for durable payloads, table columns and HTTP answers."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, get_origin

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from sync.model.secret import Secret


def to_wire(value: Any) -> Any:
    """Return the value as JSON-safe data: camelCase members, enum values, RFC 3339 times in UTC.

    Raises:
        TypeError: There is a secret or something binary inside.
        ValueError: A time is not aware.
    """
    return _CONVERTER.unstructure(value)


def from_wire[T](shape: type[T], data: Any) -> T:
    """Return the value that the data tells; unknown members are ignored, absent ones take their defaults.

    Raises:
        KeyError, TypeError, ValueError: The data does not fit the type.
    """
    return _CONVERTER.structure(data, shape)


def time_text(moment: datetime) -> str:
    """Return the moment in RFC 3339, in UTC with `Z`; microseconds only when there are any.

    Raises:
        ValueError: The time is not aware.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def time_or_none(moment: datetime | None) -> str | None:
    """Return the instant as time_text does, None when there is none."""
    return None if moment is None else time_text(moment)


def time_value(text: str) -> datetime:
    """Return the moment that an RFC 3339 text tells, in UTC.

    Raises:
        ValueError: The text is no time, or has no zone.
    """
    moment = datetime.fromisoformat(str.upper(text))  # RFC 3339 takes a small z, too
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def _refuse(value: Any) -> NoReturn:
    raise TypeError(f"{type(value).__name__} does not go on the wire")


def _refuse_shape(_: Any, shape: Any) -> NoReturn:
    raise TypeError(f"{shape.__name__} does not come from the wire")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _renames(shape: Any) -> dict[str, Any]:
    members = fields(get_origin(shape) or shape)
    return {member.name: override(rename=_camel(member.name)) for member in members}


def _writings(shape: Any, write: Callable[[Any], Any]) -> dict[str, Any]:
    """Return how members are written; one whose type is a parameter goes by the class that it has."""
    members = fields(get_origin(shape) or shape)
    return {
        member.name: override(
            rename=_camel(member.name), unstruct_hook=write if isinstance(member.type, TypeVar) else None
        )
        for member in members
    }


def _is_value_class(shape: Any) -> bool:
    return is_dataclass(get_origin(shape) or shape)


def _build_converter() -> Converter:
    converter = Converter(
        detailed_validation=False, unstruct_collection_overrides={tuple: list, frozenset: sorted, set: sorted}
    )

    def writer(shape: Any) -> Callable[[Any], dict[str, Any]]:
        return make_dict_unstructure_fn(shape, converter, **_writings(shape, converter.unstructure))

    def reader(shape: Any) -> Callable[[Any, Any], Any]:
        return make_dict_structure_fn(shape, converter, **_renames(shape))

    converter.register_unstructure_hook_factory(_is_value_class, writer)
    converter.register_structure_hook_factory(_is_value_class, reader)
    converter.register_unstructure_hook(StrEnum, lambda member: member.value)
    converter.register_unstructure_hook(datetime, time_text)
    converter.register_structure_hook(datetime, lambda text, _: time_value(text))
    for closed in (Secret, bytes):
        converter.register_unstructure_hook(closed, _refuse)
        converter.register_structure_hook(closed, _refuse_shape)
    return converter


_CONVERTER = _build_converter()
