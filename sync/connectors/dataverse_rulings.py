"""What each failed reply of Dataverse means, and what a person should do about it."""

import re

from sync.connectors.faults import Fault, clean, words_of
from sync.connectors.http import Answer
from sync.connectors.rulings import Move, Ruling

_ENOUGH = 64 * 1024
_HEX = re.compile(r"0x[0-9a-f]{1,8}", re.ASCII | re.IGNORECASE)
_SIGNED = re.compile(r"-\d{1,10}", re.ASCII)
_REFUSED = "SOURCE_REFUSED"

_SETUP_USER = Ruling(
    Move.SETUP,
    "PERMISSION_DENIED",
    "Dataverse does not let the app in. Add an application user for its client id in the Power Platform admin center, "
    "enabled, with a security role that may read and write what is to be synced.",
)
_PRIVILEGE = Ruling(
    Move.SETUP,
    "PERMISSION_DENIED",
    "The application user lacks a privilege for {what}. Add it to its security role (Power Platform admin center).",
)
_ROW = Ruling(
    Move.REFUSE,
    "RECORD_FORBIDDEN",
    "The application user has no access to this row of {what}. Share it, or give its security role a wider reach.",
)
_COLUMN = Ruling(
    Move.REFUSE,
    "COLUMN_FORBIDDEN",
    "Column security keeps the application user from a column of {what}. Add it to a column security profile.",
)
_GONE = Ruling(Move.REFUSE, "RECORD_GONE", "There is no such row of {what} any more.")
_NO_TABLE = Ruling(Move.REFUSE, "ENTITY_NOT_FOUND", "Dataverse has no table {what}.")
_READ_ONLY = Ruling(
    Move.REFUSE, "RECORD_READ_ONLY", "The row of {what} is closed: a quote, say, that is no draft any more."
)
_STALE = Ruling(Move.STALE, "PRECONDITION_FAILED", "Somebody changed the row of {what} since it was read.")
_RANGE = Ruling(Move.VALUE, "VALUE_OUT_OF_RANGE", "A number is smaller or larger than a column of {what} takes.")
_VALUE = Ruling(Move.VALUE, "VALUE_REFUSED", "A value is not one that a column of {what} takes.")
_BUSY = Ruling(Move.AGAIN, "SOURCE_UNAVAILABLE", "Dataverse is not available at present. It is asked again later.")
_SLOW = Ruling(Move.AGAIN, "SOURCE_TIMEOUT", "Dataverse needed too long for {what}.")
_THROTTLED = Ruling(Move.SILENCE, "SOURCE_THROTTLED", "Dataverse throttles this app. It is asked again later.")
_RULE = Ruling(Move.REFUSE, "RULE_REFUSED", "A rule or plug-in of the organization refuses the change of {what}.")
_TOKEN = Ruling(
    Move.RENEW,
    "CREDENTIALS_REFUSED",
    "Dataverse does not accept the app's token. Check the organization's address and the tenant of the connection.",
)

_BY_CODE: dict[str, Ruling] = {
    "0x80060882": _STALE,
    "0x80040217": _GONE,
    "0x80060891": _GONE,
    "0x80041102": _NO_TABLE,
    "0x80060888": _NO_TABLE,
    "0x8006088a": _NO_TABLE,
    "0x8006088d": Ruling(
        Move.REFUSE,
        "TABLE_UNGUARDED",
        "The table {what} has no optimistic concurrency: changes of others could be overwritten unseen.",
    ),
    "0x80044331": Ruling(Move.VALUE, "VALUE_TOO_LONG", "A text is longer than a column of {what} takes."),
    "0x80044330": _RANGE,
    "0x8004432f": _RANGE,
    "0x8004431a": _VALUE,
    "0x80040239": _VALUE,
    "0x80048d19": _VALUE,
    "0x8004022e": _READ_ONLY,
    "0x80040230": _READ_ONLY,
    "0x80040265": _RULE,
    "0x80040224": _RULE,
    "0x80040220": _PRIVILEGE,
    "0x80042f09": _SETUP_USER,
    "0x80072560": _SETUP_USER,
    "0x80040225": _SETUP_USER,
    "0x80048306": _ROW,
    "0x8004020d": _ROW,
    "0x80040231": _ROW,
    "0x8004f507": _COLUMN,
    "0x8004f504": _COLUMN,
    "0x8004f502": _COLUMN,
    "0x80044150": _BUSY,
    "0x80044151": _SLOW,
    "0x80040255": _BUSY,
    "0x80072322": _THROTTLED,
    "0x80072321": _THROTTLED,
    "0x80072326": _THROTTLED,
}
"""Codes decide whatever the status: the status of some is not documented (Web API status codes and errors)."""

_BY_STATUS: dict[int, Ruling] = {
    400: Ruling(Move.REFUSE, _REFUSED, "Dataverse does not accept the request for {what}."),
    401: _TOKEN,
    403: _PRIVILEGE,
    404: Ruling(Move.REFUSE, _REFUSED, "Dataverse has nothing at the address of {what}."),
    408: _SLOW,
    412: _STALE,
    413: Ruling(Move.REFUSE, _REFUSED, "The request for {what} is too large."),
    429: _THROTTLED,
    501: Ruling(Move.REFUSE, _REFUSED, "Dataverse does not offer this way of asking for {what}."),
    504: _SLOW,
}
_BY_CLASS: dict[int, Ruling] = {
    3: Ruling(Move.REFUSE, _REFUSED, "The organization's address redirects elsewhere. Check it in the connection."),
    4: Ruling(Move.REFUSE, _REFUSED, "Dataverse refuses the request for {what}."),
    5: _BUSY,
}
_ODD = Ruling(Move.REFUSE, _REFUSED, "Dataverse's reply to the request for {what} is not understood.")


def dataverse_fault(answer: Answer) -> Fault:
    """Return what a reply says about its failure; codes in lower-case hex, also when they came as signed numbers."""
    code, message = words_of(answer.body[:_ENOUGH])
    correlation = answer.headers.get("x-ms-service-request-id") or answer.headers.get("REQ_ID") or ""
    return Fault(answer.status, _hex(code), clean(message), clean(correlation))


def dataverse_ruling(fault: Fault) -> Ruling:
    """Return what a failed reply means: by code, then by status."""
    known = _BY_CODE.get(fault.code) or _BY_STATUS.get(fault.status)
    return known or _BY_CLASS.get(fault.status // 100, _ODD)


def _hex(code: str) -> str:
    if _SIGNED.fullmatch(code):
        return f"0x{int(code) & 0xFFFFFFFF:08x}"
    return code.lower() if _HEX.fullmatch(code) else ""
