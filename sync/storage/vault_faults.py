"""What it means when Key Vault refuses, or does not answer."""

import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from sync.engine.retry import parse_retry_after
from sync.model.errors import RefusedError, RetryLaterError

RETRY_SECONDS = 5.0
"""How long to wait for a vault that names no time."""

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_WORD = re.compile(r"[A-Za-z]{1,60}")
_IDENTITY = re.compile(r"[0-9A-Za-z-]{1,64}")
_ROLE = (
    "Give the app's managed identity the role Key Vault Secrets Officer on the vault; a new role takes some minutes "
    "to work."
)
_NETWORK = "Let the app's network through the vault's firewall."
_TENANT = "Check that the vault belongs to the tenant of the app's managed identity."
_ADDRESS = "Check that HUB_KEY_VAULT_URL is the address of a Key Vault."
_ADVICE_BY_CODE = {"ForbiddenByFirewall": _NETWORK, "ForbiddenByConnection": _NETWORK}
_ADVICE: dict[int, str] = {HTTPStatus.FORBIDDEN: _ROLE, HTTPStatus.UNAUTHORIZED: _TENANT}


def vault_error(error: Exception, *, now: datetime) -> RefusedError | RetryLaterError:
    """Return what a failure of the SDK's client means: the vault refuses, is busy, or is not there."""
    if isinstance(error, ValueError):
        return RefusedError(f"What answers is no Key Vault. {_ADDRESS}", code="VAULT_REFUSED")
    if not isinstance(error, HttpResponseError):
        return RetryLaterError("Key Vault cannot be reached.", delay=RETRY_SECONDS, code="VAULT_UNAVAILABLE")
    if isinstance(error, ClientAuthenticationError) and error.response is None:
        message = "The app's managed identity gets no token for Key Vault. Check that it is assigned to the app."
        return RetryLaterError(message, delay=RETRY_SECONDS, code="VAULT_UNAVAILABLE")
    status = error.status_code or 0
    if status in _PASSING or status < HTTPStatus.BAD_REQUEST:
        return _busy(error, now)
    advice = _ADVICE_BY_CODE.get(inner_code(error)) or _ADVICE.get(status, _ADDRESS)
    return RefusedError(f"Key Vault refuses the hub. {advice} [{_facts(error)}]", status=status, code="VAULT_REFUSED")


def inner_code(error: HttpResponseError) -> str:
    """Return the vault's own reason for an error, such as SecretDisabled; empty when it gave none."""
    told = error.error.innererror if error.error is not None else None
    code = told.get("code") if isinstance(told, dict) else None
    return code if isinstance(code, str) and _WORD.fullmatch(code) else ""


def _busy(error: HttpResponseError, now: datetime) -> RetryLaterError:
    headers = _headers(error)
    wish = parse_retry_after(headers.get("Retry-After"), date=headers.get("Date"), now=now)
    message = f"Key Vault is busy. [{_facts(error)}]"
    delay = RETRY_SECONDS if wish is None else wish
    return RetryLaterError(message, delay=delay, code="VAULT_UNAVAILABLE", announced=wish is not None)


def _facts(error: HttpResponseError) -> str:
    """Return status, reason and request id: enough for support, and nothing of the vault's own texts."""
    request = _headers(error).get("x-ms-request-id", "")
    told = f"{error.status_code} {inner_code(error)}".rstrip()
    return f"{told}; request {request}" if _IDENTITY.fullmatch(request) else told


def _headers(error: HttpResponseError) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(error.response, "headers", {})
    return found
