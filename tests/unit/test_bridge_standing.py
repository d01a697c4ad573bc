"""What a bridge's work says about the connection: refused credentials hold it, success lifts the hold."""

import pytest

from sync.model.errors import RetryLaterError, SetupError, SyncError
from sync.model.integration import Bridge, Status
from sync.services.bridge_standing import watched
from tests.support.listening import Ears

REFUSED = SetupError("Oneflow does not accept API token or user.", code="ONEFLOW_TOKEN_REFUSED")


def worked(ears: Ears, error: SyncError | None = None, bridge: Bridge | None = None) -> None:
    """Work for the bridge, as it is or as it was seen before, and fail if an error is given."""
    with watched(ears.desk, bridge or ears.bridge):
        if error is not None:
            raise error


def test_refused_credentials_hold_the_bridge_and_say_why() -> None:
    ears = Ears()
    with pytest.raises(SetupError):
        worked(ears, REFUSED)
    assert (ears.bridge.status, ears.bridge.status_reason) == (Status.SETUP_REQUIRED, REFUSED.message)


@pytest.mark.parametrize("error", [SetupError("no", code="PERMISSION_DENIED"), RetryLaterError("later", delay=1)])
def test_what_concerns_one_table_or_may_pass_holds_nothing(error: SyncError) -> None:
    ears = Ears()
    with pytest.raises(SyncError):
        worked(ears, error)
    assert ears.bridge.status is Status.ACTIVE


def test_what_works_lifts_the_hold() -> None:
    ears = Ears()
    ears.change(status=Status.SETUP_REQUIRED, status_reason="refused")
    worked(ears)
    assert (ears.bridge.status, ears.bridge.status_reason) == (Status.ACTIVE, None)


def notes_of(ears: Ears) -> int:
    """Return how many entries the trail of the bridge has."""
    return len(list(ears.desk.config.changes(ears.bridge_id, after="")))


def test_two_that_are_refused_at_the_same_time_note_it_once() -> None:
    ears = Ears()
    for bridge in (seen := ears.bridge, seen):
        with pytest.raises(SetupError):
            worked(ears, REFUSED, bridge)
    assert notes_of(ears) == 1


def test_two_that_work_again_at_the_same_time_note_it_once() -> None:
    ears = Ears()
    ears.change(status=Status.SETUP_REQUIRED, status_reason="refused")
    for bridge in (seen := ears.bridge, seen):
        worked(ears, bridge=bridge)
    assert notes_of(ears) == 1
