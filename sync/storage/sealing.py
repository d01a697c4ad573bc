"""Secrets that pass: in the hub's tables, sealed with a key that the vault keeps."""

import os
from base64 import b64encode
from collections.abc import Callable
from threading import Lock

from sync.model.errors import SyncError
from sync.model.secret import Secret
from sync.ports import SecretStore
from sync.storage.secrets import TableSecretStore, encryption_key
from sync.storage.tables import Tables

SEALING_KEY = "hub-sealing-key"
"""The key's name in the vault."""
_KEY_BYTES = 32
_UNREADABLE = "SECRET_UNREADABLE"


class SealedSecretStore:
    """Secrets in tables, under a key that the first process to need it makes and stores in the vault.

    A vault cannot refuse the second of two writers. Two processes that make the key at once may each
    seal with their own for a while; whoever meets a foreign seal takes the newest key from the vault.
    """

    def __init__(self, vault: SecretStore, tables: Tables, *, chance: Callable[[int], bytes] = os.urandom) -> None:
        self._vault = vault
        self._tables = tables
        self._chance = chance
        self._lock = Lock()
        self._open: TableSecretStore | None = None

    def get(self, name: str) -> Secret | None:
        """Return the newest value of the secret, or None.

        Raises:
            SyncError: It was sealed with a key that is gone, or the key is none (SECRET_UNREADABLE).
        """
        store = self._opened()
        try:
            return store.get(name)
        except SyncError as error:
            if error.code != _UNREADABLE:
                raise
        return self._reopened().get(name)

    def set(self, name: str, value: Secret) -> None:
        """Store a new value of the secret.

        Raises:
            RecordError: The value is longer than a vault takes (SECRET_TOO_LARGE).
            SyncError: The key in the vault is none (SECRET_UNREADABLE).
        """
        self._opened().set(name, value)

    def delete(self, name: str) -> None:
        """Remove the secret; nothing happens when there is none."""
        self._opened().delete(name)

    def _opened(self) -> TableSecretStore:
        with self._lock:
            return self._open or self._with_newest_key()

    def _reopened(self) -> TableSecretStore:
        with self._lock:
            return self._with_newest_key()

    def _with_newest_key(self) -> TableSecretStore:
        key = self._vault.get(SEALING_KEY) or self._new_key()
        try:
            self._open = TableSecretStore(self._tables, encryption_key(key.reveal()))
        except ValueError:
            message = (
                f"The secret {SEALING_KEY} in Key Vault is not the Base64 of 32 bytes. Delete it: a new one is made."
            )
            raise SyncError(message, code="SECRET_UNREADABLE") from None
        return self._open

    def _new_key(self) -> Secret:
        made = Secret(b64encode(self._chance(_KEY_BYTES)).decode())
        self._vault.set(SEALING_KEY, made)
        return self._vault.get(SEALING_KEY) or made
