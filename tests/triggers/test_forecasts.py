"""The end of a client secret over HTTP, and the daily timer that tells about it."""

import pytest

from tests.triggers.kit import CONNECTION, INTEGRATION, Office
from tests.triggers.test_timers import _tick

SOON = "2026-02-04T08:00:00Z"


def ending(office: Office, ends: str | None = SOON) -> str:
    """Return an integration whose client secret ends; it is 2026-01-05."""
    return f"/api/integrations/{office.integrated(connection={**CONNECTION, 'clientSecretExpiresAt': ends})}"


def shown(office: Office, path: str) -> str | None:
    end: str | None = office.ask("GET", path).data["connection"].get("clientSecretExpiresAt")
    return end


def test_the_end_of_a_client_secret_is_shown_back(office: Office) -> None:
    assert [shown(office, ending(office, each)) for each in (SOON, None)] == [SOON, None]


def test_health_tells_the_days_that_are_left(office: Office) -> None:
    assert office.ask("GET", ending(office)).data["health"] == {
        "state": "degraded",
        "detail": "The client secret expires in 30 days: make a new one in the app registration and enter it here",
        "warnings": [
            {
                "code": "CLIENT_SECRET_EXPIRES",
                "detail": "The client secret expires in 30 days: "
                "make a new one in the app registration and enter it here",
                "expiresAt": SOON,
                "daysLeft": 30,
            }
        ],
    }


@pytest.mark.parametrize("text", ["2026-02-04T08:00:00", "soon", 5])
def test_an_end_that_is_no_time_is_refused(office: Office, text: object) -> None:
    body = {**INTEGRATION, "connection": {**CONNECTION, "clientSecretExpiresAt": text}}
    assert office.ask("POST", "/api/integrations", body).pointers == {
        "/connection/clientSecretExpiresAt": "INVALID_TIME"
    }


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"environment": "Sandbox"}, SOON),
        ({"clientSecret": "new"}, None),
        ({"clientSecret": None}, SOON),
        ({"clientSecret": "new", "clientSecretExpiresAt": "2027-01-01T00:00:00Z"}, "2027-01-01T00:00:00Z"),
        ({"clientSecretExpiresAt": None}, None),
        ({"clientSecretExpiresAt": "2027-01-01T01:00:00+01:00"}, "2027-01-01T00:00:00Z"),
    ],
)
def test_the_end_does_not_outlive_its_secret(office: Office, change: dict[str, object], end: str | None) -> None:
    path = ending(office)
    office.ask("PATCH", path, {"connection": change}, If_Match="*")
    assert shown(office, path) == end


def test_the_daily_timer_tells_the_end_once(office: Office) -> None:
    path = ending(office)
    for _ in range(2):
        _tick(office, "clean_history")
    found = office.ask("GET", f"{path}/sync-logs?action=NOTICE").data
    assert [(each["status"], each["metadata"]["daysLeft"]) for each in found] == [("PARTIAL", 30)]
