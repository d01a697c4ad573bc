"""Errors as callers see them: problem details (RFC 9457), with a code that is listed in docs/errors.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any

import orjson

from sync.model.errors import (
    CallerError,
    InvalidError,
    KeyTakenError,
    NotFoundError,
    RecordError,
    RemoteError,
    RetryLaterError,
    SetupError,
    StaleRecordError,
    StateError,
    SyncError,
)
from sync.ports import Reply

CONTENT_TYPE = "application/problem+json"
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an error code means over HTTP; `retryable` says whether the same request may succeed later."""

    status: int
    title: str
    retryable: bool = False


class RunFailedError(SyncError):
    """The run that was asked for failed as a whole."""

    def __init__(self, message: str, *, code: str, run_id: str, retryable: bool) -> None:
        super().__init__(message, code=code)
        self.run_id = run_id
        self.retryable = retryable


_CONNECTION = "The connection must be corrected"
_RIGHTS = "Rights are missing"
_VALUE = "A value cannot be stored there"
_LATER = "The remote system is not available"
_ODD = "The remote system refused or answered what cannot be used"

RULINGS: Mapping[str, Ruling] = MappingProxyType(
    {
        "BAD_REQUEST": Ruling(400, "The request cannot be understood"),
        "BODY_MALFORMED": Ruling(400, "The body is not JSON"),
        "SIGN_IN_LINK_EXPIRED": Ruling(400, "The sign-in took too long"),
        "SIGN_IN_LINK_UNKNOWN": Ruling(400, "The sign-in is not expected"),
        "TOKEN_MISSING": Ruling(401, "A bearer token is needed"),
        "TOKEN_INVALID": Ruling(401, "The bearer token is not accepted"),
        "TOKEN_EXPIRED": Ruling(401, "The bearer token has expired"),
        "NOT_FOUND": Ruling(404, "There is no such thing"),
        "CERTIFICATE_NOT_ISSUED": Ruling(404, "The run has no certificate"),
        "CONTRACT_GONE": Ruling(404, "The contract is not in Oneflow any more"),
        "ENTITY_NOT_FOUND": Ruling(404, "There is no such table"),
        "RECORD_GONE": Ruling(404, "The row is not in Dataverse any more"),
        "CONFLICT": Ruling(409, "The state of things does not allow this"),
        "KEY_TAKEN": Ruling(409, "There is one with this id already"),
        "SYNC_ALREADY_RUNNING": Ruling(409, "A sync is under way", retryable=True),
        "RUN_ACTIVE": Ruling(409, "The run is still under way", retryable=True),
        "RECORD_NOT_ASKABLE": Ruling(409, "Business Central cannot be asked for the record"),
        "RUN_ENDED": Ruling(409, "The run has ended"),
        "CONFLICT_RESOLVED": Ruling(409, "The conflict is resolved"),
        "RUN_CANCELLED": Ruling(409, "The run was cancelled"),
        "APPROVAL_REQUIRED": Ruling(409, "The run would change too much at once"),
        "APPROVAL_STALE": Ruling(409, "The run cannot be approved any more"),
        "PLAN_APPLIED": Ruling(409, "The plan was applied"),
        "PLAN_EXPIRED": Ruling(409, "The plan is too old"),
        "PLAN_FAILED": Ruling(409, "The plan came to nothing"),
        "PLAN_STALE": Ruling(409, "The plan is not true any more"),
        "NOT_HELD": Ruling(409, "The run waits for no approval"),
        "IDEMPOTENCY_IN_PROGRESS": Ruling(409, "The first request with this key is still running", retryable=True),
        "INTEGRATION_BROKEN": Ruling(409, "The company or environment is gone"),
        "SETUP_REQUIRED": Ruling(409, "The connection must be set up"),
        "REAUTH_REQUIRED": Ruling(409, "The connection must be authorized again"),
        "CLIENT_SECRET_MISSING": Ruling(409, _CONNECTION),
        "COMPANY_NOT_FOUND": Ruling(409, _CONNECTION),
        "COMPANY_REQUIRED": Ruling(409, _CONNECTION),
        "CONSENT_DECLINED": Ruling(409, "There is no consent"),
        "CONSENT_NOT_NEEDED": Ruling(409, "The connection needs no consent"),
        "CONNECTION_INVALID": Ruling(409, _CONNECTION),
        "CREDENTIALS_REFUSED": Ruling(409, _CONNECTION),
        "ENVIRONMENT_NOT_FOUND": Ruling(409, _CONNECTION),
        "NO_COMPANY": Ruling(409, _CONNECTION),
        "PERMISSION_DENIED": Ruling(409, _CONNECTION),
        "SCOPE_REFUSED": Ruling(409, _CONNECTION),
        "SIGN_IN_REFUSED": Ruling(409, _CONNECTION),
        "SOURCE_NOT_IN_TENANT": Ruling(409, _CONNECTION),
        "COLUMN_FORBIDDEN": Ruling(409, _RIGHTS),
        "CONTRACT_AMBIGUOUS": Ruling(409, "It is not clear which contract is meant"),
        "CONTRACT_IN_PROGRESS": Ruling(409, "The contract is being made", retryable=True),
        "CONTRACT_BUSY": Ruling(409, "Another merge of the contract is under way", retryable=True),
        "CONTRACT_TABLE_UNFIT": Ruling(409, "The table cannot hold rows of contracts"),
        "CONTRACT_LOCKED": Ruling(409, "The contract takes no changes any more"),
        "ONEFLOW_FORBIDDEN": Ruling(409, _RIGHTS),
        "ONEFLOW_PLAN_REQUIRED": Ruling(409, "The Oneflow account's plan does not include this"),
        "ONEFLOW_TOKEN_MISSING": Ruling(409, _CONNECTION),
        "ONEFLOW_TOKEN_REFUSED": Ruling(409, _CONNECTION),
        "PARTICIPANT_DUPLICATE": Ruling(409, "The participant is there already"),
        "RECORD_FORBIDDEN": Ruling(409, _RIGHTS),
        "RECORD_READ_ONLY": Ruling(409, "The row takes no changes any more"),
        "RULE_REFUSED": Ruling(409, "A rule of the organization refuses the change"),
        "TABLE_UNGUARDED": Ruling(409, "The table cannot be changed safely"),
        "WRONG_KIND": Ruling(409, "The integration is of the other kind"),
        "PUBLIC_URL_MISSING": Ruling(409, "The hub has no public address"),
        "ENDPOINT_DISABLED": Ruling(409, "The webhook endpoint is disabled"),
        "TOO_MANY_ENDPOINTS": Ruling(409, "There are too many webhook endpoints"),
        "MAPPING_INVALID": Ruling(409, "The mapping must be corrected"),
        "PRECONDITION_FAILED": Ruling(412, "It was changed meanwhile"),
        "BODY_TOO_LARGE": Ruling(413, "The body is too large"),
        "CONTENT_TYPE_UNSUPPORTED": Ruling(415, "The body must be JSON"),
        "INVALID": Ruling(422, "Some values are not acceptable"),
        "INVALID_CURSOR": Ruling(422, "The cursor does not belong to this listing"),
        "CONTRACT_REFUSED": Ruling(422, "Oneflow does not accept the contract"),
        "MAPPING_MISSING": Ruling(422, "The table has no mapping"),
        "IDEMPOTENCY_KEY_REUSED": Ruling(422, "The key was used for another request"),
        "VALUE_OUT_OF_RANGE": Ruling(422, _VALUE),
        "VALUE_REFUSED": Ruling(422, _VALUE),
        "VALUE_TOO_LONG": Ruling(422, _VALUE),
        "RECORD_INVALID": Ruling(422, "The record cannot be stored"),
        "ROW_INVALID": Ruling(422, "The values cannot be stored"),
        "ROW_TOO_LARGE": Ruling(422, "The values are too large to be stored"),
        "SECRET_TOO_LARGE": Ruling(422, "The secret is too long to be kept"),
        "IF_MATCH_MISSING": Ruling(428, "If-Match is needed"),
        "INTERNAL_ERROR": Ruling(500, "Something went wrong in the hub"),
        "SECRET_UNREADABLE": Ruling(500, "A stored secret cannot be read"),
        "STORAGE_REFUSED": Ruling(500, "The hub's storage refuses"),
        "TRANSACTION_TOO_LARGE": Ruling(500, "The hub wrote too much at once"),
        "VAULT_REFUSED": Ruling(500, "The hub's Key Vault refuses"),
        "CURSOR_LOST": Ruling(502, _ODD, retryable=True),
        "CURSOR_LOOP": Ruling(502, _ODD, retryable=True),
        "ENTITY_SET_NOT_FOUND": Ruling(502, _ODD),
        "FOREIGN_NEXT_LINK": Ruling(502, _ODD),
        "RECORD_NOT_FOUND": Ruling(502, _ODD),
        "ONEFLOW_NOT_FOUND": Ruling(502, _ODD),
        "SOURCE_REFUSED": Ruling(502, _ODD),
        "SOURCE_UNREADABLE": Ruling(502, _ODD, retryable=True),
        "SOURCE_INCOMPLETE": Ruling(502, "Not everything could be read", retryable=True),
        "LISTING_SHORT": Ruling(502, "The source listed fewer records than it counts", retryable=True),
        "LISTING_SHRUNK": Ruling(502, "The source listed far fewer records than are stored"),
        "OWNER_LOST": Ruling(503, "The run was interrupted too often", retryable=True),
        "NOT_READY": Ruling(503, "The hub cannot work now", retryable=True),
        "SIGNING_KEYS_UNAVAILABLE": Ruling(503, "Tokens cannot be verified now", retryable=True),
        "SIGN_IN_UNAVAILABLE": Ruling(503, _LATER, retryable=True),
        "SOURCE_THROTTLED": Ruling(503, _LATER, retryable=True),
        "SOURCE_TIMEOUT": Ruling(503, _LATER, retryable=True),
        "SOURCE_UNAVAILABLE": Ruling(503, _LATER, retryable=True),
        "STORAGE_UNAVAILABLE": Ruling(503, "The hub's storage is not available", retryable=True),
        "VAULT_UNAVAILABLE": Ruling(503, "The hub's Key Vault is not available", retryable=True),
        "WORKFLOW_UNAVAILABLE": Ruling(503, "The run could not be started", retryable=True),
    }
)
"""Every code that an answer may carry."""

_BY_CLASS: tuple[tuple[type[SyncError], Ruling], ...] = (
    (NotFoundError, RULINGS["NOT_FOUND"]),
    (StateError, RULINGS["CONFLICT"]),
    (InvalidError, RULINGS["INVALID"]),
    (CallerError, RULINGS["BAD_REQUEST"]),
    (SetupError, RULINGS["SETUP_REQUIRED"]),
    (RetryLaterError, RULINGS["SOURCE_UNAVAILABLE"]),
    (RemoteError, RULINGS["SOURCE_REFUSED"]),
    (RunFailedError, RULINGS["SOURCE_REFUSED"]),
    (RecordError, RULINGS["RECORD_INVALID"]),
    (StaleRecordError, RULINGS["PRECONDITION_FAILED"]),
    (KeyTakenError, RULINGS["KEY_TAKEN"]),
    (SyncError, RULINGS["INTERNAL_ERROR"]),
)


def ruling_on(error: SyncError) -> Ruling:
    """Return what an error means over HTTP: its code decides, else its class."""
    known = RULINGS.get(error.code)
    return known or next(ruling for kind, ruling in _BY_CLASS if isinstance(error, kind))


def write_problem(error: SyncError, *, instance: str, trace_id: str, extra: Mapping[str, Any] | None = None) -> Reply:
    """Return the answer that tells a caller about an error."""
    ruling = ruling_on(error)
    body: dict[str, Any] = {
        "type": f"urn:dynamics-sync-hub:error:{error.code}",
        "title": ruling.title,
        "status": ruling.status,
        "detail": error.message,
        "instance": instance,
        "code": error.code,
        "traceId": trace_id,
        "retryable": error.retryable if isinstance(error, RunFailedError) else ruling.retryable,
        "success": False,
        **_facts(error),
        **(extra or {}),
    }
    return Reply(ruling.status, {"Content-Type": CONTENT_TYPE, **_headers(error, ruling)}, orjson.dumps(body).decode())


def _facts(error: SyncError) -> dict[str, Any]:
    if isinstance(error, StateError):
        return dict(error.facts)
    if isinstance(error, RunFailedError):
        return {"runId": error.run_id}
    if isinstance(error, InvalidError) and error.problems:
        return {"errors": [{"pointer": p.pointer, "code": p.code, "detail": p.detail} for p in error.problems]}
    return {}


def _headers(error: SyncError, ruling: Ruling) -> dict[str, str]:
    if ruling.status == _UNAUTHORIZED:
        missing = error.code == "TOKEN_MISSING"
        return {"WWW-Authenticate": "Bearer" if missing else 'Bearer error="invalid_token"'}
    if isinstance(error, RetryLaterError) and error.delay > 0:
        return {"Retry-After": str(ceil(error.delay))}
    return {}
