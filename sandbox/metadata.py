"""$metadata, entityDefinitions and the service document of a route."""

import re
from typing import Any
from xml.sax.saxutils import quoteattr

from sandbox.schema import ENUMS, Edm, EntitySet, Property

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CAPTIONS = {"number": "No.", "id": "Id", "email": "Email"}


def service_document(sets: dict[str, EntitySet], context: str) -> dict[str, Any]:
    """Return the list of a route's entity sets."""
    names = ("companies", *sets)
    return {"@odata.context": context, "value": [{"name": name, "kind": "EntitySet", "url": name} for name in names]}


def definitions(sets: dict[str, EntitySet], context: str, entity: str | None) -> dict[str, Any]:
    """Return names and captions of all entities of a route, or of one."""
    wanted = [each for each in sets.values() if entity in {None, each.entity}]
    return {"@odata.context": context, "value": [_definition(each) for each in wanted]}


def metadata(sets: dict[str, EntitySet]) -> bytes:
    """Return the EDMX of a route."""
    enums = {each.of for entity_set in sets.values() for each in entity_set.properties if each.edm is Edm.ENUM}
    body = "".join(
        (
            *(_enum(name) for name in sorted(enums)),
            *(_entity(each) for each in sets.values()),
            '<EntityContainer Name="NAV">',
            *(f'<EntitySet Name="{each.name}" EntityType="Microsoft.NAV.{each.entity}"/>' for each in sets.values()),
            "</EntityContainer>",
        )
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        '<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f"{body}</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def _caption(name: str) -> list[dict[str, Any]]:
    plain = _WORDS.sub(" ", name)
    return [{"languageCode": 1033, "caption": _CAPTIONS.get(name, plain[:1].upper() + plain[1:])}]


def _definition(entity_set: EntitySet) -> dict[str, Any]:
    enums = [each.of for each in entity_set.properties if each.edm is Edm.ENUM]
    return {
        "entityName": entity_set.entity,
        "entitySetName": entity_set.name,
        "entityCaptions": _caption(entity_set.entity),
        "entitySetCaptions": _caption(entity_set.name),
        "properties": [{"name": each.name, "captions": _caption(each.name)} for each in entity_set.properties],
        "actions": [],
        "enumMembers": [{"name": name, "captions": _caption(name)} for enum in enums for name in ENUMS[enum]],
    }


def _enum(name: str) -> str:
    members = "".join(f'<Member Name="{member}" Value="{value}"/>' for value, member in enumerate(ENUMS[name]))
    return f'<EnumType Name="{name}">{members}</EnumType>'


def _entity(entity_set: EntitySet) -> str:
    columns = "".join(_column(each) for each in entity_set.properties)
    links = "".join(f'<NavigationProperty Name="{name}" Type="Microsoft.NAV.{name}"/>' for name in entity_set.expands)
    key = '<Key><PropertyRef Name="id"/></Key>'
    return f'<EntityType Name="{entity_set.entity}">{key}{columns}{links}</EntityType>'


def _column(each: Property) -> str:
    length = f' MaxLength="{each.length}"' if each.length else ""
    nullable = ' Nullable="false"' if each.name == "id" else ""
    return f"<Property Name={quoteattr(each.name)} Type={quoteattr(each.type_name)}{nullable}{length}/>"
