"""Records of a table, found by what they are called, over HTTP."""

import pytest

from sync.model.errors import RefusedError
from sync.model.table import Column, Table
from sync.ports import RowQuery
from tests.support.deals import DEAL, RECORD, Trade, trade
from tests.triggers.kit import Reply

NAMELESS = Table("opportunity", "opportunities", "opportunityid", None, "Opportunity")


@pytest.fixture
def here() -> Trade:
    made = trade()
    made.dynamics.lines = (DEAL,)
    return made


def get(here: Trade, query: str = "", entity: str = "opportunity") -> Reply:
    return here.office.ask("GET", f"/api/integrations/{here.bridge.id}/entities/{entity}/records{query}")


def asked(here: Trade) -> RowQuery:
    return here.dynamics.queries[-1]


def test_records_are_listed_by_name_the_latest_changed_first(here: Trade) -> None:
    assert get(here).data == [{"id": RECORD, "name": "Two hundred chairs", "modifiedAt": None}]
    assert asked(here) == RowQuery(("opportunityid", "name", "modifiedon"), order="modifiedon desc")


def test_a_search_asks_for_names_that_contain_its_text(here: Trade) -> None:
    get(here, "?q=%20O%27Hara ")
    assert asked(here).filter == "contains(name,'O''Hara')"


def test_a_list_is_no_longer_than_it_may_be(here: Trade) -> None:
    here.dynamics.lines = (DEAL, DEAL, DEAL)
    assert len(get(here, "?limit=2").data) == 2


def test_an_id_finds_its_record(here: Trade) -> None:
    assert [each["id"] for each in get(here, f"?q={RECORD}").data] == [RECORD]


def test_an_id_that_is_gone_finds_nothing(here: Trade) -> None:
    here.dynamics.stored.clear()
    assert get(here, f"?q={RECORD}").data == []


def test_an_id_that_may_not_be_read_is_told(here: Trade) -> None:
    here.dynamics.troubles["row"] = RefusedError("No", code="PERMISSION_DENIED")
    assert get(here, f"?q={RECORD}").code == "PERMISSION_DENIED"


def test_a_table_without_times_is_listed_by_name(here: Trade) -> None:
    here.dynamics.known["opportunity"] = (Column("name", "String", "Topic"),)
    get(here)
    assert asked(here) == RowQuery(("opportunityid", "name"), order="name")


def test_records_of_a_table_without_names_are_shown_without(here: Trade) -> None:
    here.dynamics.tables_known = (NAMELESS,)
    assert [each["name"] for each in get(here, "?q=chairs").data] == [None]
    assert asked(here).filter is None


def test_a_search_has_a_hundred_characters_at_most(here: Trade) -> None:
    assert get(here, f"?q={'x' * 101}").pointers == {"/q": "INVALID_TEXT"}


def test_someone_elses_records_are_not_found(here: Trade) -> None:
    here.office.user = "mallory"
    assert get(here).status == 404
