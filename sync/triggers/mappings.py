"""Routes of the Sync Config: the mapping of each entity type, and its versions."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import azure.functions as func

from mapping.codec import field_to_json
from mapping.completion import compile_complete
from mapping.differences import Difference
from mapping.targets import TARGETS, TargetKind
from mapping.transforms import TRANSFORMS, Transform
from sync.codec import time_or_none
from sync.model.entity import EntityType
from sync.model.errors import InvalidError, NotFoundError, Problem
from sync.model.mapping import PRESET_VERSION, MappingVersion
from sync.services import mappings, sampling
from sync.triggers.bodies import PreviewBody
from sync.triggers.documents import as_object, check_document, read_document, read_object
from sync.triggers.http import Answer, Body, Call, Route, blueprint_of
from sync.triggers.hub import Hubs
from sync.triggers.tags import tag_of
from sync.triggers.views import view_preview

_VERSION = re.compile("[0-9]{1,9}", re.ASCII)


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of both mappings."""
    return blueprint_of(hubs, *(route for entity in EntityType for route in _routes(entity)))


def _routes(entity: EntityType) -> tuple[Route[Body], ...]:
    home, one = f"integrations/{{id}}/mappings/{entity.value}", entity.value.removesuffix("s")

    def bound(body: Callable[..., Answer]) -> Body:
        return partial(body, entity=entity)

    version = f"{home}/versions/{{version}}"
    return (
        Route("GET", home, bound(show), f"get_{one}_mapping"),
        Route("PUT", home, bound(change), f"put_{one}_mapping"),
        Route("GET", f"{home}/vocabulary", bound(show_vocabulary), f"get_{one}_mapping_vocabulary"),
        Route("POST", f"{home}/preview", bound(preview), f"preview_{one}_mapping"),
        Route("GET", f"{home}/versions", bound(list_versions), f"list_{one}_mapping_versions"),
        Route("GET", version, bound(show_version), f"get_{one}_mapping_version"),
        Route("GET", f"{version}/diff", bound(compare), f"compare_{one}_mapping_versions"),
        Route("POST", f"{version}/restore", bound(restore), f"restore_{one}_mapping", repeatable=True),
    )


def show(call: Call, entity: EntityType) -> Answer:
    """Show the mapping that the next run uses."""
    return _shown(mappings.current(call.hub.desk.mappings, call.integration(), entity))


def change(call: Call, entity: EntityType) -> Answer:
    """Replace the mapping; one that does the same makes no version."""
    known = _matched(call, entity)
    rules = mappings.understood(read_object(call.request), entity)
    return _shown(mappings.save(call.hub.desk, known, rules, owner=call.owner))


def preview(call: Call, entity: EntityType) -> Answer:
    """Show what the mapping, or one that the body brings, makes of some records; nothing is written."""
    integration, document = call.integration(), read_document(call.request)
    body = check_document(PreviewBody, {} if document is None else as_object(document))
    if body.mapping is None:
        rules = mappings.rules_of(mappings.current(call.hub.desk.mappings, integration, entity))
    else:
        rules = mappings.understood(body.mapping, entity, below="/mapping")
    compiled = compile_complete(rules, TARGETS[entity.value])
    found = sampling.preview(call.hub.desk, integration, entity, compiled, sample=body.sample)
    return Answer({"records": [view_preview(each) for each in found]})


def show_vocabulary(call: Call, entity: EntityType) -> Answer:
    """Show which fields a mapping may fill, and the transforms with their options."""
    call.integration()
    targets = [
        {
            "name": target.name,
            "kind": target.kind.name.lower(),
            "maxLength": target.max_length if target.kind is TargetKind.TEXT else None,
            "required": target.required,
        }
        for target in TARGETS[entity.value].values()
    ]
    transforms = [_transform(name, transform) for name, transform in TRANSFORMS.items()]
    return Answer({"targets": targets, "transforms": transforms})


def list_versions(call: Call, entity: EntityType) -> Answer:
    """List the mapping's versions, newest first."""
    page = mappings.listed(call.hub.desk.mappings, call.integration(), entity, **call.paging)
    return Answer([_history(each) for each in page.items], cursor=page.cursor)


def show_version(call: Call, entity: EntityType) -> Answer:
    """Show one version of the mapping."""
    return Answer(_view(_version(call, entity)))


def compare(call: Call, entity: EntityType) -> Answer:
    """Show what changed from another version, the one before unless `against` names it, to this one."""
    newer = _version(call, entity)
    against = call.request.params.get("against")
    if against is not None and not _VERSION.fullmatch(against):
        raise InvalidError(
            "The versions cannot be compared",
            Problem("/against", "INVALID_VALUE", "The number of a version is needed."),
        )
    before = max(newer.version - 1, PRESET_VERSION) if against is None else int(against)
    older = mappings.at(call.hub.desk.mappings, call.integration(), entity, before)
    found = mappings.compared(older, mappings.rules_of(newer))
    return Answer({"version": newer.version, "against": older.version, **_difference(found, older, newer)})


def restore(call: Call, entity: EntityType) -> Answer:
    """Bring the content of an older version back, as a new version."""
    known = _matched(call, entity)
    return _shown(mappings.restore(call.hub.desk, known, _version(call, entity), owner=call.owner))


def _transform(name: str, transform: Transform) -> dict[str, Any]:
    options = [
        {"name": each, "kind": option.kind.name.lower(), "required": option.required}
        for each, option in transform.options.items()
    ]
    return {"name": name, "combines": transform.combines, "options": options}


def _matched(call: Call, entity: EntityType) -> MappingVersion:
    known = mappings.current(call.hub.desk.mappings, call.integration(), entity)
    call.check_match(_tag(known))
    return known


def _version(call: Call, entity: EntityType) -> MappingVersion:
    integration, text = call.integration(), call.path("version")
    if not _VERSION.fullmatch(text):
        raise NotFoundError("The mapping has no such version")
    return mappings.at(call.hub.desk.mappings, integration, entity, int(text))


def _shown(version: MappingVersion) -> Answer:
    return Answer(_view(version), headers={"ETag": _tag(version)})


def _tag(version: MappingVersion) -> str:
    return tag_of(version.integration_id, version.entity, str(version.version))


def _view(version: MappingVersion) -> dict[str, Any]:
    return {**version.document, **_history(version)}


def _history(version: MappingVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "savedAt": time_or_none(version.saved_at),
        "savedBy": version.saved_by,
        "restoredFrom": version.restored_from,
    }


def _difference(found: Difference, older: MappingVersion, newer: MappingVersion) -> dict[str, Any]:
    sources = {"before": older.document["source"], "after": newer.document["source"]}
    return {
        "source": sources if found.source_changed else None,
        "added": [field_to_json(rule) for rule in found.added],
        "removed": [field_to_json(rule) for rule in found.removed],
        "changed": [
            {"target": each.after.target, "before": field_to_json(each.before), "after": field_to_json(each.after)}
            for each in found.changed
        ],
    }
