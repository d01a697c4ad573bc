"""Everything that can go wrong, arranged by what happens next.

SyncError
    SetupError              a person must change something; never retried
        ConsentError        the connection must be authorized again
        SourceGoneError     the company or the environment is no longer there
    RemoteError             a remote system did not do what was asked
        RetryLaterError     the same request may succeed later
        RefusedError        the same request will fail again
        CursorLostError     a page cursor died; walk the range again
    RecordError             one record is at fault; the run goes on
    StaleRecordError        someone else wrote first; read again and decide again
    KeyTakenError           a row to be created exists already
    CallerError             the caller asked for what cannot be done
        NotFoundError       there is no such thing, or it is not the caller's
        StateError          the thing exists and is in the wrong state
        InvalidError        understood, and not acceptable
"""

from dataclasses import dataclass


class SyncError(Exception):
    """Something went wrong; `code` is stable and listed in docs/errors.md."""

    code = "INTERNAL_ERROR"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class SetupError(SyncError):
    """A person must change something in the connection; retrying does not help."""

    code = "SETUP_REQUIRED"


class ConsentError(SetupError):
    """The connection must be authorized again."""

    code = "REAUTH_REQUIRED"


class SourceGoneError(SetupError):
    """The company or the environment is not there any more."""

    code = "INTEGRATION_BROKEN"


class RemoteError(SyncError):
    """A remote system did not do what was asked."""

    code = "SOURCE_UNAVAILABLE"


class RetryLaterError(RemoteError):
    """The same request may succeed after `delay` seconds; `announced` when the remote system itself named the time."""

    def __init__(self, message: str, *, delay: float, code: str | None = None, announced: bool = False) -> None:
        super().__init__(message, code=code)
        self.delay = delay
        self.announced = announced


class RefusedError(RemoteError):
    """The same request will fail again; `parameters` are what the remote system finds wrong with single ones."""

    code = "SOURCE_REFUSED"

    def __init__(
        self, message: str, *, status: int | None = None, code: str | None = None, parameters: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.parameters = parameters


class CursorLostError(RemoteError):
    """The source no longer knows the cursor of a page walk."""

    code = "CURSOR_LOST"


class RecordError(SyncError):
    """One record, `external_id`, cannot be taken over as it is."""

    code = "RECORD_INVALID"

    def __init__(self, message: str, *, code: str | None = None, external_id: str | None = None) -> None:
        super().__init__(message, code=code)
        self.external_id = external_id


class StaleRecordError(SyncError):
    """Someone else wrote first."""

    code = "PRECONDITION_FAILED"


class KeyTakenError(SyncError):
    """A row that was to be created exists already."""

    code = "KEY_TAKEN"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in what a caller sent; `pointer` is a JSON pointer to the member itself."""

    pointer: str
    code: str
    detail: str


class CallerError(SyncError):
    """The caller asked for something that cannot be done."""

    code = "BAD_REQUEST"


class NotFoundError(CallerError):
    """There is no such thing, or it belongs to someone else: the answer is the same."""

    code = "NOT_FOUND"


class StateError(CallerError):
    """The thing is in a state that does not allow this; `facts` are added to the answer."""

    code = "CONFLICT"

    def __init__(self, message: str, *, code: str, facts: dict[str, str] | None = None) -> None:
        super().__init__(message, code=code)
        self.facts = facts or {}


class InvalidError(CallerError):
    """Well-formed, understood, and not acceptable; carries every problem at once."""

    code = "INVALID"

    def __init__(self, message: str, *problems: Problem, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.problems = problems
