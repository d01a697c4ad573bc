"""An integration as JSON: its connection without secrets, its standing, its health."""

from datetime import datetime
from typing import Any

from sync.codec import time_or_none, to_wire
from sync.model.bridge import BridgeConnection
from sync.model.integration import AnyConnection, AnyIntegration, Status
from sync.model.run import Run
from sync.services.health import Health
from sync.triggers.views import view_run


def view_integration(integration: AnyIntegration, latest: Run | None, health: Health) -> dict[str, Any]:
    """Return an integration without its secrets."""
    return {
        "id": integration.id,
        "name": integration.name,
        "kind": integration.kind.value,
        "status": integration.status.value,
        "statusReason": integration.status_reason,
        "connection": view_connection(integration.connection),
        "schedule": integration.schedule,
        "nextRunAt": time_or_none(integration.next_run_at if integration.status is Status.ACTIVE else None),
        "lastSyncedAt": time_or_none(integration.last_synced_at),
        "lastRun": None if latest is None else view_run(latest),
        "health": view_health(health),
        "createdAt": time_or_none(integration.created_at),
        "updatedAt": time_or_none(integration.updated_at),
        "settings": integration.settings,
    }


def view_connection(connection: AnyConnection) -> dict[str, Any]:
    """Return a connection without its secrets."""
    if isinstance(connection, BridgeConnection):
        return _view_ends(connection)
    return {
        "tenantId": connection.tenant_id,
        "clientId": connection.client_id,
        "environment": connection.environment,
        "companyId": connection.company_id,
        "companyName": connection.company_name,
        "grant": connection.grant.value,
        "authorizedAt": None if connection.consent is None else time_or_none(connection.consent.given_at),
        **_view_end(connection.client_secret_expires_at),
    }


def _view_ends(connection: BridgeConnection) -> dict[str, Any]:
    dynamics = connection.dynamics
    return {
        "dynamics": {
            "orgUrl": dynamics.org_url,
            "tenantId": dynamics.tenant_id,
            "clientId": dynamics.client_id,
            **_view_end(dynamics.client_secret_expires_at),
        },
        "oneflow": {"userEmail": connection.oneflow.user_email},
    }


def _view_end(ends: datetime | None) -> dict[str, Any]:
    return {} if ends is None else {"clientSecretExpiresAt": time_or_none(ends)}


def view_health(health: Health) -> dict[str, Any]:
    """Return how an integration does, and what will end soon."""
    warnings = [to_wire(each) for each in health.warnings]
    return {"state": health.state.value, "detail": health.detail, "warnings": warnings}
