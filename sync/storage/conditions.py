"""Conditions of queries, put together from what is asked for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sync.storage.guard import EARLIEST


def sifted(asked: Iterable[tuple[str, str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return further terms of a condition and their values, from tests such as `status eq`, names, and values.

    A value of None asks for nothing. A time before the first that a table takes stands for that one: the service
    refuses others.
    """
    wanted = [(test, name, _taken(value)) for test, name, value in asked if value is not None]
    return "".join(f" and {test} @{name}" for test, name, _ in wanted), {name: value for _, name, value in wanted}


def _taken(value: Any) -> Any:
    return max(value, EARLIEST) if isinstance(value, datetime) else value
