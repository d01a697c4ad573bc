"""Pure functions of the console's pages of records and conflicts."""

from json import loads

from mapping.targets import TARGETS
from scripts.stack import ROOT
from sync.engine.explaining import Reason, State
from sync.engine.failures import NextTry
from sync.engine.timeline import Story
from sync.model.conflict import Reason as Conflict
from tests.console.test_modules import node


def test_pure_functions_of_records_and_conflicts_do_what_they_say() -> None:
    done = node("--test", str(ROOT / "tests" / "console" / "records.test.mjs"))
    assert done.returncode == 0, done.stdout


def test_every_reason_and_state_of_an_explanation_has_words() -> None:
    script = "import {words} from './console/app/words.js'; console.log(JSON.stringify(words))"
    done = node("--input-type=module", "-e", script)
    words = loads(done.stdout)
    assert set(words["recordReasons"]) == {each.value for each in Reason}
    assert set(words["recordStates"]) == {each.value for each in State}
    assert set(words["recordActions"]) == {each.value for each in Story}
    assert set(words["recordTries"]) == {each.value for each in NextTry}
    assert {*words["conflictKinds"]} == {"field", *(each.value for each in Conflict)}
    assert {*TARGETS["suppliers"], *TARGETS["products"]} <= {*words["recordFields"]}
