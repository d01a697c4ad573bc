"""Takes change notices: what they say is only a hint, and is remembered until a run has seen for itself."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import Any

from sync.engine.notices import Notice, condensed, read_notice
from sync.model.channel import Channel, Hint
from sync.services.realtime import Realtime, digest


def take(realtime: Realtime, channel: Channel, document: Any) -> tuple[Hint, ...]:
    """Remember what genuine notices say, and return it; anything else is passed over in silence.

    The same notices again change nothing but the time of their hints.
    """
    genuine = [each for each in _entries(document) if _is_genuine(channel, each.get("clientState"))]
    said = [notice for each in genuine if (notice := read_notice(each.get("resource"), each.get("changeType")))]
    hints = _hints(realtime, channel, condensed(said))
    realtime.store.note(hints)
    return hints


def _entries(document: Any) -> list[dict[str, Any]]:
    entries = document.get("value") if isinstance(document, dict) else None
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


def _is_genuine(channel: Channel, state: Any) -> bool:
    return compare_digest(channel.state_digest, digest(state if isinstance(state, str) else ""))


def _hints(realtime: Realtime, channel: Channel, notices: Iterable[Notice]) -> tuple[Hint, ...]:
    now = realtime.desk.clock.now()
    return tuple(Hint(channel.integration_id, each.entity, each.kind, now, each.external_id) for each in notices)
