"""Booleans: by the column's own labels first, then by the usual words."""

from collections.abc import Mapping
from types import MappingProxyType

from mapping.columns import Column
from mapping.names import plain
from mapping.values import Typed, ValueCode, ValueProblem

_WORDS: Mapping[str, bool] = MappingProxyType(
    {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False},
)
_USUAL: Mapping[bool, str] = MappingProxyType({True: "Yes", False: "No"})


def read_flag(_: Column, raw: object, __: str | None) -> Typed | ValueProblem:
    """Return a Boolean of a record."""
    if isinstance(raw, bool):
        return raw
    return ValueProblem(ValueCode.UNEXPECTED_TYPE, "Dynamics sent something else than true or false.")


def write(column: Column, value: bool) -> str | ValueProblem:  # noqa: FBT001  it is the value that is written
    """Return the column's own label; where its labels do not tell yes from no, the usual word."""
    return (_labels(column) or _USUAL)[value]


def parse(column: Column, text: str) -> Typed | ValueProblem:
    """Return what a text means; labels may be the other way round, and win."""
    own = {_key(label): value for value, label in (_labels(column) or {}).items()}
    meaning = own.get(_key(text), _WORDS.get(_key(text)))
    if meaning is None:
        return ValueProblem(ValueCode.NOT_A_BOOLEAN, "One of the column's labels, or yes or no, was expected.")
    return meaning


def _labels(column: Column) -> Mapping[bool, str] | None:
    labels = {value: column.labels.get(int(value), "") for value in (True, False)}
    keys = {_key(label) for label in labels.values()}
    return labels if len(keys) == len(labels) and "" not in keys else None


def _key(text: str) -> str:
    return plain(text).strip().casefold()
