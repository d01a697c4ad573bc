"""What a route of Business Central says about an entity set: its $metadata (EDMX), and its captions."""

from collections.abc import Mapping
from typing import Any, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate

from sync.connectors.faults import decoded
from sync.model.errors import RefusedError, RetryLaterError
from sync.ports import SourceField, SourceSchema

_ENGLISH = 1033
_LARGEST_LENGTH = 9


def read_schema(body: bytes, entity_set: str) -> SourceSchema | None:
    """Return what the metadata tells about an entity set, None when it has none of this name.

    Raises:
        RetryLaterError: The document is cut or no XML.
        RefusedError: It defines entities of XML, which metadata has no need of (SOURCE_UNREADABLE).
    """
    reader = _Reader()
    parser = ParserCreate()
    parser.StartElementHandler = reader.open
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)
    except ExpatError as error:
        message = "The source's metadata is cut or no XML"
        raise RetryLaterError(message, delay=0, code="SOURCE_UNAVAILABLE") from error
    return reader.schema_of(entity_set)


def read_captions(body: bytes, entity: str) -> Mapping[str, str]:
    """Return the captions of an entity's properties, in English where there are several; none when it tells none."""
    try:
        known = next(each for each in decoded(body)["value"] if each["entityName"] == entity)
        return {each["name"]: _caption(each["captions"]) for each in known["properties"] if each["captions"]}
    except (ValueError, LookupError, TypeError, StopIteration):
        return {}


def _caption(captions: list[dict[str, Any]]) -> str:
    english = (each for each in captions if each["languageCode"] == _ENGLISH)
    return str(next(english, captions[0])["caption"])


class _Reader:
    """Collects entity sets, properties and enums while the document goes by."""

    def __init__(self) -> None:
        self._sets: dict[str, str] = {}
        self._properties: dict[str, list[dict[str, str]]] = {}
        self._navigations: dict[str, list[str]] = {}
        self._members: dict[str, list[str]] = {}
        self._owner = ""

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        """Take note of an element."""
        kind, name = tag.rpartition(":")[2], attributes.get("Name", "")
        if kind in {"EntityType", "ComplexType", "EnumType", "EntityContainer", "Action", "Function"}:
            self._owner = name
        elif kind == "EntitySet":
            self._sets[name] = _bare(attributes.get("EntityType", ""))
        elif kind == "Property":
            self._properties.setdefault(self._owner, []).append(attributes)
        elif kind == "NavigationProperty":
            self._navigations.setdefault(self._owner, []).append(name)
        elif kind == "Member":
            self._members.setdefault(self._owner, []).append(name)

    def refuse(self, *_: object) -> NoReturn:
        """Refuse a document that brings definitions of its own."""
        raise RefusedError("The source's metadata is not what metadata looks like", code="SOURCE_UNREADABLE")

    def schema_of(self, entity_set: str) -> SourceSchema | None:
        """Return what was collected about an entity set."""
        entity = self._sets.get(entity_set)
        if entity is None:
            return None
        return SourceSchema(
            entity_set=entity_set,
            entity=entity,
            fields=tuple(self._field(each) for each in self._properties.get(entity, ())),
            navigations=tuple(self._navigations.get(entity, ())),
        )

    def _field(self, attributes: dict[str, str]) -> SourceField:
        kind, length = attributes.get("Type", ""), attributes.get("MaxLength", "")
        known = length.isascii() and length.isdigit() and len(length) <= _LARGEST_LENGTH
        members = () if kind.startswith("Edm.") else tuple(self._members.get(_bare(kind), ()))
        return SourceField(attributes.get("Name", ""), kind, int(length) if known else None, members)


def _bare(qualified: str) -> str:
    """Return a name without its namespace."""
    return qualified.rpartition(".")[2]
