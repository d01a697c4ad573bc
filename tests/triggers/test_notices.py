"""The receiver of change notices, and the timers behind it."""

import asyncio
from typing import Any

import azure.functions as func
import pytest

from sync.model.channel import Channel
from sync.model.errors import RetryLaterError
from sync.services.subscribing import tend_all
from sync.triggers import durable, notices
from tests.triggers.kit import BASE, Office, Reply

VENDOR = "api/v2.0/companies(11111111-1111-4111-8111-111111111111)/vendors(00000000-0000-4000-8000-000000000001)"
CLIENT = '{"rpcBaseUrl": "http://127.0.0.1:1"}'


@pytest.fixture
def told() -> Office:
    """Return an office whose one integration is subscribed to changes."""
    office = Office(public_url=BASE)
    home = f"/api/integrations/{office.integrated()}"
    office.ask("POST", f"{home}/dynamics/sync")
    tend_all(office.hub.realtime)
    office.store.settle(office.store.hints())
    return office


def path_of(office: Office) -> str:
    row = next(iter(office.subscribers.rows.values()))
    return row.listed.url.removeprefix(BASE)


def tell(office: Office, path: str | None = None, *, state: str | None = None, **more: Any) -> Reply:
    known = next(iter(office.subscribers.rows.values())).state if office.subscribers.rows else ""
    entry = {"clientState": known if state is None else state, "resource": VENDOR, "changeType": "updated"}
    return office.ask("POST", path or path_of(office), {"value": [entry]}, Authorization="", **more)


def runs(office: Office) -> list[str]:
    found = office.ask("GET", "/api/integrations").data[0]["id"]
    return [each["trigger"] for each in office.ask("GET", f"/api/integrations/{found}/runs").data]


def test_notices_are_accepted_and_a_run_begins(told: Office) -> None:
    answer = tell(told)
    assert (answer.status, answer.text) == (202, "")
    assert [job["delay"] for job in told.launcher.host.waiting] == [1.0]
    assert runs(told) == ["webhook", "manual"]


def test_a_second_notice_begins_no_second_run(told: Office) -> None:
    assert [tell(told).status, tell(told).status] == [202, 202]
    assert (runs(told), len(told.store.hints())) == (["webhook", "manual"], 1)


def test_a_wrong_state_is_accepted_and_nothing_happens(told: Office) -> None:
    assert tell(told, state="forged").status == 202
    assert (runs(told), told.store.hints()) == (["manual"], ())


def test_what_cannot_be_read_is_accepted_and_nothing_happens(told: Office) -> None:
    assert told.ask("POST", path_of(told), raw=b"\xff{", Authorization="").status == 202
    assert told.store.hints() == ()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_handshake_gets_its_token_back_and_nothing_else(told: Office, method: str) -> None:
    answer = told.ask(method, f"{path_of(told)}?validationToken=abc%20%3Cb%3E", Authorization="")
    assert (answer.status, answer.text, answer.headers["x-content-type-options"]) == (200, "abc <b>", "nosniff")


@pytest.mark.parametrize("query", ["", "?validationToken=abc"])
def test_an_unknown_integration_and_a_wrong_token_look_alike(told: Office, query: str) -> None:
    path = path_of(told)
    integration_id, token = path.split("/")[-2:]
    wrong = [path.replace(token, "0" * 64), path.replace(integration_id, "int_unknown")]
    bodies = [tell(told, each + query) for each in wrong]
    assert [each.status for each in bodies] == [404, 404]
    assert bodies[0].body.keys() == bodies[1].body.keys()
    assert bodies[0].body["detail"] == bodies[1].body["detail"]


def test_no_answer_repeats_the_token(told: Office) -> None:
    path = path_of(told)
    answer = told.ask("POST", path, raw=b"x" * (32 * 1024 * 1024 + 1), Authorization="")
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")
    assert path.rsplit("/", 1)[-1] not in answer.text


def test_a_look_at_the_address_is_no_notice(told: Office) -> None:
    assert told.ask("GET", path_of(told), Authorization="").status == 400


def test_a_storage_that_is_busy_lets_the_sender_try_again(told: Office) -> None:
    path = path_of(told)
    told.store = _Busy()  # type: ignore[assignment]  # stands in for the store
    told._assemble()
    answer = told.ask("POST", path, {"value": []}, Authorization="")
    assert (answer.status, answer.code) == (503, "STORAGE_UNAVAILABLE")


class _Busy:
    def get(self, integration_id: str) -> Channel | None:
        raise RetryLaterError("The storage account is busy", delay=1, code="STORAGE_UNAVAILABLE")


def test_something_unexpected_is_logged_and_lets_the_sender_try_again(
    told: Office, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(told)
    told.store = None  # type: ignore[assignment]  # nothing that works
    told._assemble()
    assert told.ask("POST", path, {"value": []}, Authorization="").status == 500
    assert [entry.message for entry in caplog.records if entry.exc_info] == ["notices not taken"]


def test_a_run_that_cannot_be_started_is_left_to_the_timer(told: Office, caplog: pytest.LogCaptureFixture) -> None:
    told.launcher.failure = RuntimeError("planted")
    assert tell(told).status == 202
    assert len(told.store.hints()) == 1
    assert "run not started" in caplog.messages


def test_without_a_public_address_notices_are_remembered_only(told: Office) -> None:
    path = path_of(told)
    told.public_url = None
    told._assemble()
    assert tell(told, path).status == 202
    assert (len(told.store.hints()), told.launcher.host.waiting) == (1, [])


def test_the_timers_look_after_subscriptions_and_follow_on_notices(told: Office) -> None:
    app = durable.application()
    app.register_functions(notices.timers(lambda: told.hub, subscriptions="*/10 * * * * *", notices="*/2 * * * * *"))
    found: dict[str, Any] = {str(each.get_function_name()): each.get_user_function() for each in app.get_functions()}
    told.subscribers.rows.clear()
    told.clock.pass_by(1000)
    asyncio.run(found["tend_subscriptions"](timer=None, client=CLIENT))
    assert told.subscribers.sets == ["items", "vendors"]
    told.store.settle(told.store.hints())
    asyncio.run(found["follow_notices"](timer=None, client=CLIENT))
    assert runs(told) == ["manual"]


def test_the_route_is_open_to_both_methods_and_to_anybody(told: Office) -> None:
    app = durable.application()
    app.register_functions(notices.routes(lambda: told.hub))
    triggers: list[Any] = [
        each.get_trigger() for each in app.get_functions() if "notice" in str(each.get_function_name())
    ]
    assert sorted(each.methods[0].value for each in triggers) == ["GET", "POST"]
    assert {each.auth_level for each in triggers} == {func.AuthLevel.ANONYMOUS}
    assert {each.route for each in triggers} == {notices.TEMPLATE}


def test_a_deleted_integration_leaves_no_subscription(told: Office) -> None:
    path = path_of(told)
    integration_id = path.split("/")[-2]
    assert told.ask("DELETE", f"/api/integrations/{integration_id}").status == 204
    assert told.subscribers.rows == {}
    assert told.ask("POST", path, {"value": []}, Authorization="").status == 404


def test_switching_realtime_off_is_heeded_at_the_next_look(told: Office) -> None:
    home = f"/api/integrations/{path_of(told).split('/')[-2]}"
    tag = told.ask("GET", home).headers["etag"]
    told.ask("PATCH", home, {"settings": {"realtime": False}}, If_Match=tag)
    tend_all(told.hub.realtime)
    assert told.subscribers.rows == {}
