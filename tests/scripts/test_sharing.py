from scripts.stack import ROOT
from tests.support.sharing import ALONE, part_of, turn_of

CAMPAIGN = "tests/properties/test_histories.py::test_nothing_is_lost[0]"
STORM, SYNC, PAGE, RULE = (
    f"tests/{name}.py" for name in ("flow/test_storms", "flow/test_runs", "browser/test_shell", "unit/test_gate")
)


def test_the_tests_of_a_module_stay_together() -> None:
    assert part_of(f"{SYNC}::test_a_run[a::b]") == SYNC


def test_the_modules_that_go_first_are_there() -> None:
    assert [part for part in ALONE if not (ROOT / part).is_file()] == []


def test_each_part_of_a_campaign_goes_where_there_is_room() -> None:
    assert part_of(CAMPAIGN) == CAMPAIGN


def test_a_process_for_tests_that_wait_begins_with_the_longest_and_helps_out_in_the_end() -> None:
    assert _sorted(waits=True) == [STORM, SYNC, PAGE, CAMPAIGN, RULE]


def test_a_process_for_tests_that_reckon_begins_with_campaigns_and_helps_out_in_the_end() -> None:
    assert _sorted(waits=False) == [CAMPAIGN, RULE, STORM, SYNC, PAGE]


def _sorted(*, waits: bool) -> list[str]:
    return sorted([SYNC, PAGE, RULE, CAMPAIGN, STORM], key=lambda part: turn_of(part, waits=waits))
