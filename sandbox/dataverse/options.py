"""Query options: $select, $expand with its own options, $orderby and the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus

from sandbox.dataverse.refusals import DataverseError, bad_query, not_simulated

_KNOWN = frozenset({"$select", "$expand", "$filter", "$orderby", "$top", "$count", "$skiptoken", "$deltatoken"})
_NOT_HERE = frozenset({"$apply", "$search", "fetchXml", "savedQuery", "userQuery", "sql"})


@dataclass(frozen=True, slots=True)
class Expansion:
    """One navigation property of $expand, with its own options."""

    name: str
    options: "Options"


@dataclass(frozen=True, slots=True)
class Options:
    """What a request asks for; nothing is checked against a table yet."""

    select: tuple[str, ...] = ()
    expand: tuple[Expansion, ...] = ()
    filter: str = ""
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    counted: bool = False
    skip_token: str = ""
    delta_token: str = ""
    tag: str = ""

    @property
    def names(self) -> str:
        """The selection as the context of a reply shows it."""
        expanded = [f"{each.name}({each.options.names.strip('()')})" for each in self.expand]
        listed = ",".join((*self.select, *expanded))
        return f"({listed})" if listed else ""


def pairs_of(query: str) -> dict[str, str]:
    """Cut a raw query string into decoded options."""
    cut = (part.partition("=") for part in query.split("&") if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in cut}


def options_of(pairs: dict[str, str]) -> Options:
    """Read query options.

    Raises:
        DataverseError: An option is unknown, or cannot be read.
    """
    for name in pairs:
        if name in _NOT_HERE:
            raise not_simulated(name)
        if name == "$skip":
            raise bad_query("Skip Clause is not supported in CRM")
        if name.startswith("$") and name not in _KNOWN:
            raise bad_query(f"The query parameter '{name}' is not supported.")
    return Options(
        tuple(_names(pairs.get("$select", ""))),
        tuple(_expansion(part) for part in _split(pairs.get("$expand", ""), ",")),
        pairs.get("$filter", ""),
        tuple(_order(part) for part in _split(pairs.get("$orderby", ""), ",")),
        _number(pairs["$top"]) if "$top" in pairs else None,
        pairs.get("$count", "").lower() == "true",
        pairs.get("$skiptoken", ""),
        pairs.get("$deltatoken", ""),
        pairs.get("tag", ""),
    )


def _names(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(",") if part.strip())


def _expansion(text: str) -> Expansion:
    name, opened, rest = text.partition("(")
    if opened and not rest.endswith(")"):
        raise bad_query(f"Syntax error near '{text}' in $expand.")
    pairs = (part.partition("=") for part in _split(rest[:-1], ";"))
    return Expansion(name.strip(), options_of({key.strip(): value for key, _, value in pairs}))


def _split(text: str, mark: str) -> list[str]:
    found, depth, quoted, start = [], 0, False, 0
    for place, letter in enumerate(text):
        quoted ^= letter == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(letter, 0)
        if letter == mark and not depth and not quoted:
            found.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*found, text[start:]) if part.strip()]


def _order(text: str) -> tuple[str, bool]:
    name, _, direction = text.strip().partition(" ")
    if direction.strip() not in {"", "asc", "desc"}:
        raise _unreadable(text)
    return name, direction.strip() == "desc"


def _number(text: str) -> int:
    if not text.isdecimal():
        raise _unreadable(text)
    return int(text)


def _unreadable(text: str) -> DataverseError:
    return bad_query(f"Syntax error near '{text}' in the query options.")
