"""Typed values as JSON and back, for those who must keep them: nothing is lost, and no type is guessed."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

from mapping.values import Typed

_KINDS: Mapping[type, str] = MappingProxyType(
    {str: "text", int: "whole", Decimal: "decimal", bool: "flag", date: "day", datetime: "time"},
)
_READERS: Mapping[str, Callable[[str], Typed]] = MappingProxyType(
    {
        "text": str,
        "whole": int,
        "decimal": Decimal,
        "flag": lambda text: text == "True",
        "day": date.fromisoformat,
        "time": datetime.fromisoformat,
        "instant": lambda text: datetime.fromisoformat(text).astimezone(UTC),
    },
)


def to_stored(value: Typed) -> dict[str, str] | None:
    """Return a JSON object that says what the value is; None stays None."""
    if value is None:
        return None
    kind = _KINDS[type(value)]
    if not isinstance(value, (date, datetime)):
        return {kind: str(value)}
    return {"instant" if isinstance(value, datetime) and value.tzinfo else kind: value.isoformat()}


def from_stored(document: Mapping[str, str] | None) -> Typed:
    """Return the value that to_stored wrote.

    Raises:
        ValueError: It was not to_stored that wrote this.
    """
    if document is None:
        return None
    try:
        [(kind, text)] = document.items()
        return _READERS[kind](text)
    except (LookupError, ArithmeticError) as error:
        raise ValueError("not a stored value") from error
