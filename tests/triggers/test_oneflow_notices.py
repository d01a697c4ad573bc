"""The receiver of Oneflow's notices, and the timers behind it."""

import asyncio
import json
from typing import Any

import pytest

from sync.engine.genuine import signature_of
from sync.model.errand import Errand, Listener
from sync.model.errors import RetryLaterError
from sync.model.integration import Bridge
from sync.services.bridge_desk import BridgeDesk
from sync.services.hooks import ensure_hook
from sync.storage.memory_inbox import MemoryListenerStore
from sync.triggers import durable, oneflow_notices
from tests.support.listening import SOON
from tests.triggers.kit import BASE, Office, Reply

CLIENT = '{"rpcBaseUrl": "http://127.0.0.1:1"}'
CALLBACK = "eaf850991bb7c273a56dcdeb265d30006fdc9de0"


@pytest.fixture
def told() -> Office:
    """Return an office whose one bridge has its webhook."""
    office = Office(public_url=BASE)
    found = office.hub.bridges.integrations.find(office.bridged())
    assert found is not None
    ensure_hook(office.hub.bridges, found)
    return office


def path_of(office: Office) -> str:
    return next(iter(office.oneflow.hooked.values())).callback_url.removeprefix(BASE)


def notice(office: Office, **changes: Any) -> dict[str, Any]:
    sign_key = office.oneflow.sign_keys[0].reveal()
    told = {"contract": {"id": 101}, "callback_id": CALLBACK, "events": [{"id": 1, "type": "contract:sign"}]}
    return {**told, "signature": signature_of(CALLBACK, sign_key), **changes}


def tell(office: Office, path: str | None = None, **changes: Any) -> Reply:
    return office.ask("POST", path or path_of(office), notice(office, **changes), Authorization="")


def waiting(office: Office) -> tuple[Errand, ...]:
    return office.listening.inbox.due(office.clock.now() + SOON, limit=99)


def test_a_notice_is_answered_with_200_and_nothing(told: Office) -> None:
    answer = tell(told)
    assert (answer.status, answer.text) == (200, "")
    assert [each.contract_id for each in waiting(told)] == [101]


def test_the_same_notice_again_is_answered_alike_and_waits_once(told: Office) -> None:
    assert [tell(told).status for _ in range(3)] == [200, 200, 200]
    assert len(waiting(told)) == 1


def test_a_notice_that_was_heeded_is_answered_alike_and_waits_no_more(told: Office) -> None:
    tell(told)
    told.listening.inbox.settle(waiting(told)[0])
    assert tell(told).status == 200
    assert waiting(told) == ()


def test_a_paused_integration_remembers_notices(told: Office) -> None:
    home = f"/api/integrations/{path_of(told).split('/')[-2]}"
    tag = told.ask("GET", home).headers["etag"]
    assert told.ask("PATCH", home, {"status": "paused"}, If_Match=tag).status == 200
    assert (tell(told).status, len(waiting(told))) == (200, 1)


def test_what_is_unknown_or_forged_looks_alike_to_the_byte(told: Office) -> None:
    path = path_of(told)
    integration_id, token = path.split("/")[-2:]
    answers = [
        tell(told, path.replace(token, "0" * 64)),
        tell(told, path.replace(integration_id, "int_unknown")),
        tell(told, signature="0" * 40),
        tell(told, signature=None),
        tell(told, events=["x" * 65_536]),
        told.ask("POST", path, raw=b"\xff{", Authorization=""),
        told.ask("POST", path, raw=b"", Authorization=""),
    ]
    assert {each.status for each in answers} == {404}
    assert len({json.dumps({**each.body, "traceId": ""}) for each in answers}) == 1
    assert waiting(told) == ()


def test_no_answer_repeats_the_token(told: Office) -> None:
    answer = tell(told, signature="forged")
    assert path_of(told).rsplit("/", 1)[-1] not in answer.text


def test_a_storage_that_is_busy_lets_the_sender_try_again(told: Office) -> None:
    path, body = path_of(told), notice(told)
    told.listening.gate._door.listeners = _Busy()
    answer = told.ask("POST", path, body, Authorization="")
    assert (answer.status, answer.code) == (503, "STORAGE_UNAVAILABLE")


def test_something_unexpected_is_logged_and_lets_the_sender_try_again(
    told: Office, caplog: pytest.LogCaptureFixture
) -> None:
    told.listening.gate._door.listeners = None  # type: ignore[assignment]  # nothing that works
    assert tell(told).status == 500
    assert [entry.message for entry in caplog.records if entry.exc_info] == ["notice not taken"]


def test_an_oversized_body_is_refused_before_anything_is_read(told: Office) -> None:
    told.listening.gate._door.listeners = _Busy()
    assert tell(told, events=["x" * 65_536]).status == 404


def test_a_deleted_integration_has_no_webhook_and_no_address(told: Office) -> None:
    path, body = path_of(told), notice(told)
    assert told.ask("DELETE", f"/api/integrations/{path.split('/')[-2]}").status == 204
    assert (told.oneflow.hooked, told.ask("POST", path, body, Authorization="").status) == ({}, 404)


def test_the_timers_look_after_webhooks_and_run_errands(told: Office) -> None:
    done: list[int] = []

    def reconcile(desk: BridgeDesk, bridge: Bridge, contract_id: int, *, trigger: str) -> object:
        done.append(contract_id)
        return None

    app = durable.application()
    app.register_functions(oneflow_notices.timers(lambda: told.hub, hooks="*/30 * * * * *", cleaning="0 30 3 * * *"))
    app.register_functions(
        oneflow_notices.errands(lambda: told.hub, schedule="*/2 * * * * *", walks="0 */10 * * * *", reconcile=reconcile)
    )
    found: dict[str, Any] = {str(each.get_function_name()): each.get_user_function() for each in app.get_functions()}
    asyncio.run(found["run_errands"](timer=None, client=CLIENT))
    tell(told)
    told.clock.pass_by(1)
    job = {"integrationId": path_of(told).split("/")[-2]}
    for lot in found["plan_comparisons"](job):
        found["compare_lot"]({**job, "contracts": lot})
    assert (done, waiting(told)) == ([101], ())
    asyncio.run(found["walk_contracts"](timer=None, client=CLIENT))
    assert told.listening.inbox.walk(path_of(told).split("/")[-2]) is not None
    told.oneflow.hooked.clear()
    told.clock.pass_by(4 * 24 * 3600)
    asyncio.run(found["tend_oneflow_hooks"](timer=None, client=CLIENT))
    asyncio.run(found["clean_inbox"](timer=None, client=CLIENT))
    assert len(told.oneflow.hooked) == 1
    name = path_of(told).split("/")[-2]
    assert not told.listening.inbox.is_heard(name, CALLBACK)


class _Busy(MemoryListenerStore):
    def get(self, integration_id: str) -> Listener | None:
        raise RetryLaterError("The storage account is busy", delay=1, code="STORAGE_UNAVAILABLE")
