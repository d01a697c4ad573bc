"""ConfigStore, in memory and in tables."""

from dataclasses import replace
from datetime import timedelta

from sync.model.config_change import Alteration, ConfigChange, ConfigEvent
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, OWNER

CHANGE = ConfigChange(
    id="chg_2",
    integration_id="int-1",
    event=ConfigEvent.CHANGED,
    at=NOW,
    user_id=OWNER.user_id,
    alterations=(Alteration("schedule", None, "0 0 4 * * *"), Alteration("connection.clientSecret", secret=True)),
    reason="Because",
)


def noted(stores: Stores, number: int, hours: int = 0, integration_id: str = "int-1") -> ConfigChange:
    change = replace(CHANGE, id=f"chg_{number}", at=NOW + hours * HOUR, integration_id=integration_id)
    stores.config.note(change)
    return change


def test_a_change_comes_back_as_it_was_noted(stores: Stores) -> None:
    stores.config.note(CHANGE)
    assert list(stores.config.changes("int-1")) == [CHANGE]


def test_the_same_id_again_replaces_the_change(stores: Stores) -> None:
    noted(stores, 1)
    noted(stores, 1, hours=1)
    assert [each.at for each in stores.config.changes("int-1")] == [NOW + timedelta(hours=1)]


def test_changes_come_newest_first_and_go_on_behind_one(stores: Stores) -> None:
    first, second, third = (noted(stores, number) for number in (1, 2, 3))
    assert list(stores.config.changes("int-1")) == [first, second, third]
    assert list(stores.config.changes("int-1", after="chg_1")) == [second, third]


def test_integrations_have_trails_of_changes_of_their_own(stores: Stores) -> None:
    noted(stores, 1, integration_id="int-2")
    assert list(stores.config.changes("int-1")) == []


def test_pruning_removes_the_older_changes_of_one_integration(stores: Stores) -> None:
    noted(stores, 2, hours=-2)
    kept = noted(stores, 1)
    other = noted(stores, 3, hours=-2, integration_id="int-2")
    assert stores.config.prune("int-1", before=NOW) == 1
    assert (list(stores.config.changes("int-1")), list(stores.config.changes("int-2"))) == ([kept], [other])


def test_a_stranger_to_the_store_has_nothing_to_prune(stores: Stores) -> None:
    assert stores.config.prune("int-9", before=NOW) == 0
