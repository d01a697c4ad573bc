"""Signatures of webhooks as Standard Webhooks 1.0.0 asks for them: HMAC-SHA256 over id, time and body."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
"""Begins every signing secret."""


def secret_text(key: bytes) -> str:
    """Return a signing secret as it is shown; a key has 24 to 64 random bytes."""
    return PREFIX + b64encode(key).decode()


def signed_headers(event_id: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of one attempt, with a signature for each of the secrets; `at` is the time of the attempt."""
    told = str(int(at.timestamp()))
    content = b".".join((event_id.encode(), told.encode(), body))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": told,
        "webhook-signature": " ".join(f"v1,{_signature(secret, content)}" for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.digest(key, content, sha256)).decode()
