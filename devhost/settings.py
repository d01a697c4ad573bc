"""The app's settings and host.json, as the host reads them at start."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

THREADS = "PYTHON_THREADPOOL_THREAD_COUNT"
_OVERRIDE = "AzureFunctionsJobHost__"
_DEFAULTS = {
    THREADS: "32",
    "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1",
    "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
    "FUNCTIONS_WORKER_RUNTIME": "python",
}
_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,44}")
_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)")
_HALF_AN_HOUR = 1800.0


class StartError(Exception):
    """The host in Azure would not start this app, or not this function; the message says why."""


@dataclass(frozen=True, slots=True)
class DurableOptions:
    """extensions.durableTask of host.json."""

    hub_name: str
    orchestrators: int
    activities: int
    entities: int


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """extensions.queues of host.json; times are seconds."""

    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    visibility_timeout: float
    max_polling_interval: float
    base64: bool


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What host.json says; function_timeout is seconds, None for no limit."""

    route_prefix: str
    has_bundle: bool
    function_timeout: float | None
    durable: DurableOptions
    queues: QueueOptions


def apply_settings(root: Path) -> None:
    """Put local.settings.json and the host's defaults into the environment; what is set there already wins.

    Raises:
        StartError: The file cannot be read, or names another language than python.
    """
    file = root / "local.settings.json"
    values = _read_json(file) if file.exists() else {}
    if values.get("IsEncrypted"):
        raise StartError("local.settings.json is encrypted")
    for name, value in (_DEFAULTS | values.get("Values", {})).items():
        os.environ.setdefault(name, value if isinstance(value, str) else json.dumps(value))
    if (language := os.environ["FUNCTIONS_WORKER_RUNTIME"]) != "python":
        raise StartError(f"FUNCTIONS_WORKER_RUNTIME is {language!r}, not 'python'")


def resolve(text: str) -> str:
    """Replace every %SETTING% by its value.

    Raises:
        StartError: A setting is not set.
    """
    return re.sub(r"%([^%]+)%", lambda match: _setting(match[1], text), text)


def connection(name: str) -> str:
    """Return the connection string that a binding's connection property names.

    Raises:
        StartError: Neither the setting nor its AzureWebJobs form is set.
    """
    for candidate in (f"AzureWebJobs{name}", name):
        if value := os.environ.get(candidate):
            return value
    raise StartError(f"the connection setting {name!r} is not set")


def is_disabled(function: str) -> bool:
    """Tell whether AzureWebJobs.<function>.Disabled switches the function off."""
    names = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled")
    return any(os.environ.get(name, "").lower() in {"1", "true"} for name in names)


def seconds(text: str) -> float:
    """Return the length of a time span written [d.]hh:mm:ss.

    Raises:
        StartError: The text is not a time span.
    """
    match = _TIME_SPAN.fullmatch(text.strip())
    if match is None:
        raise StartError(f"{text!r} is not a time span like 00:05:00")
    days, hours, minutes, rest = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)


def read_host_json(root: Path) -> HostOptions:
    """Read host.json and the settings that override parts of it.

    Raises:
        StartError: It is missing, is not version 2.0, or holds an invalid value.
    """
    file = root / "host.json"
    if not file.exists():
        raise StartError(f"host.json is missing in {root}")
    content = _read_json(file)
    _override(content, os.environ)
    if content.get("version") != "2.0":
        raise StartError(f'host.json: version is {content.get("version")!r}, it must be "2.0"')
    extensions = content.get("extensions", {})
    return HostOptions(
        route_prefix=extensions.get("http", {}).get("routePrefix", "api").strip("/"),
        has_bundle=bool(content.get("extensionBundle", {}).get("id")),
        function_timeout=_timeout(content.get("functionTimeout")),
        durable=_durable(extensions.get("durableTask", {})),
        queues=_queues(extensions.get("queues", {})),
    )


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise StartError(f"{file.name} is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise StartError(f"{file.name} is not a JSON object")
    return content


def _setting(name: str, text: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise StartError(f"the setting {name!r} in {text!r} is not set")
    return value


def _override(content: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        if name.startswith(_OVERRIDE):
            *path, last = name.removeprefix(_OVERRIDE).split("__")
            inner = content
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = value


def _timeout(text: str | None) -> float | None:
    if text is None:
        return _HALF_AN_HOUR
    return None if text == "-1" else seconds(text)


def _durable(options: Mapping[str, Any]) -> DurableOptions:
    hub = resolve(options.get("hubName", "TestHubName"))
    if not _HUB_NAME.fullmatch(hub):
        raise StartError(
            f"host.json: hubName {hub!r} must start with a letter and have 3 to 45 letters and digits, nothing else"
        )
    several = 10 * (os.cpu_count() or 1)
    return DurableOptions(
        hub,
        orchestrators=int(options.get("maxConcurrentOrchestratorFunctions") or several),
        activities=int(options.get("maxConcurrentActivityFunctions") or several),
        entities=int(options.get("maxConcurrentEntityFunctions") or several),
    )


def _queues(options: Mapping[str, Any]) -> QueueOptions:
    batch = int(options.get("batchSize", 16))
    if not 1 <= batch <= 32:  # noqa: PLR2004 - the storage service hands out at most 32 messages
        raise StartError(f"host.json: queues.batchSize is {batch}, it must be 1 to 32")
    return QueueOptions(
        batch_size=batch,
        new_batch_threshold=int(options.get("newBatchThreshold", batch // 2)),
        max_dequeue_count=int(options.get("maxDequeueCount", 5)),
        visibility_timeout=seconds(options.get("visibilityTimeout", "00:00:00")),
        max_polling_interval=seconds(options.get("maxPollingInterval", "00:01:00")),
        base64=options.get("messageEncoding", "base64").lower() == "base64",
    )
