"""A whole hub with a Key Vault: what it keeps where, and what it says when the vault does not do as it should."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from sandbox.control import Control
from sandbox.server import Sandbox
from sandbox.vault_items import VaultFault
from sandbox.vault_server import RunningVault
from sync import wiring
from sync.model.errors import RefusedError, RetryLaterError
from sync.model.integration import Grant, Integration, Kind, Owner
from sync.model.run import RunKind, RunStatus
from sync.model.secret import Secret
from sync.services import checking, runs
from sync.services.health import readiness
from sync.services.integrations import ConnectionOrder, IntegrationOrder
from sync.services.runs import SyncOrder
from sync.settings import read_settings
from sync.storage.vault import VaultSecretStore
from sync.triggers.hub import Hub
from tests.conftest import Azurite
from tests.support.company import VirtualClock
from tests.support.desks import supply
from tests.support.host import StepHost, settle
from tests.support.vaults import HOST, open_store, running_vault

pytestmark = pytest.mark.azurite


@dataclass(frozen=True, slots=True)
class House:
    """A vault, a Business Central, and hubs that are processes of one app."""

    running: RunningVault
    control: Control
    new_hub: Callable[[], Hub]
    owner: Owner

    def connect(self, hub: Hub) -> Integration:
        """Make an integration with the secret that Business Central knows."""
        app = self.control.client("hub")
        company = self.control.company_id("contoso")
        secret = Secret(app["clientSecret"])
        connection = ConnectionOrder(
            app["tenantId"], app["clientId"], "Production", company, Grant.CLIENT_CREDENTIALS, secret
        )
        order = IntegrationOrder("A", Kind.BUSINESS_CENTRAL, connection, None, {})
        return supply(hub.integrations.create(self.owner, order))

    def token_requests(self) -> int:
        return sum(1 for entry in self.control.journal() if entry["path"].endswith("/token"))


@pytest.fixture(scope="module")
def control() -> Iterator[Control]:
    with Sandbox().run_in_thread() as box:
        yield box.control


@pytest.fixture
def house(azurite: Azurite, control: Control) -> Iterator[House]:
    control.reset()
    control.set_app(control.client("hub")["clientId"], secret=f"secret of {uuid4()}")
    settings = read_settings(
        {
            "HubStorage": azurite.connection_string,
            "HUB_KEY_VAULT_URL": f"https://{HOST}",
            "HUB_AUTH_ISSUER": "https://issuer.example",
            "HUB_AUTH_AUDIENCE": "api://hub",
            "HUB_AUTH_JWKS_URL": "https://issuer.example/keys",
            "HUB_ENTRA_URL": control.url,
            "HUB_BUSINESS_CENTRAL_URL": control.url,
        }
    )
    with running_vault() as running, open_store(running) as store:
        yield House(
            running, control, lambda: wiring.build_hub(settings, lambda _: store), Owner("tenant", str(uuid4()))
        )


def verdicts(hub: Hub, found: Integration, owner: Owner) -> list[Any]:
    return [check.ok for check in checking.test(hub.desk, owner, found.id).checks]


def test_the_vault_holds_the_client_secret_and_the_sealing_key_and_no_token(house: House) -> None:
    hub = house.new_hub()
    found = house.connect(hub)
    assert all(verdicts(hub, found, house.owner))
    assert house.running.vault.names() == sorted(["hub-sealing-key", found.connection.secret_name])


def test_processes_share_one_token_and_read_the_secret_once_each(house: House) -> None:
    first = house.new_hub()
    found = house.connect(first)
    for hub in (first, house.new_hub(), house.new_hub()):
        assert all(verdicts(hub, found, house.owner))
        assert all(verdicts(hub, found, house.owner))
    reads = [e for e in house.running.vault.journal if e.method == "GET" and found.connection.secret_name in e.path]
    assert (house.token_requests(), len(reads)) == (1, 2)


def test_a_full_sync_reads_the_vault_once_for_the_secret_and_once_for_the_key(house: House) -> None:
    found = house.connect(house.new_hub())
    hub = house.new_hub()
    hub.desk.secrets.set("token-1", Secret("makes the sealing key"))
    house.running.vault.journal.clear()
    there = house.new_hub()
    host = StepHost(there.desk, VirtualClock())
    run = runs.admit(there.desk, found, SyncOrder(RunKind.FULL))
    settle(host.start(run, delay=timedelta(0)))
    host.work()
    ended = there.desk.runs.get(found.id, run.id)
    assert ended is not None
    assert (ended.status, len(host.calls) > 2) == (RunStatus.SUCCEEDED, True)
    asked = sorted((entry.method, entry.path.strip("/").split("/")[1]) for entry in house.running.vault.journal)
    assert asked == [("GET", "hub-sealing-key"), ("GET", found.connection.secret_name)]


def test_a_removed_integration_leaves_no_secret_in_the_vault(house: House) -> None:
    hub = house.new_hub()
    found = house.connect(hub)
    hub.integrations.delete(house.owner, found.id, purge=True)
    assert not house.running.vault.is_live(found.connection.secret_name)
    assert hub.desk.secrets.get(found.connection.secret_name) is None


def test_a_hub_with_an_empty_vault_is_ready(house: House) -> None:
    assert all(sign.ok for sign in readiness(house.new_hub().probes).values())


def test_a_hub_whose_vault_refuses_is_not_ready_and_says_what_to_do(house: House) -> None:
    hub = house.new_hub()
    house.running.vault.switches.role = "none"
    signs = readiness(hub.probes)
    assert {name: sign.ok for name, sign in signs.items()} == {"tables": True, "blobs": True, "secrets": False}
    assert "Key Vault Secrets Officer" in (signs["secrets"].detail or "")


def test_an_integration_is_not_made_when_its_secret_cannot_be_kept(house: House) -> None:
    hub = house.new_hub()
    house.running.vault.switches.role = "user"
    with pytest.raises(RefusedError):
        house.connect(hub)
    assert hub.integrations.list(house.owner, cursor=None, limit=9).items == ()


def test_a_busy_vault_is_told_from_wrong_credentials(house: House) -> None:
    hub = house.new_hub()
    found = house.connect(hub)
    there = house.new_hub()
    house.running.vault.faults += [VaultFault(429, wait=9)]
    with pytest.raises(RetryLaterError) as busy:
        there.desk.secrets.get(found.connection.secret_name)
    assert (busy.value.code, busy.value.announced) == ("VAULT_UNAVAILABLE", True)


def test_without_another_way_the_vault_is_reached_by_the_identity_of_the_app() -> None:
    found = wiring._vault(f"https://{HOST}")
    assert isinstance(found, VaultSecretStore)
    assert found._client.vault_url == f"https://{HOST}"
