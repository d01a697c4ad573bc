"""What each failed reply of Business Central means, and what a person should do about it."""

from dataclasses import dataclass
from enum import Enum, auto

from sync.connectors.faults import Fault
from sync.model.errors import (
    RecordError,
    RefusedError,
    RetryLaterError,
    SetupError,
    SourceGoneError,
    StaleRecordError,
    SyncError,
)


class Move(Enum):
    """What the hub does next."""

    AGAIN = auto()
    """Send it again, a few times."""
    SILENCE = auto()
    """Let the whole principal be silent, then send it again."""
    RENEW = auto()
    """Get another token and send it once more."""
    SETUP = auto()
    """Ask a person to change the connection."""
    GONE = auto()
    """Hold the integration: what it syncs from is not there."""
    REFUSE = auto()
    """Give this request up."""
    STALE = auto()
    """Read again and decide again: someone else wrote first."""
    VALUE = auto()
    """Leave the value out: it cannot be taken over as it is."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The next move, the stable code, and the advice; `{what}` is the thing that was asked for."""

    move: Move
    code: str
    advice: str

    def error(self, fault: Fault, *, what: str, delay: float = 0.0) -> SyncError:
        """Return the error that says this about a fault."""
        message = fault.told(self.advice.format(what=what))
        if self.move in {Move.AGAIN, Move.SILENCE}:
            return RetryLaterError(message, delay=delay, code=self.code)
        if self.move is Move.GONE:
            return SourceGoneError(message, code=self.code)
        if self.move is Move.REFUSE:
            return RefusedError(message, status=fault.status, code=self.code, parameters=fault.parameters)
        if self.move is Move.STALE:
            return StaleRecordError(message)
        return _BLAMED.get(self.move, SetupError)(message, code=self.code)


_BLAMED: dict[Move, type[SyncError]] = {Move.VALUE: RecordError}


_REFUSED = "SOURCE_REFUSED"
_MISSING_RECORD = Ruling(Move.REFUSE, "RECORD_NOT_FOUND", "Business Central has no such record in {what}.")

_BY_CODE = {
    "NoEnvironment": Ruling(
        Move.GONE,
        "ENVIRONMENT_NOT_FOUND",
        "Business Central has no environment of this name: it was renamed, deleted or misspelt. "
        "Look the name up in the admin center and correct the connection.",
    ),
    "Internal_CompanyNotFound": Ruling(
        Move.GONE,
        "COMPANY_NOT_FOUND",
        "The company is not in this Business Central environment any more. Choose another company in the connection.",
    ),
}
"""Codes that decide at every 4xx: the status of some is not documented."""

_BY_STATUS = {
    (400, ""): Ruling(
        Move.REFUSE, _REFUSED, "Business Central does not accept the request for {what}. Check mapping and filter."
    ),
    (400, "Application"): Ruling(
        Move.REFUSE,
        _REFUSED,
        "Business Central's own rules refuse the request for {what}. Check the filter values, also their length.",
    ),
    (401, ""): Ruling(
        Move.RENEW,
        "CREDENTIALS_REFUSED",
        "Business Central does not accept the app. Register and enable the app in Business Central (Microsoft Entra "
        "Applications) with its client id, state Enabled and a permission set; in Entra it needs API.ReadWrite.All.",
    ),
    (403, ""): Ruling(
        Move.SETUP,
        "PERMISSION_DENIED",
        "The app may not read {what}. Add a permission set that allows reading it to the app in Business Central "
        "(Microsoft Entra Applications).",
    ),
    (404, ""): Ruling(Move.REFUSE, _REFUSED, "Business Central has nothing at the address of {what}."),
    (404, "BadRequest_ResourceNotFound"): Ruling(
        Move.REFUSE,
        "ENTITY_SET_NOT_FOUND",
        "Business Central has no entity set {what} on this route. Correct route and entity set in the mapping.",
    ),
    (404, "BadRequest_NotFound"): _MISSING_RECORD,
    (404, "Internal_RecordNotFound"): _MISSING_RECORD,
    (404, "Internal_DataNotFoundFilter"): _MISSING_RECORD,
    (405, ""): Ruling(Move.REFUSE, _REFUSED, "Business Central does not allow {what} to be read this way."),
    (408, ""): Ruling(
        Move.AGAIN, "SOURCE_TIMEOUT", "Business Central needed too long for {what}. Ask for smaller pages."
    ),
    (409, ""): Ruling(Move.REFUSE, _REFUSED, "Business Central reports a conflict while reading {what}."),
    (413, ""): Ruling(Move.REFUSE, _REFUSED, "The request for {what} is too large. Ask for smaller pages."),
    (415, ""): Ruling(Move.REFUSE, _REFUSED, "Business Central does not speak this format for {what}."),
    (429, ""): Ruling(
        Move.SILENCE, "SOURCE_THROTTLED", "Business Central throttles this app. It is asked again later."
    ),
    (501, ""): Ruling(Move.REFUSE, _REFUSED, "Business Central does not offer this way of reading {what}."),
    (504, ""): Ruling(
        Move.AGAIN, "SOURCE_TIMEOUT", "Business Central needed too long for {what}. Ask for smaller pages."
    ),
}

_BY_CLASS = {
    3: Ruling(Move.REFUSE, _REFUSED, "Business Central's address redirects elsewhere. Check HUB_BUSINESS_CENTRAL_URL."),
    4: Ruling(Move.REFUSE, _REFUSED, "Business Central refuses the request for {what}."),
    5: Ruling(
        Move.AGAIN, "SOURCE_UNAVAILABLE", "Business Central is not available at present. It is asked again later."
    ),
}

_ODD = Ruling(Move.REFUSE, _REFUSED, "Business Central's reply to the request for {what} is not understood.")


def ruling_on(fault: Fault) -> Ruling:
    """Return what a failed reply means: by code, then by status and code, then by status."""
    if fault.status in range(400, 500) and fault.code in _BY_CODE:
        return _BY_CODE[fault.code]
    for code in (fault.code, fault.code.partition("_")[0], ""):
        if (fault.status, code) in _BY_STATUS:
            return _BY_STATUS[fault.status, code]
    return _BY_CLASS.get(fault.status // 100, _ODD)
