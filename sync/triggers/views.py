"""What answers look like: values as JSON, exactly as the API documents them."""

from typing import Any

from mapping.targets import TARGETS
from sync.codec import time_or_none, to_wire
from sync.engine import totals
from sync.engine.causes import Cause
from sync.engine.failures import class_of
from sync.model.approval import Approval
from sync.model.conflict import Conflict, Side
from sync.model.entity import EXTERNAL_SYSTEM, EntityType
from sync.model.integration import Integration
from sync.model.log import LogEntry
from sync.model.record import Record
from sync.model.run import Run, Tally
from sync.ports import Company, Environment
from sync.services.checking import Check, Report
from sync.services.sampling import Described, Preview
from sync.services.troubles import Trouble

_CUSTOM = "custom."


def location_of(run: Run) -> str:
    """Return the path where a run is shown."""
    return f"/api/integrations/{run.integration_id}/runs/{run.id}"


def view_run(run: Run) -> dict[str, Any]:
    """Return a run with its progress and results."""
    completeness = totals.combined(run.completeness.values())
    return {
        "id": run.id,
        "integrationId": run.integration_id,
        "kind": run.kind.value,
        "trigger": run.trigger.value,
        "status": run.status.value,
        "queuedAt": time_or_none(run.queued_at),
        "startedAt": time_or_none(run.started_at or run.queued_at),
        "endedAt": time_or_none(run.ended_at),
        "attempt": run.attempt,
        "mappingVersions": {entity.value: version for entity, version in run.mapping_versions.items()},
        "retryOf": run.retry_of,
        "record": run.record,
        "cancelRequested": run.cancel_requested,
        "watermark": {"from": time_or_none(run.window.since), "to": time_or_none(run.window.until)},
        "progress": to_wire(run.progress),
        "entities": {entity.value: view_entity(run, entity) for entity in run.entities},
        "completeness": None if completeness is None else to_wire(completeness),
        "certificate": f"{location_of(run)}/certificate" if _is_certified(run) else None,
        "error": None if run.error is None else to_wire(run.error),
        "approval": None if run.approval is None else view_approval(run.approval),
        "plan": run.proposal is not None,
        "planOnly": run.proposes,
    }


def _is_certified(run: Run) -> bool:
    return run.status.ended and bool(run.completeness) and not run.proposes


def view_approval(approval: Approval) -> dict[str, Any]:
    """Return what a run is or was held for."""
    shown: dict[str, Any] = to_wire(approval)
    told = {name: shown[name] for name in ("required", "changes", "blanks", "stored", "expiresAt", "approvedAt")}
    return {**told, "sample": [_field_change(each) for each in shown["sample"]]}


def _field_change(change: dict[str, Any]) -> dict[str, Any]:
    """Return a field change as the API names it: `from` is no name in Python."""
    before, after = change.pop("before"), change.pop("after")
    return {"entityType": EntityType(change.pop("entity")).log_name, **change, "from": before, "to": after}


def view_entity(run: Run, entity: EntityType) -> dict[str, Any]:
    """Return what a run did to one entity type."""
    completeness = run.completeness.get(entity)
    counts: dict[str, Any] = to_wire(run.totals.get(entity, Tally()))
    return {**counts, "completeness": None if completeness is None else to_wire(completeness)}


def view_outcome(run: Run) -> dict[str, Any]:
    """Return what a finished sync came to, by entity type."""
    counts = {entity.value: to_wire(run.totals.get(entity, Tally())) for entity in run.entities}
    asked = {"approval": view_approval(run.approval)} if run.approval is not None and run.held else {}
    told = {} if run.error is None else {"error": to_wire(run.error)}
    return {**counts, "runId": run.id, "status": run.status.value, **told, **asked}


def view_record(
    record: Record, entity: EntityType, integration: Integration, trouble: Trouble | None = None
) -> dict[str, Any]:
    """Return a record: the platform's fields at the top, what the hub knows about it beside them."""
    mapped = {name: record.fields.get(name) for name in TARGETS[entity.value]}
    made_here = {"recordId": record.external_id} if record.platform_made else {}
    return {
        **mapped,
        "externalId": None if record.platform_made else record.external_id,
        **made_here,
        "externalSystem": None if record.platform_made else EXTERNAL_SYSTEM,
        "userId": integration.owner.user_id,
        "integrationId": integration.id,
        "syncStatus": record.sync_status.value,
        "syncError": view_sync_error(record, trouble),
        "lastSyncedAt": time_or_none(record.last_synced_at),
        "sourceModifiedAt": record.source_modified_at,
        "presentInSource": record.present_in_source and not record.platform_made,
        "custom": _custom(record.fields) | record.custom,
        "pinned": list(record.pinned),
    }


def view_entry(entry: LogEntry) -> dict[str, Any]:
    """Return a log entry."""
    return {
        "id": entry.id,
        "integrationId": entry.integration_id,
        "entityType": entry.entity_type,
        "action": entry.action.value,
        "status": entry.status.value,
        "recordsAffected": entry.records_affected,
        "metadata": entry.metadata,
        "createdAt": time_or_none(entry.created_at),
    }


def view_trouble(trouble: Trouble) -> dict[str, Any]:
    """Return a record that could not be taken over, and when it is tried again."""
    failure = trouble.failure
    return {
        "entityType": failure.entity.log_name,
        "externalId": failure.external_id,
        "runId": failure.run_id,
        "error": failure.fault.message,
        "data": failure.fault.data,
        **_tries(trouble),
    }


def view_cause(cause: Cause, sample: Trouble) -> dict[str, Any]:
    """Return why records failed, with one of them."""
    return {
        "entityType": cause.entity.log_name,
        "code": cause.code,
        "class": class_of(cause.code).value,
        "message": cause.shape,
        "count": cause.count,
        "externalIds": list(cause.named),
        "sample": view_trouble(sample),
    }


def view_sync_error(record: Record, trouble: Trouble | None) -> dict[str, Any] | None:
    """Return what is wrong with a record, and when it is tried again if that is known."""
    if record.fault is None:
        return None
    return {"error": record.fault.message, "code": record.fault.code, **({} if trouble is None else _tries(trouble))}


def _tries(trouble: Trouble) -> dict[str, Any]:
    failure, outlook = trouble.failure, trouble.outlook
    return {
        "code": failure.fault.code,
        "class": class_of(failure.fault.code).value,
        "attempts": failure.attempts,
        "firstAt": time_or_none(failure.first_at),
        "lastAt": time_or_none(failure.last_at),
        "nextTry": None if outlook is None else outlook.next_try.value,
        "nextTryAt": None if outlook is None else time_or_none(outlook.at),
    }


def view_conflict(conflict: Conflict, integration: Integration) -> dict[str, Any]:
    """Return a conflict with both sides of each field that is to be decided."""
    rival, platform = conflict.rival, conflict.platform
    return {
        "id": conflict.id,
        "integrationId": integration.id,
        "entityType": conflict.entity.log_name,
        "externalId": conflict.external_id,
        "name": conflict.source.get("name"),
        "number": conflict.source.get("number"),
        "reason": conflict.reason.value,
        "fields": [
            {"field": name, "source": conflict.source.get(name), "platform": platform.get(name)}
            for name in conflict.contested
        ],
        "other": {
            "integrationId": rival.integration_id,
            "source": rival.source,
            **({"recordId": rival.external_id, "custom": rival.custom, **platform} if rival.source is None else {}),
        },
        "detectedAt": time_or_none(conflict.detected_at),
        "runId": conflict.run_id,
        "sourceModifiedAt": conflict.modified,
        "status": conflict.status.value,
        "resolvedAt": time_or_none(conflict.resolved_at),
        "resolvedBy": conflict.resolved_by,
        "choice": _choice(conflict.sides),
    }


def _choice(sides: dict[str, Side] | None) -> Any:
    """Return one word when all fields have the same side."""
    if sides is None:
        return None
    whole = {*sides.values()}
    return whole.pop().value if len(whole) == 1 else {name: side.value for name, side in sides.items()}


def view_company(company: Company) -> dict[str, Any]:
    """Return a company."""
    return {"id": company.id, "name": company.name, "displayName": company.display_name}


def view_environment(environment: Environment) -> dict[str, Any]:
    """Return an environment."""
    return {"name": environment.name, "type": environment.kind, "countryCode": environment.country}


def view_schema(described: Described) -> dict[str, Any]:
    """Return the fields of an entity set."""
    schema = described.schema
    return {
        "entitySet": schema.entity_set,
        "fields": [{**to_wire(field), "sample": described.samples[field.name]} for field in schema.fields],
        "expands": list(schema.navigations),
    }


def view_preview(preview: Preview) -> dict[str, Any]:
    """Return what a mapping makes of one record."""
    fault = preview.fault
    told = {} if fault is None else {"error": {"code": fault.code, "error": fault.message, "data": fault.data}}
    return {
        "externalId": preview.external_id,
        "before": _mapped(preview.before),
        "after": _mapped(preview.after),
        "changed": list(preview.changed),
        **told,
    }


def _mapped(fields: dict[str, Any] | None) -> dict[str, Any] | None:
    if fields is None:
        return None
    plain = {name: value for name, value in fields.items() if not name.startswith(_CUSTOM)}
    return {**plain, "custom": _custom(fields)}


def _custom(fields: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(_CUSTOM): value for name, value in fields.items() if name.startswith(_CUSTOM)}


def view_check(check: Check) -> dict[str, Any]:
    """Return one step of a test; a failed one names its code, and what may have to be mended."""
    told = {"code": check.code, "members": list(check.members)} if check.code is not None else {}
    return {"name": check.name, "ok": check.ok, "detail": check.detail, "fix": check.fix, **told}


def view_report(report: Report) -> dict[str, Any]:
    """Return what a connection test found."""
    return {
        "connected": report.connected,
        "company": report.company,
        "vendorCount": report.vendor_count,
        "itemCount": report.item_count,
        "checks": [view_check(check) for check in report.checks],
    }
