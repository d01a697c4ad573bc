"""One token for all who need one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread

import pytest

from sync.connectors.entra import BUSINESS_CENTRAL, Entra, Issued, Resource
from sync.connectors.tokens import EntraTokens
from sync.model.bridge import DynamicsAccess
from sync.model.errors import ConsentError, RetryLaterError, SetupError, SyncError
from sync.model.integration import Connection
from sync.model.secret import Secret
from sync.ports import Lease
from sync.storage.memory import MemoryLeaseStore, MemorySecretStore
from tests.connectors.kit import CONNECTION, ENTRA, SECRET, Canned, Net, Place, document, place, sample

BAD_SECRET = Canned(401, sample("entra-error-bad-secret-401.json"))


def get(here: Place, connection: Connection = CONNECTION, secret: Secret | None = SECRET) -> str:
    return here.tokens.get(connection, secret).reveal()


def neighbour(here: Place) -> Place:
    """Another process with the same stores, network and time."""
    return Place(here.net, here.time, here.secrets, here.leases)


def lifetime(seconds: int) -> Canned:
    return document({"access_token": f"token-of-{seconds}", "expires_in": seconds})


def test_a_token_is_asked_for_once() -> None:
    here = place()
    assert [get(here), get(here)] == ["token-1", "token-1"]


@pytest.mark.parametrize(("life", "used"), [(3600, 3300), (5400, 5100), (600, 540), (10, 9)])
def test_a_token_is_replaced_five_minutes_or_a_tenth_of_its_life_before_its_end(life: int, used: int) -> None:
    here = place()
    here.net.entra_script = [lifetime(life)]
    get(here)
    here.time.passed = used - 0.1
    before = get(here)
    here.time.passed = used
    assert (before, get(here)) == (f"token-of-{life}", "token-1")


def test_another_process_uses_the_same_token() -> None:
    here = place()
    assert [get(here), get(neighbour(here))] == ["token-1", "token-1"]


def test_the_shared_token_is_stored_under_a_name_that_tells_nothing() -> None:
    here = place()
    get(here)
    (name,) = here.secrets._rows
    assert name.removeprefix("token-").isalnum()
    assert CONNECTION.client_id not in name


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"token":"x","renewAt":"soon"}', '{"token":"x","renewAt":7}'])
def test_a_shared_token_that_cannot_be_read_is_replaced(text: str) -> None:
    here = place()
    get(here)
    (name,) = here.secrets._rows
    here.secrets.set(name, Secret(text))
    assert get(neighbour(here)) == "token-2"


class LockedSecrets(MemorySecretStore):
    """Fails whenever something is read."""

    def __init__(self, error: SyncError) -> None:
        super().__init__()
        self.error = error

    def get(self, name: str) -> Secret | None:
        """Refuse."""
        raise self.error


def test_a_shared_token_sealed_with_another_key_is_replaced() -> None:
    here = Place(Net(), secrets=LockedSecrets(SyncError("no key", code="SECRET_UNREADABLE")))
    assert [get(here), get(neighbour(here))] == ["token-1", "token-2"]


def test_stores_that_cannot_be_reached_cost_no_token_request() -> None:
    here = Place(Net(), secrets=LockedSecrets(RetryLaterError("busy", delay=1, code="STORAGE_UNAVAILABLE")))
    with pytest.raises(RetryLaterError):
        get(here)
    assert here.net.token_requests == []


@pytest.mark.parametrize(
    "other", [replace(CONNECTION, tenant_id="t2"), replace(CONNECTION, client_id="c2"), replace(CONNECTION)]
)
def test_each_principal_and_secret_has_its_own_token(other: Connection) -> None:
    here = place()
    secret = Secret("another") if other == CONNECTION else SECRET
    assert [get(here), get(here, other, secret)] == ["token-1", "token-2"]


def test_integrations_of_one_principal_share_a_token() -> None:
    here = place()
    assert get(here) == get(here, replace(CONNECTION, environment="Sandbox", company_id=None))


def test_a_refused_token_is_replaced_by_exactly_one_request() -> None:
    here = place()
    refused = Secret(get(here))
    for _ in range(3):
        here.tokens.invalidate(CONNECTION, SECRET, refused)
    assert [get(here), get(here), len(here.net.token_requests)] == ["token-2", "token-2", 2]


def test_a_refused_token_is_replaced_by_a_newer_shared_one_without_a_request() -> None:
    here = place()
    there = neighbour(here)
    refused = Secret(get(here))
    get(there)
    there.tokens.invalidate(CONNECTION, SECRET, refused)
    get(there)
    here.tokens.invalidate(CONNECTION, SECRET, refused)
    assert [get(here), len(here.net.token_requests)] == ["token-2", 2]


def test_a_late_refusal_of_an_old_token_leaves_the_new_one_alone() -> None:
    here = place()
    refused = Secret(get(here))
    here.tokens.invalidate(CONNECTION, SECRET, refused)
    get(here)
    here.tokens.invalidate(CONNECTION, SECRET, refused)
    assert [get(here), len(here.net.token_requests)] == ["token-2", 2]


def test_a_token_that_entra_gives_out_again_after_a_refusal_is_used() -> None:
    here = place()
    here.net.entra_script = [lifetime(3600), lifetime(3600)]
    here.tokens.invalidate(CONNECTION, SECRET, Secret(get(here)))
    assert [get(here), get(here), len(here.net.token_requests)] == ["token-of-3600", "token-of-3600", 2]


def test_a_refusal_is_remembered_for_a_few_seconds() -> None:
    here = place()
    here.net.entra_script = [BAD_SECRET]
    for _ in range(3):
        with pytest.raises(SetupError, match="AADSTS7000215"):
            get(here)
        here.time.passed += 0.5
    assert len(here.net.token_requests) == 1


def test_a_refusal_is_forgotten_for_who_has_mended_it() -> None:
    here = place()
    here.net.entra_script = [BAD_SECRET]
    with pytest.raises(SetupError):
        get(here)
    here.sources.forget_refusal(CONNECTION, SECRET)
    assert get(here) == "token-1"


def test_a_refusal_that_comes_again_is_remembered_again() -> None:
    here = place()
    here.net.entra_script = [BAD_SECRET, BAD_SECRET]
    for _ in range(3):
        with pytest.raises(SetupError):
            get(here)
    here.tokens.forget_refusal(CONNECTION, SECRET)
    for _ in range(3):
        with pytest.raises(SetupError):
            get(here)
    assert len(here.net.token_requests) == 2


def test_a_token_that_was_not_refused_is_not_forgotten() -> None:
    here = place()
    get(here)
    here.tokens.forget_refusal(CONNECTION, SECRET)
    assert [get(here), len(here.net.token_requests)] == ["token-1", 1]


def test_without_a_secret_there_is_no_refusal_to_forget() -> None:
    here = place()
    here.tokens.forget_refusal(CONNECTION, None)
    assert get(here) == "token-1"


def test_how_long_entra_asked_to_be_left_alone_is_never_forgotten() -> None:
    here = place()
    here.net.entra_script = [Canned(503, b"", {"Retry-After": "60"})]
    with pytest.raises(RetryLaterError):
        get(here)
    here.tokens.forget_refusal(CONNECTION, SECRET)
    with pytest.raises(RetryLaterError):
        get(here)
    assert len(here.net.token_requests) == 1


def test_a_refusal_is_forgotten_after_a_few_seconds() -> None:
    here = place()
    here.net.entra_script = [BAD_SECRET]
    with pytest.raises(SetupError):
        get(here)
    here.time.passed += 6
    assert get(here) == "token-1"


def test_a_remembered_refusal_keeps_its_kind() -> None:
    here = place()
    here.net.entra_script = [Canned(400, sample("entra-error-consent-400.json"))]
    for _ in range(2):
        with pytest.raises(ConsentError) as caught:
            get(here)
    assert caught.value.code == "REAUTH_REQUIRED"


def test_a_corrected_secret_is_tried_at_once() -> None:
    here = place()
    here.net.entra_script = [BAD_SECRET]
    with pytest.raises(SetupError):
        get(here)
    assert get(here, CONNECTION, Secret("the right one")) == "token-1"


def test_an_unavailable_entra_is_left_alone_for_as_long_as_it_asked() -> None:
    here = place()
    here.net.entra_script = [Canned(503, b"", {"Retry-After": "60"})]
    with pytest.raises(RetryLaterError):
        get(here)
    here.time.passed += 20
    with pytest.raises(RetryLaterError) as caught:
        get(here)
    assert (round(caught.value.delay, 2), len(here.net.token_requests)) == (40.05, 1)


def test_a_failed_request_gives_the_lease_up() -> None:
    here = place()
    here.net.entra_script = [BAD_SECRET]
    with pytest.raises(SetupError):
        get(here)
    assert get(neighbour(here)) == "token-1"
    assert here.time.waits == []


def test_the_token_of_the_process_that_holds_the_lease_is_waited_for() -> None:
    here = place()
    there = neighbour(here)
    hold_lease(here, seconds=15)
    here.time.meanwhile = lambda: finish(here, there)
    assert [get(here), len(here.net.token_requests)] == ["token-1", 1]


def test_a_process_that_died_while_asking_is_waited_for_no_longer_than_its_lease() -> None:
    here = place()
    hold_lease(here, seconds=15)
    get(here)
    assert 15 <= here.time.passed < 15.2


def test_a_lease_that_never_ends_is_handed_to_the_workflow() -> None:
    here = place()
    hold_lease(here, seconds=600)
    with pytest.raises(RetryLaterError) as caught:
        get(here)
    assert (caught.value.code, here.net.token_requests) == ("SIGN_IN_UNAVAILABLE", [])
    assert 30 < here.time.passed < 30.2


class LateLeases(MemoryLeaseStore):
    """Another process finishes in the moment before the lease is given."""

    def __init__(self, here: Place) -> None:
        super().__init__()
        self.here = here

    def acquire(self, key: str, holder: str, *, until: datetime, now: datetime, facts: dict[str, str]) -> Lease | None:
        """Give the lease after the other process got its token."""
        get(neighbour(self.here))
        return super().acquire(key, holder, until=until, now=now, facts=facts)


def test_whoever_gets_the_lease_looks_for_a_token_first() -> None:
    here = place()
    late = replace(here.shared, leases=LateLeases(here))
    tokens = EntraTokens(Entra(ENTRA, here.web, here.time), late)
    assert [tokens.get(CONNECTION, SECRET).reveal(), len(here.net.token_requests)] == ["token-1", 1]


def test_threads_that_need_a_token_at_once_ask_once() -> None:
    here, start, seen = place(), Barrier(20), list[str]()

    def work() -> None:
        start.wait()
        seen.append(get(here))

    threads = [Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, len(here.net.token_requests)) == (["token-1"] * 20, 1)


class TimeToldTo:
    """A clock that reports each time it is read."""

    def __init__(self, here: Place) -> None:
        self.here = here
        self.read = Event()

    def now(self) -> datetime:
        """Return the time of the place."""
        moment = self.here.time.now()
        self.read.set()
        return moment


class EntraWithACrowd(Entra):
    """While it issues a token, another thread finds that it needs one."""

    def __init__(self, here: Place) -> None:
        super().__init__(ENTRA, here.web, here.time)
        self.meanwhile: Callable[[], None] | None = None

    def issue(
        self, connection: Connection | DynamicsAccess, secret: Secret, resource: Resource = BUSINESS_CENTRAL
    ) -> Issued:
        """Issue it after the other thread has come."""
        if self.meanwhile is not None:
            self.meanwhile()
        return super().issue(connection, secret)


def test_a_thread_that_waited_for_another_uses_its_token() -> None:
    here = place()
    clock, entra = TimeToldTo(here), EntraWithACrowd(here)
    tokens = EntraTokens(entra, replace(here.shared, clock=clock))
    tokens.get(CONNECTION, SECRET)
    here.time.passed = 3600
    seen: list[str] = []
    other = Thread(target=lambda: seen.append(tokens.get(CONNECTION, SECRET).reveal()))

    def come() -> None:
        clock.read.clear()
        other.start()
        clock.read.wait()

    entra.meanwhile = come
    seen.append(tokens.get(CONNECTION, SECRET).reveal())
    other.join()
    assert (seen, len(here.net.token_requests)) == (["token-2"] * 2, 2)


@pytest.mark.parametrize("secret", [None, Secret("")])
def test_without_a_secret_nothing_is_asked(secret: Secret | None) -> None:
    here = place()
    with pytest.raises(SetupError) as caught:
        get(here, CONNECTION, secret)
    assert (caught.value.code, here.net.token_requests) == ("CLIENT_SECRET_MISSING", [])


def hold_lease(here: Place, *, seconds: float) -> None:
    """Let a process that is not there hold the lease of the connection's token."""
    probe = place()
    get(probe)
    (name,) = probe.secrets._rows
    now = here.time.now()
    here.leases.acquire(name.replace("-", "_"), "another", until=now + timedelta(seconds=seconds), now=now, facts={})


def finish(here: Place, there: Place) -> None:
    """Let the other process get its token and give up its lease."""
    here.time.meanwhile = lambda: None
    (key,) = here.leases._rows
    here.leases.release(key, "another")
    get(there)
