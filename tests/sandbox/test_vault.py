"""The simulated vault, asked by Microsoft's own client."""

from collections.abc import Iterator

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError, ServiceRequestError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from sandbox.vault_items import VaultFault
from sandbox.vault_server import RunningVault
from tests.support.vaults import HOST, Credential, identity_settings, running_vault, transport_to


@pytest.fixture
def running() -> Iterator[RunningVault]:
    with running_vault() as vault:
        yield vault


@pytest.fixture
def client(running: RunningVault) -> Iterator[SecretClient]:
    with transport_to(running) as transport:
        yield SecretClient(f"https://{HOST}", Credential(running), transport=transport, retry_total=0)


def inner(error: HttpResponseError) -> str:
    return str((error.error.innererror if error.error else {}).get("code"))


def test_the_first_request_is_challenged_and_carries_no_value(running: RunningVault, client: SecretClient) -> None:
    client.set_secret("name", "value")
    sent = [(entry.authorized, entry.status) for entry in running.vault.journal if entry.method == "PUT"]
    assert sent[-1] == (True, 200)
    assert all(entry.body == 0 for entry in running.vault.journal if not entry.authorized)


def test_a_caller_without_a_token_is_told_where_to_get_one(running: RunningVault) -> None:
    with requests.Session() as session:
        session.trust_env, session.verify = False, False
        with pytest.warns(match="Unverified HTTPS"):
            answer = session.get(f"{running.url}/secrets/name?api-version=7.5", timeout=20)
    assert answer.status_code == 401
    assert 'resource="https://vault.azure.net"' in answer.headers["WWW-Authenticate"]


def test_the_managed_identity_of_the_host_opens_the_vault(
    running: RunningVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in identity_settings(running).items():
        monkeypatch.setenv(name, value)
    with transport_to(running) as transport, ManagedIdentityCredential() as credential:
        SecretClient(f"https://{HOST}", credential, transport=transport).set_secret("name", "value")
    assert (running.vault.versions("name"), running.identity.requests) == (["value"], 1)


def test_every_value_stays_a_version(client: SecretClient) -> None:
    first = client.set_secret("Name", "one")
    client.set_secret("name", "two")
    assert client.get_secret("NAME").value == "two"
    assert client.get_secret("name", first.properties.version).value == "one"
    assert len(list(client.list_properties_of_secret_versions("name"))) == 2


def test_a_listing_goes_on_where_a_page_ends(client: SecretClient) -> None:
    for number in range(5):
        client.set_secret(f"name-{number}", "value")
    names = [each.name for each in client.list_properties_of_secrets(max_page_size=2)]
    assert names == [f"name-{number}" for number in range(5)]


def test_a_deleted_secret_is_not_found_and_its_name_is_taken(client: SecretClient) -> None:
    client.set_secret("name", "value")
    client.begin_delete_secret("name")
    with pytest.raises(ResourceNotFoundError):
        client.get_secret("name")
    with pytest.raises(ResourceExistsError) as refused:
        client.set_secret("name", "again")
    assert inner(refused.value) == "ObjectIsDeletedButRecoverable"
    assert [each.name for each in client.list_deleted_secrets()] == ["name"]


def test_a_recovered_secret_has_its_versions_again(client: SecretClient) -> None:
    client.set_secret("name", "value")
    client.begin_delete_secret("name").wait()
    client.begin_recover_deleted_secret("name").wait()
    assert client.get_secret("name").value == "value"


def test_a_purged_name_is_free(client: SecretClient) -> None:
    client.set_secret("name", "value")
    client.begin_delete_secret("name").wait()
    client.purge_deleted_secret("name")
    assert client.set_secret("name", "again").value == "again"


def test_a_protected_vault_does_not_purge(running: RunningVault, client: SecretClient) -> None:
    running.vault.switches.purge_protection = True
    client.set_secret("name", "value")
    client.begin_delete_secret("name").wait()
    with pytest.raises(HttpResponseError, match="not enabled"):
        client.purge_deleted_secret("name")


@pytest.mark.parametrize("after", ["delete", "recover"])
def test_deleting_and_recovering_take_a_while(running: RunningVault, client: SecretClient, after: str) -> None:
    client.set_secret("name", "value")
    running.clock.freeze()
    running.vault.switches.settle_seconds = 4 if after == "delete" else 0
    client.begin_delete_secret("name")
    if after == "recover":
        running.vault.switches.settle_seconds = 4
        client.begin_recover_deleted_secret("name")
    with pytest.raises(ResourceExistsError) as refused:
        client.set_secret("name", "again")
    assert inner(refused.value) == {"delete": "ObjectIsBeingDeleted", "recover": "ObjectIsBeingRecovered"}[after]
    running.clock.advance(4)
    assert client.list_deleted_secrets() if after == "delete" else client.get_secret("name").value == "value"


def test_a_disabled_secret_is_refused_and_an_expired_one_is_not(client: SecretClient) -> None:
    made = client.set_secret("name", "value")
    client.update_secret_properties("name", expires_on=made.properties.created_on)
    assert client.get_secret("name").value == "value"
    client.update_secret_properties("name", enabled=False)
    with pytest.raises(HttpResponseError) as refused:
        client.get_secret("name")
    assert (refused.value.status_code, inner(refused.value)) == (403, "SecretDisabled")


@pytest.mark.parametrize(("name", "value"), [("a_b", "x"), ("name", "x" * 25_601), ("name", "å" * 12_801)])
def test_what_the_vault_does_not_take_is_a_bad_parameter(client: SecretClient, name: str, value: str) -> None:
    with pytest.raises(HttpResponseError) as refused:
        client.set_secret(name, value)
    assert (refused.value.status_code, refused.value.error and refused.value.error.code) == (400, "BadParameter")


def test_a_request_without_its_version_is_refused(running: RunningVault) -> None:
    with requests.Session() as session:
        session.trust_env, session.verify = False, False
        session.headers["Authorization"] = f"Bearer {running.identity.issue()}"
        with pytest.warns(match="Unverified HTTPS"):
            assert session.get(f"{running.url}/secrets/name", timeout=20).status_code == 400


def test_a_reader_may_not_write(running: RunningVault, client: SecretClient) -> None:
    running.vault.switches.role = "user"
    with pytest.raises(HttpResponseError) as refused:
        client.set_secret("name", "value")
    assert (refused.value.status_code, inner(refused.value)) == (403, "ForbiddenByRbac")


def test_a_planned_fault_hits_once(running: RunningVault, client: SecretClient) -> None:
    client.set_secret("name", "value")
    running.vault.faults.append(VaultFault(503))
    with pytest.raises(HttpResponseError):
        client.get_secret("name")
    assert client.get_secret("name").value == "value"


def test_a_stranger_does_not_trust_the_certificate(running: RunningVault) -> None:
    client = SecretClient(running.url, Credential(running), verify_challenge_resource=False, retry_total=0)
    with pytest.raises(ServiceRequestError, match=r"(?i)certificate"):
        client.get_secret("name")
