"""Tells genuine notices of Oneflow from forged ones, reads them, and says when a failed errand is tried again."""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1, sha256
from hmac import compare_digest
from typing import Any

EVENTS = (
    "contract:content_update",
    "contract:create",
    "contract:decline",
    "contract:delete",
    "contract:lifecycle_state:cancel",
    "contract:lifecycle_state:end",
    "contract:lifecycle_state:new_period",
    "contract:lifecycle_state:start",
    "contract:lifecycle_state:terminate",
    "contract:publish",
    "contract:sign",
    "contract:signature_reset",
    "contract:signing_period_expire",
    "contract:signing_period_revive",
    "data_field:update",
    "participant:decline",
    "participant:sign",
    "participant:signature_reset",
)
"""What Oneflow is asked to tell about (webhook types): what may change fields or the state of a contract."""

_CALLBACK = re.compile("[0-9A-Za-z_-]{1,128}", re.ASCII)
_HIGHEST_ID = 2**63 - 1
_FIRST_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=15)
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class OneflowNotice:
    """What a notice of Oneflow says: that something happened to a contract, and nothing about what."""

    callback_id: str
    signature: str
    contract_id: int | None


def digest(word: str) -> str:
    """Return what is stored instead of a word that only its sender may know."""
    return sha256(_bytes(word)).hexdigest()


def signature_of(callback_id: str, sign_key: str) -> str:
    """Return how Oneflow signs: SHA-1 of both, one after the other; it does not cover the rest of the body."""
    return sha1(_bytes(callback_id + sign_key), usedforsecurity=False).hexdigest()


def is_same(told: str, known: str) -> bool:
    """Compare what a sender told with what is known, in a time that tells nothing."""
    return compare_digest(_bytes(told), _bytes(known))


def read_notice(document: Any) -> OneflowNotice | None:
    """Return what a body says, or None when it is no notice; one about nothing that is known has no contract."""
    told = document if isinstance(document, dict) else {}
    callback_id, signature, contract = (told.get(name) for name in ("callback_id", "signature", "contract"))
    if not isinstance(callback_id, str) or not isinstance(signature, str) or not _CALLBACK.fullmatch(callback_id):
        return None
    number = contract.get("id") if isinstance(contract, dict) else None
    is_id = type(number) is int and 0 < number <= _HIGHEST_ID
    return OneflowNotice(callback_id, signature, number if is_id else None)


def rest_after(attempts: int) -> timedelta:
    """Return how long an errand rests after so many attempts in a row that failed."""
    return min(_FIRST_REST * (1 << min(attempts - 1, _MOST_DOUBLINGS)), _LONGEST_REST)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
