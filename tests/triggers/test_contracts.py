"""Contracts over HTTP: made from a deal, listed, and shown beside it."""

from dataclasses import replace
from typing import Any

import pytest

from sync.model.errors import RefusedError, RetryLaterError, StaleRecordError
from sync.model.field_sync import Direction
from sync.model.integration import Status
from sync.model.table import Column, Table
from tests.support.bridges import PLAIN
from tests.support.deals import BUDGET, BUYER, FIELDS, RECORD, TEXT, TOPIC, TOPIC_FIELD, Trade, trade
from tests.triggers.kit import Reply

SHELF = Table("of_oneflowcontract", "of_oneflowcontracts", "of_oneflowcontractid", None, "Oneflow Contract")
PERSON = {"name": "Ada", "email": "ada@acme.example"}
ACME = {"name": "Acme AB", "type": "company", "countryCode": "SE", "participants": [PERSON]}
AWAY = RetryLaterError("Nobody answers", delay=0, code="SOURCE_TIMEOUT")
DELETED = RefusedError("It is gone", status=404, code="CONTRACT_GONE")


def post(here: Trade, body: Any = None, **more: Any) -> Reply:
    order = {"entity": "opportunity", "recordId": RECORD, **more} if body is None else body
    return here.office.ask("POST", f"/api/integrations/{here.bridge.id}/oneflow/contracts", order)


def get(here: Trade, rest: str = "/1001") -> Reply:
    return here.office.ask("GET", f"/api/integrations/{here.bridge.id}/oneflow/contracts{rest}")


def field(reply: Reply, name: str) -> Any:
    return next(each for each in reply.data["fields"] if each["oneflowField"] == name)


def logged(here: Trade) -> Any:
    return here.office.ask("GET", f"/api/integrations/{here.bridge.id}/sync-logs?action=CREATE").data


def test_a_contract_is_made_with_every_mapped_field() -> None:
    here = trade(TOPIC, BUDGET)
    made = post(here)
    assert (made.status, made.data["problems"]) == (201, [])
    assert made.headers["location"] == f"/api/integrations/{here.bridge.id}/oneflow/contracts/1001"
    assert here.oneflow.orders == [
        {
            "workspace_id": 1,
            "template_id": 7,
            "name": "Two hundred chairs",
            "data_fields": [
                {"custom_id": "topic", "value": "Two hundred chairs"},
                {"custom_id": "budget", "value": "1500.00"},
            ],
        }
    ]


def test_the_answer_is_the_link_with_its_fields() -> None:
    here = trade(TOPIC)
    data = post(here).data
    created = data.pop("createdAt")
    assert created == here.office.clock.now().isoformat().replace("+00:00", "Z")
    assert data == {
        "contractId": "1001",
        "entity": "opportunity",
        "recordId": RECORD,
        "name": "Two hundred chairs",
        "state": "draft",
        "lifecycleState": None,
        "templateId": "7",
        "workspaceId": "1",
        "lastPushedAt": None,
        "lastFetchedAt": None,
        "conflicts": 0,
        "problems": [],
        "fields": [
            {
                "dynamicsEntity": "opportunity",
                "via": None,
                "field": "name",
                "oneflowField": "topic",
                "direction": "two_way",
                "base": "Two hundred chairs",
                "dynamics": "Two hundred chairs",
                "oneflow": "Two hundred chairs",
                "status": "in_step",
                "conflictId": None,
                "problem": None,
            }
        ],
    }


def test_a_new_contract_shows_the_row_that_it_has_in_dynamics() -> None:
    here = trade()
    here.dynamics.known[SHELF.name] = (Column("of_contractid", "String", "Contract Id"),)
    here.dynamics.tables_known = (*here.dynamics.tables_known, SHELF)
    place = f"/api/integrations/{here.bridge.id}"
    tag = here.office.ask("GET", place).headers["etag"]
    here.office.ask("PATCH", place, {"settings": {"contractTable": SHELF.name}}, If_Match=tag)
    shown = post(here).data["contractRow"]
    assert shown == {"table": SHELF.name, "id": "row-1", "gone": False, "trouble": None}
    assert here.dynamics.stored["row-1"].values == {"of_contractid": "1001"}


def test_a_record_has_one_contract() -> None:
    here = trade()
    first, second = post(here), post(here)
    assert (second.status, second.data, second.headers["location"]) == (200, first.data, first.headers["location"])
    assert len(here.oneflow.made) == 1


def test_another_contract_is_made_on_purpose() -> None:
    here = trade()
    assert [post(here, another=True).data["contractId"] for _ in range(2)] == ["1001", "1002"]


def test_a_contract_that_was_deleted_is_made_anew() -> None:
    here = trade()
    for _ in range(2):
        post(here)
        here.office.clock.pass_by(5)
        del here.oneflow.made[max(here.oneflow.made)]
    assert (post(here).status, get(here, "").data[0]["contractId"]) == (201, "1003")
    assert [each["state"] for each in get(here, "").data] == ["draft", "deleted", "deleted"]


def test_a_known_deleted_contract_is_not_asked_for_again() -> None:
    here = trade()
    post(here)
    here.oneflow.made.clear()
    assert get(here).data["state"] == "deleted"
    here.oneflow.before["contract"] = [AWAY]
    assert post(here).status == 201


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"name": "Chairs for Acme"}, {"name": "Chairs for Acme"}),
        ({"templateId": "8"}, {"template_id": PLAIN.id, "data_fields": []}),
        ({"workspaceId": "1", "templateId": "7"}, {"workspace_id": 1, "template_id": 7}),
    ],
)
def test_the_order_goes_before_the_mapping(order: dict[str, str], expected: dict[str, Any]) -> None:
    here = trade()
    assert post(here, **order).status == 201
    assert {name: here.oneflow.orders[0][name] for name in expected} == expected


@pytest.mark.parametrize(
    ("told", "name"), [("A" * 200, "A" * 130), ("Line one\n line two", "Line one line two"), (None, "Opportunity")]
)
def test_the_name_is_the_records_own_on_one_line_and_no_longer_than_oneflow_takes(told: str | None, name: str) -> None:
    here = trade()
    here.dynamics.change(name=told)
    assert post(here).data["name"] == name


def test_a_table_without_a_name_lends_its_label() -> None:
    here = trade()
    here.dynamics.tables_known = tuple(replace(each, name_column=None) for each in here.dynamics.tables_known)
    assert post(here).data["name"] == "Opportunity"


def test_a_value_that_is_too_long_is_a_problem_and_the_contract_is_made() -> None:
    here = trade(TOPIC, TEXT)
    here.dynamics.change(description="x" * 1025)
    made = post(here)
    assert (made.status, [each["custom_id"] for each in here.oneflow.orders[0]["data_fields"]]) == (201, ["topic"])
    (problem,) = made.data["problems"]
    assert (problem["field"], problem["oneflowField"], problem["code"]) == ("description", "text", "VALUE_TOO_LONG")
    assert (field(made, "text")["status"], field(made, "text")["base"]) == ("problem", None)
    assert field(made, "text")["problem"]["code"] == "VALUE_TOO_LONG"


@pytest.mark.parametrize(
    ("custom_id", "code"), [("none", "FIELD_MISSING"), ("old", "FIELD_MISSING"), ("number", "ONEFLOW_FIELD_READ_ONLY")]
)
def test_a_data_field_that_the_template_does_not_offer_is_not_sent(custom_id: str, code: str) -> None:
    here = trade(TOPIC, replace(BUDGET, data_field=custom_id))
    made = post(here)
    assert [each["custom_id"] for each in here.oneflow.orders[0]["data_fields"]] == ["topic"]
    assert [(each["oneflowField"], each["code"]) for each in made.data["problems"]] == [(custom_id, code)]


@pytest.mark.parametrize("told", ["data_fields[0].value: No.", "data_fields: budget is not known."])
def test_a_data_field_that_oneflow_refuses_is_left_out(told: str) -> None:
    here = trade(BUDGET, TOPIC)
    refusal = RefusedError("400", status=400, parameters=("name: Odd.", told))
    here.oneflow.before["create"] = [refusal]
    made = post(here)
    assert [each["custom_id"] for each in here.oneflow.orders[0]["data_fields"]] == ["topic"]
    assert [(each["oneflowField"], each["code"]) for each in made.data["problems"]] == [("budget", "FIELD_REFUSED")]


def test_a_key_that_oneflow_refuses_is_looked_for_by_nobody() -> None:
    here = trade(TOPIC, key_field="record_id")
    refusal = RefusedError("400", status=400, parameters=("data_fields[1].value: No.",))
    here.oneflow.before["create"], here.oneflow.after["create"] = [refusal], [AWAY]
    assert post(here).status == 201
    assert (len(here.oneflow.made), {*here.oneflow.searches[0]}) == (1, {"query"})


@pytest.mark.parametrize(
    ("refusals", "status", "code"),
    [
        ([RefusedError("parties[0]: No.", status=400)], 422, "CONTRACT_REFUSED"),
        ([RefusedError("403", status=403, code="ONEFLOW_FORBIDDEN")], 409, "ONEFLOW_FORBIDDEN"),
        ([RefusedError("400", status=400, parameters=("data_fields[0]: No.",))] * 2, 422, "CONTRACT_REFUSED"),
    ],
)
def test_a_contract_that_oneflow_refuses_is_told_and_logged(
    refusals: list[RefusedError], status: int, code: str
) -> None:
    here = trade(TOPIC, BUDGET)
    here.oneflow.before["create"] = [*refusals]
    refused = post(here)
    assert (refused.status, refused.code, here.expected()) == (status, code, None)
    (entry,) = logged(here)
    assert (entry["status"], entry["recordsAffected"], entry["metadata"]["code"]) == ("ERROR", 0, code)


def test_blank_values_are_sent_only_where_the_template_has_something_else() -> None:
    here = trade(TEXT, BUDGET)
    here.oneflow.definitions_known = tuple(
        replace(each, value="Standard terms" if each.custom_id == "text" else "") for each in FIELDS
    )
    here.dynamics.change(description=None, budgetamount=None)
    made = post(here)
    assert here.oneflow.orders[0]["data_fields"] == [{"custom_id": "text", "value": ""}]
    assert (field(made, "text")["base"], field(made, "budget")["base"]) == ("", "")


def test_a_field_that_did_not_arrive_is_written_once_more() -> None:
    here = trade(TOPIC)
    here.oneflow.ignored = {"topic"}
    made = post(here)
    assert (here.oneflow.value(1001, "topic"), made.data["problems"]) == ("Two hundred chairs", [])


@pytest.mark.parametrize("step", ["contract", "write"])
def test_a_field_that_is_not_confirmed_has_no_base(step: str) -> None:
    here = trade(TOPIC)
    here.oneflow.ignored, here.oneflow.silent = {"topic"}, step == "contract"
    here.oneflow.before[step] = [AWAY]
    made = post(here)
    code = "FIELD_MISSING" if step == "contract" else "NOT_TAKEN_OVER"
    assert [each["code"] for each in made.data["problems"]] == [code]
    assert (made.status, field(made, "topic")["base"]) == (201, None)


def test_an_answer_without_data_fields_is_completed() -> None:
    here = trade(TOPIC)
    here.oneflow.silent = True
    assert field(post(here), "topic")["base"] == "Two hundred chairs"


def test_a_mapping_without_fields_makes_a_contract_that_has_none() -> None:
    here = trade()
    here.map()
    assert (post(here).data["fields"], here.oneflow.before) == ([], {})


def test_a_contract_that_is_found_again_gets_what_has_changed_since() -> None:
    here = trade(TOPIC, BUDGET)
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [AWAY]
    assert post(here).code == "SOURCE_TIMEOUT"
    here.dynamics.change(budgetamount=1700)
    made = post(here)
    assert (made.status, here.oneflow.value(1001, "budget"), field(made, "budget")["base"]) == (201, *["1700.00"] * 2)


def test_what_somebody_wrote_into_a_contract_before_it_was_found_stays() -> None:
    here = trade(TOPIC, TEXT)
    here.dynamics.change(description="x" * 1025)
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [AWAY]
    post(here)
    here.oneflow.write(1001, {"topic": "Three hundred chairs"})
    made = post(here)
    assert here.oneflow.value(1001, "topic") == "Three hundred chairs"
    assert [each["code"] for each in made.data["problems"]] == ["FIELD_CHANGED", "VALUE_TOO_LONG"]
    assert (field(made, "topic")["base"], field(made, "topic")["status"]) == (None, "conflict")


@pytest.mark.parametrize(("name", "found"), [(None, ["1001"]), ("Another", ["1002", "1001"])])
def test_another_contract_is_the_lost_one_if_that_is_the_same(name: str | None, found: list[str]) -> None:
    here = trade()
    here.oneflow.after["create"], here.oneflow.before["contracts"] = [AWAY], [AWAY]
    post(here, another=True)
    made = post(here, another=True, **({} if name is None else {"name": name}))
    assert (made.status, made.data["contractId"]) == (201, found[0])
    assert {each["contractId"] for each in get(here, "").data} == {*found}


def test_the_key_field_gets_the_records_id() -> None:
    here = trade(TOPIC, key_field="record_id")
    post(here)
    assert here.oneflow.value(1001, "record_id") == RECORD


@pytest.mark.parametrize(
    ("key", "code"), [("none", "FIELD_MISSING"), ("old", "FIELD_MISSING"), ("number", "ONEFLOW_FIELD_READ_ONLY")]
)
def test_a_key_field_that_the_template_does_not_offer_is_a_problem(key: str, code: str) -> None:
    (problem,) = post(trade(TOPIC, key_field=key)).data["problems"]
    assert (problem["field"], problem["oneflowField"], problem["code"]) == ("opportunityid", key, code)


def test_parties_are_sent_as_oneflow_knows_them() -> None:
    here = trade()
    berta = {"name": "Berta", "email": "berta@home.example", "phone": "+46701234567", "signatory": False}
    single = {"type": "individual", "countryCode": "NO", "participants": [berta]}
    assert post(here, parties=[{**ACME, "identificationNumber": "556000-0000"}, single]).status == 201
    company, person = here.oneflow.orders[0]["parties"]
    assert (company["name"], company["identification_number"], company["country_code"]) == (
        "Acme AB",
        "556000-0000",
        "SE",
    )
    assert company["participants"] == [
        {**PERSON, "signatory": True, "delivery_channel": "email", "_permissions": {"contract:update": True}}
    ]
    assert (person["type"], "participants" in person) == ("individual", False)
    assert (person["participant"]["phone_number"], person["participant"]["signatory"]) == ("+46701234567", False)


def test_virtual_fields_are_those_of_the_first_participant() -> None:
    here = trade(BUYER)
    made = post(here, parties=[ACME])
    assert (here.oneflow.value(1001, "buyer"), field(made, "buyer")["base"]) == ("ada@acme.example",) * 2
    assert field(get(here), "buyer")["dynamics"] == "ada@acme.example"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"entity": "Opportunity!"}, "/entity", "INVALID_NAME"),
        ({"recordId": "5"}, "/recordId", "INVALID_ID"),
        ({"templateId": "x"}, "/templateId", "INVALID_ID"),
        ({"templateId": 7}, "/templateId", "WRONG_TYPE"),
        ({"templateId": "9"}, "/templateId", "UNKNOWN_VALUE"),
        ({"workspaceId": "9"}, "/workspaceId", "UNKNOWN_VALUE"),
        ({"name": "x" * 131}, "/name", "INVALID_TEXT"),
        ({"other": 1}, "/other", "UNKNOWN_MEMBER"),
        ({"parties": "x"}, "/parties", "WRONG_TYPE"),
        ({"parties": ["x"]}, "/parties/0", "WRONG_TYPE"),
        ({"parties": [{**ACME, "name": None}]}, "/parties/0/name", "MISSING"),
        ({"parties": [{**ACME, "name": "x" * 101}]}, "/parties/0/name", "INVALID_TEXT"),
        ({"parties": [{**ACME, "type": "club"}]}, "/parties/0/type", "INVALID_VALUE"),
        ({"parties": [{**ACME, "countryCode": "UK"}]}, "/parties/0/countryCode", "UNKNOWN_COUNTRY"),
        ({"parties": [{**ACME, "countryCode": "se"}]}, "/parties/0/countryCode", "UNKNOWN_COUNTRY"),
        (
            {"parties": [{**ACME, "identificationNumber": "5" * 26}]},
            "/parties/0/identificationNumber",
            "INVALID_TEXT",
        ),
        ({"parties": [{**ACME, "participants": []}]}, "/parties/0/participants", "OUT_OF_RANGE"),
        (
            {"parties": [{**ACME, "type": "individual", "participants": [PERSON, {**PERSON, "email": "b@c.se"}]}]},
            "/parties/0/participants",
            "OUT_OF_RANGE",
        ),
        (
            {"parties": [{**ACME, "participants": [{**PERSON, "email": "ada at acme"}]}]},
            "/parties/0/participants/0/email",
            "INVALID_EMAIL",
        ),
        (
            {"parties": [{**ACME, "participants": [{**PERSON, "phone": "070"}]}]},
            "/parties/0/participants/0/phone",
            "INVALID_PHONE",
        ),
        (
            {"parties": [ACME, {**ACME, "participants": [{**PERSON, "email": "ADA@acme.example"}]}]},
            "/parties/1/participants/0/email",
            "DUPLICATE",
        ),
        (
            {"parties": [{**ACME, "participants": [{**PERSON, "email": f"a{n}@b.se"} for n in range(41)]}]},
            "/parties/0/participants",
            "OUT_OF_RANGE",
        ),
    ],
)
def test_an_order_that_is_not_acceptable_is_refused_by_pointer(change: Any, pointer: str, code: str) -> None:
    here = trade()
    refused = post(here, **change)
    assert (refused.status, refused.pointers) == (422, {pointer: code})
    assert here.oneflow.orders == []


def test_participants_are_counted_over_all_parties() -> None:
    crowds = [[{**PERSON, "email": f"a{side}.{n}@b.se"} for n in range(21)] for side in (0, 1)]
    refused = post(trade(), parties=[{**ACME, "participants": each} for each in crowds])
    assert refused.pointers == {"/parties": "OUT_OF_RANGE"}


def test_every_problem_of_an_order_is_told_at_once() -> None:
    people = [PERSON, PERSON]
    refused = post(trade(), recordId="5", parties=[{"type": "company", "countryCode": "XX", "participants": people}])
    assert [*refused.pointers] == [
        "/recordId",
        "/parties/0/countryCode",
        "/parties/0/name",
        "/parties/0/participants/1/email",
    ]


def test_an_order_without_a_place_is_refused() -> None:
    here = trade()
    here.map(TOPIC, template_id=None, workspace_id=None)
    assert post(here).pointers == {"/workspaceId": "MISSING", "/templateId": "MISSING"}


def test_a_table_without_a_mapping_has_no_contracts() -> None:
    refused = post(trade(), entity="quote")
    assert (refused.status, refused.code) == (422, "MAPPING_MISSING")


def test_a_record_that_is_gone_has_no_contract() -> None:
    here = trade()
    here.dynamics.stored.clear()
    assert (post(here).status, post(here).code, here.expected()) == (404, "RECORD_GONE", None)


def test_a_key_that_is_repeated_gets_the_first_answer() -> None:
    here = trade()
    path = f"/api/integrations/{here.bridge.id}/oneflow/contracts"
    order = {"entity": "opportunity", "recordId": RECORD, "another": True}
    answers = [here.office.ask("POST", path, order, Idempotency_Key="k") for _ in range(2)]
    assert ([each.status for each in answers], len(here.oneflow.made)) == ([201, 201], 1)


@pytest.mark.parametrize(("length", "status"), [(1, "SUCCESS"), (1025, "PARTIAL")])
def test_a_contract_is_logged(length: int, status: str) -> None:
    here = trade(TEXT)
    here.dynamics.change(description="x" * length)
    post(here)
    (entry,) = logged(here)
    assert (entry["entityType"], entry["status"], entry["recordsAffected"]) == ("CONTRACT", status, 1)
    told = entry["metadata"]
    assert (told["trigger"], told["contractId"], told["entity"], told["recordId"]) == (
        *("manual", "1001", "opportunity", RECORD),
    )


def test_a_contract_is_shown_as_both_sides_are_now() -> None:
    here = trade(TOPIC, BUDGET, TEXT)
    post(here)
    here.dynamics.change(budgetamount=1700)
    here.oneflow.write(1001, {"topic": "Three hundred chairs"})
    found = get(here)
    assert {each["oneflowField"]: each["status"] for each in found.data["fields"]} == {
        "topic": "oneflow_changed",
        "budget": "dynamics_changed",
        "text": "in_step",
    }
    assert [field(found, "budget")[name] for name in ("base", "dynamics", "oneflow")] == [
        "1500.00",
        "1700.00",
        "1500.00",
    ]


def test_a_state_that_changed_is_kept() -> None:
    here = trade()
    post(here)
    here.oneflow.made[1001] = replace(here.oneflow.made[1001], state="pending", name="Renamed")
    assert get(here).data["state"] == "pending"
    assert [(each["state"], each["name"]) for each in get(here, "").data] == [("pending", "Renamed")]


def test_a_state_that_somebody_else_stored_first_is_shown_all_the_same() -> None:
    here = trade()
    post(here)
    here.oneflow.made[1001] = replace(here.oneflow.made[1001], state="signed")
    here.links.refusal = StaleRecordError("Changed meanwhile")
    assert get(here).data["state"] == "signed"


def test_a_contract_that_is_gone_is_shown_without_its_side() -> None:
    here = trade(TOPIC)
    post(here)
    here.oneflow.made.clear()
    found = get(here)
    assert (found.status, found.data["state"]) == (200, "deleted")
    topic = field(found, "topic")
    assert (topic["oneflow"], topic["dynamics"], topic["status"]) == (None, "Two hundred chairs", "problem")
    assert topic["problem"]["code"] == "CONTRACT_GONE"


def test_a_record_that_is_gone_is_shown_without_its_side() -> None:
    here = trade(TOPIC)
    post(here)
    here.dynamics.stored.clear()
    topic = field(get(here), "topic")
    assert (topic["dynamics"], topic["oneflow"], topic["problem"]["code"]) == (
        None,
        "Two hundred chairs",
        "RECORD_GONE",
    )


def test_a_contract_whose_mapping_is_gone_has_no_fields() -> None:
    here = trade(TOPIC)
    post(here)
    here.desk.mappings.clear(here.bridge.id)
    assert get(here).data["fields"] == []


def test_a_text_that_is_no_number_is_a_problem_of_its_side() -> None:
    here = trade(replace(BUDGET, direction=Direction.TWO_WAY))
    post(here)
    here.oneflow.write(1001, {"budget": "a lot"})
    found = field(get(here), "budget")
    assert (found["oneflow"], found["status"], found["problem"]["code"]) == ("a lot", "problem", "NOT_A_NUMBER")


@pytest.mark.parametrize("method", ["row", "table"])
def test_trouble_with_dynamics_is_no_missing_record(method: str) -> None:
    here = trade()
    post(here)
    here.dynamics.troubles[method] = RefusedError("403", code="RECORD_FORBIDDEN")
    assert get(here).code == "RECORD_FORBIDDEN"


def test_trouble_with_oneflow_is_no_missing_contract() -> None:
    here = trade()
    post(here)
    here.oneflow.before["contract"] = [RefusedError("403", status=403, code="ONEFLOW_FORBIDDEN")]
    assert (get(here).code, get(here).data["state"]) == ("ONEFLOW_FORBIDDEN", "draft")


@pytest.mark.parametrize("contract_id", ["1002", "x", "9" * 30])
def test_an_unknown_contract_is_not_found(contract_id: str) -> None:
    refused = get(trade(), f"/{contract_id}")
    assert (refused.status, refused.code) == (404, "NOT_FOUND")


def test_contracts_are_listed_page_by_page_and_no_remote_system_is_asked() -> None:
    here = trade()
    for _ in range(3):
        post(here, another=True)
        here.office.clock.pass_by(5)
    here.oneflow.before["contract"] = [AWAY]
    first = get(here, "?limit=2")
    second = here.office.ask("GET", first.body["nextLink"].removeprefix("https://hub.example"))
    assert [each["contractId"] for each in (*first.data, *second.data)] == ["1003", "1002", "1001"]
    assert ("fields" in first.data[0], "nextLink" in second.body) == (False, False)


def test_contracts_of_one_record_are_listed_page_by_page() -> None:
    here = trade()
    for _ in range(3):
        post(here, another=True)
        here.office.clock.pass_by(5)
    first = get(here, f"?entity=opportunity&recordId={RECORD.upper()}&limit=2")
    second = here.office.ask("GET", first.body["nextLink"].removeprefix("https://hub.example"))
    assert [each["contractId"] for each in (*first.data, *second.data)] == ["1003", "1002", "1001"]
    assert "nextLink" not in second.body


def test_another_record_has_no_contracts() -> None:
    here = trade()
    post(here)
    assert get(here, f"?entity=opportunity&recordId={RECORD[:-1]}2").data == []


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("?entity=opportunity", {"/recordId": "MISSING"}),
        (f"?recordId={RECORD}", {"/entity": "MISSING"}),
        ("?entity=opportunity&recordId=5", {"/recordId": "INVALID_ID"}),
        (f"?entity=opportunity&recordId={RECORD}&cursor=7", {"/cursor": "INVALID_CURSOR"}),
    ],
)
def test_a_listing_that_cannot_be_is_refused(query: str, pointers: dict[str, str]) -> None:
    refused = get(trade(), query)
    assert (refused.status, refused.pointers) == (422, pointers)


@pytest.mark.parametrize(("method", "rest"), [("POST", ""), ("GET", ""), ("GET", "/1001")])
def test_contracts_of_somebody_else_are_not_there(method: str, rest: str) -> None:
    here = trade()
    post(here)
    here.office.user = "mallory"
    path = f"/api/integrations/{here.bridge.id}/oneflow/contracts{rest}"
    refused = here.office.ask(method, path, {"entity": "opportunity", "recordId": RECORD} if method == "POST" else None)
    assert (refused.status, len(here.oneflow.made)) == (404, 1)


def test_an_integration_with_business_central_has_no_contracts() -> None:
    here = trade()
    refused = here.office.ask("GET", f"/api/integrations/{here.office.integrated()}/oneflow/contracts")
    assert (refused.status, refused.code) == (409, "WRONG_KIND")


def test_a_template_type_that_changed_is_looked_at_each_time() -> None:
    here = trade(TOPIC)
    here.oneflow.definitions_known = ()
    assert [each["code"] for each in post(here).data["problems"]] == ["FIELD_MISSING"]
    here.oneflow.definitions_known = (TOPIC_FIELD,)
    assert post(here, another=True).data["problems"] == []


@pytest.mark.parametrize(("before", "after"), [(Status.SETUP_REQUIRED, "active"), (Status.PAUSED, "paused")])
def test_a_contract_that_is_made_shows_that_both_ends_work(before: Status, after: str) -> None:
    here = trade()
    held = here.desk.integrations.save(replace(here.bridge, status=before))
    assert post(here).status == 201
    assert here.office.ask("GET", f"/api/integrations/{held.id}").data["status"] == after


def test_a_contract_has_one_name_only() -> None:
    here = trade()
    post(here)
    assert get(here, "/1001").status == 200
    assert get(here, "/01001").status == 404
