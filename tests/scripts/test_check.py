from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from scripts.check import Outcome, environment_of, told


def test_a_check_that_went_well_is_one_line() -> None:
    assert Outcome("lint", 0, 1.25, "All checks passed!\n").report() == "ok     lint            1.2 s"


def test_the_output_of_a_failed_check_is_shown_whole() -> None:
    assert Outcome("lint", 1, 1.25, "first\nsecond\n").report().splitlines()[1:] == ["first", "second"]


def test_a_check_that_has_ended_is_told_once_between_the_lines_of_the_tests() -> None:
    lines = told(["...", "...", "3 passed"], [_ended(0)])
    assert list(lines) == [_REPORT, "...", "...", "3 passed"]


def test_a_check_that_ends_after_the_tests_is_told_before_their_last_line() -> None:
    late = Future[Outcome]()
    lines = told(_and_then(["...", "3 passed"], late), [late])
    assert list(lines) == ["...", _REPORT, "3 passed"]


def test_failed_checks_are_named_again_at_the_end() -> None:
    lines = told(["...", "3 passed"], [_ended(1)])
    assert list(lines)[-2:] == ["FAILED beside the tests: lint", "3 passed"]


def test_checks_that_went_well_are_not_named_again() -> None:
    assert "beside" not in "".join(told(["3 passed"], [_ended(0)]))


@pytest.mark.parametrize("given", [{"A": "b"}, {"A": "b", "PYTHONDONTWRITEBYTECODE": "1"}])
def test_what_is_compiled_is_kept_in_a_folder_of_its_own(given: dict[str, str]) -> None:
    assert environment_of(given, Path("/compiled")) == {"A": "b", "PYTHONPYCACHEPREFIX": "/compiled"}


_REPORT = "ok     lint            1.2 s"


def _ended(status: int) -> Future[Outcome]:
    check = Future[Outcome]()
    check.set_result(Outcome("lint", status, 1.25, ""))
    return check


def _and_then(lines: list[str], check: Future[Outcome]) -> Iterator[str]:
    yield from lines
    check.set_result(Outcome("lint", 0, 1.25, ""))
