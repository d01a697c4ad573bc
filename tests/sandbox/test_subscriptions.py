"""Subscriptions to changes: made with a handshake, renewed, limited, expiring."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.control import Control
from tests.sandbox.clients import Caller
from tests.sandbox.ears import Ear

THREE_DAYS = 3 * 24 * 3600


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as ear:
        yield ear


def order(caller: Caller, url: str, **changes: str) -> dict[str, str]:
    resource = f"/api/v2.0/companies({caller.company_id})/vendors"
    return {"notificationUrl": url, "resource": resource, "clientState": "a secret", **changes}


def subscribe(caller: Caller, url: str, **changes: str) -> requests.Response:
    return caller.session.post(f"{caller.root}/subscriptions", json=order(caller, url, **changes), timeout=20)


def made(caller: Caller, url: str, **changes: str) -> Any:
    reply = subscribe(caller, url, **changes)
    assert reply.status_code == 201, reply.text
    return reply.json()


def send(caller: Caller, method: str, row: Any, body: Any = None, **headers: str) -> requests.Response:
    address = f"{caller.root}/subscriptions('{row['subscriptionId']}')"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.session.request(method, address, json=body, headers=named, timeout=20)


def code(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


def test_a_subscription_is_made_for_three_days(caller: Caller, ear: Ear) -> None:
    row = made(caller, ear.url)
    assert set(row) >= {"@odata.etag", "subscriptionId", "userId", "lastModifiedDateTime", "systemCreatedAt"}
    assert (row["notificationUrl"], row["clientState"]) == (ear.url, "a secret")
    assert row["expirationDateTime"] > row["systemCreatedAt"]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_address_is_asked_for_a_token_first(caller: Caller, ear: Ear, method: str) -> None:
    caller.control.set_switch(handshake_method=method)
    made(caller, f"{ear.url}?key=1")
    assert [(each.method, sorted(each.query)) for each in ear.heard] == [(method, ["key", "validationToken"])]


@pytest.mark.parametrize("wrong", [{"status": 202}, {"echo": False}, {"status": 302}])
def test_an_address_that_does_not_give_the_token_back_is_refused(caller: Caller, ear: Ear, wrong: Any) -> None:
    ear.answer(**wrong)
    assert code(subscribe(caller, ear.url)) == (400, "BadRequest")
    assert caller.control.subscriptions() == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/nobody", "https://hub.example/hook", "ftp://127.0.0.1/x", ""])
def test_an_address_that_cannot_be_reached_is_refused(caller: Caller, url: str) -> None:
    assert subscribe(caller, url).status_code == 400


def test_an_address_without_tls_may_be_refused(caller: Caller, ear: Ear) -> None:
    caller.control.set_switch(notification_scheme="https")
    assert subscribe(caller, ear.url).status_code == 400
    assert ear.heard == []


@pytest.mark.parametrize(
    "resource",
    [
        "vendors",
        "/api/v2.0/companies(00000000-0000-4000-8000-000000000009)/vendors",
        "/api/v1.0/companies({id})/vendors",
    ],
)
def test_a_resource_that_is_not_there_is_refused(caller: Caller, ear: Ear, resource: str) -> None:
    assert subscribe(caller, ear.url, resource=resource.format(id=caller.company_id)).status_code == 400


def test_a_resource_may_come_without_its_slash_and_of_a_custom_route(caller: Caller, ear: Ear) -> None:
    made(caller, ear.url, resource=f"api/v2.0/companies({caller.company_id})/items")
    caller.root = caller.root.replace("v2.0/companies", "").replace("/api/v2.0", "/api/contoso/eudr/v1.0")
    made(caller, ear.url, resource=f"/api/contoso/eudr/v1.0/companies({caller.company_id})/itemsEudr")


def test_subscriptions_are_listed_and_read_one_by_one(caller: Caller, ear: Ear) -> None:
    row = made(caller, ear.url)
    listed = caller.session.get(f"{caller.root}/subscriptions", timeout=20).json()["value"]
    single = send(caller, "GET", row).json()
    assert [each["subscriptionId"] for each in listed] == [single["subscriptionId"]] == [row["subscriptionId"]]
    assert listed[0]["@odata.etag"] == single["@odata.etag"] == row["@odata.etag"]


def test_other_environments_and_tenants_do_not_see_them(caller: Caller, ear: Ear) -> None:
    made(caller, ear.url)
    elsewhere = caller.root.replace("/Production/", "/Sandbox-1/")
    assert caller.session.get(f"{elsewhere}/subscriptions", timeout=20).json()["value"] == []


def test_a_renewal_asks_again_and_counts_three_days_from_now(caller: Caller, ear: Ear) -> None:
    row = made(caller, ear.url)
    caller.control.clock(advance=3000)
    renewed = send(caller, "PATCH", row, order(caller, ear.url), If_Match=row["@odata.etag"])
    assert renewed.status_code == 200
    assert renewed.json()["expirationDateTime"] > row["expirationDateTime"]
    assert renewed.json()["@odata.etag"] != row["@odata.etag"]
    assert len(ear.heard) == 2


def test_a_renewal_that_nobody_answers_changes_nothing(caller: Caller, ear: Ear) -> None:
    row = made(caller, ear.url)
    ear.answer(status=404)
    assert send(caller, "PATCH", row, {}, If_Match="*").status_code == 400
    assert caller.control.subscriptions()[0]["expirationDateTime"] == row["expirationDateTime"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_without_a_tag_nothing_is_changed(caller: Caller, ear: Ear, method: str) -> None:
    row = made(caller, ear.url)
    assert code(send(caller, method, row, {})) == (400, "BadRequest_InvalidToken")


@pytest.mark.parametrize("status", ["409", "412"])
def test_an_old_tag_is_refused(caller: Caller, ear: Ear, status: str) -> None:
    caller.control.set_switch(stale_tag=status)
    row = made(caller, ear.url)
    assert code(send(caller, "DELETE", row, None, If_Match='W/"old"')) == (int(status), "Request_EntityChanged")


def test_a_deleted_subscription_is_gone(caller: Caller, ear: Ear) -> None:
    row = made(caller, ear.url)
    assert send(caller, "DELETE", row, None, If_Match=row["@odata.etag"]).status_code == 204
    assert code(send(caller, "GET", row)) == (404, "Internal_RecordNotFound")


def test_a_subscription_that_nobody_renews_is_gone_after_three_days(caller: Caller, ear: Ear) -> None:
    made(caller, ear.url)
    caller.control.clock(advance=THREE_DAYS - 60)
    assert len(caller.control.subscriptions()) == 1
    caller.control.clock(advance=120)
    assert caller.control.subscriptions() == []


def test_an_environment_has_only_so_many(caller: Caller, ear: Ear) -> None:
    caller.control.set_switch(subscription_limit=1)
    made(caller, ear.url)
    assert subscribe(caller, ear.url).status_code == 400


def test_a_state_of_more_than_2048_characters_is_refused(caller: Caller, ear: Ear) -> None:
    assert subscribe(caller, ear.url, clientState="x" * 2049).status_code == 400


@pytest.mark.parametrize(("method", "path"), [("PUT", "subscriptions"), ("PUT", "subscriptions('1')")])
def test_other_methods_are_not_allowed(caller: Caller, control: Control, ear: Ear, method: str, path: str) -> None:
    row = made(caller, ear.url)
    address = path.replace("'1'", f"'{row['subscriptionId']}'")
    assert caller.session.request(method, f"{caller.root}/{address}", timeout=20).status_code == 405


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"clientState": 1}'])
def test_a_body_that_is_none_is_refused(caller: Caller, body: bytes) -> None:
    assert caller.session.post(f"{caller.root}/subscriptions", data=body, timeout=20).status_code == 400


def test_nobody_without_a_token_sees_anything(caller: Caller) -> None:
    caller.session.headers["Authorization"] = "Bearer none"
    assert caller.session.get(f"{caller.root}/subscriptions", timeout=20).status_code == 401


def test_a_killed_subscription_says_nothing(caller: Caller, ear: Ear) -> None:
    made(caller, ear.url)
    assert caller.control.kill_subscriptions(company=caller.company_id) == 1
    assert caller.control.subscriptions() == []
