"""One token request over threads and processes of a hub that has a Key Vault, with the real stores and client."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, run
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from tests.connectors.test_one_refresh import TokenServer
from tests.support.vaults import running_vault

pytestmark = pytest.mark.azurite

ROOT = Path(__file__).parents[2]


@pytest.fixture
def entra() -> Iterator[TokenServer]:
    with TokenServer() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_processes_with_a_vault_ask_once_when_a_token_ends(entra: TokenServer, azurite: Any, tmp_path: Path) -> None:
    authority = str(tmp_path / "authority.pem")
    with running_vault() as vault:
        vault.authority.cert_pem.write_to_path(authority)
        place = (entra.url, azurite.connection_string, f"t{uuid4().hex[:12]}", str(vault.port), authority)
        command = [sys.executable, "-m", "tests.connectors.vault_crowd", *place, vault.identity.issue(), "8", "8", "8"]
        answers = json.loads(run(command, cwd=ROOT, stdout=PIPE, check=True, timeout=90).stdout)
        names = vault.vault.names()
    assert [len(answer) for answer in answers] == [8, 8, 8]
    assert {token for answer in answers for token in answer} == {"token-2"}
    assert (entra.given, names) == ([1, 2], ["hub-sealing-key"])
