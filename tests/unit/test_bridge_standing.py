"""What a bridge's work says about the connection: refused credentials hold it, success lifts the hold."""

import pytest

from sync.model.errors import RetryLaterError, SetupError, SyncError
from sync.model.integration import Status
from sync.services.bridge_standing import watched
from tests.support.listening import Ears

REFUSED = SetupError("Oneflow does not accept API token or user.", code="ONEFLOW_TOKEN_REFUSED")


def worked(ears: Ears, error: SyncError | None = None) -> None:
    """Work for the bridge, and fail if an error is given."""
    with watched(ears.desk, ears.bridge):
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
