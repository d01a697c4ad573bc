"""Settings and host.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from devhost.settings import (
    StartError,
    apply_settings,
    connection,
    is_disabled,
    read_host_json,
    resolve,
    seconds,
)

Environ = dict[str, str]


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Environ:
    values: Environ = {}
    monkeypatch.setattr("os.environ", values)
    return values


def write_settings(folder: Path, **content: Any) -> None:
    (folder / "local.settings.json").write_text(json.dumps(content))


def write_host(folder: Path, **content: Any) -> Path:
    (folder / "host.json").write_text(json.dumps({"version": "2.0"} | content))
    return folder


def test_the_environment_wins_over_the_file(tmp_path: Path, environ: Environ) -> None:
    write_settings(tmp_path, Values={"A": "file", "B": "file"})
    environ["A"] = "environment"
    apply_settings(tmp_path)
    assert (environ["A"], environ["B"]) == ("environment", "file")


def test_the_worker_gets_32_threads_unless_told(tmp_path: Path, environ: Environ) -> None:
    apply_settings(tmp_path)
    assert environ["PYTHON_THREADPOOL_THREAD_COUNT"] == "32"


def test_the_file_sets_the_number_of_threads(tmp_path: Path, environ: Environ) -> None:
    write_settings(tmp_path, Values={"PYTHON_THREADPOOL_THREAD_COUNT": 7})
    apply_settings(tmp_path)
    assert environ["PYTHON_THREADPOOL_THREAD_COUNT"] == "7"


def test_durable_typing_is_strict_unless_told(tmp_path: Path, environ: Environ) -> None:
    apply_settings(tmp_path)
    assert environ["AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"] == "1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"IsEncrypted": True}, "encrypted"),
        ({"Values": {"FUNCTIONS_WORKER_RUNTIME": "node"}}, "'node', not 'python'"),
    ],
)
def test_settings_that_cannot_be_used_are_a_start_error(
    tmp_path: Path, environ: Environ, content: dict[str, Any], message: str
) -> None:
    write_settings(tmp_path, **content)
    with pytest.raises(StartError, match=message):
        apply_settings(tmp_path)


def test_settings_in_percent_signs_are_resolved(environ: Environ) -> None:
    environ["QUEUE"] = "orders"
    assert resolve("x-%QUEUE%-%QUEUE%") == "x-orders-orders"


def test_an_unset_setting_in_percent_signs_is_a_start_error(environ: Environ) -> None:
    with pytest.raises(StartError, match="'QUEUE' in '%QUEUE%' is not set"):
        resolve("%QUEUE%")


def test_a_connection_may_have_the_hosts_prefix(environ: Environ) -> None:
    environ["AzureWebJobsOrders"] = "text"
    assert connection("Orders") == "text"


def test_an_unset_connection_is_a_start_error(environ: Environ) -> None:
    with pytest.raises(StartError, match="'Orders'"):
        connection("Orders")


def test_a_setting_disables_a_function(environ: Environ) -> None:
    environ["AzureWebJobs.tick.Disabled"] = "true"
    assert (is_disabled("tick"), is_disabled("tock")) == (True, False)


@pytest.mark.parametrize(
    ("text", "length"), [("00:05:00", 300), ("1.00:00:00", 86400), ("00:00:00.25", 0.25), ("01:02:03", 3723)]
)
def test_a_time_span_has_its_seconds(text: str, length: float) -> None:
    assert seconds(text) == length


def test_a_folder_without_host_json_is_a_start_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"host\.json is missing"):
        read_host_json(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"version": "1.0"}, "version is '1.0'"),
        ({"version": None}, "version is None"),
        ({"extensions": {"durableTask": {"hubName": "my-hub"}}}, "hubName 'my-hub'"),
        ({"extensions": {"durableTask": {"hubName": "1hub"}}}, "hubName '1hub'"),
        ({"extensions": {"durableTask": {"hubName": "%HUB%"}}}, "'HUB' in '%HUB%' is not set"),
        ({"extensions": {"queues": {"batchSize": 33}}}, "batchSize is 33"),
        ({"functionTimeout": "soon"}, "'soon' is not a time span"),
    ],
)
def test_a_host_json_that_azure_refuses_is_a_start_error(
    tmp_path: Path, environ: Environ, content: dict[str, Any], message: str
) -> None:
    with pytest.raises(StartError, match=message):
        read_host_json(write_host(tmp_path, **content))


def test_a_host_json_that_is_no_json_is_a_start_error(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("{")
    with pytest.raises(StartError, match="not valid JSON"):
        read_host_json(tmp_path)


def test_an_empty_route_prefix_is_kept(tmp_path: Path, environ: Environ) -> None:
    assert read_host_json(write_host(tmp_path, extensions={"http": {"routePrefix": ""}})).route_prefix == ""


def test_the_route_prefix_is_api_unless_told(tmp_path: Path, environ: Environ) -> None:
    assert read_host_json(write_host(tmp_path)).route_prefix == "api"


def test_a_setting_overrides_host_json(tmp_path: Path, environ: Environ) -> None:
    environ["AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions"] = "3"
    assert read_host_json(write_host(tmp_path)).durable.activities == 3


@pytest.mark.parametrize(("text", "limit"), [("00:10:00", 600), ("-1", None), (None, 1800)])
def test_the_time_limit_of_functions_is_read(
    tmp_path: Path, environ: Environ, text: str | None, limit: float | None
) -> None:
    content = {} if text is None else {"functionTimeout": text}
    assert read_host_json(write_host(tmp_path, **content)).function_timeout == limit
