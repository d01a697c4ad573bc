"""Contracts made from records of Dataverse in Oneflow, through HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.flow.bridge_kit import SALES, TOPIC, Span
from tests.flow.kit import problem

pytestmark = [pytest.mark.flow, pytest.mark.azurite]

type Row = dict[str, Any]


def pair(column: str, data_field: str, direction: str = "dynamics_to_oneflow", **more: Any) -> Row:
    return {
        "dynamicsEntity": "opportunity",
        "via": None,
        "dynamicsField": column,
        "oneflowField": data_field,
        "direction": direction,
        **more,
    }


TWO_WAY = TOPIC | {"direction": "two_way"}
BUYER = pair("email", "customer", "once", dynamicsEntity="participant")
PARTIES: list[Row] = [
    {
        "name": "Litware AB",
        "type": "company",
        "countryCode": "SE",
        "identificationNumber": "556000-0000",
        "participants": [
            {"name": "Ada", "email": "ada@litware.example", "phone": "+46701234567"},
            {"name": "Berta", "email": "berta@litware.example", "signatory": False},
        ],
    },
    {"type": "individual", "countryCode": "NO", "participants": [{"name": "Carl", "email": "carl@home.example"}]},
]


@pytest.fixture
def deal(span: Span) -> Row:
    """Return a deal with lines, whose topic goes both ways."""
    assert span.map("opportunity", TWO_WAY, pair("budgetamount", "budgetamount")).status == 200
    return min(span.deals(), key=lambda each: str(each["opportunityid"]))


def made(span: Span) -> list[Row]:
    """Return the truth of all contracts of the account."""
    return span.oneflow.contracts()


def create(span: Span, deal: Row, **more: Any) -> Any:
    return span.create("opportunity", deal["opportunityid"], **more)


def test_a_contract_gets_the_mapped_values_of_its_deal(span: Span, deal: Row) -> None:
    answer = create(span, deal)
    assert (answer.status, answer.data["problems"], answer.data["state"]) == (201, [], "draft")
    (contract,) = made(span)
    assert answer.headers["Location"].endswith(f"/oneflow/contracts/{contract['id']}")
    assert (contract["values"]["topic"], contract["_private"]["workspace_id"]) == (deal["name"], int(SALES))
    assert {each["status"] for each in answer.data["fields"]} == {"in_step"}


def test_a_deal_has_one_contract_however_often_it_is_asked_for(span: Span, deal: Row) -> None:
    answers = [create(span, deal) for _ in range(3)]
    assert [each.status for each in answers] == [201, 200, 200]
    assert len({each.data["contractId"] for each in answers}) == len(made(span)) == 1
    assert create(span, deal, another=True).status == 201
    assert len(made(span)) == 2


def test_of_several_requests_at_a_time_one_makes_the_contract(span: Span, deal: Row) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: create(span, deal), range(6)))
    assert {each.status for each in answers} <= {200, 201, 409}
    assert [each.status for each in answers].count(201) == len(made(span)) == 1
    refused = [each.body["code"] for each in answers if each.status == 409]
    assert {*refused} <= {"CONTRACT_IN_PROGRESS"}


@pytest.mark.parametrize("key", [{}, {"keyField": "record_id"}])
def test_a_contract_whose_answer_was_lost_is_found_again(span: Span, deal: Row, key: Row) -> None:
    assert span.map("opportunity", TWO_WAY, **key).status == 200
    span.control.fault(part="oneflow", effect="lose", match="create", next=1)
    answers = [create(span, deal) for _ in range(2)]
    assert [each.status for each in answers] == [201, 200]
    assert [str(each["id"]) for each in made(span)] == [answers[0].data["contractId"]]


@pytest.mark.parametrize("key", [{}, {"keyField": "record_id"}])
def test_a_contract_that_nobody_could_look_for_is_found_by_the_next_request(span: Span, deal: Row, key: Row) -> None:
    assert span.map("opportunity", TWO_WAY, **key).status == 200
    span.control.fault(part="oneflow", effect="lose", match="create", next=1)
    span.control.fault(part="oneflow", status=402, match=r"contracts\?", next=1)
    lost = create(span, deal)
    problem(lost, 503, "SOURCE_UNAVAILABLE")
    assert (lost.body["retryable"], span.get("/oneflow/contracts")) == (True, [])
    found = create(span, deal)
    assert (found.status, [str(each["id"]) for each in made(span)]) == (201, [found.data["contractId"]])


def test_a_create_that_failed_is_sent_once_more_by_the_next_request(span: Span, deal: Row) -> None:
    span.control.fault(part="oneflow", status=503, match="create", next=1)
    assert create(span, deal).status == 503
    assert (made(span), create(span, deal).status, len(made(span))) == ([], 201, 1)


def test_a_value_that_cannot_travel_is_a_problem_of_its_field(span: Span, deal: Row) -> None:
    assert span.map("opportunity", TWO_WAY, pair("description", "description")).status == 200
    span.dynamics.edit("update", "opportunity", deal["opportunityid"], values={"description": "x" * 1500})
    answer = create(span, deal)
    (told,) = answer.data["problems"]
    assert (answer.status, told["oneflowField"], told["code"]) == (201, "description", "VALUE_TOO_LONG")
    (entry,) = span.get("/sync-logs?entityType=CONTRACT&action=CREATE")
    assert (entry["status"], entry["metadata"]["contractId"]) == ("PARTIAL", answer.data["contractId"])


def test_parties_and_their_people_arrive(span: Span, deal: Row) -> None:
    assert span.map("opportunity", TWO_WAY, BUYER).status == 200
    answer = create(span, deal, parties=PARTIES, name="Chairs for Litware")
    assert (answer.status, answer.data["problems"]) == (201, [])
    (contract,) = made(span)
    company, person = contract["parties"][1:]
    assert (company["name"], [each["signatory"] for each in company["participants"]]) == ("Litware AB", [True, False])
    assert (person["type"], person["participant"]["email"]) == ("individual", "carl@home.example")
    assert (contract["_private"]["name"], contract["values"]["customer"]) == (
        "Chairs for Litware",
        "ada@litware.example",
    )


def test_lines_of_a_deal_become_products(span: Span, deal: Row) -> None:
    assert span.map("opportunity", TWO_WAY, products=True).status == 200
    lines = span.dynamics.rows("opportunityproduct")
    owner = lines[0]["_opportunityid_value"] if "_opportunityid_value" in lines[0] else lines[0]["opportunityid"]
    answer = span.create("opportunity", owner)
    assert (answer.status, answer.data["problems"]) == (201, [])
    (group,) = made(span)[0]["product_groups"]
    assert group["products"]


def test_what_oneflow_refuses_is_told_and_nothing_is_expected(span: Span, deal: Row) -> None:
    user = {**PARTIES[0], "participants": [{"name": "Admin", "email": "admin@contoso.example"}]}
    problem(create(span, deal, parties=[user]), 409, "PARTICIPANT_DUPLICATE")
    assert (create(span, deal).status, len(made(span))) == (201, 1)


def test_a_record_that_is_gone_and_a_table_without_mapping_are_told(span: Span, deal: Row) -> None:
    problem(span.create("opportunity", "00000000-0000-4000-8000-000000000000"), 404, "RECORD_GONE")
    problem(span.create("quote", deal["opportunityid"]), 422, "MAPPING_MISSING")
    assert made(span) == []


def test_a_contract_is_shown_as_both_systems_hold_it(span: Span, deal: Row) -> None:
    contract_id = create(span, deal).data["contractId"]
    span.oneflow.edit(contract_id, topic="Written in Oneflow")
    span.dynamics.edit("update", "opportunity", deal["opportunityid"], values={"budgetamount": 4321})
    found = span.get(f"/oneflow/contracts/{contract_id}")
    assert {each["oneflowField"]: (each["status"], each["oneflow"]) for each in found["fields"]}["topic"] == (
        *("oneflow_changed", "Written in Oneflow"),
    )
    budget = next(each for each in found["fields"] if each["field"] == "budgetamount")
    assert (budget["status"], budget["dynamics"].split(".")[0]) == ("dynamics_changed", "4321")


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (lambda span, contract, _: span.oneflow.act(contract, "publish"), "pending"),
        (lambda span, contract, _: span.oneflow.act(contract, "delete"), "deleted"),
        (lambda span, _, deal: span.dynamics.edit("delete", "opportunity", deal["opportunityid"]), "draft"),
    ],
)
def test_a_contract_tells_what_became_of_it(
    span: Span, deal: Row, act: Callable[[Span, str, Row], object], state: str
) -> None:
    contract_id = create(span, deal).data["contractId"]
    act(span, contract_id, deal)
    assert span.get(f"/oneflow/contracts/{contract_id}")["state"] == state
    assert [each["state"] for each in span.get("/oneflow/contracts")] == [state]
    record = f"?entity=opportunity&recordId={deal['opportunityid']}"
    assert [each["contractId"] for each in span.get(f"/oneflow/contracts{record}")] == [contract_id]
