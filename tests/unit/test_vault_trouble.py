"""What a run makes of trouble with the vault: never the customer's fault."""

from dataclasses import replace

from sync.model.errors import RefusedError, RemoteError, RetryLaterError
from sync.model.integration import Status
from sync.model.run import RunStatus
from sync.model.secret import Secret
from sync.storage.memory import MemorySecretStore
from tests.support.office import Office, open_office

REFUSED = RefusedError("Key Vault refuses the hub", status=403, code="VAULT_REFUSED")
BUSY = RetryLaterError("Key Vault is busy", delay=33.05, code="VAULT_UNAVAILABLE", announced=True)
AWAY = RetryLaterError("Key Vault cannot be reached", delay=5, code="VAULT_UNAVAILABLE")


class Troubled(MemorySecretStore):
    """A store that fails as planned before it works."""

    def __init__(self, *planned: RemoteError) -> None:
        super().__init__()
        self._planned = list(planned)

    def get(self, name: str) -> Secret | None:
        if self._planned:
            raise self._planned.pop(0)
        return super().get(name)


def office_with(*planned: RemoteError) -> Office:
    office = open_office()
    office.add("One", "Two")
    office.desk = office.host.desk = replace(office.desk, secrets=Troubled(*planned))
    return office


def test_a_vault_that_refuses_fails_the_run_and_holds_no_integration() -> None:
    office = office_with(*[REFUSED] * 9)
    run = office.sync()
    assert (run.status, run.error.code if run.error else "") == (RunStatus.FAILED, "VAULT_REFUSED")
    assert office.current.status is Status.ACTIVE


def test_a_run_waits_as_long_as_the_vault_asks_and_goes_on() -> None:
    office = office_with(BUSY)
    run = office.sync()
    assert (run.status, office.host.slept) == (RunStatus.SUCCEEDED, [33.05])


def test_a_vault_that_is_away_is_waited_for() -> None:
    office = office_with(*[AWAY] * 9)
    assert (office.sync().status, len(office.host.slept)) == (RunStatus.SUCCEEDED, 9)


def test_a_vault_that_stays_away_is_left_to_the_schedule() -> None:
    office = office_with(*[AWAY] * 99)
    run = office.sync()
    assert run.error is not None
    assert (run.status, run.error.code, run.error.retryable) == (RunStatus.FAILED, "VAULT_UNAVAILABLE", True)
    assert office.current.status is Status.ACTIVE
