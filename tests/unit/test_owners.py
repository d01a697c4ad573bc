"""Invariant 10: owners are walls, and secrets stay where they are."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from sync.codec import to_wire
from sync.model.errors import NotFoundError
from sync.model.integration import Owner
from sync.model.secret import Secret
from sync.services import checking, runs
from sync.services.integrations import Integrations, require
from tests.support.desks import ALICE, everything
from tests.support.office import Office, open_office

MALLORY = Owner(ALICE.tenant_id, "bbbbbbbb-0000-4000-8000-00000000000b")
WORD = "t0p-secret-word"


def service(office: Office) -> Integrations:
    desk = office.desk
    return Integrations(everything(desk), desk)


def ask(office: Office, question: str, owner: Owner, run_id: str) -> Any:
    """Ask a question about Alice's integration or its run in the name of an owner."""
    desk, mine = office.desk, office.integration.id
    questions: dict[str, Callable[[], Any]] = {
        "get": lambda: service(office).get(owner, mine),
        "delete": lambda: service(office).delete(owner, mine, purge=False),
        "require": lambda: require(desk.integrations, owner, mine),
        "companies": lambda: checking.companies(desk, owner, mine),
        "environments": lambda: checking.environments(desk, owner, mine),
        "test": lambda: checking.test(desk, owner, mine),
        "runs": lambda: runs.listed(desk, owner, mine, cursor=None, limit=9),
        "run": lambda: runs.show(desk, owner, mine, run_id),
        "errors": lambda: runs.errors(desk, owner, mine, run_id, cursor=None, limit=9),
        "repeat": lambda: runs.repeat(desk, owner, mine, run_id),
    }
    return questions[question]()


QUESTIONS = ("get", "require", "companies", "environments", "test", "runs", "run", "errors", "repeat")


@pytest.mark.parametrize("question", [*QUESTIONS, "delete"])
def test_someone_elses_integration_is_not_found(question: str) -> None:
    office = open_office()
    run = office.sync()
    with pytest.raises(NotFoundError):
        ask(office, question, MALLORY, run.id)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_owners_own_integration_is_found(question: str) -> None:
    office = open_office()
    run = office.sync()
    assert ask(office, question, ALICE, run.id) is not None


def test_someone_elses_run_cannot_be_cancelled() -> None:
    office = open_office()
    run = office.begin()
    with pytest.raises(NotFoundError):
        runs.cancel(office.desk, MALLORY, office.integration.id, run.id)
    assert not office.found(run).cancel_requested


def test_a_run_of_another_integration_is_not_found() -> None:
    office = open_office()
    with pytest.raises(NotFoundError):
        runs.show(office.desk, ALICE, office.integration.id, "run_unknown")


def test_a_list_of_integrations_holds_only_the_owners() -> None:
    office = open_office()
    found = [service(office).list(owner, cursor=None, limit=9).items for owner in (ALICE, MALLORY)]
    assert found == [(office.integration,), ()]


@pytest.mark.parametrize("show", [str, repr, "{}".format, lambda secret: f"{[secret]}"])
def test_a_secret_prints_as_stars(show: Callable[[Secret], str]) -> None:
    assert WORD not in show(Secret(WORD))


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy, to_wire, orjson.dumps])
def test_a_secret_goes_into_no_payload(leave: Callable[[Secret], Any]) -> None:
    with pytest.raises(TypeError):
        leave(Secret(WORD))


def test_a_secret_is_opened_only_on_purpose() -> None:
    assert Secret(WORD).reveal() == WORD


def test_equal_secrets_are_one_key() -> None:
    assert {Secret(WORD), Secret(WORD), Secret("other")} == {Secret("other"), Secret(WORD)}
    assert Secret(WORD) != WORD


def test_what_a_sync_leaves_behind_tells_no_secret() -> None:
    office = open_office()
    office.desk.secrets.set("secret-1", Secret(WORD))
    office.add("A", "")
    run = office.sync()
    checking.test(office.desk, ALICE, office.integration.id)
    left = to_wire([run, office.logs(), office.failures(run), office.current])
    assert WORD not in orjson.dumps(left).decode()
