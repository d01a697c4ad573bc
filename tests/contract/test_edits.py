"""EditStore, in memory and in tables."""

from dataclasses import replace
from typing import Any

from sync.model.record import SetKey
from sync.model.trail import Edit
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, OWNER, SET, SOURCE, STRANGER

EDIT = Edit(
    id="edit-2",
    key=SET,
    external_id="v-1",
    user_id=OWNER.user_id,
    at=NOW,
    source=SOURCE,
    made_from="7",
    seen_at=NOW - HOUR,
    before={"name": "A", "custom.risk": None},
    after={"name": "B", "custom.risk": 3},
    pinned_after=("name",),
)


def note(stores: Stores, **changes: Any) -> Edit:
    edit = replace(EDIT, **changes)
    stores.edits.note(edit)
    return edit


def ids(stores: Stores, external_id: str = "v-1", key: SetKey = SET, after: str = "") -> list[str]:
    return [edit.id for edit in stores.edits.of_record(key, external_id, after=after)]


def test_an_edit_comes_back_as_it_was_noted(stores: Stores) -> None:
    noted = note(stores)
    assert list(stores.edits.of_record(SET, "v-1", after="")) == [noted]


def test_an_edit_of_a_platform_made_record_comes_back(stores: Stores) -> None:
    noted = note(stores, source=None, made_from="", seen_at=None)
    assert list(stores.edits.of_record(SET, "v-1", after="")) == [noted]


def test_edits_come_newest_first(stores: Stores) -> None:
    for edit_id in ("edit-2", "edit-1", "edit-3"):
        note(stores, id=edit_id)
    assert ids(stores) == ["edit-1", "edit-2", "edit-3"]


def test_edits_go_on_behind_an_id(stores: Stores) -> None:
    note(stores, id="edit-1")
    note(stores, id="edit-2")
    assert ids(stores, after="edit-1") == ["edit-2"]


def test_records_have_edits_of_their_own(stores: Stores) -> None:
    for external_id in ("v-1", "v-10", "v", "a/b"):
        note(stores, external_id=external_id, id=f"edit-{external_id}")
    assert (ids(stores), ids(stores, "a/b")) == (["edit-v-1"], ["edit-a/b"])


def test_owners_have_edits_of_their_own(stores: Stores) -> None:
    note(stores)
    assert ids(stores, key=SetKey(STRANGER.user_id, SET.system, SET.entity)) == []


def test_an_edit_is_taken_back_once(stores: Stores) -> None:
    noted, kept = note(stores), note(stores, id="edit-3")
    for _ in range(2):
        stores.edits.take_back(noted)
    assert ids(stores) == [kept.id]


def test_taking_back_what_was_never_noted_does_nothing(stores: Stores) -> None:
    stores.edits.take_back(EDIT)
    assert ids(stores) == []


def test_edits_before_a_time_are_removed(stores: Stores) -> None:
    note(stores, id="edit-9", at=NOW - HOUR)
    note(stores)
    assert (stores.edits.prune(SET, before=NOW), ids(stores)) == (1, ["edit-2"])


def test_the_edits_of_a_sources_records_are_removed_and_others_stay(stores: Stores) -> None:
    note(stores)
    note(stores, id="edit-3", source="other")
    note(stores, id="edit-4", source=None)
    assert (stores.edits.purge(SET, source=SOURCE), ids(stores)) == (1, ["edit-3", "edit-4"])


def test_where_nothing_was_edited_nothing_is_removed(stores: Stores) -> None:
    assert (stores.edits.prune(SET, before=NOW), stores.edits.purge(SET, source=SOURCE)) == (0, 0)
