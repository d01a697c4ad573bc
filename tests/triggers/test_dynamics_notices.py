"""The receiver of Dataverse's notices, and what an owner is told to register."""

import json
from typing import Any

import pytest

from sync.model.contract_link import ContractLink
from sync.model.entity_mapping import EntityMapping, FieldPair
from sync.model.errand import Listener
from sync.model.errors import RetryLaterError
from sync.model.field_sync import Direction
from sync.storage.memory_inbox import MemoryListenerStore
from tests.support.listening import SOON
from tests.triggers.kit import BASE, Office, Reply

RECORD = "11111111-2222-4333-8444-555555555555"
CONTEXT = {"MessageName": "Update", "PrimaryEntityId": RECORD, "PrimaryEntityName": "opportunity"}


@pytest.fixture
def told() -> Office:
    """Return an office whose one bridge goes out by itself, and has a contract."""
    office = Office(public_url=BASE)
    bridge_id, desk = office.bridged(settings={"automatic": True}), office.hub.bridges
    now = office.clock.now()
    desk.links.create(ContractLink(bridge_id, 101, "opportunity", RECORD, "Deal", "pending", now))
    pair = FieldPair("opportunity", None, "name", "topic", Direction.TWO_WAY)
    desk.mappings.create(EntityMapping(bridge_id, "opportunity", (pair,)))
    return office


def home(office: Office) -> str:
    (bridge,) = office.hub.bridges.integrations.everyone()
    return f"/api/integrations/{bridge.id}"


def path_of(office: Office) -> str:
    return str(office.ask("GET", f"{home(office)}/dynamics/webhook").data["url"]).removeprefix(BASE)


def tell(office: Office, path: str | None = None, **changes: Any) -> Reply:
    return office.ask("POST", path or path_of(office), {**CONTEXT, **changes}, Authorization="")


def waiting(office: Office) -> list[int]:
    return [each.contract_id for each in office.listening.inbox.due(office.clock.now() + SOON, limit=99)]


def test_a_notice_is_answered_with_200_and_nothing(told: Office) -> None:
    answer = tell(told)
    assert (answer.status, answer.text, waiting(told)) == (200, "", [101])


def test_the_key_that_dataverse_adds_does_not_matter(told: Office) -> None:
    assert tell(told, f"{path_of(told)}?code=in-the-address").status == 200


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"PrimaryEntityId": {}}'])
def test_whoever_knows_the_address_is_answered_with_200_whatever_is_sent(told: Office, raw: bytes) -> None:
    answer = told.ask("POST", path_of(told), raw=raw, Authorization="")
    assert (answer.status, waiting(told)) == (200, [])


def test_a_long_notice_is_taken(told: Office) -> None:
    assert (tell(told, InputParameters=["x" * 300_000]).status, waiting(told)) == (200, [101])


def test_what_is_unknown_or_forged_looks_alike_to_the_byte(told: Office) -> None:
    path = path_of(told)
    integration_id, token = path.split("/")[-2:]
    answers = [
        tell(told, path.replace(token, "0" * 64)),
        tell(told, path.replace(integration_id, "int_unknown")),
        tell(told, path, InputParameters=["x" * 1_048_576]),
        told.ask("POST", path.replace(token, "0" * 64), raw=b"{", Authorization=""),
    ]
    assert {each.status for each in answers} == {404}
    assert len({json.dumps({**each.body, "traceId": ""}) for each in answers}) == 1
    assert waiting(told) == []


def test_no_answer_repeats_the_token(told: Office) -> None:
    path = path_of(told)
    answer = tell(told, path, InputParameters=["x" * 1_048_576])
    assert path.rsplit("/", 1)[-1] not in answer.text


def test_a_storage_that_is_busy_lets_the_sender_try_again(told: Office) -> None:
    path = path_of(told)
    told.listening.door.listeners = _Busy()
    answer = tell(told, path)
    assert (answer.status, answer.code) == (503, "STORAGE_UNAVAILABLE")


def test_an_owner_is_told_what_to_register(told: Office) -> None:
    answer = told.ask("GET", f"{home(told)}/dynamics/webhook")
    assert answer.data == {
        "url": f"{BASE}{path_of(told)}",
        "authentication": {"type": "WebhookKey", "value": "in-the-address"},
        "messages": ["Update"],
        "stage": "PostOperation",
        "executionMode": "Asynchronous",
        "entities": ["opportunity"],
        "filteringAttributes": {"opportunity": ["name"]},
        "automatic": True,
    }


def test_nothing_on_the_way_may_keep_the_address(told: Office) -> None:
    assert told.ask("GET", f"{home(told)}/dynamics/webhook").headers["cache-control"] == "no-store"


def test_nobody_but_the_owner_is_told_the_address(told: Office) -> None:
    path = f"{home(told)}/dynamics/webhook"
    told.user = "mallory"
    assert told.ask("GET", path).status == 404
    assert told.ask("GET", path, Authorization="").status == 401


def test_without_a_public_address_there_is_none_to_register() -> None:
    office = Office()
    answer = office.ask("GET", f"/api/integrations/{office.bridged()}/dynamics/webhook")
    assert (answer.status, answer.code) == (409, "PUBLIC_URL_MISSING")


def test_an_integration_with_business_central_has_no_such_address(told: Office) -> None:
    answer = told.ask("GET", f"/api/integrations/{told.integrated()}/dynamics/webhook")
    assert (answer.status, answer.code) == (409, "WRONG_KIND")


def test_a_deleted_integration_has_no_address_and_no_token(told: Office) -> None:
    before = told.secret_names()
    path = path_of(told)
    assert told.secret_names() > before
    assert told.ask("DELETE", home(told)).status == 204
    assert (tell(told, path).status, told.secret_names() & before) == (404, told.secret_names())


class _Busy(MemoryListenerStore):
    def get(self, integration_id: str) -> Listener | None:
        raise RetryLaterError("The storage account is busy", delay=1, code="STORAGE_UNAVAILABLE")
