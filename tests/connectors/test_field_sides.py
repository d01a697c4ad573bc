"""A row of every type of column, read from the simulated Dataverse as typed values."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from mapping.contract_text import from_text, to_text
from mapping.values import Typed
from sandbox.control import Control
from sandbox.dataverse.control import DataverseControl
from sandbox.server import Sandbox
from sandbox.simulation import Options
from sync.connectors.budget import DATAVERSE, Budgets
from sync.connectors.dataverse import DataverseOrganizations
from sync.connectors.entra import Entra
from sync.connectors.exchange import Means
from sync.connectors.http import Web
from sync.connectors.tokens import EntraTokens, Shared
from sync.edge import SystemChance, SystemClock, SystemIds, SystemWaiter
from sync.model.bridge import DynamicsAccess
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.field_sync import Direction
from sync.model.secret import Secret
from sync.ports import Dynamics
from sync.services.catalog import fields_of
from sync.services.field_sides import Reading, dynamics_side, plan_of, read
from sync.storage.memory import MemoryLeaseStore, MemorySecretStore

TABLE = "new_agreement"
RELATED = {
    ("account", "new_partnerid", "name"): "name",
    ("account", "new_partnerid", "creditonhold"): "creditonhold",
    ("opportunity", "new_opportunityid", "estimatedvalue"): "estimatedvalue",
    ("transactioncurrency", "transactioncurrencyid", "isocurrencycode"): "isocurrencycode",
}


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    """Return simulated systems of this module's own."""
    with Sandbox(Options(("contoso",))).run_in_thread() as box:
        yield box.control


@pytest.fixture(scope="module")
def organization(control: Control) -> Dynamics:
    """Return the simulated organization as the hub reaches it."""
    app, told = control.client(), DataverseControl(control.url).info()
    web, clock, waiter, chance = Web(lambda: "request-1"), SystemClock(), SystemWaiter(), SystemChance()
    shared = Shared(MemorySecretStore(), MemoryLeaseStore(), SystemIds(), clock, waiter, chance)
    organizations = DataverseOrganizations(
        Means(web, clock, waiter, chance),
        tokens=EntraTokens(Entra(control.url, web, clock), shared),
        budgets=Budgets(waiter, chance, limits=DATAVERSE),
        allowed=(told["orgUrl"],),
    )
    access = DynamicsAccess(told["orgUrl"], app["tenantId"], app["clientId"], "secret-1")
    return organizations.open(access, Secret(app["clientSecret"]))


@pytest.fixture(scope="module")
def agreement(control: Control) -> dict[str, Any]:
    """Return the truth of one agreement, with values where the data leave some out."""
    orders = DataverseControl(control.url)
    row_id = orders.rows(TABLE)[0]["new_agreementid"]
    wanted = {"new_isopen": True, "new_fine": 2.5, "new_wallclock": "2026-07-01T08:30:00"}
    more = {"new_dueday": "2026-03-28T23:00:00Z", "new_factor": 0.1, "new_terms": "A\r\nb", "new_mail": "a@x.example"}
    orders.edit("update", TABLE, row_id, values=wanted | more)
    return orders.rows(TABLE, id=row_id)[0]


def pair(column: str, entity: str = TABLE, via: str | None = None, zone: str | None = None) -> FieldPair:
    return FieldPair(entity, via, column, f"{entity}.{column}", Direction.ONCE, time_zone=zone)


@pytest.fixture(scope="module")
def reading(organization: Dynamics, agreement: dict[str, Any]) -> Reading:
    """Return the agreement with all fields that can be mapped, and some of related rows."""
    zones = {"new_dueday": "Europe/Stockholm"}
    own = (pair(each.column.name, zone=zones.get(each.column.name)) for each in fields_of(organization, TABLE))
    related = (pair(column, entity, via) for entity, via, column in RELATED)
    mapping = EntityMapping("int-1", TABLE, (*own, *related))
    return read(organization, plan_of(organization, mapping), agreement["new_agreementid"])


@pytest.fixture(scope="module")
def values(reading: Reading) -> dict[str, Typed]:
    """Return what Dynamics holds, by data field; none of it is a problem."""
    sides = {route.pair.data_field: dynamics_side(route, reading.row, {}) for route in reading.routes}
    assert {name for name, side in sides.items() if side.problem or side.obstacle} == set()
    return {name.removeprefix(f"{TABLE}."): side.value for name, side in sides.items()}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("new_name", "Agreement 0"),
        ("new_terms", "A\nb"),
        ("new_mail", "a@x.example"),
        ("new_number", "AGR-00001"),
        ("new_count", 0),
        ("new_big", 2**60),
        ("new_rate", Decimal("1.25")),
        ("new_factor", Decimal("0.1")),
        ("new_fee", Decimal("12.345")),
        ("new_fine", Decimal("2.5")),
        ("new_isopen", True),
        ("new_active", False),
        ("new_signedday", date(2026, 2, 28)),
        ("new_dueday", date(2026, 3, 29)),
        ("new_wallclock", datetime(2026, 7, 1, 8, 30)),  # noqa: DTZ001 - what a clock on the wall shows
        ("new_region", "North"),
        ("new_topics", "Wood; Rubber"),
        ("new_computed", Decimal("2.5")),
        ("new_formula", "AGREEMENT 0"),
        ("new_code", "C0"),
        ("new_site", None),
        ("statecode", "Active"),
        ("transactioncurrency.isocurrencycode", "USD"),
        ("account.creditonhold", False),
        ("opportunity.estimatedvalue", Decimal(250)),
    ],
)
def test_a_column_is_read_as_a_value_of_its_type(values: dict[str, Typed], column: str, value: Typed) -> None:
    assert (values[column], type(values[column])) == (value, type(value))


def test_an_instant_is_in_utc(values: dict[str, Typed], agreement: dict[str, Any]) -> None:
    told = datetime.fromisoformat(agreement["new_signedat"]).astimezone(UTC)
    assert values["new_signedat"] == told


def test_a_lookup_is_the_name_of_the_row_that_it_leads_to(values: dict[str, Typed]) -> None:
    assert (values["new_partnerid"], values["new_opportunityid"]) == (values["account.name"], "Deal 0")
    assert all(values[column] for column in ("new_buyerid", "ownerid", "transactioncurrencyid"))


def test_a_unique_identifier_is_in_small_letters(values: dict[str, Typed], agreement: dict[str, Any]) -> None:
    told = [str(agreement[column]).lower() for column in ("new_agreementid", "new_external")]
    assert [values[column] for column in ("new_agreementid", "new_external")] == told


def test_what_goes_out_as_text_comes_back_as_the_same_value(reading: Reading) -> None:
    for route in reading.routes:
        value = dynamics_side(route, reading.row, {}).value
        text = to_text(route.column, value)
        assert isinstance(text, str)
        assert from_text(route.column, text) == value


def test_money_has_the_decimals_that_column_organization_and_currency_give_it(reading: Reading) -> None:
    precisions = {route.pair.column: (route.money_of, route.column.precision) for route in reading.routes}
    assert (precisions["new_fee"], precisions["new_fine"]) == ((0, 3), (1, 2))
    assert precisions["estimatedvalue"] == (2, 2)
