"""The documentation of two-way synchronization, sentence by sentence, through HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from scripts.client import Answer
from tests.flow.bridge_kit import Span
from tests.flow.kit import problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

type Row = dict[str, Any]

DEAL, AGREEMENT = "opportunity", "new_agreement"
ONCE, OUTWARD, TWO_WAY = "once", "dynamics_to_oneflow", "two_way"


def pair(column: str, data_field: str, direction: str, **more: Any) -> Row:
    names = {"dynamicsEntity": DEAL, "via": None, "dynamicsField": column, "oneflowField": data_field}
    return {**names, "direction": direction, **more}


EVERY_DIRECTION = (
    pair("name", "topic", TWO_WAY),
    pair("description", "description", OUTWARD),
    pair("customerneed", "stage", ONCE),
)


@dataclass(frozen=True, slots=True)
class Deal:
    """A record with its contract: `topic` goes both ways, `description` out only, `stage` was transferred once."""

    span: Span
    table: str
    id: str
    contract: str

    def change(self, **values: Any) -> None:
        """Change the record as a person does in Dynamics."""
        self.span.dynamics.edit("update", self.table, self.id, values=values)

    def type(self, **values: str) -> None:
        """Change data fields as a person does in Oneflow."""
        self.span.oneflow.edit(self.contract, **values)

    def push(self, query: str = "") -> Answer:
        return self.span.call("POST", f"/oneflow/contracts/{self.contract}/push{query}")

    def fetch(self, query: str = "") -> Answer:
        return self.span.call("POST", f"/oneflow/contracts/{self.contract}/fetch{query}")

    @property
    def record(self) -> Row:
        """The truth of the record."""
        return self.span.dynamics.rows(self.table, id=self.id)[0]

    @property
    def texts(self) -> Row:
        """The truth of the contract's data fields."""
        return dict(self.span.oneflow.contract(self.contract)["values"])


def begin(span: Span, table: str, values: Row, *rows: Row) -> Deal:
    """Return a new record with its contract."""
    written = span.map(table, *rows)
    assert written.status == 200, written.body
    found = span.dynamics.rows(table)
    record_id = str(found[0][f"{table}id"])
    span.dynamics.edit("update", table, record_id, values=values)
    made = span.create(table, record_id)
    assert made.status == 201, made.body
    return Deal(span, table, record_id, made.data["contractId"])


@pytest.fixture
def deal(span: Span) -> Deal:
    return begin(span, DEAL, {"name": "Two", "description": "Out", "customerneed": "Once"}, *EVERY_DIRECTION)


def codes(answer: Answer) -> dict[str, str]:
    return {each["field"]: each["code"] for each in answer.data["skipped"]}


def test_data_fields_are_initially_transferred_from_dynamics_to_oneflow_when_the_contract_is_created(
    deal: Deal,
) -> None:
    texts = deal.texts
    assert (texts["topic"], texts["description"], texts["stage"]) == ("Two", "Out", "Once")


def test_when_data_fields_are_changed_in_dynamics_you_can_push_these_changes_to_oneflow(deal: Deal) -> None:
    deal.change(name="New")
    assert deal.push().data["updated"] == [{"field": "name", "oneflowField": "topic", "from": "Two", "to": "New"}]
    assert deal.texts["topic"] == "New"


def test_you_can_also_manually_fetch_updates_from_oneflow_to_dynamics(deal: Deal) -> None:
    deal.type(topic="New")
    assert deal.fetch().data["updated"] == [{"field": "name", "oneflowField": "topic", "from": "Two", "to": "New"}]
    assert deal.record["name"] == "New"


def test_sync_once_the_data_field_will_be_synced_only_when_you_create_a_contract(deal: Deal) -> None:
    deal.change(customerneed="Changed")
    assert codes(deal.push()) == {"customerneed": "SYNC_ONCE"}
    assert deal.texts["stage"] == "Once"


def test_sync_once_changes_after_contract_creation_will_not_be_synced_back_to_dynamics(deal: Deal) -> None:
    deal.type(stage="Changed")
    assert codes(deal.fetch()) == {"customerneed": "SYNC_ONCE"}
    assert deal.record["customerneed"] == "Once"


def test_dynamics_to_oneflow_allows_you_to_push_any_changes(deal: Deal) -> None:
    deal.change(description="Changed")
    deal.push()
    assert deal.texts["description"] == "Changed"


def test_two_way_sync_has_the_dynamics_to_oneflow_functionality_too(deal: Deal) -> None:
    deal.type(topic="From Oneflow")
    deal.fetch()
    deal.change(name="And back")
    deal.push()
    assert (deal.record["name"], deal.texts["topic"]) == ("And back", "And back")


def test_push_rewrites_all_data_field_values_in_the_contract_with_data_from_dynamics(deal: Deal) -> None:
    deal.type(topic="Typed", description="Typed", stage="Typed")
    deal.push("?overwrite=true")
    assert deal.texts | {"topic": "Two", "description": "Out", "stage": "Typed"} == deal.texts


def test_a_push_that_does_not_overwrite_leaves_what_changed_in_oneflow_only(deal: Deal) -> None:
    deal.type(topic="Typed")
    assert codes(deal.push()) == {"name": "ONLY_ONEFLOW_CHANGED"}
    assert deal.texts["topic"] == "Typed"


def test_pushing_will_only_update_data_fields_with_dynamics_to_oneflow_or_two_way_sync(deal: Deal) -> None:
    deal.change(name="1", description="2", customerneed="3")
    updated = [each["field"] for each in deal.push().data["updated"]]
    assert updated == ["name", "description"]


def test_pushing_will_not_overwrite_data_fields_set_to_sync_once(deal: Deal) -> None:
    deal.change(customerneed="3")
    deal.push("?overwrite=true")
    assert deal.texts["stage"] == "Once"


def test_fetching_will_only_update_data_fields_with_two_way_sync(deal: Deal) -> None:
    deal.type(topic="1", description="2", stage="3")
    answer = deal.fetch()
    assert [each["field"] for each in answer.data["updated"]] == ["name"]
    assert codes(answer) == {"description": "NOT_TWO_WAY", "customerneed": "SYNC_ONCE"}


def test_fetching_will_not_overwrite_data_fields_set_to_create_only(deal: Deal) -> None:
    deal.type(stage="3")
    deal.fetch()
    assert deal.record["customerneed"] == "Once"


def lost(deal: Deal) -> None:
    deal.span.oneflow.act(deal.contract, "publish")
    deal.span.control.fault(part="oneflow-notice", effect="lose")


def draft(deal: Deal) -> None:
    assert deal.span.oneflow.contract(deal.contract)["state"] == "draft"


def unheard(deal: Deal) -> None:
    deal.span.oneflow.act(deal.contract, "publish")
    deal.span.oneflow.kill_webhooks()


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(lost, id="your instance missed a webhook update due to temporary technical issues"),
        pytest.param(draft, id="the contract is still in draft state"),
        pytest.param(unheard, id="webhooks are not enabled for your Oneflow integration"),
    ],
)
def test_you_may_fetch_updates_manually_when(deal: Deal, reason: Callable[[Deal], None]) -> None:
    reason(deal)
    deal.type(topic="New")
    assert deal.record["name"] == "Two"
    deal.fetch()
    assert deal.record["name"] == "New"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        pytest.param(DEAL, "parentaccountid", id="Lookup"),
        pytest.param(AGREEMENT, "new_region", id="Optionset Value"),
        pytest.param(DEAL, "opportunityid", id="Unique identifier"),
        pytest.param(AGREEMENT, "new_computed", id="Calculated"),
        pytest.param(AGREEMENT, "new_topics", id="Multi-select optionset"),
        pytest.param(DEAL, "customerid", id="Customer"),
    ],
)
def test_two_way_sync_direction_is_not_available_for(span: Span, table: str, column: str) -> None:
    refused = span.map(table, pair(column, "topic", TWO_WAY, dynamicsEntity=table))
    problem(refused, 422, "INVALID")
    assert [each["code"] for each in refused.body["errors"]] == ["TWO_WAY_NOT_AVAILABLE"]


@pytest.mark.parametrize("virtual", ["participant", "party"])
def test_it_is_not_possible_to_sync_from_oneflow_to_dynamics(span: Span, virtual: str) -> None:
    refused = span.map(DEAL, pair("name", "topic", TWO_WAY, dynamicsEntity=virtual))
    assert [each["code"] for each in refused.body["errors"]] == ["TWO_WAY_NOT_AVAILABLE"]


def test_any_time_value_from_oneflow_is_always_assumed_to_be_in_utc_time(span: Span) -> None:
    deal = begin(span, AGREEMENT, {}, pair("new_signedat", "topic", TWO_WAY, dynamicsEntity=AGREEMENT))
    deal.type(topic="2026-07-01T12:30:00")
    deal.fetch()
    assert deal.record["new_signedat"] == "2026-07-01T12:30:00Z"


@pytest.fixture
def flag(span: Span) -> Deal:
    row = pair("new_active", "topic", TWO_WAY, dynamicsEntity=AGREEMENT)
    return begin(span, AGREEMENT, {"new_active": None}, row)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Yes", True), ("No", False), ("True", True), ("False", False), ("1", True), ("0", False)],
)
def test_data_fields_like_yes_no_true_false_1_or_0_will_be_synced_to_a_boolean(
    flag: Deal, text: str, *, value: bool
) -> None:
    flag.type(topic=text)
    flag.fetch()
    assert flag.record["new_active"] is value


def test_any_other_values_of_a_boolean_will_be_ignored(flag: Deal) -> None:
    flag.change(new_active=True)
    flag.push()
    flag.type(topic="Perhaps")
    assert codes(flag.fetch()) == {"new_active": "NOT_A_BOOLEAN"}
    assert flag.record["new_active"] is True


def test_a_field_that_changed_on_both_sides_waits_for_a_person_and_is_settled_at_once(deal: Deal) -> None:
    deal.change(name="Here")
    deal.type(topic="There")
    (conflict,) = deal.push().data["conflicts"]
    assert deal.span.get("/conflicts")[0]["id"] == conflict["id"]
    done = deal.span.call("POST", f"/conflicts/{conflict['id']}/resolve", {"choice": "oneflow"})
    assert (done.status, deal.record["name"], deal.span.get("/conflicts")) == (200, "There", [])


def test_a_second_push_or_fetch_has_nothing_to_do(deal: Deal) -> None:
    deal.change(name="New")
    deal.push()
    again = [deal.push().data, deal.fetch().data]
    assert [(each["updated"], each["unchanged"]) for each in again] == [([], 3), ([], 3)]


def test_a_signed_contract_takes_no_push_and_gives_a_fetch(deal: Deal) -> None:
    for action in ("publish", "sign"):
        deal.span.oneflow.act(deal.contract, action)
    problem(deal.push(), 409, "CONTRACT_LOCKED")
    assert deal.fetch().status == 200


def test_somebody_who_writes_while_a_fetch_does_loses_nothing(deal: Deal) -> None:
    deal.type(topic="From Oneflow")
    edit = {"op": "update", "table": DEAL, "id": deal.id, "values": {"description": "Faster"}}
    deal.span.dynamics.hook([edit], method="GET", match=f"opportunities.{deal.id}", nth=1)
    deal.fetch()
    assert (deal.record["name"], deal.record["description"]) == ("From Oneflow", "Faster")


def test_a_push_whose_answer_was_lost_is_found_done(deal: Deal) -> None:
    deal.change(name="New")
    deal.span.control.fault(part="oneflow", effect="lose", match="data_fields", next=1)
    answer = deal.push()
    assert (answer.status, [each["to"] for each in answer.data["updated"]]) == (200, ["New"])


def test_a_contract_or_record_that_is_gone_is_told(deal: Deal) -> None:
    deal.span.oneflow.act(deal.contract, "delete")
    problem(deal.push(), 404, "CONTRACT_GONE")
    deal.span.dynamics.edit("delete", DEAL, deal.id)
    problem(deal.fetch(), 404, "RECORD_GONE")


def test_pushes_and_fetches_are_in_the_log(deal: Deal) -> None:
    deal.change(name="New")
    deal.push()
    entry = deal.span.get("/sync-logs?action=PUSH")[0]
    assert (entry["entityType"], entry["status"], entry["recordsAffected"]) == ("CONTRACT", "SUCCESS", 1)
    assert (entry["metadata"]["trigger"], entry["metadata"]["contractId"]) == ("manual", deal.contract)
