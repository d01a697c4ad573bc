"""The settings of a local start: the environment first, then local.settings.json."""

import json
from collections.abc import Mapping
from pathlib import Path

from scripts.azurite import DEVELOPMENT, Ports, connection_string

STORAGE = ("AzureWebJobsStorage", "HubStorage")


class LocalSettingsError(ValueError):
    """local.settings.json cannot be read."""


def values_in(file: Path) -> dict[str, str]:
    """Return the file's "Values", none when there is no such file.

    Raises:
        LocalSettingsError: The file is not an object with texts in "Values".
    """
    if not file.exists():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        message = f"{file.name} is not JSON: {error}"
        raise LocalSettingsError(message) from error
    values = content.get("Values", {}) if isinstance(content, dict) else None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        message = f'{file.name} must look like {{"Values": {{"NAME": "text"}}}}'
        raise LocalSettingsError(message)
    return values


def merged(environment: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return both; the environment wins, an empty text counts as not set."""
    return {**{name: value for name, value in values.items() if value}, **{k: v for k, v in environment.items() if v}}


def with_storage(settings: Mapping[str, str], ports: Ports) -> dict[str, str]:
    """Point the storage settings that mean the local emulator at the ports that it really has."""
    if "HubStorage__tableServiceUri" in settings:
        names = tuple(name for name in STORAGE if name in settings or name != "HubStorage")
    else:
        names = STORAGE
    local = {name: connection_string(ports) for name in names if settings.get(name, DEVELOPMENT) == DEVELOPMENT}
    return {**settings, **local}
