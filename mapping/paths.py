"""Source paths: how a field is read from a record, and which columns that needs."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from mapping.problems import FieldCode, TransformError

type Reader = Callable[[Mapping[str, Any]], Any]

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")
_FUNCTIONS = frozenset(Functions.FUNCTION_TABLE)
_LONGEST = 500
_CHAINS = frozenset(
    {
        "subexpression",
        "index_expression",
        "pipe",
        "projection",
        "filter_projection",
        "value_projection",
        "flatten",
    },
)
_RECORD_ITSELF = frozenset({"current", "identity"})
_NO_COLUMNS = frozenset({"literal", "expref"})
# JMESPath lets Python's own errors through where a function meets a value that it did not foresee.
_ODD_VALUES = (JMESPathError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)


class PathError(ValueError):
    """A source path cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Path:
    """A source path ready for use.

    `columns` are read as they are; `navigated` are entered, so the source
    must be asked to expand them. `read` raises TransformError for a record
    of another shape, and returns None where the path leads nowhere.
    """

    text: str
    read: Reader
    columns: tuple[str, ...] = ()
    navigated: tuple[str, ...] = ()

    @property
    def is_column(self) -> bool:
        """Tell whether the path is a plain column of the record."""
        return self.columns == (self.text,)


def is_column_name(text: str) -> bool:
    """Tell whether a text can be the name of a column or an entity set."""
    return _COLUMN.fullmatch(text) is not None


def parse_path(text: str) -> Path:
    """Return the path that a text describes.

    Raises:
        PathError: The text is neither a column, a dotted path nor a JMESPath
            expression that names its columns.
    """
    if len(text) > _LONGEST:
        raise PathError(f"longer than {_LONGEST} characters")
    if is_column_name(text):
        return Path(text, lambda raw: raw.get(text), columns=(text,))
    if _DOTTED.fullmatch(text):
        steps = text.split(".")
        return Path(text, _dotted_reader(steps), navigated=(steps[0],))
    return _parse_expression(text)


def _dotted_reader(steps: list[str]) -> Reader:
    def read(raw: Mapping[str, Any]) -> Any:
        value: Any = raw
        for step in steps:
            if value is None:
                return None
            if not isinstance(value, Mapping):
                raise TransformError("an object was expected on the way", FieldCode.UNEXPECTED_TYPE)
            value = value.get(step)
        return value

    return read


def _parse_expression(text: str) -> Path:
    try:
        expression = jmespath.compile(text)
    except (JMESPathError, ValueError, RecursionError) as error:
        raise PathError("not a column, a dotted path or a JMESPath expression") from error
    reached = tuple(_reached(expression.parsed))

    def read(raw: Mapping[str, Any]) -> Any:
        try:
            return expression.search(raw)
        except _ODD_VALUES as error:
            raise TransformError("the expression does not fit this value", FieldCode.UNEXPECTED_TYPE) from error

    columns = tuple(dict.fromkeys(name for name, entered in reached if not entered))
    navigated = tuple(dict.fromkeys(name for name, entered in reached if entered))
    return Path(text, read, columns, navigated)


def _reached(node: Any, *, entered: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the record's own columns that an expression needs, and whether it goes into them."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield node["value"], entered
    elif kind in _RECORD_ITSELF:
        raise PathError("the expression must name the columns it needs")
    elif kind == "function_expression" and node["value"] not in _FUNCTIONS:
        raise PathError(f"unknown function {node['value']}")
    elif kind in _CHAINS:
        yield from _reached(children[0], entered=True)
    elif kind not in _NO_COLUMNS:
        for child in children:
            yield from _reached(child, entered=entered)
