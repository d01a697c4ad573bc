"""Public clients, unmodified, against the simulated Dataverse."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.control import Control
from sandbox.dataverse.front import RunningFront
from sandbox.dataverse.schema import stable_id
from sandbox.dataverse.users import ORGANIZATION_URL
from tests.sandbox.dataverse.caller import DEAL, DataverseCaller

_ROOT = Path(__file__).resolve().parents[3]
_SCRIPTS = _ROOT / "tools" / "dataverse"
_PYTHON = _ROOT / ".clients" / "bin" / "python"
_MODULES = _ROOT / ".tools" / "node_modules"


@pytest.fixture
def front(control: Control) -> Iterator[RunningFront]:
    with RunningFront(control.url) as running:
        yield running


def seen_by(installed: Path, command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    assert installed.exists(), f"{installed.relative_to(_ROOT)} is missing: 'make test' or 'make complete' installs it"
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(command, env=base | environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def python_client(org: str, dataverse: DataverseCaller, front: RunningFront, folder: Path) -> dict[str, Any]:
    client, script = dataverse.client, "microsoft_client.py" if org == ORGANIZATION_URL else "airbyte_client.py"
    told = {"TENANT": client["tenantId"], "CLIENT": client["clientId"], "SECRET": client["clientSecret"]}
    told |= {"ORG": org, "PYTHONWARNINGS": "ignore"}
    stamp = _ROOT / ".clients" / "stamp"
    return seen_by(stamp, [str(_PYTHON), str(_SCRIPTS / script)], told | front.environment(folder))


def test_microsofts_sdk_does_its_work(dataverse: DataverseCaller, front: RunningFront, tmp_path: Path) -> None:
    seen = python_client(ORGANIZATION_URL, dataverse, front, tmp_path)
    assert {"opportunity", "quote", "new_agreement"} <= set(seen.pop("tables"))
    assert seen.pop("columns") > 100
    assert seen == {
        "table": "opportunities",
        "row": ["By the SDK", "555-0100", 2],
        "pages": [3, 3, 2],
        "gone": True,
        "batch": [204, 204, 204, 200],
    }


def test_airbytes_source_reads_all_and_then_what_changed(
    dataverse: DataverseCaller, front: RunningFront, tmp_path: Path
) -> None:
    seen = python_client(dataverse.origin, dataverse, front, tmp_path)
    assert seen.pop("streams") >= 20
    assert seen == {
        "connected": True,
        "incremental": ["full_refresh", "incremental"],
        "date": "date",
        "rows": 40,
        "changed": ["changed since", ""],
        "deleted": [True],
    }


def test_dynamics_web_api_does_its_work(dataverse: DataverseCaller) -> None:
    token = str(dataverse.session.headers["Authorization"]).removeprefix("Bearer ")
    told = {"ORG": dataverse.origin, "TOKEN": token, "DEAL": DEAL, "NODE_PATH": str(_MODULES)}
    seen = seen_by(_MODULES / "dynamics-web-api", ["node", str(_SCRIPTS / "dynamics_web_api.cjs")], told)
    assert seen == {
        "user": stable_id("systemuser", "hub"),
        "fax": "7",
        "stale": False,
        "pages": [5, 3, 8],
        "deal": ["Deal 0", "Litware, Inc. (sample)", "USD"],
        "delta": "string",
        "count": 8,
        "batch": 2,
        "deleted": True,
        "missing": "0x80040217",
    }
