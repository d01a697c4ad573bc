"""What changed in a configuration, and that no secret is told."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from sync.engine.config_changes import LONGEST_VALUE, altered, between, mapped, paired
from sync.model.bridge import BridgeConnection, DynamicsAccess, OneflowAccess
from sync.model.config_change import Alteration, ConfigChange
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RetryLaterError
from sync.model.field_sync import Direction
from sync.model.integration import Bridge, Connection, Integration, Kind, Status
from sync.ports import ConfigStore
from sync.services.config_notes import note_changed
from sync.storage.memory_chronicle import MemoryConfigStore
from tests.support.company import START, VirtualClock
from tests.support.desks import ALICE, CountingIds

OURS = Integration(
    "int-1", ALICE, "Ours", Kind.BUSINESS_CENTRAL, Connection("t", "c", "Production", "secret-1"), START, START
)
ENDS = BridgeConnection(
    DynamicsAccess("https://o.crm4.dynamics.com", "t", "c", "secret-1"), OneflowAccess("a@b.c", "secret-2")
)
BRIDGE: Bridge = Integration("int-2", ALICE, "Deals", Kind.ONEFLOW, ENDS, START, START)
PAIR = FieldPair("opportunity", None, "name", "topic", Direction.TWO_WAY)
TABLE = EntityMapping("int-2", "opportunity", (PAIR,), template_id=7)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ()),
        ({"name": "Theirs"}, (Alteration("name", "Ours", "Theirs"),)),
        ({"status": Status.PAUSED}, (Alteration("status", "active", "paused"),)),
        ({"schedule": "0 0 4 * * *"}, (Alteration("schedule", None, "0 0 4 * * *"),)),
        ({"settings": {"pageSize": 5}}, (Alteration("settings.pageSize", None, 5),)),
        ({"version": "2", "last_synced_at": START, "untried": True}, ()),
    ],
)
def test_an_owner_sees_what_changed(changes: dict[str, Any], told: tuple[Alteration, ...]) -> None:
    assert between(OURS, replace(OURS, **changes)) == told


def test_a_connection_is_told_member_by_member() -> None:
    moved = replace(OURS.connection, environment="Sandbox", client_secret_expires_at=START + timedelta(days=1))
    told = between(OURS, replace(OURS, connection=moved))
    assert [each.field for each in told] == ["connection.environment", "connection.clientSecretExpiresAt"]


def test_a_new_secret_is_told_without_its_value() -> None:
    told = between(OURS, replace(OURS, connection=replace(OURS.connection, secret_name="secret-2")))
    assert told == (Alteration("connection.clientSecret", secret=True),)


def test_both_ends_of_a_bridge_are_told() -> None:
    ends = BridgeConnection(replace(ENDS.dynamics, secret_name="secret-3"), OneflowAccess("d@e.f", "secret-4"))
    assert between(BRIDGE, replace(BRIDGE, connection=ends)) == (
        Alteration("connection.oneflow.userEmail", "a@b.c", "d@e.f"),
        Alteration("connection.dynamics.clientSecret", secret=True),
        Alteration("connection.oneflow.apiToken", secret=True),
    )


def test_a_mapping_is_told_by_its_targets() -> None:
    before = {"source": {"route": "v2.0"}, "fields": [{"source": "displayName", "target": "name"}]}
    after = {"source": {"route": "v2.0"}, "fields": [{"source": "number", "target": "name"}, {"target": "city"}]}
    assert mapped(before, after) == (
        Alteration("fields.name", {"source": "displayName"}, {"source": "number"}),
        Alteration("fields.city", None, {}),
    )


def test_the_mapping_of_a_table_is_told_by_its_data_fields() -> None:
    other = replace(PAIR, via="parentaccountid", direction=Direction.ONCE)
    told = paired(TABLE, replace(TABLE, fields=(other,), template_id=8))
    assert [(each.field, each.after) for each in told] == [
        ("templateId", 8),
        ("fields.topic", {"from": "parentaccountid.name", "direction": "once", "conflict": "manual"}),
    ]


def test_the_same_mapping_of_a_table_tells_nothing() -> None:
    assert paired(TABLE, TABLE) == ()


def test_a_long_value_is_cut() -> None:
    (told,) = altered({}, {"a": "x" * 1_000})
    assert len(told.after) == LONGEST_VALUE + 1


class Busy(MemoryConfigStore):
    """A store that takes no notes now."""

    def note(self, change: ConfigChange) -> None:
        raise RetryLaterError("Busy", delay=1, code="STORAGE_UNAVAILABLE")


@dataclass(frozen=True, slots=True)
class Noting:
    """What changes are noted with."""

    config: ConfigStore = field(default_factory=Busy)
    clock: VirtualClock = field(default_factory=VirtualClock)
    ids: CountingIds = field(default_factory=CountingIds)


def test_a_change_that_is_stored_is_not_refused_because_its_note_fails(caplog: pytest.LogCaptureFixture) -> None:
    note_changed(Noting(), OURS, replace(OURS, name="Theirs"))
    assert caplog.messages == ["configuration change not noted"]
