"""What each failed reply of Oneflow means, and what a person should do about it."""

from typing import Any

from sync.connectors.faults import Fault, clean, decoded
from sync.connectors.http import Answer
from sync.connectors.rulings import Move, Ruling

_ENOUGH = 64 * 1024
_REFUSED = "SOURCE_REFUSED"

_BY_CODE: dict[str, Ruling] = {
    "4000003": Ruling(
        Move.REFUSE, "PARTICIPANT_DUPLICATE", "The contract has a participant with this e-mail address already."
    ),
}
"""Codes that end in 0000 are general; those of others are stable (Handling errors with error codes)."""

_BY_STATUS: dict[int, Ruling] = {
    400: Ruling(Move.REFUSE, _REFUSED, "Oneflow does not accept the request for {what}."),
    401: Ruling(
        Move.SETUP,
        "ONEFLOW_TOKEN_REFUSED",
        "Oneflow does not accept API token or user. Make a token under Marketplace, API tokens, and name an active "
        "user of the same account.",
    ),
    402: Ruling(Move.REFUSE, "ONEFLOW_PLAN_REQUIRED", "The Oneflow account's plan does not include {what}."),
    403: Ruling(
        Move.REFUSE,
        "ONEFLOW_FORBIDDEN",
        "The Oneflow user may not use {what}. Give the user a role in the workspace, and share the template with it.",
    ),
    404: Ruling(Move.REFUSE, "ONEFLOW_NOT_FOUND", "Oneflow has no {what} of this id."),
    408: Ruling(Move.AGAIN, "SOURCE_TIMEOUT", "Oneflow needed too long for {what}."),
    409: Ruling(Move.REFUSE, "CONTRACT_LOCKED", "The contract takes no changes any more: it is signed or declined."),
    429: Ruling(Move.SILENCE, "SOURCE_THROTTLED", "Oneflow throttles this API token. It is asked again later."),
    504: Ruling(Move.AGAIN, "SOURCE_TIMEOUT", "Oneflow needed too long for {what}."),
}
_BY_CLASS: dict[int, Ruling] = {
    3: Ruling(Move.REFUSE, _REFUSED, "Oneflow's address redirects elsewhere. Check HUB_ONEFLOW_URL."),
    4: Ruling(Move.REFUSE, _REFUSED, "Oneflow refuses the request for {what}."),
    5: Ruling(Move.AGAIN, "SOURCE_UNAVAILABLE", "Oneflow is not available at present. It is asked again later."),
}
_ODD = Ruling(Move.REFUSE, _REFUSED, "Oneflow's reply to the request for {what} is not understood.")


def oneflow_fault(answer: Answer) -> Fault:
    """Return what a reply says about its failure: its number, and what it says about single parameters."""
    try:
        told = decoded(answer.body[:_ENOUGH])
    except ValueError:
        told = None
    facts: dict[str, Any] = told if isinstance(told, dict) else {}
    number, request_id = facts.get("error_code"), facts.get("request_id")
    parameters = tuple(_problems(facts.get("parameter_problems")))
    return Fault(
        status=answer.status,
        code=str(number) if isinstance(number, int) else "",
        text=clean("; ".join(parameters) or str(facts.get("detail") or "")),
        correlation=str(request_id) if isinstance(request_id, str) and len(request_id) <= _LONGEST_ID else "",
        parameters=parameters,
    )


def oneflow_ruling(fault: Fault) -> Ruling:
    """Return what a failed reply means: by code, then by status."""
    known = _BY_CODE.get(fault.code) or _BY_STATUS.get(fault.status)
    return known or _BY_CLASS.get(fault.status // 100, _ODD)


_LONGEST_ID = 100


def _problems(told: Any) -> list[str]:
    if not isinstance(told, dict):
        return []
    return [f"{path}: {text}" for path, texts in told.items() for text in (texts if isinstance(texts, list) else ())]
