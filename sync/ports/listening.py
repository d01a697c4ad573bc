"""Notices about contracts: the webhooks behind them, and what they leave to be done."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from sync.model.errand import Errand, Listener, Walk


class ListenerStore(Protocol):
    """Webhooks of one remote system by integration."""

    def create(self, listener: Listener) -> Listener:
        """Store a new listener.

        Raises:
            KeyTakenError: The integration has one.
        """
        ...

    def get(self, integration_id: str) -> Listener | None:
        """Return the integration's listener, or None."""
        ...

    def save(self, listener: Listener) -> Listener:
        """Replace a listener if its version is still current.

        Raises:
            StaleRecordError: Someone else wrote it first, or it is gone.
        """
        ...

    def delete(self, integration_id: str) -> None:
        """Remove the integration's listener; nothing happens when there is none."""
        ...

    def due(self, moment: datetime, *, limit: int) -> tuple[Listener, ...]:
        """Return listeners whose look_at is at or before the moment."""
        ...


class InboxStore(Protocol):
    """Errands that wait, one for each contract and occasion, and the ids of the notices that asked for them."""

    def is_heard(self, integration_id: str, callback_id: str) -> bool:
        """Tell whether this notice was heard before, as far as that is remembered."""
        ...

    def hear(self, integration_id: str, callback_ids: Collection[str], *, now: datetime) -> None:
        """Remember notices; nothing happens to those that were heard before."""
        ...

    def ask(self, errand: Errand) -> None:
        """Let an errand wait in place of the one of its occasion: what is under way does not fulfil it."""
        ...

    def suggest(self, errand: Errand) -> None:
        """Let an errand wait; nothing happens when its contract has one of this occasion."""
        ...

    def due(self, moment: datetime, *, limit: int) -> tuple[Errand, ...]:
        """Return errands whose due_at is at or before the moment."""
        ...

    def due_of(self, integration_id: str, moment: datetime, *, limit: int) -> tuple[Errand, ...]:
        """Return errands of one integration whose due_at is at or before the moment."""
        ...

    def of_contract(self, integration_id: str, contract_id: int) -> tuple[Errand, ...]:
        """Return the errands of one contract, whenever they are due."""
        ...

    def put_off(self, errand: Errand) -> Errand:
        """Replace an errand that waits.

        Raises:
            StaleRecordError: It was asked for anew, or is done.
        """
        ...

    def settle(self, errand: Errand) -> None:
        """Forget an errand that was run; nothing happens when it was asked for anew since it was read, or is gone."""
        ...

    def walk(self, integration_id: str) -> Walk | None:
        """Return the last walk over the contracts of an integration, or None."""
        ...

    def note_walk(self, walk: Walk) -> None:
        """Remember a walk in place of the one before."""
        ...

    def clear(self, integration_id: str) -> None:
        """Forget the errands of an integration that wait, and its last walk."""
        ...

    def prune(self, before: datetime, *, limit: int) -> int:
        """Forget notices that were heard before this time; return how many."""
        ...


class ComparisonLauncher(Protocol):
    """Starts the workflows that run errands."""

    async def compare(self, integration_id: str) -> bool:
        """Start the workflow that runs an integration's errands; return False when one is under way."""
        ...
