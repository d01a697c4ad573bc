"""Requests that may be sent twice: the second one gets the answer of the first."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

import azure.functions as func
import orjson

from sync.model.errors import InvalidError, Problem
from sync.model.integration import Owner
from sync.ports import Reply, ReplyStore

LONGEST_KEY = 255
_FIRST_FAILURE = 400


@dataclass(frozen=True, slots=True)
class Reservation:
    """A key that the request in hand answers for."""

    replies: ReplyStore
    owner: Owner
    key: str

    def settle(self, reply: Reply) -> None:
        """Keep a good answer; after a failure the request may be sent again."""
        if reply.status < _FIRST_FAILURE:
            self.replies.finish(self.owner, self.key, reply)
        else:
            self.replies.abandon(self.owner, self.key)


def reserve(
    replies: ReplyStore, owner: Owner, *, request: func.HttpRequest, now: datetime
) -> Reservation | Reply | None:
    """Return the key's reservation, the answer that it had before, or None when the request names no key.

    Raises:
        StateError: The first request is still running.
        InvalidError: The key is too long, or was used for another request.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        problem = Problem("/Idempotency-Key", "INVALID_LENGTH", f"A key has 1 to {LONGEST_KEY} characters.")
        raise InvalidError("The Idempotency-Key is not acceptable", problem)
    known = replies.begin(owner, key, digest=digest_of(request), now=now)
    return Reservation(replies, owner, key) if known is None else known


def digest_of(request: func.HttpRequest) -> str:
    """Return what two requests share that ask for the same: address and content, however the JSON is laid out."""
    body = request.get_body()
    try:
        content = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except ValueError:
        content = body
    parts = urlsplit(request.url)
    return sha256(b"\n".join([f"{request.method} {parts.path}?{parts.query}".encode(), content])).hexdigest()
