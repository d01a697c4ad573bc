"""Query options of a list request."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from sandbox.refusals import bad_request, unknown_property
from sandbox.schema import EntitySet

_KNOWN = frozenset(
    {
        "$filter",
        "$select",
        "$orderby",
        "$top",
        "$skip",
        "$skiptoken",
        "$count",
        "$expand",
        "$schemaversion",
        "$format",
    }
)
_DIRECTIONS = {"": False, "asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class Order:
    """One property of $orderby."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks, options checked against the entity set."""

    pairs: tuple[tuple[str, str], ...]
    filter_text: str
    select: tuple[str, ...]
    expand: tuple[str, ...]
    order: tuple[Order, ...]
    top: int | None
    skip: int
    token: str
    counted: bool


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    """Cut a query string into decoded pairs, in order."""
    return tuple(parse_qsl(text, keep_blank_values=True))


def parse_query(pairs: tuple[tuple[str, str], ...], entity_set: EntitySet) -> Query:
    """Read the options.

    Raises:
        RefusedError: An option, a number or a property is unknown.
    """
    options = dict(pairs)
    for name in options:
        if name.startswith("$") and name not in _KNOWN:
            raise bad_request(f"The query parameter '{name}' is not supported.", code="BadRequest_InvalidRequestUrl")
    return Query(
        pairs,
        options.get("$filter", ""),
        _selected(options.get("$select", ""), entity_set),
        _expanded(options.get("$expand", ""), entity_set),
        tuple(_ordered(part, entity_set) for part in _parts(options.get("$orderby", ""))),
        _number(options, "$top") if "$top" in options else None,
        _number(options, "$skip") if "$skip" in options else 0,
        options.get("$skiptoken", ""),
        options.get("$count", "").lower() == "true",
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _selected(text: str, entity_set: EntitySet) -> tuple[str, ...]:
    names = _parts(text)
    for name in names:
        if name != "*" and entity_set.property(name) is None:
            raise unknown_property(name, entity_set.entity)
    return () if "*" in names else tuple(names)


def _expanded(text: str, entity_set: EntitySet) -> tuple[str, ...]:
    names = tuple(part.partition("(")[0] for part in _parts(text))
    for name in names:
        if name not in entity_set.expands:
            raise unknown_property(name, entity_set.entity)
    return names


def _ordered(text: str, entity_set: EntitySet) -> Order:
    name, _, direction = text.partition(" ")
    if entity_set.property(name) is None:
        raise unknown_property(name, entity_set.entity)
    if direction.strip() not in _DIRECTIONS:
        raise bad_request("Bad Request - Error in query syntax.", code="BadRequest_NotFound")
    return Order(name, _DIRECTIONS[direction.strip()])


def _number(options: dict[str, str], name: str) -> int:
    text = options[name]
    if not text.isdecimal():
        raise bad_request(f"Invalid value '{text}' for {name} query option found.")
    return int(text)
