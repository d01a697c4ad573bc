"""Passing secrets in tables, sealed with a key from the vault."""

from base64 import b64decode
from collections.abc import Callable

import pytest

from sync.model.errors import RetryLaterError, SyncError
from sync.model.secret import Secret
from sync.storage.memory import MemorySecretStore
from sync.storage.sealing import SEALING_KEY, SealedSecretStore
from sync.storage.tables import Tables

pytestmark = pytest.mark.azurite
WORD = Secret("canary~value.8Q")


class Vault(MemorySecretStore):
    """A vault in memory, which counts what it is asked."""

    def __init__(self, before_set: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.before_set = before_set
        self.asked = 0

    def get(self, name: str) -> Secret | None:
        self.asked += 1
        return super().get(name)

    def set(self, name: str, value: Secret) -> None:
        self.before_set()
        super().set(name, value)


def test_the_first_process_makes_the_key_and_the_next_one_uses_it(tables: Tables) -> None:
    vault = Vault()
    SealedSecretStore(vault, tables).set("token-1", WORD)
    assert SealedSecretStore(vault, tables).get("token-1") == WORD
    assert len(b64decode((vault.get(SEALING_KEY) or WORD).reveal())) == 32


def test_the_vault_is_asked_for_the_key_once(tables: Tables) -> None:
    vault = Vault()
    vault.set(SEALING_KEY, Secret("A" * 43 + "="))
    store = SealedSecretStore(vault, tables)
    store.set("token-1", WORD)
    assert [store.get("token-1") for _ in range(3)] == [WORD] * 3
    assert vault.asked == 1


def test_nothing_is_asked_before_it_is_needed(tables: Tables) -> None:
    vault = Vault()
    SealedSecretStore(vault, tables)
    assert vault.asked == 0


def test_the_table_holds_neither_value_nor_key(tables: Tables) -> None:
    vault = Vault()
    SealedSecretStore(vault, tables).set("token-1", WORD)
    row = dict(tables.find("Secrets", "token-1", "value") or {})
    assert WORD.reveal().encode() not in row["sealed"]
    assert (vault.get(SEALING_KEY) or WORD).reveal() not in str(row)


def test_two_processes_that_make_the_key_at_once_end_with_the_same(tables: Tables) -> None:
    vault = Vault()
    early, late = SealedSecretStore(vault, tables), SealedSecretStore(vault, tables)

    def meanwhile() -> None:
        vault.before_set = lambda: None
        early.set("token-1", WORD)  # sealed with a key that is not the newest one a moment later

    vault.before_set = meanwhile
    late.set("token-2", WORD)
    assert early.get("token-2") == WORD
    early.set("token-1", WORD)
    assert late.get("token-1") == WORD


def test_what_a_lost_key_sealed_is_unreadable_until_it_is_set_again(tables: Tables) -> None:
    SealedSecretStore(Vault(), tables).set("token-1", WORD)
    store = SealedSecretStore(Vault(), tables)
    with pytest.raises(SyncError) as lost:
        store.get("token-1")
    store.set("token-1", WORD)
    assert (lost.value.code, store.get("token-1")) == ("SECRET_UNREADABLE", WORD)


@pytest.mark.parametrize("text", ["short", "no base64 ~", "Ä" * 43])
def test_a_key_that_is_none_is_named(tables: Tables, text: str) -> None:
    vault = Vault()
    vault.set(SEALING_KEY, Secret(text))
    with pytest.raises(SyncError, match=SEALING_KEY) as refused:
        SealedSecretStore(vault, tables).set("token-1", WORD)
    assert (refused.value.code, text in refused.value.message) == ("SECRET_UNREADABLE", False)


def test_a_vault_that_is_away_is_not_mistaken_for_a_lost_key(tables: Tables) -> None:
    class Away(Vault):
        def get(self, name: str) -> Secret | None:
            raise RetryLaterError("Away", delay=1, code="VAULT_UNAVAILABLE")

    with pytest.raises(RetryLaterError):
        SealedSecretStore(Away(), tables).get("token-1")


def test_busy_tables_are_not_mistaken_for_a_lost_key(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*_: object) -> None:
        raise RetryLaterError("Busy", delay=1, code="STORAGE_UNAVAILABLE")

    vault = Vault()
    store = SealedSecretStore(vault, tables)
    store.set("token-1", WORD)
    asked = vault.asked
    monkeypatch.setattr(tables, "find", find)
    with pytest.raises(RetryLaterError):
        store.get("token-1")
    assert vault.asked == asked
