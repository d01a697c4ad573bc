"""Tells what changed in a configuration, member by member, and never a secret."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.model.bridge import BridgeConnection
from sync.model.config_change import Alteration
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.integration import AnyConnection, AnyIntegration

LONGEST_VALUE = 500
"""Characters of a value that a change tells."""


def between(before: AnyIntegration, after: AnyIntegration) -> tuple[Alteration, ...]:
    """Return what an owner would see changed from one integration to the other."""
    known, now = _secrets(before.connection), _secrets(after.connection)
    replaced = tuple(Alteration(name, secret=True) for name in now if known.get(name) != now[name])
    return altered(_members(before), _members(after)) + replaced


def mapped(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Alteration, ...]:
    """Return what changed between two documents of a Sync Config mapping."""
    return altered(_rules(before), _rules(after))


def paired(before: EntityMapping, after: EntityMapping) -> tuple[Alteration, ...]:
    """Return what changed between two mappings of a table."""
    return altered(_pairs(before), _pairs(after))


def altered(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Alteration, ...]:
    """Return the members that differ, in their order; one that is missing counts as None."""
    names = dict.fromkeys((*before, *after))
    return tuple(
        Alteration(name, _fit(before.get(name)), _fit(after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    )


def _members(integration: AnyIntegration) -> dict[str, Any]:
    settings = {f"settings.{name}": value for name, value in integration.settings.items()}
    place = {f"connection.{name}": value for name, value in _place(integration.connection).items()}
    told = {"name": integration.name, "status": integration.status.value, "schedule": integration.schedule}
    return {**told, **place, **settings}


def _place(connection: AnyConnection) -> dict[str, Any]:
    if isinstance(connection, BridgeConnection):
        dynamics = connection.dynamics
        return {
            "dynamics.orgUrl": dynamics.org_url,
            "dynamics.tenantId": dynamics.tenant_id,
            "dynamics.clientId": dynamics.client_id,
            "dynamics.clientSecretExpiresAt": _time(dynamics.client_secret_expires_at),
            "oneflow.userEmail": connection.oneflow.user_email,
        }
    return {
        "tenantId": connection.tenant_id,
        "clientId": connection.client_id,
        "environment": connection.environment,
        "companyId": connection.company_id,
        "grant": connection.grant.value,
        "clientSecretExpiresAt": _time(connection.client_secret_expires_at),
    }


def _secrets(connection: AnyConnection) -> dict[str, str]:
    """Return the names under which secrets are kept: a new name is a new secret."""
    if isinstance(connection, BridgeConnection):
        ends = connection.dynamics.secret_name, connection.oneflow.secret_name
        return dict(zip(("connection.dynamics.clientSecret", "connection.oneflow.apiToken"), ends, strict=True))
    return {"connection.clientSecret": connection.secret_name}


def _rules(document: Mapping[str, Any]) -> dict[str, Any]:
    source = {f"source.{name}": value for name, value in document.get("source", {}).items()}
    fields = {
        f"fields.{rule['target']}": {name: value for name, value in rule.items() if name != "target"}
        for rule in document.get("fields", ())
    }
    return source | fields


def _pairs(mapping: EntityMapping) -> dict[str, Any]:
    """Return a table's mapping by data field; several columns may lead to one while a mapping is wrong."""
    told = {
        "templateId": mapping.template_id,
        "workspaceId": mapping.workspace_id,
        "products": mapping.products,
        "keyField": mapping.key_field,
    }
    return told | {f"fields.{pair.data_field}": _pair(pair) for pair in mapping.fields}


def _pair(pair: FieldPair) -> dict[str, Any]:
    column = pair.column if pair.via is None else f"{pair.via}.{pair.column}"
    return {"from": column, "direction": pair.direction.value, "conflict": pair.policy.value}


def _fit(value: Any) -> Any:
    return value if len(str(value)) <= LONGEST_VALUE else f"{str(value)[:LONGEST_VALUE]}…"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
