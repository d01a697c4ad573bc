"""What only a Key Vault has: its refusals, its limits, deleted names, and what the SDK writes to the log."""

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ManagedIdentityCredential

from sandbox.vault_items import VaultFault
from sandbox.vault_server import RunningVault
from sync.model.errors import RecordError, RefusedError, RemoteError, RetryLaterError
from sync.model.secret import Secret
from sync.storage.vault import VaultSecretStore, open_vault
from sync.storage.vault_faults import vault_error
from tests.support.vaults import Credential, SandboxClock, identity_settings, open_store, running_vault

WORD = Secret("canary~value.8Q")
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def running() -> Iterator[RunningVault]:
    with running_vault() as vault:
        yield vault


@pytest.fixture
def store(running: RunningVault) -> Iterator[VaultSecretStore]:
    with open_store(running) as found:
        found.get("warm-up")
        running.vault.journal.clear()
        yield found


def methods(running: RunningVault) -> list[str]:
    return [entry.method for entry in running.vault.journal]


def test_a_vault_that_names_a_time_is_asked_once(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(429, "Throttled", wait=7))
    with pytest.raises(RetryLaterError) as busy:
        store.get("name")
    assert (busy.value.code, busy.value.delay, busy.value.announced) == ("VAULT_UNAVAILABLE", 7.05, True)
    assert methods(running) == ["GET"]


def test_a_time_may_be_named_as_a_date(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(503, wait=20, form="date"))
    with pytest.raises(RetryLaterError) as busy:
        store.get("name")
    assert 19 <= busy.value.delay <= 22


def test_a_moment_of_weakness_is_passed_over(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(503))
    store.set("name", WORD)
    assert (running.vault.versions("name"), methods(running)) == ([WORD.reveal()], ["PUT", "PUT"])


def test_a_vault_that_stays_weak_is_tried_again_later(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults += [VaultFault(500)] * 9
    with pytest.raises(RetryLaterError) as busy:
        store.get("name")
    assert (busy.value.code, busy.value.announced) == ("VAULT_UNAVAILABLE", False)


def test_a_vault_that_cannot_be_reached_is_tried_again_later(running: RunningVault) -> None:
    with running_vault() as other:
        gone = other.url
    clock = SandboxClock(running)
    store = VaultSecretStore(open_vault(gone, Credential(running)), clock, clock.sleep)
    with pytest.raises(RetryLaterError, match="cannot be reached"):
        store.get("name")


def test_a_missing_role_is_named(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.switches.role = "user"
    with pytest.raises(
        RefusedError, match=r"Key Vault Secrets Officer .*\[403 ForbiddenByRbac; request \S+\]"
    ) as refused:
        store.set("name", WORD)
    assert (refused.value.code, refused.value.status, "appid" in refused.value.message) == ("VAULT_REFUSED", 403, False)


def test_a_closed_firewall_is_named(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(403, "Forbidden", "ForbiddenByFirewall"))
    with pytest.raises(RefusedError, match="firewall"):
        store.delete("name")


def test_a_token_that_is_not_accepted_is_a_refusal(running: RunningVault) -> None:
    class Stranger(Credential):
        def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            return AccessToken("stranger", 4_000_000_000)

    with open_store(running, Stranger(running)) as store, pytest.raises(RefusedError, match="tenant") as refused:
        store.get("name")
    assert (refused.value.code, refused.value.status) == ("VAULT_REFUSED", 401)


def test_an_identity_without_a_token_is_named(running: RunningVault, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**identity_settings(running), "IDENTITY_HEADER": "wrong"}.items():
        monkeypatch.setenv(name, value)
    lost = pytest.raises(RetryLaterError, match="identity")
    with ManagedIdentityCredential() as credential, open_store(running, credential) as store, lost as busy:
        store.get("name")
    assert busy.value.code == "VAULT_UNAVAILABLE"


def test_the_identity_of_the_app_opens_the_vault(running: RunningVault, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in identity_settings(running).items():
        monkeypatch.setenv(name, value)
    with ManagedIdentityCredential() as credential, open_store(running, credential) as store:
        store.set("name", WORD)
        assert (store.get("name"), running.identity.requests) == (WORD, 1)


def test_what_asks_for_tokens_of_another_house_is_no_vault(running: RunningVault, tmp_path: Any) -> None:
    running.authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    transport = RequestsTransport(use_env_settings=False, connection_verify=str(tmp_path / "authority.pem"))
    clock = SandboxClock(running)
    with transport, pytest.raises(RefusedError, match="HUB_KEY_VAULT_URL"):
        VaultSecretStore(open_vault(running.url, Credential(running), transport=transport), clock, clock.sleep).get("n")


def test_a_deleted_name_is_brought_back_and_set(running: RunningVault, store: VaultSecretStore) -> None:
    store.set("name", Secret("old"))
    store.delete("name")
    store.set("name", WORD)
    assert running.vault.versions("name") == ["old", WORD.reveal()]


def test_setting_waits_while_a_name_is_deleted_and_recovered(running: RunningVault) -> None:
    clock = SandboxClock(running)
    running.clock.freeze()
    running.vault.switches.settle_seconds = 2
    with open_store(running, clock=clock) as store:
        store.set("name", Secret("old"))
        store.delete("name")
        store.set("name", WORD)
        assert (store.get("name"), clock.slept) == (WORD, [0.5, 1.0, 1.5, 2.0])


def test_setting_does_not_wait_for_ever(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.switches.settle_seconds = 60
    store.set("name", Secret("old"))
    store.delete("name")
    with pytest.raises(RetryLaterError) as busy:
        store.set("name", WORD)
    assert busy.value.code == "VAULT_UNAVAILABLE"


def test_two_may_bring_a_name_back(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(409, "Conflict", "ObjectIsDeletedButRecoverable"))
    store.set("name", WORD)
    assert methods(running) == ["PUT", "POST", "PUT"]


def test_deleting_asks_once_and_waits_for_nothing(running: RunningVault, store: VaultSecretStore) -> None:
    store.set("name", WORD)
    store.delete("name")
    assert methods(running) == ["PUT", "DELETE"]


def test_what_is_being_deleted_may_be_deleted_again(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(409, "Conflict", "ObjectIsBeingDeleted"))
    store.delete("name")
    assert methods(running) == ["DELETE"]


def test_a_secret_that_was_switched_off_is_none(running: RunningVault, store: VaultSecretStore) -> None:
    store.set("name", Secret("old"))
    store.set("name", WORD)
    running.vault.disable("name")
    assert store.get("name") is None


def test_an_answer_without_a_value_is_none(running: RunningVault, store: VaultSecretStore) -> None:
    running.vault.faults.append(VaultFault(200))
    assert store.get("name") is None


def test_a_value_that_is_too_long_is_not_sent(running: RunningVault, store: VaultSecretStore) -> None:
    with pytest.raises(RecordError):
        store.set("name", Secret("x" * 25_001))
    assert methods(running) == []


@pytest.mark.parametrize("status", [200, 408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_later(status: int) -> None:
    error = HttpResponseError("planted")
    error.status_code = status
    found = vault_error(error, now=NOW)
    assert isinstance(found, RetryLaterError)
    assert (found.code, found.delay, "planted" in found.message) == ("VAULT_UNAVAILABLE", 5.0, False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 599])
def test_everything_else_is_a_refusal_with_advice(status: int) -> None:
    error = HttpResponseError("planted")
    error.status_code = status
    found = vault_error(error, now=NOW)
    assert isinstance(found, RefusedError)
    assert (found.code, found.status, "Check" in found.message or "Give" in found.message) == (
        "VAULT_REFUSED",
        status,
        True,
    )


def test_a_lost_identity_is_told_from_a_refusal() -> None:
    assert vault_error(ClientAuthenticationError("planted"), now=NOW).code == "VAULT_UNAVAILABLE"


FAULTS: dict[str, VaultFault] = {
    "refused": VaultFault(400, "BadParameter", message=f"The value {WORD.reveal()} is not acceptable"),
    "busy": VaultFault(429, "Throttled", message=f"{WORD.reveal()} came too early", wait=1),
    "taken": VaultFault(409, "Conflict", "ObjectIsDeletedButRecoverable", WORD.reveal()),
    "none": VaultFault(404, "SecretNotFound"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_value_and_no_token_reaches_the_log_or_a_traceback(
    running: RunningVault, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    for name, value in identity_settings(running).items():
        monkeypatch.setenv(name, value)
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    with ManagedIdentityCredential() as credential, open_store(running, credential) as store:
        for action in actions(store):
            action()
            running.vault.faults.append(FAULTS[fault])
            try:
                action()
            except RemoteError as error:
                told += traceback.format_exception(error)
            running.vault.faults.clear()
    text = "".join([caplog.text, *map(str, (record.__dict__ for record in caplog.records)), *told])
    assert "azure.core" in text
    assert [word for word in (WORD.reveal(), "identity-token-") if word in text] == []


def actions(store: VaultSecretStore) -> Iterator[Callable[[], object]]:
    yield lambda: store.set("name", WORD)
    yield lambda: store.get("name")
    yield lambda: store.delete("name")
