"""Log metadata and failures in the size that their rows may have."""

from dataclasses import replace
from typing import Any

import orjson

from sync.codec import to_wire
from sync.model.record import Failure

LONGEST = 30_000
"""Characters of JSON, and UTF-16 units."""


def fit_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata, with as many of its `errors` left out as needed and counted in `errorsOmitted`."""
    wire: dict[str, Any] = to_wire(metadata)
    errors = wire.get("errors")
    if _units(wire) <= LONGEST or not isinstance(errors, list):
        return wire
    before = wire.get("errorsOmitted", 0)
    fitting, too_many = 0, len(errors)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if _units(_shortened(wire, middle, before)) <= LONGEST:
            fitting = middle
        else:
            too_many = middle
    return _shortened(wire, fitting, before)


def fit_failure(failure: Failure) -> Failure:
    """Return the failure; without the source values at fault when these are out of all proportion."""
    if _units(failure.fault.data) <= LONGEST:
        return failure
    return replace(failure, fault=replace(failure.fault, data={}))


def _shortened(wire: dict[str, Any], kept: int, before: int) -> dict[str, Any]:
    errors = wire["errors"]
    return {**wire, "errors": errors[:kept], "errorsOmitted": before + len(errors) - kept}


def _units(wire: dict[str, Any]) -> int:
    return len(orjson.dumps(wire).decode().encode("utf-16-le")) // 2
