"""Routes that show a record as Business Central has it now."""

from functools import partial
from typing import Any

import azure.functions as func
import orjson

from sync.codec import time_text
from sync.model.entity import EntityType
from sync.model.record import Arrival
from sync.services.records import Shelf
from sync.services.seeing import look
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of both kinds of record."""
    return blueprint_of(
        hubs,
        *(
            Route(
                "GET",
                f"integrations/{{id}}/{entity.value}/{{externalId}}/source",
                partial(show, entity=entity),
                f"get_{entity.value.removesuffix('s')}_source",
            )
            for entity in EntityType
        ),
    )


def show(call: Call, entity: EntityType) -> Answer:
    """Show a record as Business Central sends it now, with all its columns, and as the mapping takes it."""
    external_id = call.path("externalId")
    found = look(Shelf(call.hub.desk, call.integration(), entity), external_id)
    sight = found.sight
    arrival = sight.arrival
    fault = None if arrival is None else arrival.fault
    return Answer(
        {
            "externalId": external_id,
            "seen": sight.seen.value,
            "askedAt": time_text(call.hub.desk.clock.now()),
            "modifiedAt": None if arrival is None else arrival.modified,
            "etag": None if arrival is None else arrival.etag,
            "values": view_values(arrival),
            "raw": sight.row,
            "mappingVersion": found.mapping_version,
            "filter": found.filter,
            "error": None if fault is None else {"code": fault.code, "error": fault.message, "data": fault.data},
        }
    )


def view_values(arrival: Arrival | None) -> dict[str, Any] | None:
    """Return the mapped values of an arrival by the names of its fields; None when there are none."""
    if arrival is None or arrival.fault is not None:
        return None
    values: dict[str, Any] = orjson.loads(arrival.fields)
    return values
