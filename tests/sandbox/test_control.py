"""The control surface, and the sandbox as a process."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.control import Control, ControlError
from sandbox.server import Sandbox
from sandbox.simulation import Options
from tests.sandbox.clients import Caller

_ROOT = Path(__file__).parents[2]


def test_info_names_what_a_client_needs(control: Control) -> None:
    info = control.info()
    companies = {each["key"]: each["name"] for each in info["tenants"][0]["environments"][0]["companies"]}
    assert companies["cronus"] == "CRONUS International Ltd."
    assert set(info["api"]) == {"issuer", "audience", "jwksUrl", "authority", "consoleClientId"}
    assert info["users"]["alice"]["tenantId"] != info["users"]["carol"]["tenantId"]


def test_the_journal_never_holds_a_token(caller: Caller) -> None:
    caller.get("vendors")
    token = str(caller.session.headers["Authorization"]).removeprefix("Bearer ")
    assert token not in json.dumps(caller.control.journal())


def test_the_journal_tells_method_path_principal_status_and_agent(caller: Caller) -> None:
    caller.get("vendors", {"User-Agent": "hub/1"}, top="2")
    entry = caller.control.journal(part="bc")[0]
    assert (entry["method"], entry["query"], entry["status"], entry["rows"]) == ("GET", "$top=2", 200, 2)
    assert entry["path"].endswith("/vendors")
    assert entry["principal"] == f"{caller.tenant}/{caller.client['clientId']}"
    assert entry["headers"]["user-agent"] == "hub/1"


def test_the_journal_can_be_read_from_a_number_on(caller: Caller) -> None:
    caller.get("vendors")
    last = caller.control.journal()[-1]["number"]
    caller.get("items")
    assert [entry["path"].rsplit("/", 1)[-1] for entry in caller.control.journal(since=last)] == ["items"]


def test_a_reset_journal_is_empty_and_counts_anew(caller: Caller) -> None:
    caller.get("vendors")
    caller.control.reset_journal()
    counters = caller.control.counters()
    assert (caller.control.journal(), counters["requests"], counters["early"]) == ([], 0, 0)


@pytest.mark.parametrize(
    "values", [{"nonsense": 1}, {"row_order": "colour"}, {"latency_ms": "x"}, {"window_limit": -1}]
)
def test_a_switch_that_does_not_exist_is_refused(control: Control, values: dict[str, object]) -> None:
    with pytest.raises(ControlError):
        control.set_switch(**values)


def test_an_unknown_order_is_refused(control: Control) -> None:
    with pytest.raises(ControlError, match="unknown"):
        control.call("POST", "coffee")


def test_an_unknown_user_client_or_company_is_told(control: Control) -> None:
    with pytest.raises(ControlError):
        control.user_token("mallory")
    with pytest.raises(LookupError):
        control.client("nobody")
    with pytest.raises(LookupError):
        control.company_id("nothing")


def test_latency_is_added_to_each_request(caller: Caller) -> None:
    caller.control.set_switch(latency_ms=60)
    assert caller.get("vendors", top="1").elapsed.total_seconds() >= 0.06


def test_a_taken_port_is_told() -> None:
    with Sandbox(Options(("contoso",))).run_in_thread() as box:
        port = int(box.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="did not start"), Sandbox(Options(("contoso",))).run_in_thread(port):
            pass


def test_the_module_says_when_it_is_ready_and_ends_cleanly() -> None:
    command = [sys.executable, "-m", "sandbox", "--company", "contoso"]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert requests.get(f"{line.split()[-1]}/_control/info", timeout=20).ok
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    assert line.startswith("sandbox ready http://127.0.0.1:")
    assert (process.returncode, output, errors) == (0, "", "")
