"""Notes in an integration's trail what was changed in its configuration, and by whom."""

import logging
from datetime import datetime
from typing import Any, Protocol

from sync.engine.config_changes import between
from sync.model.config_change import Alteration, ConfigChange, ConfigEvent
from sync.model.errors import SyncError
from sync.model.integration import AnyIntegration
from sync.ports import Clock, ConfigStore, Ids

logger = logging.getLogger(__name__)


class Notebook(Protocol):
    """What a change is noted with: a desk of either kind has it."""

    @property
    def config(self) -> ConfigStore:
        """The trail."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def ids(self) -> Ids:
        """What names the entries."""
        ...


def note_created(desk: Notebook, made: AnyIntegration) -> None:
    """Note that an integration was made."""
    _note(desk, made.id, ConfigEvent.CREATED, user_id=made.owner.user_id)


def note_changed(desk: Notebook, before: AnyIntegration, after: AnyIntegration) -> None:
    """Note what its owner changed in an integration, if that is anything."""
    found = between(before, after)
    if found:
        _note(desk, after.id, ConfigEvent.CHANGED, found, user_id=after.owner.user_id)


def note_mapped(
    desk: Notebook, integration_id: str, entity: str, found: tuple[Alteration, ...], *, user_id: str
) -> None:
    """Note what somebody changed in the mapping of an entity type or a table."""
    _note(desk, integration_id, ConfigEvent.MAPPED, found, user_id=user_id, entity=entity)


def note_authorized(desk: Notebook, integration: AnyIntegration) -> None:
    """Note that its owner signed in for an integration."""
    _note(desk, integration.id, ConfigEvent.AUTHORIZED, user_id=integration.owner.user_id)


def note_standing(desk: Notebook, before: AnyIntegration, after: AnyIntegration, *, run_id: str | None = None) -> None:
    """Note that the hub holds an integration or lets it go on, if its standing is another one now."""
    if before.standing is not after.standing:
        told = (Alteration("status", before.standing.value, after.standing.value),)
        _note(desk, after.id, ConfigEvent.STANDING, told, run_id=run_id, reason=after.status_reason)


def _note(
    desk: Notebook, integration_id: str, event: ConfigEvent, found: tuple[Alteration, ...] = (), **more: Any
) -> None:
    """Write a note; the change that it tells of is stored by now, and is not refused because the note fails."""
    at: datetime = desk.clock.now()
    change = ConfigChange(desk.ids.new("chg"), integration_id, event, at, alterations=found, **more)
    try:
        desk.config.note(change)
    except SyncError as error:
        facts = {"integration": integration_id, "event": event.value, "code": error.code}
        logger.warning("configuration change not noted", extra=facts)
