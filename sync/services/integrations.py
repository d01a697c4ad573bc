"""Creates, shows, changes and removes integrations; calls no remote system."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sync.engine.schedule import next_after
from sync.engine.standing import paused, placed, resumed
from sync.model.bridge import BridgeConnection
from sync.model.errors import NotFoundError, StaleRecordError
from sync.model.integration import (
    AnyConnection,
    AnyIntegration,
    Connection,
    Consent,
    Grant,
    Integration,
    Kind,
    Owner,
    Status,
    is_bridge,
    is_supply,
)
from sync.model.secret import Secret
from sync.ports import (
    IntegrationStore,
    Page,
)
from sync.services.bridge_desk import BridgeDesk
from sync.services.bridging import BridgeOrder, bridged
from sync.services.config_notes import note_changed, note_created
from sync.services.desk import Desk
from sync.services.purging import purge_records
from sync.services.retention import forget

_MOVES: dict[Status, Callable[[AnyIntegration], AnyIntegration]] = {Status.PAUSED: paused, Status.ACTIVE: resumed}
NOT_AUTHORIZED = "The connection has not been authorized yet: authorize it, and sign in on the page that this leads to"


@dataclass(frozen=True, slots=True)
class ConnectionOrder:
    """A connection as a caller describes it; no secret means: keep the one there is."""

    tenant_id: str
    client_id: str
    environment: str
    company_id: str | None
    grant: Grant
    client_secret: Secret | None
    client_secret_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IntegrationOrder:
    """An integration as a caller describes it; no status means: leave it."""

    name: str
    kind: Kind
    connection: ConnectionOrder | BridgeOrder
    schedule: str | None
    settings: dict[str, Any]
    status: Status | None = None


def require[I: AnyIntegration](integrations: IntegrationStore[I], owner: Owner, integration_id: str) -> I:
    """Return the owner's integration.

    Raises:
        NotFoundError: There is none, or it is someone else's.
        StateError: It is of the kind that this store leaves out (WRONG_KIND).
    """
    found = integrations.get(owner, integration_id)
    if found is None:
        raise NotFoundError("There is no such integration")
    return found


@dataclass(frozen=True, slots=True)
class Integrations:
    """What callers do with integrations of both kinds."""

    integrations: IntegrationStore[AnyIntegration]
    """Both kinds; the desk knows those with Business Central."""
    desk: Desk
    bridges: BridgeDesk | None = None
    """What bridges have beside that; without it they have nothing."""

    def create(self, owner: Owner, order: IntegrationOrder) -> AnyIntegration:
        """Store a new integration and its secrets."""
        now = self.desk.clock.now()
        integration_id = self.desk.ids.new("int")
        connection = self._connection(order.connection, None)
        waits = connection.awaits_consent
        made = self.integrations.create(
            Integration(
                id=integration_id,
                owner=owner,
                name=order.name,
                kind=order.kind,
                connection=connection,
                created_at=now,
                updated_at=now,
                status=Status.SETUP_REQUIRED if waits else Status.ACTIVE,
                status_reason=NOT_AUTHORIZED if waits else None,
                schedule=order.schedule,
                next_run_at=_next(order.schedule, now),
                settings=order.settings,
            )
        )
        note_created(self.desk, made)
        return made

    def get(self, owner: Owner, integration_id: str) -> AnyIntegration:
        """Return the owner's integration (NotFoundError otherwise)."""
        return require(self.integrations, owner, integration_id)

    def list(self, owner: Owner, *, cursor: str | None, limit: int) -> Page[AnyIntegration]:
        """Return the owner's integrations, newest first."""
        return self.integrations.list(owner, cursor=cursor, limit=limit)

    def change(self, current: AnyIntegration, order: IntegrationOrder) -> AnyIntegration:
        """Replace what a caller may change, if the integration is still the one given.

        A changed connection lifts no hold, but lets one test or sync try it. A consent stays as long as tenant and
        client do.

        Raises:
            StaleRecordError: It was changed meanwhile.
        """
        now = self.desk.clock.now()
        connection = self._connection(order.connection, current.connection)
        moved = connection != current.connection
        changed = replace(
            current,
            name=order.name,
            connection=connection,
            schedule=order.schedule,
            settings=order.settings,
            next_run_at=current.next_run_at if order.schedule == current.schedule else _next(order.schedule, now),
            updated_at=now,
            untried=current.untried or moved,
        )
        if order.status is not None:
            changed = _MOVES[order.status](changed)
        try:
            saved = self.integrations.save(_standing(changed, current))
        except StaleRecordError:
            stored = self.integrations.get(current.owner, current.id) or current
            self._drop(connection, kept=stored.connection)
            raise
        self._drop(current.connection, kept=connection)
        note_changed(self.desk, current, saved)
        return saved

    def delete(self, owner: Owner, integration_id: str, *, purge: bool) -> None:
        """Remove the integration with its secrets, mappings, links, runs and logs, and its records if asked.

        What is its own, purge_records tells. The integration goes last: what failed on the way can be asked for again.
        """
        found = self.get(owner, integration_id)
        for name in (*found.connection.secret_names, found.sign_in_name):
            self.desk.secrets.delete(name)
        self.desk.watermarks.clear(integration_id)
        self.desk.mappings.clear(integration_id)
        if self.bridges is not None and is_bridge(found):
            self.bridges.mappings.clear(integration_id)
            self.bridges.links.clear(integration_id)
        forget(self.desk, integration_id)
        if purge and is_supply(found):
            purge_records(self.desk, found)
        self.integrations.delete(found)

    def _drop(self, connection: AnyConnection, *, kept: AnyConnection) -> None:
        for name in connection.secret_names - kept.secret_names:
            self.desk.secrets.delete(name)

    def _connection(self, order: ConnectionOrder | BridgeOrder, current: AnyConnection | None) -> AnyConnection:
        if isinstance(order, BridgeOrder):
            return bridged(order, current if isinstance(current, BridgeConnection) else None, keep=self._keep)
        return self._supplied(order, current if isinstance(current, Connection) else None)

    def _keep(self, secret: Secret | None, known: str | None) -> str:
        """Return the name that a new secret is kept under, or the known name when there is no new one."""
        if known is not None and secret is None:
            return known
        name = self.desk.ids.new("secret").replace("_", "-")
        if secret is not None:
            self.desk.secrets.set(name, secret)
        return name

    def _supplied(self, order: ConnectionOrder, current: Connection | None) -> Connection:
        same = current is not None and _place(current) == (
            order.tenant_id,
            order.environment,
            order.company_id,
        )
        made = Connection(
            tenant_id=order.tenant_id,
            client_id=order.client_id,
            environment=order.environment,
            secret_name=self._keep(order.client_secret, None if current is None else current.secret_name),
            company_id=order.company_id,
            company_name=current.company_name if current is not None and same else None,
            grant=order.grant,
            client_secret_expires_at=order.client_secret_expires_at,
        )
        return replace(made, consent=_kept_consent(made, current))


def update[I: AnyIntegration](integrations: IntegrationStore[I], integration: I, **changes: Any) -> I:
    """Save what the hub itself learned about an integration, over whatever a caller changed meanwhile."""
    return revise(integrations, integration, lambda current: replace(current, **changes)).after


@dataclass(frozen=True, slots=True)
class Revision[I: AnyIntegration]:
    """What a change replaced in the store, and what stands there now; the same twice when the integration is gone."""

    before: I
    after: I


def revise[I: AnyIntegration](
    integrations: IntegrationStore[I], integration: I, change: Callable[[I], I]
) -> Revision[I]:
    """Change an integration that others may change, too: read again and change again until it holds."""
    current = integration
    while True:
        try:
            return Revision(current, integrations.save(change(current)))
        except StaleRecordError:
            found = integrations.find(integration.id)
            if found is None:
                return Revision(integration, integration)
            current = found


def _next(schedule: str | None, now: datetime) -> datetime | None:
    return None if schedule is None else next_after(schedule, now)


def _kept_consent(connection: Connection, current: Connection | None) -> Consent | None:
    if current is None or (connection.grant, connection.principal) != (current.grant, current.principal):
        return None
    return current.consent


def _standing(changed: AnyIntegration, before: AnyIntegration) -> AnyIntegration:
    """Return the integration in the status that its consent asks for: one that is needed is waited for."""
    if changed.connection.awaits_consent:
        return placed(changed, Status.SETUP_REQUIRED, NOT_AUTHORIZED)
    if before.connection.awaits_consent and changed.standing is Status.SETUP_REQUIRED:
        return placed(changed, Status.ACTIVE)
    return changed


def _place(connection: Connection) -> tuple[str, str, str | None]:
    return connection.tenant_id, connection.environment, connection.company_id
