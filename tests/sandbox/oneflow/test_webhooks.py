"""Webhooks: made, listed, changed, removed; and which events they hear of."""

from typing import Any

import pytest

from tests.sandbox.ears import Ear
from tests.sandbox.oneflow.kit import Caller, kinds, refused, told


def rules(*rules: tuple[str, list[Any]]) -> list[dict[str, Any]]:
    return [{"filter_rules": [{"type": kind, "values": values} for kind, values in rules]}]


def test_a_webhook_is_made_changed_and_removed(flow: Caller, ear: Ear) -> None:
    number = flow.hook(ear)
    changed = flow.done("PUT", f"/webhooks/{number}", {"filters": rules(("EVENT_TYPE", ["contract:sign"]))})
    assert (changed["callback_url"], changed["sign_key"]) == (ear.url, "test-sign-key")
    assert flow.get(f"/webhooks/{number}") == changed
    assert flow.done("DELETE", f"/webhooks/{number}") == {}
    assert flow.ask("GET", f"/webhooks/{number}").status_code == 404


@pytest.mark.parametrize("wrapper", ["data", "webhooks", "bare"])
def test_the_list_of_webhooks_has_one_of_three_forms(flow: Caller, ear: Ear, wrapper: str) -> None:
    flow.oneflow.set_switch(webhook_list=wrapper)
    number = flow.hook(ear)
    body = flow.get("/webhooks")
    rows = body if wrapper == "bare" else body[wrapper]
    assert [each["id"] for each in rows] == [number]


def test_the_id_of_a_webhook_has_one_of_two_names(flow: Caller, ear: Ear) -> None:
    flow.oneflow.set_switch(webhook_id="webhook_id")
    assert "webhook_id" in flow.done("POST", "/webhooks", {"callback_url": ear.url})


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "callback_url"),
        ({"callback_url": "ftp://example.com"}, "callback_url"),
        ({"callback_url": "https://example.com/" + "x" * 1000}, "callback_url"),
        ({"callback_url": "https://example.com", "filters": "all"}, "filters"),
        ({"callback_url": "https://example.com", "filters": [{"filter_rules": []}]}, "filters[0].filter_rules"),
        ({"callback_url": "https://example.com", "filters": rules(("COLOUR", ["red"]))}, "filters[0].filter_rules"),
        ({"callback_url": "https://example.com", "filters": rules(("EVENT_TYPE", []))}, "filters[0].filter_rules"),
        (
            {"callback_url": "https://example.com", "filters": rules(("EVENT_TYPE", ["x"] * 51))},
            "filters[0].filter_rules",
        ),
        ({"callback_url": "https://example.com", "filters": rules(("WORKSPACE", ["1"]))}, "filters[0].filter_rules"),
    ],
)
def test_a_webhook_that_does_not_fit_is_400(flow: Caller, body: Any, member: str) -> None:
    assert member in refused(flow.ask("POST", "/webhooks", body))[2]


def test_a_callback_over_http_is_refused_where_switched(flow: Caller, ear: Ear) -> None:
    flow.oneflow.set_switch(callback_scheme="https")
    assert flow.ask("POST", "/webhooks", {"callback_url": ear.url}).status_code == 400


def test_a_filter_lets_only_its_events_through(flow: Caller, ear: Ear) -> None:
    flow.hook(ear, filters=rules(("EVENT_TYPE", ["data_field:update"])))
    contract = flow.sent()
    flow.oneflow.edit(contract, topic="T")
    assert kinds(told(ear)[0]) == ["data_field:update"]


def test_the_rules_of_a_filter_must_all_agree(flow: Caller, ear: Ear) -> None:
    flow.hook(ear, filters=rules(("EVENT_TYPE", ["contract:publish"]), ("WORKSPACE", [396199])))
    flow.sent()
    legal = flow.create(workspace_id=396199, template_id=110012)["id"]
    flow.publish(legal)
    assert [each["contract"]["id"] for each in told(ear)] == [legal]


def test_one_of_several_filters_is_enough(flow: Caller, ear: Ear) -> None:
    flow.hook(ear, filters=rules(("WORKSPACE", [1])) + rules(("EVENT_TYPE", ["contract:publish"])))
    flow.sent()
    assert kinds(told(ear)[0]) == ["contract:publish"]


def test_a_template_group_narrows_a_webhook(flow: Caller, ear: Ear) -> None:
    flow.hook(ear, template_group_id=5)
    plain = flow.create(template_id=110008)["id"]
    flow.publish(plain)
    typed = flow.sent()
    assert [each["contract"]["id"] for each in told(ear)] == [typed]


def test_webhooks_can_vanish_without_a_word(flow: Caller, ear: Ear) -> None:
    number = flow.hook(ear)
    assert flow.oneflow.kill_webhooks(id=number) == 1
    assert flow.oneflow.webhooks() == []
