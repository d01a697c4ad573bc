"""One organization: its tables, rows, users, clock and switches, and who is told of changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sandbox.clock import Clock
from sandbox.dataverse.schema import Catalog, stable_id
from sandbox.dataverse.store import Ref, Row, Store
from sandbox.dataverse.switches import DataverseSwitches

type Values = dict[str, Any]

ORGANIZATION_ID = stable_id("organization", "one")
ROOT_UNIT = stable_id("businessunit", "root")
HUMAN = stable_id("systemuser", "human")
BASE_CURRENCY = stable_id("transactioncurrency", "USD")


class UserState(StrEnum):
    """What the organization knows of a caller."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    ROLELESS = "roleless"
    ABSENT = "absent"


@dataclass(slots=True)
class Caller:
    """One user; `denied` names privileges (prvWriteQuote) and secured columns (opportunity.new_secret)."""

    user: str
    state: UserState = UserState.ENABLED
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One row that was written: what was sent for it, and what became of that."""

    operation: str
    table: str
    id: str
    version: int
    user: str
    guard: str
    sent: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    recreated: bool = False
    direct: bool = True
    """Whether the request named this row, and no rule or cascade did."""
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    tag: str = ""
    bypassed: bool = False

    def journaled(self) -> dict[str, Any]:
        """Return what the journal keeps: names of columns, never values."""
        kept = ("operation", "table", "id", "version", "user", "guard", "sent", "unchanged", "ignored", "recreated")
        return {name: getattr(self, name) for name in (*kept, "direct")}


@dataclass(slots=True)
class Home:
    """The state of one organization."""

    catalog: Catalog
    store: Store
    clock: Clock
    switches: Callable[[], DataverseSwitches]
    told: Callable[[Change], None] = lambda _change: None
    metadata_version: int = 81_011_296

    def now(self) -> datetime:
        """Return this second."""
        return datetime.fromtimestamp(int(self.clock.now()), UTC)

    def follow(self, ref: Any, table: str = "") -> Row | None:
        """Return the row that a value refers to, when it refers to one of this table."""
        if not isinstance(ref, Ref) or table not in {"", ref.table}:
            return None
        return self.store.get(ref.table, ref.id)

    def currency_places(self, values: Values) -> int:
        """Return the decimals of a row's currency."""
        row = self.follow(values.get("transactioncurrencyid"))
        return int(row.values.get("currencyprecision", 2)) if row else 2

    def pricing_places(self) -> int:
        """Return the organization's decimals of prices."""
        row = self.store.get("organization", ORGANIZATION_ID)
        return int(row.values["pricingdecimalprecision"]) if row else 2
