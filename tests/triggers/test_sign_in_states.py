"""The state of a sign-in: good once, for ten minutes, for one integration of one owner."""

from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest

from sync.model.integration import Integration, Status
from sync.model.secret import Secret
from sync.ports import Lease
from sync.storage.memory import MemoryLeaseStore
from tests.triggers.kit import Office
from tests.triggers.signing import DELEGATED, OTHER_CLIENT, asked, authorize, come_back, link, path, stored


def test_a_state_works_once(office: Office, waiting: str) -> None:
    state = asked(link(office, waiting))["state"]
    assert [come_back(office, state).status for _ in range(2)] == [200, 400]
    assert len(office.authority.proofs) == 1


def test_a_state_is_used_up_by_a_refusal_too(office: Office, waiting: str) -> None:
    state = asked(link(office, waiting))["state"]
    come_back(office, state, "error=access_denied")
    assert (come_back(office, state).status, office.authority.proofs) == (400, [])


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 400)])
def test_a_link_is_good_for_ten_minutes(office: Office, waiting: str, seconds: int, status: int) -> None:
    state = asked(link(office, waiting))["state"]
    office.clock.pass_by(seconds)
    page = come_back(office, state)
    assert (page.status, "SIGN_IN_LINK_EXPIRED" in page.text) == (status, status == 400)


def test_only_the_newest_link_works(office: Office, waiting: str) -> None:
    old, new = (asked(link(office, waiting))["state"] for _ in range(2))
    assert [come_back(office, state).status for state in (old, new)] == [400, 200]


@pytest.mark.parametrize("twist", ["{0}x", "x{0}", "{0}.x", "int_unknown.{1}", "{1}", "", "%00", "{2}.{3}"])
def test_a_state_that_is_not_expected_is_refused(office: Office, waiting: str, twist: str) -> None:
    state = asked(link(office, waiting))["state"]
    page = come_back(office, twist.format(state, state.partition(".")[2], waiting, "z" * 43))
    assert (page.status, "SIGN_IN_LINK_UNKNOWN" in page.text, office.authority.proofs) == (400, True, [])


def test_a_state_of_another_user_does_not_open_this_integration(office: Office, waiting: str) -> None:
    link(office, waiting)
    office.user = "bob"
    theirs = office.integrated(connection=DELEGATED)
    state = asked(link(office, theirs))["state"]
    assert come_back(office, state.replace(theirs, waiting)).status == 400
    assert stored(office, waiting).connection.consent is None


def test_someone_else_gets_no_link(office: Office, waiting: str) -> None:
    office.user = "mallory"
    refused = office.ask("POST", path(waiting, "/dynamics/authorize"))
    assert (refused.status, refused.code, office.authority.riddles) == (404, "NOT_FOUND", 0)


def test_client_credentials_need_no_link(office: Office) -> None:
    refused = office.ask("POST", path(office.integrated(), "/dynamics/authorize"))
    assert (refused.status, refused.code) == (409, "CONSENT_NOT_NEEDED")


@pytest.mark.parametrize("change", [{"clientId": OTHER_CLIENT}, {"grant": "client_credentials"}])
def test_a_link_is_good_for_nothing_after_the_connection_has_changed(
    office: Office, waiting: str, change: dict[str, str]
) -> None:
    state = asked(link(office, waiting))["state"]
    office.ask("PATCH", path(waiting), {"connection": change}, If_Match="*")
    assert (come_back(office, state).status, office.authority.proofs) == (400, [])


def test_a_consent_for_a_connection_that_changes_meanwhile_is_thrown_away(office: Office, waiting: str) -> None:
    def change() -> None:
        name = office.authority.connections[0].consent
        office.desk.secrets.set(name.secret_name if name else "", Secret("fresh"))
        office.ask("PATCH", path(waiting), {"connection": {"clientId": OTHER_CLIENT}}, If_Match="*")

    office.authority.meanwhile = change
    assert authorize(office, waiting).status == 400
    assert stored(office, waiting).connection.consent is None
    (used,) = office.authority.connections
    assert used.consent is not None
    assert office.desk.secrets.get(used.consent.secret_name) is None


def test_a_consent_for_an_integration_that_goes_meanwhile_is_thrown_away(office: Office, waiting: str) -> None:
    office.authority.meanwhile = partial(office.ask, "DELETE", path(waiting))
    page = authorize(office, waiting)
    assert (page.status, "SIGN_IN_LINK_UNKNOWN" in page.text) == (400, True)


class Stumbling:
    """Integrations that someone renames before the first save."""

    def __init__(self, office: Office) -> None:
        self.inner, self.pending = office.desk.integrations, [office]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def save(self, integration: Integration) -> Integration:
        """Rename, then save."""
        for office in (self.pending.pop() for _ in list(self.pending)):
            office.change_integration(integration.id, name="Renamed")
        return self.inner.save(integration)


def test_a_change_of_the_name_meanwhile_is_kept(office: Office, waiting: str) -> None:
    object.__setattr__(office.hub.consents, "integrations", Stumbling(office))
    assert authorize(office, waiting).status == 200
    found = stored(office, waiting)
    assert (found.name, found.status) == ("Renamed", Status.ACTIVE)


class LateLeases(MemoryLeaseStore):
    """Somebody else comes with the same state in the moment before the lease is given."""

    def __init__(self, office: Office, state: str) -> None:
        super().__init__()
        self.office, self.state, self.others = office, state, list[int]()

    def acquire(self, key: str, holder: str, **more: Any) -> Lease | None:
        """Let the other one finish first."""
        if key.startswith("signin") and not self.others:
            self.others.append(0)
            self.others.append(come_back(self.office, self.state).status)
        return super().acquire(key, holder, **more)


def test_of_two_callbacks_at_once_the_later_one_is_refused(office: Office, waiting: str) -> None:
    state = asked(link(office, waiting))["state"]
    late = LateLeases(office, state)
    object.__setattr__(office.hub.consents, "leases", late)
    assert (come_back(office, state).status, late.others[1:], len(office.authority.proofs)) == (400, [200], 1)


def test_of_many_callbacks_at_once_one_gets_through(office: Office, waiting: str) -> None:
    state, start, seen = asked(link(office, waiting))["state"], Barrier(8), list[int]()

    def work() -> None:
        start.wait()
        seen.append(come_back(office, state).status)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(seen), len(office.authority.proofs)) == ([200, *[400] * 7], 1)


def test_a_callback_that_finds_another_at_work_is_refused(office: Office, waiting: str) -> None:
    state, now = asked(link(office, waiting))["state"], office.clock.now()
    key = stored(office, waiting).sign_in_name.replace("-", "_")
    office.desk.leases.acquire(key, "another", until=now + timedelta(seconds=15), now=now, facts={})
    assert (come_back(office, state).status, office.authority.proofs) == (400, [])


def test_a_callback_that_died_at_work_may_be_tried_again(office: Office, waiting: str) -> None:
    state, now = asked(link(office, waiting))["state"], office.clock.now()
    key = stored(office, waiting).sign_in_name.replace("-", "_")
    office.desk.leases.acquire(key, "another", until=now + timedelta(seconds=15), now=now, facts={})
    office.clock.pass_by(16)
    assert come_back(office, state).status == 200
