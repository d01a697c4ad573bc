"""Lets each half of the hub see integrations of its own kind, and no others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeIs

from sync.model.errors import StateError
from sync.model.integration import AnyIntegration, Bridge, Integration, Kind, Owner, is_bridge, is_supply
from sync.ports import IntegrationStore, Page

_ENDS = {
    Kind.BUSINESS_CENTRAL: "Business Central with the platform",
    Kind.ONEFLOW: "Dynamics 365 Sales with Oneflow",
}


@dataclass(frozen=True, slots=True)
class OneKind[I: AnyIntegration]:
    """The integrations of one kind (see sync.ports.IntegrationStore); those of the other are not there.

    Only an owner who asks for one of the other kind by its id is told about it.
    """

    everything: IntegrationStore[AnyIntegration]
    is_mine: Callable[[AnyIntegration], TypeIs[I]]

    def create(self, integration: I) -> I:
        """Store a new integration."""
        return replace(integration, version=self.everything.create(integration).version)

    def get(self, owner: Owner, integration_id: str) -> I | None:
        """Return the owner's integration, or None.

        Raises:
            StateError: It is the owner's, and of the other kind (WRONG_KIND).
        """
        found = self.everything.get(owner, integration_id)
        if found is None or self.is_mine(found):
            return found
        message = f"This is not for an integration that connects {_ENDS[found.kind]}"
        raise StateError(message, code="WRONG_KIND")

    def save(self, integration: I) -> I:
        """Replace an integration if its version is still current (StaleRecordError otherwise)."""
        return replace(integration, version=self.everything.save(integration).version)

    def delete(self, integration: I) -> None:
        """Remove an integration; nothing happens when it is gone."""
        self.everything.delete(integration)

    def list(self, owner: Owner, *, cursor: str | None, limit: int) -> Page[I]:
        """Return those of this kind among a page of the owner's integrations, newest first."""
        page = self.everything.list(owner, cursor=cursor, limit=limit)
        return Page(tuple(each for each in page.items if self.is_mine(each)), page.cursor)

    def find(self, integration_id: str) -> I | None:
        """Return an integration whoever owns it."""
        found = self.everything.find(integration_id)
        return found if found is not None and self.is_mine(found) else None

    def due(self, moment: datetime, *, limit: int) -> tuple[I, ...]:
        """Return integrations whose next_run_at is at or before the moment, earliest first."""
        asked = limit
        while True:
            found = self.everything.due(moment, limit=asked)
            mine = tuple(each for each in found if self.is_mine(each))
            if len(mine) >= limit or len(found) < asked:
                return mine[:limit]
            asked *= 2

    def everyone(self) -> Iterator[I]:
        """Yield the integrations of all owners."""
        return (each for each in self.everything.everyone() if self.is_mine(each))


def supplies(everything: IntegrationStore[AnyIntegration]) -> OneKind[Integration]:
    """Return the integrations between Business Central and the platform."""
    return OneKind(everything, is_supply)


def bridges(everything: IntegrationStore[AnyIntegration]) -> OneKind[Bridge]:
    """Return the integrations between Dynamics 365 Sales and Oneflow."""
    return OneKind(everything, is_bridge)
