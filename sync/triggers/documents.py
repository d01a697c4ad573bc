"""JSON that callers send: read with a limit, and checked against a model with every problem at once."""

from collections.abc import Mapping
from typing import Any

import azure.functions as func
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from sync.model.errors import CallerError, InvalidError, Problem

LARGEST_BODY = 1024 * 1024
"""Bytes."""

_MEDIA = frozenset({"", "application/json", "application/merge-patch+json"})
_CODES = {
    "missing": ("MISSING", "This member is needed."),
    "extra_forbidden": ("UNKNOWN_MEMBER", "There is no such member here, or it cannot be set."),
}
_KINDS = (
    ("_type", "WRONG_TYPE"),
    ("_parsing", "WRONG_TYPE"),
    ("too_short", "OUT_OF_RANGE"),
    ("too_long", "OUT_OF_RANGE"),
    ("than_equal", "OUT_OF_RANGE"),
)


class StrictBody(BaseModel):
    """A body, or a part of one, with exactly these members; what was sent is never repeated in a refusal."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, hide_input_in_errors=True
    )


def read_document(request: func.HttpRequest) -> Any:
    """Return the JSON of a request's body, None when there is no body.

    Raises:
        CallerError: It is too large (BODY_TOO_LARGE), not declared as JSON (CONTENT_TYPE_UNSUPPORTED), or not JSON.
    """
    body = request.get_body()
    if len(body) > LARGEST_BODY:
        raise CallerError(f"A body has at most {LARGEST_BODY} bytes", code="BODY_TOO_LARGE")
    if not body.strip():
        return None
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _MEDIA:
        raise CallerError("Send the body as application/json", code="CONTENT_TYPE_UNSUPPORTED")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise CallerError(f"The body is not JSON: {error}", code="BODY_MALFORMED") from error


def read_object(request: func.HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a request's body.

    Raises:
        CallerError: There is none (BODY_MALFORMED), or as read_document.
        InvalidError: It is another kind of JSON.
    """
    document = read_document(request)
    if document is None:
        raise CallerError("Send a JSON object as the body", code="BODY_MALFORMED")
    return as_object(document)


def as_object(document: Any) -> dict[str, Any]:
    """Return a document that must be an object (InvalidError otherwise)."""
    if not isinstance(document, dict):
        problem = Problem("", "WRONG_TYPE", "The body must be a JSON object.")
        raise InvalidError("The body must be a JSON object", problem)
    return document


def merge(document: Any, patch: Any) -> Any:
    """Return the document after a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def check_document[M: BaseModel](model: type[M], document: Mapping[str, Any], *, knowing: Any = None) -> M:
    """Return the document as the model; its validators may ask for what is `knowing`.

    Raises:
        InvalidError: It does not fit; carries every problem.
    """
    try:
        return model.model_validate_json(orjson.dumps(document), context=knowing)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [_problem(each["loc"], each["type"], each["msg"]) for each in found]
        raise InvalidError(f"{len(problems)} of the members sent are not acceptable", *problems) from None


def pointer_to(*parts: str | int) -> str:
    """Return the JSON pointer of a member."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _problem(where: tuple[str | int, ...], kind: str, message: str) -> Problem:
    pointer = pointer_to(*where)
    if kind in _CODES:
        code, detail = _CODES[kind]
        return Problem(pointer, code, detail)
    if kind.isupper():
        return Problem(pointer, kind, message)
    code = next((code for ending, code in _KINDS if kind.endswith(ending)), "INVALID_VALUE")
    return Problem(pointer, code, f"{message}.")
