"""One request below the service's root, cut into what it names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from sandbox.dataverse.options import pairs_of
from sandbox.dataverse.refusals import DataverseError, bad_query


@dataclass(frozen=True, slots=True)
class Request:
    """Method, address and body; header names are lower case."""

    method: str
    root: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.root}/{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def pairs(self) -> dict[str, str]:
        """The decoded query options."""
        return pairs_of(self.query)

    @property
    def segments(self) -> list["Segment"]:
        """The parts of the path; a slash inside brackets or quotes separates nothing."""
        return [Segment.of(part) for part in _split(unquote(self.path).strip("/")) if part]

    def json(self) -> dict[str, Any]:
        """Return the body as an object, its decimals exact.

        Raises:
            DataverseError: It is none.
        """
        try:
            found = json.loads(self.body or b"null", parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise _no_object() from error
        if not isinstance(found, dict):
            raise _no_object()
        return found


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a path: a name, and what stands in brackets after it."""

    name: str
    key: str | None = None

    @classmethod
    def of(cls, text: str) -> "Segment":
        """Cut a part of a path."""
        name, opened, rest = text.partition("(")
        return cls(name, rest.removesuffix(")") if opened else None)

    def __str__(self) -> str:
        return self.name if self.key is None else f"{self.name}({self.key})"


def _split(path: str) -> list[str]:
    found, depth, quoted, start = [], 0, False, 0
    for place, letter in enumerate(path):
        quoted ^= letter == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(letter, 0)
        if letter == "/" and not depth and not quoted:
            found.append(path[start:place])
            start = place + 1
    return [*found, path[start:]]


def _no_object() -> DataverseError:
    return bad_query("An error occurred while validating input parameters: Stream was not readable.")
