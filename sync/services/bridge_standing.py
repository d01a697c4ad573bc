"""Keeps the standing of a bridge true: refused credentials hold it, and whatever works lifts the hold."""

from collections.abc import Iterator
from contextlib import contextmanager

from sync.engine.standing import healed, placed, status_after
from sync.model.errors import SetupError
from sync.model.integration import HELD, Bridge
from sync.services.bridge_desk import BridgeDesk
from sync.services.config_notes import note_standing
from sync.services.contract_events import announce_loss
from sync.services.integrations import revise

_OF_ONE_TABLE = frozenset({"PERMISSION_DENIED"})
"""Codes that may concern a single table: the other ones go on."""


@contextmanager
def watched(desk: BridgeDesk, bridge: Bridge) -> Iterator[None]:
    """Notice whether both ends let the hub in while it works for a bridge (raises what the work raises)."""
    try:
        yield
    except SetupError as error:
        status = status_after(error)
        if status is not None and error.code not in _OF_ONE_TABLE:
            reason = error.message
            held = revise(desk.integrations, bridge, lambda current: placed(current, status, reason))
            note_standing(desk, held.before, held.after)
            announce_loss(desk, held.before, held.after, error)
        raise
    if bridge.standing in HELD:
        well = revise(desk.integrations, bridge, healed)
        note_standing(desk, well.before, well.after)
