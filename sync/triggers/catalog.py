"""Routes that show what can be chosen for a bridge: tables, fields, workspaces and templates."""

import re
from typing import Any

import azure.functions as func

from sync.model.errors import InvalidError, Problem
from sync.model.table import Table
from sync.services import catalog, choosing
from sync.services.bridge_checking import BridgeReport
from sync.services.catalog import VIRTUAL, FieldChoice, RelatedChoice, TemplateChoice
from sync.services.choosing import RecordChoice
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.views import view_check

_NUMBER = re.compile("[0-9]{1,15}", re.ASCII)
_RELATED = "related"
_LONGEST_SEARCH = 100


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes for choosing."""
    return blueprint_of(
        hubs,
        Route("GET", "integrations/{id}/entities", list_entities, "list_entities"),
        Route("GET", "integrations/{id}/entities/{logicalName}/fields", list_fields, "list_entity_fields"),
        Route("GET", "integrations/{id}/entities/{logicalName}/records", list_records, "list_entity_records"),
        Route("GET", "integrations/{id}/oneflow/workspaces", list_workspaces, "list_workspaces"),
        Route("GET", "integrations/{id}/oneflow/templates", list_templates, "list_templates"),
    )


def list_entities(call: Call) -> Answer:
    """List the tables that a mapping can be made for."""
    desk, bridge = call.hub.bridges, call.bridge()
    mapped = {each.entity: len(each.fields) for each in desk.mappings.list(bridge.id)}
    return Answer([_entity(each, mapped.get(each.name, 0)) for each in catalog.entities(desk, bridge)])


def list_fields(call: Call) -> Answer:
    """List the fields of a table, with `expand=related` also those of the tables that its lookups lead to."""
    bridge, name, wish = call.bridge(), call.path("logicalName"), call.request.params.get("expand")
    if wish not in {None, _RELATED}:
        raise InvalidError("There is no such expansion", Problem("/expand", "UNKNOWN_VALUE", "Only related is known."))
    found = [_field(each) for each in catalog.fields(call.hub.bridges, bridge, name)]
    if wish is None:
        return Answer(found)
    others = catalog.related(call.hub.bridges, bridge, name)
    return Answer(found, facts={"success": True, _RELATED: [_others(each) for each in others]})


def list_records(call: Call) -> Answer:
    """List records of a table whose name contains `q`, the latest changed first, or the one whose id it is."""
    bridge, name, asked = call.bridge(), call.path("logicalName"), call.request.params.get("q", "").strip()
    if len(asked) > _LONGEST_SEARCH:
        problem = Problem("/q", "INVALID_TEXT", f"At most {_LONGEST_SEARCH} characters.")
        raise InvalidError("The records cannot be searched like this", problem)
    found = choosing.records(call.hub.bridges, bridge, name, asked, limit=call.paging["limit"])
    return Answer([_record(each) for each in found])


def list_workspaces(call: Call) -> Answer:
    """List the workspaces that the Oneflow user sees."""
    found = catalog.workspaces(call.hub.bridges, call.bridge())
    return Answer([{"id": str(each.id), "name": each.name, "canCreate": each.can_create} for each in found])


def list_templates(call: Call) -> Answer:
    """List the active templates of a workspace, each with its data fields."""
    bridge, workspace_id = call.bridge(), call.request.params.get("workspaceId", "")
    if not _NUMBER.fullmatch(workspace_id):
        problem = Problem("/workspaceId", "INVALID_ID", "The id of a workspace is needed.")
        raise InvalidError("There is no such workspace", problem)
    return Answer([_template(each) for each in catalog.templates(call.hub.bridges, bridge, int(workspace_id))])


def view_bridge_report(report: BridgeReport) -> dict[str, Any]:
    """Return what a test of a bridge found."""
    return {"connected": report.connected, "checks": [view_check(check) for check in report.checks]}


def _entity(table: Table, mapped: int) -> dict[str, Any]:
    return {
        "logicalName": table.name,
        "label": table.label,
        "virtual": table.name in VIRTUAL,
        "mappedFields": mapped,
    }


def _record(choice: RecordChoice) -> dict[str, Any]:
    return {"id": choice.id, "name": choice.name, "modifiedAt": choice.modified_at}


def _field(choice: FieldChoice) -> dict[str, Any]:
    column = choice.column
    return {
        "name": column.name,
        "label": column.label,
        "type": column.type,
        "required": column.required.value,
        "maxLength": column.details.max_length,
        "precision": column.details.precision,
        "twoWay": choice.reason is None,
        "reason": choice.reason,
    }


def _others(choice: RelatedChoice) -> dict[str, Any]:
    shown = [_field(each) for each in choice.fields]
    return {"entity": choice.entity, "via": choice.via, "label": choice.label, "fields": shown}


def _template(choice: TemplateChoice) -> dict[str, Any]:
    template = choice.template
    return {
        "id": str(template.id),
        "name": template.name,
        "takesProducts": template.takes_products,
        "fields": [
            {"customId": each.custom_id, "name": each.name, "active": each.active, "system": each.system}
            for each in choice.fields
        ],
    }
