"""The console's help on errors."""

from scripts.errors import SOURCE, TARGET, helps_in, module_of
from sync.triggers.problems import RULINGS


def test_the_console_knows_what_the_documentation_says() -> None:
    helps = helps_in(SOURCE.read_text(encoding="utf-8"))
    assert TARGET.read_text(encoding="utf-8") == module_of(helps), "run `make errors`"


def test_every_answer_has_a_cause_and_a_fix() -> None:
    helps = helps_in(SOURCE.read_text(encoding="utf-8"))
    assert {code for code in RULINGS if not all(helps.get(code, {}).get(name) for name in ("cause", "fix"))} == set()


def test_a_row_becomes_plain_text() -> None:
    row = "| `A_CODE` | 404 | It is `gone`, or a\\|b. | Read [this](there.md). |"
    assert helps_in(row) == {"A_CODE": {"cause": "It is gone, or a|b.", "fix": "Read this."}}
