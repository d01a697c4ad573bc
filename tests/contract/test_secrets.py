"""SecretStore in all its forms: in memory, in tables, in a Key Vault over TLS, and divided between those."""

from collections.abc import Callable, Iterator

import pytest

from sync.model.errors import RecordError
from sync.model.secret import Secret
from sync.ports import SecretStore
from sync.storage.custody import CustodySecretStore
from sync.storage.memory import MemorySecretStore
from sync.storage.sealing import SealedSecretStore
from sync.storage.secrets import TableSecretStore
from sync.storage.tables import Tables
from tests.support.company import VirtualClock
from tests.support.vaults import open_store, running_vault

_KINDS: dict[str, Callable[[Tables], SecretStore]] = {
    "tables": lambda tables: TableSecretStore(tables, bytes(range(32))),
    "sealed": lambda tables: SealedSecretStore(MemorySecretStore(), tables),
}


@pytest.fixture(
    params=["memory", "vault", "divided", *(pytest.param(kind, marks=pytest.mark.azurite) for kind in _KINDS)]
)
def secrets(request: pytest.FixtureRequest) -> Iterator[SecretStore]:
    """Return a store of each kind, empty."""
    if request.param in _KINDS:
        yield _KINDS[request.param](request.getfixturevalue("tables"))
    elif request.param == "vault":
        with running_vault() as running, open_store(running) as store:
            yield store
    elif request.param == "divided":
        yield CustodySecretStore(MemorySecretStore(), MemorySecretStore(), VirtualClock())
    else:
        yield MemorySecretStore()


def test_a_secret_is_read_back(secrets: SecretStore) -> None:
    secrets.set("a-Secret-1", Secret("pass 'å'"))
    assert secrets.get("a-Secret-1") == Secret("pass 'å'")


def test_the_newest_value_counts(secrets: SecretStore) -> None:
    secrets.set("name", Secret("old"))
    secrets.set("name", Secret("new"))
    assert secrets.get("name") == Secret("new")


@pytest.mark.parametrize("prefix", ["", "secret-", "token-"])
def test_a_value_may_be_set_again_after_its_secret_was_deleted(secrets: SecretStore, prefix: str) -> None:
    secrets.set(f"{prefix}name", Secret("old"))
    secrets.delete(f"{prefix}name")
    assert secrets.get(f"{prefix}name") is None
    secrets.set(f"{prefix}name", Secret("new"))
    assert secrets.get(f"{prefix}name") == Secret("new")


def test_the_longest_value_that_a_vault_takes_is_kept(secrets: SecretStore) -> None:
    secrets.set("name", Secret("å" * 12_500))
    assert secrets.get("name") == Secret("å" * 12_500)


def test_a_longer_value_is_refused(secrets: SecretStore) -> None:
    with pytest.raises(RecordError) as refused:
        secrets.set("name", Secret("å" * 12_500 + "x"))
    assert (refused.value.code, secrets.get("name")) == ("SECRET_TOO_LARGE", None)


def test_an_unknown_secret_is_none(secrets: SecretStore) -> None:
    assert secrets.get("name") is None


def test_a_deleted_secret_is_gone_and_may_be_deleted_again(secrets: SecretStore) -> None:
    secrets.set("name", Secret("x"))
    secrets.delete("name")
    secrets.delete("name")
    assert secrets.get("name") is None


@pytest.mark.parametrize("name", ["", "a_b", "a/b", "x" * 128, "å"])
@pytest.mark.parametrize("action", ["get", "set", "delete"])
def test_a_name_that_no_vault_takes_is_refused(secrets: SecretStore, action: str, name: str) -> None:
    actions: dict[str, Callable[[], object]] = {
        "get": lambda: secrets.get(name),
        "set": lambda: secrets.set(name, Secret("x")),
        "delete": lambda: secrets.delete(name),
    }
    with pytest.raises(ValueError, match="secret's name"):
        actions[action]()
