"""The pure functions of Oneflow Settings, contracts and the widget are right."""

from tests.console.test_modules import TESTS, node


def test_what_a_mapping_may_be_and_whom_the_widget_trusts_is_decided_as_told() -> None:
    done = node("--test", str(TESTS / "oneflow.test.mjs"))
    assert done.returncode == 0, done.stdout
