"""The console's modules: that they parse, keep their words in one file, and that their pure functions are right."""

import json
import shutil
import subprocess

from scripts.stack import ROOT
from sync.services.policy import Policy

TESTS = ROOT / "tests" / "console"


def node(*command: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("node") or "node"
    return subprocess.run([program, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_every_module_parses_and_keeps_its_words_in_one_file() -> None:
    done = node("--no-warnings", "--experimental-vm-modules", str(TESTS / "modules.mjs"))
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_pure_functions_do_what_they_say() -> None:
    done = node("--test", *map(str, sorted(TESTS.glob("*.test.mjs"))))
    assert done.returncode == 0, done.stdout


def test_the_settings_name_the_values_that_hold_without_them() -> None:
    table = (ROOT / "console" / "app" / "pages" / "settings" / "behaviour-table.js").as_uri()
    show = f'import("{table}").then((m) => console.log(JSON.stringify([...m.SETTINGS, ...m.LIMITS])))'
    usual = {each["name"]: each["fallback"] for each in json.loads(node("-e", show).stdout)}
    policy = Policy()
    changes, blanks = policy.breaker.changes, policy.breaker.blanks
    assert (usual["pageSize"], usual["overlapSeconds"]) == (
        str(policy.page_size),
        f"{policy.overlap.total_seconds():.0f}",
    )
    assert usual["largestLoss"] == f"{policy.largest_loss:.0%}".removesuffix("%")
    assert (usual["changesShare"], usual["changesCount"]) == (f"{changes.share * 100:.0f}", str(changes.count))
    assert (usual["blanksShare"], usual["blanksCount"]) == (f"{blanks.share * 100:.0f}", str(blanks.count))
