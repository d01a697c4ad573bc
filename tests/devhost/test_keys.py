"""Function keys."""

import pytest
from aiohttp.test_utils import make_mocked_request

from devhost.keys import Keys, Level

KEYS = Keys(system="system", host="host", master="master")


@pytest.mark.parametrize(
    ("level", "accepted"),
    [
        (Level.ANONYMOUS, {"", "odd", "system", "host", "master"}),
        (Level.FUNCTION, {"host", "master"}),
        (Level.ADMIN, {"master"}),
        (Level.SYSTEM, {"system", "master"}),
    ],
)
def test_a_level_accepts_its_keys(level: Level, accepted: set[str]) -> None:
    requests = {key: make_mocked_request("GET", f"/?code={key}") for key in ("", "odd", "system", "host", "master")}
    assert {key for key, request in requests.items() if KEYS.allow(request, level)} == accepted


def test_a_key_may_come_in_a_header() -> None:
    assert KEYS.allow(make_mocked_request("GET", "/", headers={"X-Functions-Key": "host"}), Level.FUNCTION)


@pytest.mark.parametrize("level", Level)
def test_without_keys_everything_is_open(level: Level) -> None:
    assert Keys(system="system").allow(make_mocked_request("GET", "/"), level)


def test_without_a_master_key_nobody_is_admin() -> None:
    assert not Keys(system="system", host="host").allow(make_mocked_request("GET", "/?code=host"), Level.ADMIN)
