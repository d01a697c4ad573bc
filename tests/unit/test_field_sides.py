"""Both sides of mapped fields, as typed values: a row with its related rows, and the data fields of a contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mapping.values import Typed, ValueCode
from sync.engine.two_way import status_of
from sync.model.contract_link import ContractLink, agreed_on
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errors import RefusedError
from sync.model.field_sync import NO_BASE, ConflictPolicy, Direction, FieldState, FieldStatus, Side
from sync.model.table import Column, Details, Origin, Reference, Requirement, Table
from sync.ports import ContractField, Page, Row, RowQuery
from sync.services.field_sides import MODIFIED, Plan, dynamics_side, plan_of, read, states, time_told
from tests.support.bridges import ACCOUNT, OPPORTUNITY, ToyDynamics
from tests.support.company import START

CURRENCY = Table("transactioncurrency", "transactioncurrencies", "transactioncurrencyid", "name", "Currency")
ORGANIZATION = Table("organization", "organizations", "organizationid", "name", "Organization")
LINK = ContractLink("int-1", 1, "opportunity", "r", "Deal", "draft", START)
EARLIER, LATER = "2026-03-01T09:00:00Z", "2026-03-01T10:00:00+0000"


@dataclass
class Org(ToyDynamics):
    """A toy organization whose tables are listed apart; it notes what it was asked for."""

    listings: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    queries: list[tuple[str, RowQuery]] = field(default_factory=list)

    def row(self, table: Table, row_id: str, query: RowQuery) -> Row:
        self.queries.append((table.name, query))
        return super().row(table, row_id, query)

    def rows(self, table: Table, query: RowQuery, cursor: str | None = None, *, page_size: int = 500) -> Page[Row]:
        self.queries.append((table.name, query))
        return Page(self.listings.get(table.name, ()))


def org(*columns: Column, account: tuple[Column, ...] = (), **row: Any) -> Org:
    """Return an organization with one opportunity `r`."""
    made = Org(known={"opportunity": columns, "account": account, "transactioncurrency": (), "organization": ()})
    made.every |= {each.name: each for each in (CURRENCY, ORGANIZATION)}
    made.stored["r"] = Row("r", 'W/"1"', **row)
    return made


def column(name: str, kind: str, **details: Any) -> Column:
    return Column(name, kind, name, details=Details(**details))


def pair(name: str = "f", direction: Direction = Direction.TWO_WAY, **more: Any) -> FieldPair:
    told = {"entity": "opportunity", "via": None, "column": name, "data_field": name}
    return FieldPair(direction=direction, **{**told, **more})


def planned(dynamics: Org, *pairs: FieldPair) -> Plan:
    return plan_of(dynamics, EntityMapping("int-1", "opportunity", pairs))


def state(dynamics: Org, mapped: FieldPair, text: str | None = None, **facts: Any) -> FieldState:
    """Return both sides of one pair; without a text the contract has no such data field."""
    updated_at, link = facts.get("updated_at"), facts.get("link", LINK)
    held = () if text is None else (ContractField(1, mapped.data_field, "F", text, updated_at),)
    reading = read(dynamics, planned(dynamics, mapped), "r")
    return states(reading, held, link)[mapped.key][1]


def sides(of: Column, raw: object, text: str, label: str | None = None, **more: Any) -> tuple[Typed, Typed]:
    """Return what both sides of a field hold."""
    labels = {} if label is None else {of.name: label}
    found = state(org(of, values={of.name: raw}, labels=labels), pair(of.name, **more), text)
    assert (found.dynamics.problem, found.oneflow.problem) == (None, None)
    return found.dynamics.value, found.oneflow.value


@pytest.mark.parametrize(
    ("kind", "raw", "text", "value"),
    [
        ("String", "a\r\nb", "a\nb", "a\nb"),
        ("Memo", "A\u030asa", "\u00c5sa", "\u00c5sa"),
        ("Integer", 7, "7", 7),
        ("BigInt", 2**53 + 1, "9007199254740993", 2**53 + 1),
        ("Decimal", Decimal("1.50"), "1.5", Decimal("1.5")),
        ("Double", Decimal("0.1"), "0.10", Decimal("0.1")),
        ("Boolean", True, "yes", True),
        ("String", None, "", None),
        ("Integer", None, " ", None),
    ],
)
def test_both_sides_of_a_column_are_values_of_its_type(kind: str, raw: object, text: str, value: Typed) -> None:
    assert sides(column("f", kind), raw, text) == (value, value)


def test_a_booleans_own_labels_are_understood_though_they_are_inverted() -> None:
    state_of_access = column("f", "Boolean", true_label="Closed", false_label="Open")
    assert sides(state_of_access, False, "open") == (False, False)


def test_an_option_is_its_label_and_cannot_come_back() -> None:
    found = state(org(column("f", "Picklist"), values={"f": 1}, labels={"f": "North"}), pair(), "South")
    assert (found.dynamics, found.oneflow.value) == (Side("North"), "South")
    assert found.oneflow.obstacle is not None
    assert found.oneflow.obstacle.code is ValueCode.NOT_TWO_WAY


@pytest.mark.parametrize("kind", ["Lookup", "Customer", "Owner"])
def test_a_lookup_is_read_under_its_address_as_the_name_that_it_leads_to(kind: str) -> None:
    here = org(column("f", kind), values={"_f_value": "guid-1"}, labels={"_f_value": "Litware"})
    found = state(here, pair(direction=Direction.ONCE), "")
    assert (found.dynamics.value, here.queries[0][1].select) == ("Litware", ("opportunityid", "_f_value"))


def test_a_unique_identifier_is_read_in_small_letters() -> None:
    found = state(org(column("f", "Uniqueidentifier"), values={"f": "ABC"}), pair(direction=Direction.ONCE), "")
    assert found.dynamics.value == "abc"


def test_each_column_is_asked_for_once_and_only_mapped_ones() -> None:
    here = org(column("a", "String"), column("b", "String"), column(MODIFIED, "DateTime"), values={})
    plan = planned(here, pair("a"), pair("a", data_field="again"))
    assert plan.query == RowQuery(("opportunityid", MODIFIED, "a"), {})


def test_when_a_side_changed_is_told_by_its_own_system() -> None:
    here = org(column("f", "String"), column(MODIFIED, "DateTime"), values={"f": "x", MODIFIED: EARLIER})
    found = state(here, pair(), "x", updated_at=LATER)
    assert found.dynamics.modified == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert found.oneflow.modified == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("told", [None, "", "yesterday", 7, "2026-03-01T10:00:00"])
def test_a_time_that_is_none_or_has_no_zone_is_not_known(told: object) -> None:
    assert time_told(told) is None


def test_a_table_that_tells_no_times_is_not_asked_for_them() -> None:
    here = org(column("f", "String"), values={"f": "x"})
    assert state(here, pair(), "x").dynamics.modified is None
    assert MODIFIED not in here.queries[0][1].select


def test_a_field_knows_its_base_its_direction_and_who_wins() -> None:
    mapped = pair(policy=ConflictPolicy.ONEFLOW_WINS)
    here = org(column("f", "String"), values={"f": "x"})
    found = state(here, mapped, "x", link=replace(LINK, fields={mapped.key: agreed_on("w")}))
    assert (found.base, found.direction, found.policy) == ("w", Direction.TWO_WAY, ConflictPolicy.ONEFLOW_WINS)


def test_a_base_of_another_column_or_data_field_is_none() -> None:
    other = replace(
        LINK, fields={pair(data_field="g").key: agreed_on("w"), pair("g", data_field="f").key: agreed_on("v")}
    )
    assert state(org(column("f", "String"), values={"f": "x"}), pair(), "x", link=other).base is NO_BASE


def behind(here: Org, related: Row | None) -> Org:
    """Return the organization with a row behind the lookup to the account."""
    here.stored["r"] = replace(here.stored["r"], related={"parentaccountid_nav": related})
    here.leads = (Reference("parentaccountid", "account", "parentaccountid_nav"),)
    return here


CITY = column("city", "String", max_length=10)
VIA: dict[str, Any] = {"entity": "account", "via": "parentaccountid"}


def test_a_related_row_is_read_by_its_navigation_name() -> None:
    related = Row("", 'W/"2"', {"city": "Lund", MODIFIED: LATER})
    here = behind(org(account=(CITY, column(MODIFIED, "DateTime")), values={MODIFIED: EARLIER}), related)
    found = state(here, pair("city", **VIA), "Malmö")
    assert found.dynamics == Side("Lund", datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert here.queries[0][1] == RowQuery(("opportunityid",), {"parentaccountid_nav": ("city", MODIFIED)})


def test_columns_of_one_related_row_are_asked_for_together() -> None:
    here = behind(org(account=(CITY, column("street", "String")), values={}), None)
    plan = planned(here, pair("city", **VIA), pair("street", **VIA))
    assert plan.query.expand == {"parentaccountid_nav": ("city", "street")}


def test_a_field_of_an_absent_related_row_is_blank() -> None:
    here = behind(org(account=(CITY,), values={}), None)
    assert state(here, pair("city", **VIA), "").dynamics == Side(None)


def test_nothing_can_come_back_to_an_absent_related_row() -> None:
    here = behind(org(account=(CITY,), values={}), None)
    found = state(here, pair("city", **VIA), "Lund")
    assert found.oneflow.obstacle is not None
    assert (found.oneflow.obstacle.code, status_of(found)) == (ValueCode.FIELD_MISSING, FieldStatus.PROBLEM)


def test_an_absent_related_row_is_no_obstacle_to_a_field_that_only_goes_out() -> None:
    here = behind(org(account=(CITY,), values={}), None)
    assert state(here, pair("city", Direction.ONCE, **VIA), "Lund").oneflow == Side("Lund")


def test_what_cannot_be_read_is_a_problem_whether_there_is_a_row_or_not() -> None:
    here = behind(org(account=(column("staff", "Integer"),), values={}), None)
    found = state(here, pair("staff", **VIA), "many")
    assert (found.oneflow.problem is None, found.oneflow.obstacle) == (False, None)


def test_nothing_can_come_back_into_a_table_without_versions() -> None:
    here = behind(org(account=(CITY,), values={}), Row("", "", {"city": "Lund"}))
    here.every["account"] = replace(ACCOUNT, guarded=False)
    obstacle = state(here, pair("city", **VIA), "Malmö").oneflow.obstacle
    assert obstacle is not None
    assert "optimistic concurrency" in obstacle.message


@pytest.mark.parametrize(("table", "name"), [("participant", "email"), ("party", "countryCode")])
def test_virtual_fields_hold_what_the_contract_was_made_with(table: str, name: str) -> None:
    link = replace(LINK, people={f"{table}.{name}": "told", "participant.phone": "other"})
    mapped = pair(name, Direction.DYNAMICS_TO_ONEFLOW, entity=table, data_field="f")
    found = state(org(values={name: "a column"}), mapped, "shown", link=link)
    assert (found.dynamics, found.oneflow) == (Side("told"), Side("shown"))


def test_a_virtual_field_that_nobody_filled_is_blank_and_nothing_is_asked_for_it() -> None:
    here = org(values={})
    found = state(here, pair("phone", Direction.ONCE, entity="participant"), "")
    assert (found.dynamics, here.queries[0][1]) == (Side(None), RowQuery(("opportunityid",), {}))


def test_nothing_comes_back_into_a_virtual_field() -> None:
    obstacle = state(org(values={}), pair("email", entity="participant"), "x").oneflow.obstacle
    assert obstacle is not None
    assert obstacle.code is ValueCode.NOT_TWO_WAY


def text_of_money(here: Org, mapped: FieldPair, text: str) -> ValueCode | None:
    """Return why this much money cannot come back, None when it can."""
    obstacle = state(here, mapped, text).oneflow.obstacle
    return None if obstacle is None else obstacle.code


def money(source: int | None, precision: int = 4) -> Column:
    return column("f", "Money", precision=precision, precision_source=source)


@pytest.mark.parametrize("source", [0, None])
def test_money_may_have_as_many_decimals_as_its_column(source: int | None) -> None:
    here = org(money(source, 3), values={"f": Decimal("1.5000")})
    texts = ("1.125", "1.1255")
    assert [text_of_money(here, pair(), text) for text in texts] == [None, ValueCode.EXCESS_DECIMALS]
    assert {name for name, _ in here.queries} == {"opportunity"}


def test_money_may_have_as_many_decimals_as_the_records_currency() -> None:
    yen = {"transactioncurrencyid": Row("", "", {"currencyprecision": 0})}
    here = org(money(2), values={"f": Decimal(1)}, related=yen)
    assert [text_of_money(here, pair(), text) for text in ("5", "5.5")] == [None, ValueCode.EXCESS_DECIMALS]
    assert here.queries[0][1].expand == {"transactioncurrencyid": ("currencyprecision",)}


@pytest.mark.parametrize("currency", [None, Row("", "", {})])
def test_money_without_a_currency_goes_by_its_column(currency: Row | None) -> None:
    here = org(money(2, 1), values={"f": Decimal(1)}, related={"transactioncurrencyid": currency})
    assert [text_of_money(here, pair(), text) for text in ("5.5", "5.55")] == [None, ValueCode.EXCESS_DECIMALS]


def test_money_may_have_as_many_decimals_as_the_organization_says() -> None:
    here = org(money(1), money(1), values={"f": Decimal(1)})
    here.listings["organization"] = (Row("o", "", {"pricingdecimalprecision": 1}),)
    assert [text_of_money(here, pair(), text) for text in ("5.5", "5.55")] == [None, ValueCode.EXCESS_DECIMALS]


def test_the_organization_is_asked_once_for_all_money() -> None:
    here = behind(org(money(1), account=(money(1),), values={"f": Decimal(1)}), None)
    here.listings["organization"] = (Row("o", "", {"pricingdecimalprecision": 1}),)
    found = read(here, planned(here, pair(), pair(data_field="g", **VIA)), "r")
    assert [name for name, _ in here.queries] == ["opportunity", "organization"]
    assert [route.column.precision for route in found.routes] == [1, 1]


def test_an_organization_that_says_nothing_leaves_money_to_its_column() -> None:
    assert text_of_money(org(money(1, 3), values={"f": Decimal(1)}), pair(), "5.555") is None


def test_money_of_a_related_row_goes_by_that_rows_currency() -> None:
    related = Row("", 'W/"2"', {"f": Decimal(1), "_transactioncurrencyid_value": "yen"})
    here = behind(org(account=(money(2),), values={}), related)
    here.stored["yen"] = Row("yen", "", {"currencyprecision": 0})
    mapped = pair(**VIA)
    assert [text_of_money(here, mapped, text) for text in ("5", "5.5")] == [None, ValueCode.EXCESS_DECIMALS]
    assert here.queries[0][1].expand == {"parentaccountid_nav": ("f", "_transactioncurrencyid_value")}


@pytest.mark.parametrize("related", [None, Row("", 'W/"2"', {"f": Decimal(1), "_transactioncurrencyid_value": None})])
def test_money_of_a_related_row_without_a_currency_goes_by_its_column(related: Row | None) -> None:
    here = behind(org(account=(money(2, 1),), values={}), related)
    assert read(here, planned(here, pair(**VIA)), "r").routes[0].column.precision == 1


def gone(found: FieldState) -> tuple[ValueCode | None, ValueCode | None]:
    problems = (found.dynamics.problem, found.oneflow.problem)
    first, second = (None if each is None else each.code for each in problems)
    return first, second


MISSING = ValueCode.FIELD_MISSING


@pytest.mark.parametrize(
    "mapped",
    [
        pair("left"),
        pair("hidden"),
        pair("hologram"),
        pair("city", entity="account"),
        pair("city", entity="account", via="ownerid"),
        pair("city", entity="fax", via="parentaccountid"),
        pair("left", **VIA),
    ],
)
def test_a_column_that_is_gone_is_a_problem_of_its_field_alone(mapped: FieldPair) -> None:
    hidden = Column("hidden", "String", "Hidden", readable=False)
    here = behind(
        org(column("f", "String"), hidden, column("hologram", "Hologram"), account=(CITY,), values={"f": "x"}), None
    )
    reading = read(here, planned(here, mapped, pair("city", data_field="other", **VIA), pair()), "r")
    found = states(reading, (ContractField(1, mapped.data_field, "", "x"), ContractField(2, "f", "", "x")), LINK)
    assert gone(found[mapped.key][1])[0] is MISSING
    assert gone(found[pair().key][1]) == (None, None)
    assert reading.row.values == {"f": "x"}


def test_a_table_that_is_gone_is_an_error() -> None:
    here = org(values={})
    del here.known["opportunity"]
    with pytest.raises(RefusedError) as caught:
        planned(here, pair())
    assert caught.value.code == "ENTITY_NOT_FOUND"


def test_a_data_field_that_is_gone_is_a_problem() -> None:
    assert gone(state(org(column("f", "String"), values={"f": "x"}), pair())) == (None, MISSING)


def test_a_value_that_oneflow_does_not_take_is_an_obstacle_and_stays_what_it_is() -> None:
    found = state(org(column("f", "Memo"), values={"f": "x" * 1025}), pair(), "short")
    assert (found.dynamics.value, found.dynamics.problem) == ("x" * 1025, None)
    assert found.dynamics.obstacle is not None
    assert found.dynamics.obstacle.code is ValueCode.VALUE_TOO_LONG


@pytest.mark.parametrize(
    ("of", "text", "code"),
    [
        (column("f", "String", max_length=3), "long", ValueCode.VALUE_TOO_LONG),
        (column("f", "Integer", minimum="-5", maximum="5"), "6", ValueCode.OUT_OF_RANGE),
        (column("f", "Integer", minimum="-5", maximum="5"), "-6", ValueCode.OUT_OF_RANGE),
        (column("f", "Decimal", precision=2), "1.125", ValueCode.EXCESS_DECIMALS),
        (column("f", "Boolean"), "", ValueCode.NOT_A_BOOLEAN),
        (replace(column("f", "String"), system_required=True), "", ValueCode.VALUE_REQUIRED),
        (replace(column("f", "String"), updatable=False), "x", ValueCode.NOT_TWO_WAY),
        (replace(column("f", "Integer"), origin=Origin.ROLLUP), "1", ValueCode.NOT_TWO_WAY),
    ],
)
def test_a_value_that_dynamics_does_not_take_is_an_obstacle(of: Column, text: str, code: ValueCode) -> None:
    side = state(org(of, values={"f": None}), pair(), text).oneflow
    assert side.problem is None
    assert side.obstacle is not None
    assert side.obstacle.code is code


def test_a_field_that_only_people_must_fill_may_be_emptied() -> None:
    wanted = Column("f", "String", "F", Requirement.REQUIRED)
    assert state(org(wanted, values={"f": "x"}), pair(), "").oneflow.obstacle is None


@pytest.mark.parametrize("direction", [Direction.ONCE, Direction.DYNAMICS_TO_ONEFLOW])
def test_what_only_goes_out_has_no_obstacle_on_its_way_back(direction: Direction) -> None:
    limited = column("f", "String", max_length=3)
    assert state(org(limited, values={"f": "x"}), pair(direction=direction), "long").oneflow == Side("long")


def test_a_text_that_cannot_be_understood_is_a_problem_and_its_time_is_kept() -> None:
    side = state(org(column("f", "Integer"), values={"f": 1}), pair(), "many", updated_at=LATER).oneflow
    assert (side.problem is None, side.modified) == (False, datetime(2026, 3, 1, 10, tzinfo=UTC))


def test_a_raw_value_that_cannot_be_understood_is_a_problem_and_its_time_is_kept() -> None:
    here = org(column("f", "Integer"), column(MODIFIED, "DateTime"), values={"f": "x", MODIFIED: EARLIER})
    side = state(here, pair(), "1").dynamics
    assert (side.problem is None, side.modified) == (False, datetime(2026, 3, 1, 9, tzinfo=UTC))


SHOWN_AS_DAY = {"behavior": "UserLocal", "format": "DateOnly"}
NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("details", "raw", "text", "zone", "value"),
    [
        ({"behavior": "UserLocal"}, EARLIER, "2026-03-01T09:00:00", None, NINE),
        ({"behavior": "UserLocal"}, EARLIER, "2026-03-01T10:00:00", "Europe/Stockholm", NINE),
        (
            SHOWN_AS_DAY,
            "2026-02-28T23:00:00Z",
            "2026-03-01",
            "Europe/Stockholm",
            date(2026, 3, 1),
        ),
        (
            SHOWN_AS_DAY,
            "2026-02-28T23:00:00Z",
            "2026-02-28",
            None,
            date(2026, 2, 28),
        ),
        ({"behavior": "DateOnly", "format": "DateOnly"}, "2026-03-01", "2026-03-01", "Asia/Tokyo", date(2026, 3, 1)),
        ({"behavior": "TimeZoneIndependent"}, EARLIER, "2026-03-01T09:00:00", "Asia/Tokyo", NINE.replace(tzinfo=None)),
        ({}, EARLIER, "2026-03-01T09:00:00Z", None, NINE),
        ({"behavior": "Unheard", "format": "Of"}, EARLIER, "2026-03-01T09:00:00Z", None, NINE),
    ],
)
def test_times_and_days_go_by_the_columns_behavior_and_the_fields_zone(
    details: Mapping[str, str], raw: str, text: str, zone: str | None, value: Typed
) -> None:
    assert sides(column("f", "DateTime", **details), raw, text, time_zone=zone) == (value, value)


def test_a_side_can_be_read_again_from_what_an_update_answered() -> None:
    here = org(column("f", "String"), values={"f": "x"})
    (route,) = planned(here, pair()).routes
    assert dynamics_side(route, Row("r", "", {"f": "stored"}), {}) == Side("stored")


def test_a_mapping_without_fields_reads_the_record_alone() -> None:
    here = org(values={"name": "Deal"})
    assert read(here, planned(here), "r").routes == ()
    assert planned(here).table == OPPORTUNITY
