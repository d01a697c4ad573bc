"""What the row of a contract shows in Dynamics: the times of the contract's life that are true now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from sync.model.contract_life import Life

_SENT = frozenset({"pending", "overdue", "signed", "declined"})
_UNSIGNED = frozenset({"pending", "overdue"})
_ENDED = "ended"


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a contract stands."""

    state: str
    lifecycle_state: str | None
    life: Life

    @property
    def renews(self) -> bool:
        """Whether its present period is followed by another one."""
        return self.life.recurring and self.life.canceled is None and self.lifecycle_state != _ENDED


def _while(states: frozenset[str], told: Callable[[Life], str | None]) -> Callable[[_Standing], str | None]:
    return lambda standing: told(standing.life) if standing.state in states else None


_TIMES: Mapping[str, Callable[[_Standing], str | None]] = MappingProxyType(
    {
        "of_senton": _while(_SENT, lambda life: life.published),
        "of_expireson": _while(_UNSIGNED, lambda life: life.expires),
        "of_expiredon": _while(frozenset({"overdue"}), lambda life: life.expires or life.moved),
        "of_signdate": _while(frozenset({"signed"}), lambda life: life.moved),
        "of_declinedon": _while(frozenset({"declined"}), lambda life: life.moved),
        "of_startson": lambda standing: standing.life.starts,
        "of_activeuntil": lambda it: None if it.renews else it.life.ends or it.life.period_ends,
        "of_renewsdate": lambda it: it.life.period_ends if it.renews else None,
        "of_canceledon": lambda standing: standing.life.canceled,
        "of_endedon": lambda standing: standing.life.ends if standing.lifecycle_state == _ENDED else None,
    }
)
"""Columns of Oneflow's own table of contracts (dataverse facts, 9.1), and what each of them shows."""

_AHEAD = ("of_expireson", "of_activeuntil", "of_renewsdate")


def times_of(state: str, lifecycle_state: str | None, life: Life) -> dict[str, datetime | None]:
    """Return what each time column shows; None where there is no such time, or none any more."""
    standing = _Standing(state, lifecycle_state, life)
    return {column: _moment(told(standing)) for column, told in _TIMES.items()}


def times_after_deletion() -> dict[str, datetime | None]:
    """Return what changes when the contract is deleted: what has happened stays, what was ahead will not happen."""
    return dict.fromkeys(_AHEAD)


def _moment(text: str | None) -> datetime | None:
    """Return the instant that was told, to the second; a time without a zone is in UTC, a day is its midnight."""
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment is None:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC, microsecond=0).astimezone(UTC)
