"""Whether the app is alive and can work."""

from threading import Event

import pytest

from sync.model.errors import RetryLaterError
from sync.services.health import readiness
from sync.triggers.health import ready
from sync.triggers.hub import Hub
from tests.triggers.kit import Office


def test_the_app_is_alive_without_a_token(office: Office) -> None:
    alive = office.ask("GET", "/api/health/live", Authorization="")
    assert (alive.status, alive.data) == (200, {"status": "alive"})


def test_the_app_is_ready_when_every_dependency_answers(office: Office) -> None:
    office.probes.update(tables=lambda: None, blobs=lambda: None)
    answer = office.ask("GET", "/api/health/ready", Authorization="")
    checks = {"tables": {"ok": True, "detail": None}, "blobs": {"ok": True, "detail": None}}
    assert (answer.status, answer.data) == (200, {"status": "ready", "checks": checks})


@pytest.mark.parametrize(
    ("error", "detail"),
    [(RetryLaterError("Busy", delay=1), "Busy"), (OSError("planted address"), "No usable answer")],
)
def test_a_dependency_that_fails_is_named(office: Office, error: Exception, detail: str) -> None:
    def fail() -> None:
        raise error

    office.probes.update(tables=fail, blobs=lambda: None)
    answer = office.ask("GET", "/api/health/ready", Authorization="")
    assert (answer.status, answer.code, answer.data["status"]) == (503, "NOT_READY", "not_ready")
    assert answer.data["checks"]["tables"] == {"ok": False, "detail": detail}


def test_a_dependency_that_hangs_does_not_hang_the_answer() -> None:
    end = Event()
    signs = readiness({"tables": lambda: end.wait(30)}, patience=0.01)
    end.set()
    assert (signs["tables"].ok, signs["tables"].detail) == (False, "No answer in time")


def test_a_hub_that_cannot_be_built_is_not_ready() -> None:
    def broken() -> Hub:
        raise RetryLaterError("The account cannot be reached", delay=1)

    answer = ready(broken, "trace")
    assert (answer.status, "The account cannot be reached" in answer.body) == (503, True)
