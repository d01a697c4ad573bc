"""Integrations as their owners create, change and remove them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.model.errors import NotFoundError, StaleRecordError
from sync.model.integration import Connection, Grant, Integration, Kind, Status
from sync.model.secret import Secret
from sync.services.integrations import NOT_AUTHORIZED, ConnectionOrder, IntegrationOrder, Integrations, update
from tests.support.company import COMPANY, START
from tests.support.desks import ALICE, everything, supply
from tests.support.office import SUPPLIERS, Office, open_office

CONNECTION = ConnectionOrder("tenant", "client", "Production", COMPANY.id, Grant.CLIENT_CREDENTIALS, Secret("old"))
ORDER = IntegrationOrder("Ours", Kind.BUSINESS_CENTRAL, CONNECTION, "0 0 * * * *", {"pageSize": 10})
HOUR = timedelta(hours=1)


def opened() -> tuple[Office, Integrations]:
    office = open_office()
    desk = office.desk
    return office, Integrations(everything(desk), desk)


def created(**changes: Any) -> tuple[Office, Integrations, Integration]:
    office, service = opened()
    made = supply(service.create(ALICE, ORDER))
    return office, service, supply(service.integrations.save(replace(made, **changes))) if changes else made


def order(**changes: Any) -> IntegrationOrder:
    """Return the order with a changed connection member or member; it names no new secret."""
    connection = {name: value for name, value in changes.items() if hasattr(CONNECTION, name)}
    others = {name: value for name, value in changes.items() if name not in connection}
    return replace(ORDER, connection=replace(CONNECTION, **({"client_secret": None} | connection)), **others)


def test_a_new_integration_is_active_and_due_at_its_first_time() -> None:
    _, _, made = created()
    assert (made.status, made.next_run_at, made.settings) == (Status.ACTIVE, START + HOUR, {"pageSize": 10})


def test_an_integration_without_a_schedule_is_never_due() -> None:
    _, service = opened()
    assert service.create(ALICE, order(schedule=None)).next_run_at is None


def test_an_integration_that_must_be_authorized_waits_for_it() -> None:
    _, service = opened()
    made = service.create(ALICE, order(grant=Grant.AUTHORIZATION_CODE))
    assert (made.status, made.status_reason) == (Status.SETUP_REQUIRED, NOT_AUTHORIZED)


def test_the_secret_is_stored_under_a_name_of_its_own() -> None:
    office, _, made = created()
    assert office.desk.secrets.get(made.connection.secret_name) == Secret("old")


def test_a_change_without_a_secret_keeps_the_one_there_is() -> None:
    office, service, made = created()
    changed = supply(service.change(made, order(client_id="other")))
    assert office.desk.secrets.get(changed.connection.secret_name) == Secret("old")


def test_a_new_secret_replaces_the_old_one_which_is_deleted() -> None:
    office, service, made = created()
    changed = supply(service.change(made, order(client_secret=Secret("new"))))
    found = [office.desk.secrets.get(each.connection.secret_name) for each in (made, changed)]
    assert found == [None, Secret("new")]


def test_a_change_that_lost_the_race_keeps_the_secret_of_the_winner() -> None:
    office, service, made = created()
    service.change(made, order(name="First"))
    with pytest.raises(StaleRecordError):
        service.change(made, order(client_secret=Secret("new")))
    assert office.desk.secrets.get(made.connection.secret_name) == Secret("old")


def test_a_change_that_lost_the_race_leaves_no_secret_behind() -> None:
    office, service, made = created()
    service.change(made, order(name="First"))
    with pytest.raises(StaleRecordError):
        service.change(made, order(client_secret=Secret("new")))
    assert Secret("new") not in office.desk.secrets._rows.values()  # type: ignore[attr-defined] # the memory store's


def test_a_change_without_a_secret_that_lost_the_race_keeps_the_secret() -> None:
    office, service, made = created()
    service.change(made, order(name="First"))
    with pytest.raises(StaleRecordError):
        service.change(made, order(name="Second"))
    assert office.desk.secrets.get(made.connection.secret_name) == Secret("old")


@pytest.mark.parametrize(
    ("change", "untried"),
    [
        ({"name": "Other"}, False),
        ({"schedule": None}, False),
        ({"settings": {}}, False),
        ({"client_id": "other"}, True),
        ({"tenant_id": "other"}, True),
        ({"environment": "Sandbox"}, True),
        ({"company_id": None}, True),
        ({"client_secret": Secret("new")}, True),
    ],
)
def test_a_changed_connection_may_be_tried_once_while_held(change: dict[str, Any], *, untried: bool) -> None:
    _, service, made = created(status=Status.BROKEN, status_reason="Gone")
    changed = service.change(made, order(**change))
    assert (changed.status, changed.status_reason, changed.untried) == (Status.BROKEN, "Gone", untried)


def test_a_connection_that_waits_to_be_tried_goes_on_waiting() -> None:
    _, service, made = created(untried=True)
    assert service.change(made, order(name="Other")).untried


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"client_id": "other"}, "CRONUS"), ({"environment": "Sandbox"}, None), ({"company_id": None}, None)],
)
def test_the_companys_name_is_known_as_long_as_the_place_stays(change: dict[str, Any], kept: str | None) -> None:
    _, service, made = created()
    named = service.integrations.save(replace(made, connection=replace(made.connection, company_name="CRONUS")))
    assert supply(service.change(named, order(**change))).connection.company_name == kept


def test_an_unchanged_schedule_keeps_its_next_time() -> None:
    office, service, made = created()
    office.clock.pass_by(7200)
    changed = service.change(made, order(name="Other"))
    assert (changed.next_run_at, changed.updated_at) == (START + HOUR, START + 2 * HOUR)


@pytest.mark.parametrize(("schedule", "upcoming"), [("0 30 * * * *", START + HOUR / 2), (None, None)])
def test_a_changed_schedule_counts_from_now(schedule: str | None, upcoming: Any) -> None:
    _, service, made = created()
    assert service.change(made, order(schedule=schedule)).next_run_at == upcoming


def test_pausing_and_resuming_forget_the_reason() -> None:
    _, service, made = created(status_reason="Something")
    paused = service.change(made, order(status=Status.PAUSED))
    resumed = service.change(paused, order(status=Status.ACTIVE))
    assert [(each.status, each.status_reason) for each in (paused, resumed)] == [
        (Status.PAUSED, None),
        (Status.ACTIVE, None),
    ]


def test_the_status_that_it_has_changes_nothing() -> None:
    _, service, made = created(status=Status.PAUSED, status_reason="Holidays")
    assert service.change(made, order(status=Status.PAUSED)).status_reason == "Holidays"


def test_a_removed_integration_takes_its_secret_runs_logs_and_watermarks_along() -> None:
    office, service = opened()
    office.desk.secrets.set("secret-1", Secret("old"))
    run = office.sync()
    service.delete(ALICE, office.integration.id, purge=False)
    left = (office.desk.secrets.get("secret-1"), office.desk.runs.get(run.integration_id, run.id), office.logs())
    assert left == (None, None, ())
    with pytest.raises(NotFoundError):
        service.get(ALICE, office.integration.id)


def test_a_removed_integration_leaves_no_watermark() -> None:
    office, service = opened()
    office.sync()
    source = office.current.connection.source
    service.delete(ALICE, office.integration.id, purge=False)
    assert office.desk.watermarks.get(office.integration.id, source, SUPPLIERS) is None


@pytest.mark.parametrize(("purge", "kept"), [(False, True), (True, False)])
def test_records_are_removed_only_when_asked(*, purge: bool, kept: bool) -> None:
    office, service = opened()
    (first,) = office.add("A")
    office.sync()
    service.delete(ALICE, office.integration.id, purge=purge)
    assert (office.record(first) is not None) is kept


def test_what_the_hub_learned_is_saved_over_a_callers_change() -> None:
    office, service, made = created()
    service.change(made, order(name="Renamed"))
    updated = update(office.desk.integrations, made, status=Status.BROKEN)
    assert (updated.name, updated.status) == ("Renamed", Status.BROKEN)


def test_what_the_hub_learned_about_a_removed_integration_is_forgotten() -> None:
    office, service, made = created()
    service.delete(ALICE, made.id, purge=False)
    assert update(office.desk.integrations, made, status=Status.BROKEN) == made


def test_limits_count_by_tenant_and_client_whatever_the_case() -> None:
    assert Connection("Tenant", "CLIENT", "Production", "s").principal == "tenant:client"


def test_a_source_is_a_company_of_an_environment_whatever_the_case() -> None:
    one = Connection("T", "c1", "Production", "s1", company_id="ABC")
    assert one.source == replace(one, environment="PRODUCTION", company_id="abc", client_id="c2").source
