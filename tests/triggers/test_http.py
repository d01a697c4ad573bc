"""What every answer has, and requests that are sent twice."""

import logging

import azure.functions as func
import pytest

from sync.model.errors import RetryLaterError
from sync.triggers.http import next_link
from sync.triggers.idempotency import digest_of
from tests.triggers.kit import INTEGRATION, SECRET, Office, Reply, token

PLACE = "/api/integrations"


def test_an_answer_belongs_to_the_callers_trace(office: Office) -> None:
    answer = office.ask("GET", PLACE, traceparent=f"00-{'1' * 32}-{'2' * 16}-01")
    assert answer.headers["x-trace-id"] == "1" * 32


@pytest.mark.parametrize("parent", ["", "garbage", f"00-{'x' * 32}-{'2' * 16}-01"])
def test_a_request_without_a_trace_gets_one(office: Office, parent: str) -> None:
    assert len(office.ask("GET", PLACE, traceparent=parent).headers["x-trace-id"]) == 32


def test_no_answer_may_be_kept_on_the_way(office: Office) -> None:
    assert office.ask("GET", PLACE).headers["cache-control"] == "no-store"


def test_the_link_to_the_next_page_begins_with_the_hubs_own_address() -> None:
    link = next_link("http://inside:80/api/x?limit=2&q=a%20b&cursor=old", "new", base="https://hub.example/base")
    assert link == "https://hub.example/base/api/x?limit=2&q=a+b&cursor=new"


def test_the_link_to_the_next_page_comes_back_to_where_the_caller_asked() -> None:
    assert next_link("http://127.0.0.1:7071/api/x", "c", base=None) == "http://127.0.0.1:7071/api/x?cursor=c"


def test_no_secret_reaches_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    office.ask("POST", PLACE, INTEGRATION)
    told = " ".join(f"{entry.getMessage()} {entry.__dict__}" for entry in caplog.records)
    assert (SECRET in told, token()[:20] in told, "create_integration" in told) == (False, False, True)


@pytest.mark.parametrize("given", ["*", '"a", *'])
def test_any_version_is_accepted_on_demand(office: Office, given: str) -> None:
    assert office.ask("PATCH", f"{PLACE}/{office.integrated()}", {"name": "B"}, If_Match=given).status == 200


def test_one_of_several_versions_is_enough(office: Office) -> None:
    path = f"{PLACE}/{office.integrated()}"
    tag = office.ask("GET", path).headers["etag"]
    assert office.ask("PATCH", path, {"name": "B"}, If_Match=f'"x", W/{tag}').status == 200


def test_the_same_request_with_the_same_key_has_the_same_answer(office: Office) -> None:
    first, second = _create(office, "k"), _create(office, "k")
    assert (second.status, second.text) == (first.status, first.text)
    assert [second.headers[name] == first.headers[name] for name in ("location", "etag", "content-type")] == [True] * 3
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")


def test_only_one_thing_is_made_by_the_same_request(office: Office) -> None:
    _create(office, "k"), _create(office, "k")
    assert len(office.ask("GET", PLACE).data) == 1


def test_the_order_of_members_makes_no_other_request(office: Office) -> None:
    first = _create(office, "k")
    turned = dict(reversed(INTEGRATION.items()))
    assert office.ask("POST", PLACE, turned, Idempotency_Key="k").text == first.text


def test_another_request_with_the_same_key_is_refused(office: Office) -> None:
    _create(office, "k")
    refused = office.ask("POST", PLACE, {**INTEGRATION, "name": "B"}, Idempotency_Key="k")
    assert (refused.status, refused.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_request_that_is_still_running_is_not_run_twice(office: Office) -> None:
    answers: list[Reply] = []
    path = f"{PLACE}/{office.integrated()}/dynamics/sync"
    office.launcher.before_work = lambda: answers.append(office.ask("POST", path, Idempotency_Key="k"))
    office.ask("POST", path, Idempotency_Key="k")
    assert [(each.status, each.code) for each in answers] == [(409, "IDEMPOTENCY_IN_PROGRESS")]


def test_a_request_that_failed_may_be_sent_again_with_its_key(office: Office) -> None:
    assert office.ask("POST", PLACE, {}, Idempotency_Key="k").status == 422
    assert _create(office, "k").status == 201


def test_keys_of_two_callers_have_nothing_to_do_with_each_other(office: Office) -> None:
    first = _create(office, "k")
    office.user = "bob"
    assert _create(office, "k").data["id"] != first.data["id"]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_1_to_255_characters(office: Office, key: str) -> None:
    assert _create(office, key).pointers == {"/Idempotency-Key": "INVALID_LENGTH"}


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(office: Office) -> None:
    class Forgetful:
        def begin(self, *_: object, **__: object) -> None:
            return None

        def finish(self, *_: object) -> None:
            raise RetryLaterError("busy", delay=1, code="STORAGE_UNAVAILABLE")

    object.__setattr__(office.hub, "replies", Forgetful())
    assert _create(office, "k").status == 201


def test_a_body_that_is_no_json_is_told_apart_as_it_is(office: Office) -> None:
    one, two = (func.HttpRequest("POST", "https://h/a", body=body) for body in (b"{a", b"{b"))
    assert digest_of(one) != digest_of(two)


def _create(office: Office, key: str) -> Reply:
    return office.ask("POST", PLACE, INTEGRATION, Idempotency_Key=key)
