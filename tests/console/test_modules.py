"""The console's modules: that they parse, keep their words in one file, and that their pure functions are right."""

import shutil
import subprocess

from scripts.stack import ROOT

TESTS = ROOT / "tests" / "console"


def node(*command: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("node") or "node"
    return subprocess.run([program, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_every_module_parses_and_keeps_its_words_in_one_file() -> None:
    done = node("--no-warnings", "--experimental-vm-modules", str(TESTS / "modules.mjs"))
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_pure_functions_do_what_they_say() -> None:
    done = node("--test", str(TESTS / "pure.test.mjs"))
    assert done.returncode == 0, done.stdout


def test_the_facts_of_a_run_have_the_right_words() -> None:
    done = node("--test", str(TESTS / "history.test.mjs"))
    assert done.returncode == 0, done.stdout
