"""Table keys: every part escaped, so that no value can reach beyond its own place."""

import re
from base64 import b32encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256

from sync.model.checkpoint import RunKey
from sync.model.conflict import Queue
from sync.model.entity import EntityType
from sync.model.errors import RecordError
from sync.model.integration import Owner
from sync.model.record import SetKey
from sync.model.secret import Secret

_PLAIN = re.compile(r"(?!h_)[A-Za-z0-9.:_-]{1,128}")
_ALL_PLAIN = re.compile(rf"(?:{_PLAIN.pattern}\n)*")
_OWNER = re.compile(r"(?!h-)[A-Za-z0-9.:-]{1,128}")
_SECRET_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_VERSIONS = 9_999_999_999
_END_OF_TICKS = 10**19 - 1

FIRST_RECORD = "-"
"""The lowest row key of a record; manifests lie below it."""
BEYOND = "~"
"""Above every character that an escaped key may have."""
LONGEST_SECRET = 25_000
"""Bytes of a secret in UTF-8: the 25 KB of "About Azure Key Vault secrets", read the strict way."""


def escape(text: str) -> str:
    """Return the text as a part of a key: itself when it is plain and short, else a hash beginning with `h_`."""
    return text if _PLAIN.fullmatch(text) else _hashed(text)


def are_plain(texts: Sequence[str]) -> bool:
    """Tell whether each of the texts is itself as a part of a key."""
    lines = "".join(("\n".join(texts), "\n" if texts else ""))
    return _ALL_PLAIN.fullmatch(lines) is not None and lines.count("\n") == len(texts)


def owner_part(user_id: str) -> str:
    """Return a user id as the first part of a key; it holds no `_`, so that keys of two users never meet."""
    return user_id if _OWNER.fullmatch(user_id) else _hashed(user_id).replace("h_", "h-")


def owner_key(owner: Owner) -> str:
    """Return the partition of an owner's own things."""
    return f"u_{owner_part(owner.user_id)}"


def set_part(key: SetKey) -> str:
    """Return the part that all partitions of a record set begin with."""
    return f"{owner_part(key.user_id)}_{escape(key.system)}_{key.entity}"


def index_part(key: SetKey) -> str:
    """Return the partition of what is known about a record set beside its records."""
    return f"{set_part(key)}_x"


def bucket_part(key: SetKey, bucket: int) -> str:
    """Return the partition of a bucket."""
    return f"{set_part(key)}_{bucket:05d}"


def bucket_in(partition: str) -> int:
    """Return the bucket whose partition this is."""
    return int(partition[-5:])


def run_part(run: RunKey) -> str:
    """Return the partition of a run."""
    return f"{escape(run.integration_id)}_{escape(run.run_id)}"


def failure_key(entity: EntityType, external_id: str) -> str:
    """Return the row key of a record's failure."""
    return f"{entity}_{escape(external_id)}"


def mapping_part(integration_id: str) -> str:
    """Return the partition of an integration's mappings; it meets no owner's, which begins with `u_`."""
    return f"m_{escape(integration_id)}"


def version_key(entity: EntityType, version: int) -> str:
    """Return the row key of a mapping's version: the newest sorts first."""
    return f"{entity}_{_MOST_VERSIONS - version:010d}"


def manifest_key(source: str) -> str:
    """Return the row key of a source's manifest."""
    return f"!m_{blake2b(source.encode(), digest_size=8).hexdigest()}"


def queue_part(queue: Queue) -> str:
    """Return the partition of a queue of conflicts."""
    return f"{owner_part(queue.user_id)}_{blake2b(queue.source.encode(), digest_size=12).hexdigest()}"


def latest_first(moment: datetime, name: str) -> str:
    """Return a row key that sorts before those of earlier moments."""
    return f"{_END_OF_TICKS - int(ticks(moment)):019d}_{name}"


def ticks(moment: datetime) -> str:
    """Return the moment in 100 ns since year 1, as 19 digits that sort by time."""
    return f"{(moment - _EPOCH) // _MICROSECOND * 10:019d}"


def check_secret_name(name: str) -> str:
    """Return the name.

    Raises:
        ValueError: It is not 1-127 of 0-9a-zA-Z-.
    """
    if not _SECRET_NAME.fullmatch(name):
        raise ValueError("a secret's name is 1-127 of 0-9a-zA-Z-")
    return name


def check_secret(name: str, value: Secret) -> None:
    """Let a secret pass that every store takes, or refuse it.

    Raises:
        ValueError: Its name is not 1-127 of 0-9a-zA-Z-.
        RecordError: Its value is longer than a vault takes (SECRET_TOO_LARGE).
    """
    check_secret_name(name)
    size = len(value.reveal().encode())
    if size > LONGEST_SECRET:
        message = f"A secret has {size} bytes; {LONGEST_SECRET} are the most that can be kept."
        raise RecordError(message, code="SECRET_TOO_LARGE")


def _hashed(text: str) -> str:
    return f"h_{b32encode(sha256(text.encode()).digest()).decode()[:32].lower()}"
