"""Routes of the mappings between tables of Dataverse and contracts of Oneflow."""

import re
from typing import Annotated, Any

import azure.functions as func
from pydantic import Field

from sync.codec import time_or_none, to_wire
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import NotFoundError
from sync.model.field_sync import ConflictPolicy
from sync.services import entity_mappings
from sync.services.catalog import VIRTUAL
from sync.services.entity_mappings import EntityMappingOrder
from sync.services.pairing import PairOrder
from sync.services.templating import TemplateOrder
from sync.triggers.documents import StrictBody, check_document, read_object
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.tags import tag_of

_TABLE = re.compile("[a-z_][a-z0-9_]{0,127}", re.ASCII)
_PATH = "integrations/{id}/entities/{logicalName}/mapping"


class PairBody(StrictBody):
    """One pair; what must be there is asked for together with everything else."""

    dynamics_entity: str | None = None
    via: str | None = None
    dynamics_field: str | None = None
    oneflow_field: str | None = None
    direction: str | None = None
    conflict: str | None = None
    time_zone: str | None = None

    def to_order(self) -> PairOrder:
        """Return what the service takes."""
        return PairOrder(
            entity=self.dynamics_entity,
            via=self.via,
            column=self.dynamics_field,
            data_field=self.oneflow_field,
            direction=self.direction,
            policy=ConflictPolicy.MANUAL if self.conflict is None else self.conflict,
            time_zone=self.time_zone,
        )


class EntityMappingBody(StrictBody):
    """The whole mapping of a table; `updatedAt` may come back as it was shown, and changes nothing."""

    fields: list[PairBody]
    template_id: str | None = None
    workspace_id: str | None = None
    products: bool = False
    key_field: str | None = None
    updated_at: Annotated[Any, Field(exclude=True)] = None

    def to_order(self) -> EntityMappingOrder:
        """Return what the service takes."""
        template = TemplateOrder(self.template_id, self.workspace_id, self.products, self.key_field)
        return EntityMappingOrder(tuple(each.to_order() for each in self.fields), template)


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of mappings of tables."""
    return blueprint_of(
        hubs,
        Route("GET", _PATH, show, "get_entity_mapping"),
        Route("PUT", _PATH, change, "put_entity_mapping"),
        Route("POST", f"{_PATH}/check", check, "check_entity_mapping"),
    )


def show(call: Call) -> Answer:
    """Show the mapping of a table."""
    return _shown(entity_mappings.current(call.hub.bridges, call.bridge(), _entity(call)))


def change(call: Call) -> Answer:
    """Replace the mapping of a table."""
    bridge = call.bridge()
    known = entity_mappings.current(call.hub.bridges, bridge, _entity(call))
    call.check_match(_tag(known))
    return _shown(entity_mappings.save(call.hub.bridges, bridge, known, _order(call)))


def check(call: Call) -> Answer:
    """Tell what speaks against a mapping as it would be sent with PUT; nothing is written."""
    found = entity_mappings.unfit(call.hub.bridges, call.bridge(), _entity(call), _order(call))
    return Answer({"problems": [to_wire(each) for each in found]})


def _order(call: Call) -> EntityMappingOrder:
    return check_document(EntityMappingBody, read_object(call.request)).to_order()


def _entity(call: Call) -> str:
    name = call.path("logicalName")
    if name in VIRTUAL or not _TABLE.fullmatch(name):
        raise NotFoundError("There is no such table that contracts are made from", code="ENTITY_NOT_FOUND")
    return name


def _shown(mapping: EntityMapping) -> Answer:
    return Answer(_view(mapping), headers={"ETag": _tag(mapping)})


def _tag(mapping: EntityMapping) -> str:
    return tag_of(mapping.integration_id, mapping.entity, mapping.version)


def _view(mapping: EntityMapping) -> dict[str, Any]:
    return {
        "fields": [_pair(each) for each in mapping.fields],
        "templateId": _text(mapping.template_id),
        "workspaceId": _text(mapping.workspace_id),
        "products": mapping.products,
        "keyField": mapping.key_field,
        "updatedAt": time_or_none(mapping.updated_at),
    }


def _pair(pair: FieldPair) -> dict[str, Any]:
    return {
        "dynamicsEntity": pair.entity,
        "via": pair.via,
        "dynamicsField": pair.column,
        "oneflowField": pair.data_field,
        "direction": pair.direction.value,
        "conflict": pair.policy.value,
        "timeZone": pair.time_zone,
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
