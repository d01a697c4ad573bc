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
_MODULES = (str(_ROOT / ".tools" / "node_modules"), *filter(None, os.environ.get("NODE_PATH", "").split(os.pathsep)))

with_python = pytest.mark.skipif(not _PYTHON.exists(), reason="not installed: see tools/dataverse")
with_node = pytest.mark.skipif(
    not any((Path(each) / "dynamics-web-api").exists() for each in _MODULES),
    reason="not installed: see tools/dataverse",
)


@pytest.fixture
def front(control: Control) -> Iterator[RunningFront]:
    with RunningFront(control.url) as running:
        yield running


def seen_by(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    base = {name: os.environ[name] for name in ("PATH", "HOME", "NODE_PATH") if name in os.environ}
    done = subprocess.run(command, env=base | environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def python_client(org: str, dataverse: DataverseCaller, front: RunningFront, folder: Path) -> dict[str, Any]:
    client, script = dataverse.client, "microsoft_client.py" if org == ORGANIZATION_URL else "airbyte_client.py"
    told = {"TENANT": client["tenantId"], "CLIENT": client["clientId"], "SECRET": client["clientSecret"]}
    told |= {"ORG": org, "PYTHONWARNINGS": "ignore"}
    return seen_by([str(_PYTHON), str(_SCRIPTS / script)], told | front.environment(folder))


@with_python
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


@with_python
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


@with_node
def test_dynamics_web_api_does_its_work(dataverse: DataverseCaller) -> None:
    modules = os.pathsep.join(_MODULES)
    token = str(dataverse.session.headers["Authorization"]).removeprefix("Bearer ")
    told = {"ORG": dataverse.origin, "TOKEN": token, "DEAL": DEAL, "NODE_PATH": modules}
    seen = seen_by(["node", str(_SCRIPTS / "dynamics_web_api.cjs")], told)
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
