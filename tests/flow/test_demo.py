"""`make demo`, as a newcomer runs it: every step checks what it shows."""

import os
import subprocess
import sys

import pytest

from scripts.stack import ROOT

pytestmark = [pytest.mark.flow, pytest.mark.azurite]


@pytest.mark.timeout(300)
def test_every_step_of_the_demo_does_what_it_should() -> None:
    environment = {**os.environ, "ONCE": "1", "PICTURE": ""}
    demo = subprocess.run(
        [sys.executable, "-m", "scripts.demo"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert demo.returncode == 0, demo.stdout[-3000:]
    assert "Every step did what it should." in demo.stdout
