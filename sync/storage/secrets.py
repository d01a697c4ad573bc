"""Secrets in a table, encrypted: the account's readers see names and sizes, nothing else."""

import os
from base64 import urlsafe_b64decode
from collections.abc import Callable
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.model.errors import SyncError
from sync.model.secret import Secret
from sync.storage.keys import check_secret, check_secret_name
from sync.storage.tables import Tables

_TABLE = "Secrets"
_ROW = "value"
_KEY_BYTES = 32
_NONCE_BYTES = 12


def encryption_key(text: str) -> bytes:
    """Return the 32 bytes that a Base64 text, of either alphabet, tells.

    Raises:
        ValueError: It tells something else.
    """
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    key = urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    if len(key) != _KEY_BYTES:
        raise ValueError(f"the encryption key has {len(key)} bytes, not {_KEY_BYTES}")
    return key


class TableSecretStore:
    """Secrets by name, under AES-256-GCM with the name as associated data.

    New values are written with the first key; older keys still read what was written with them.
    """

    def __init__(self, tables: Tables, key: bytes, *older: bytes, chance: Callable[[int], bytes] = os.urandom) -> None:
        self._tables = tables
        self._chance = chance
        self._key_id = _key_id(key)
        self._ciphers = {_key_id(each): AESGCM(each) for each in (key, *older)}

    def get(self, name: str) -> Secret | None:
        """Return the newest value of the secret, or None.

        Raises:
            SyncError: It was written with a key that is not here, or was tampered with (SECRET_UNREADABLE).
        """
        row = self._tables.find(_TABLE, check_secret_name(name), _ROW)
        if row is None:
            return None
        cipher, sealed = self._ciphers.get(row["keyId"]), row["sealed"]
        if cipher is None:
            raise SyncError(f"Secret {name} was encrypted with another key.", code="SECRET_UNREADABLE")
        try:
            text = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except InvalidTag as error:
            raise SyncError(f"Secret {name} was tampered with.", code="SECRET_UNREADABLE") from error
        return Secret(text.decode())

    def set(self, name: str, value: Secret) -> None:
        """Store a new value of the secret.

        Raises:
            RecordError: The value is longer than a vault takes (SECRET_TOO_LARGE).
        """
        check_secret(name, value)
        nonce = self._chance(_NONCE_BYTES)
        sealed = nonce + self._ciphers[self._key_id].encrypt(nonce, value.reveal().encode(), name.encode())
        row = {"PartitionKey": name, "RowKey": _ROW, "keyId": self._key_id, "sealed": sealed}
        self._tables.put(_TABLE, row)

    def delete(self, name: str) -> None:
        """Remove the secret; nothing happens when there is none."""
        self._tables.remove(_TABLE, check_secret_name(name), _ROW)


def _key_id(key: bytes) -> str:
    return blake2b(key, digest_size=6, person=b"hub key id").hexdigest()
