from scripts.check import Outcome


def test_a_check_that_went_well_is_one_line() -> None:
    assert Outcome("lint", 0, 1.25, "All checks passed!\n").report() == "ok     lint            1.2 s"


def test_the_output_of_a_failed_check_is_shown_whole() -> None:
    assert Outcome("lint", 1, 1.25, "first\nsecond\n").report().splitlines()[1:] == ["first", "second"]
