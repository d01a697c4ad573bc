"""Reading of request bodies: what is wrong goes to the problems, with its path."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from sandbox.oneflow.refusals import OneflowError, Problems

type Json = dict[str, Any]


def read_body(body: bytes) -> Any:
    """Return the JSON of a body; an empty one is an empty object.

    Raises:
        OneflowError: 400: it is no JSON.
    """
    try:
        return orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError as error:
        raise OneflowError(400, "The request body is not valid JSON.") from error


def as_object(value: Any) -> Json:
    """Return the value as an object.

    Raises:
        OneflowError: 400: it is none.
    """
    if not isinstance(value, dict):
        raise OneflowError(400, "The request body must be an object.")
    return value


def text_of(body: Mapping[str, Any], name: str, path: str, problems: Problems, longest: int = 255) -> str:
    """Return a text, empty when it is absent or null."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest:
        problems.add(f"{path}{name}", f"Must be a text of at most {longest} characters.")
        return ""
    return value


def flag_of(body: Mapping[str, Any], name: str, path: str, problems: Problems, *, default: bool) -> bool:
    """Return true or false."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        problems.add(f"{path}{name}", "Must be true or false.")
        return default
    return value


def objects_of(body: Mapping[str, Any], name: str, problems: Problems, path: str = "") -> list[Json]:
    """Return a list of objects, empty when it is absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        problems.add(f"{path}{name}", "Must be a list of objects.")
        return []
    return value


def object_of(body: Mapping[str, Any], name: str, problems: Problems, path: str = "") -> Json:
    """Return an object, empty when it is absent."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.add(f"{path}{name}", "Must be an object.")
        return {}
    return value


def number_of(value: Any, path: str, problems: Problems) -> Decimal:
    """Return a number that came as text or as a number."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite():
        problems.add(path, "Must be a number.")
        return Decimal(0)
    return found


def whole_of(body: Mapping[str, Any], name: str, problems: Problems) -> int:
    """Return an id that must be there."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        problems.add(name, "Must be an integer." if name in body else "Missing data for required field.")
        return 0
    return value
