"""A step that is done again tells what it had written, not what had arrived, where pins made a difference."""

from collections.abc import Callable

import orjson
import pytest

from sync.model.conflict import Choice, Side
from sync.model.run import Run
from sync.model.trail import Deed
from tests.support.desks import ALICE
from tests.support.host import Crash
from tests.support.office import VENDORS, Office, open_office
from tests.unit.test_everything_twice import failing, resume
from tests.unit.test_hearing import court, edit, waiting
from tests.unit.test_journals import told


def declined() -> tuple[Office, str]:
    """Return an office with a record that keeps its name although the source has another."""
    office = open_office()
    (row,) = office.add("A")
    office.sync()
    edit(office, row, "name", name="Mine")
    office.clock.pass_by(10)
    office.company.put(VENDORS, row, "Theirs")
    office.sync()
    court(office).resolve(waiting(office)[0], Choice(Side.PLATFORM), by=ALICE)
    office.clock.pass_by(10)
    office.company.rename(VENDORS, row, "N77777")
    return office, row


def crashed(office: Office) -> Run:
    """Return a run whose process died after it had written the bucket."""
    run = office.begin()
    failing(office, "records", "commit", Crash(), done_first=frozenset({1}))
    with pytest.raises(Crash):
        office.work(run)
    return run


def values(office: Office, run: Run, row: str) -> tuple[str, str]:
    found = told(office, run, row)
    assert found is not None
    assert found[0] is Deed.UPDATED
    fields = orjson.loads(found[1].fields)
    return fields["name"], fields["number"]


def nothing(_: Office, __: str) -> None:
    return None


def edit_again(office: Office, row: str) -> None:
    office.clock.pass_by(1)
    edit(office, row, "name", name="Mine, newer")


def unpin(office: Office, row: str) -> None:
    office.clock.pass_by(1)
    edit(office, row, name="Mine, newer")


@pytest.mark.parametrize("meanwhile", [nothing, edit_again, unpin])
def test_a_step_that_is_done_again_tells_what_it_wrote(meanwhile: Callable[[Office, str], None]) -> None:
    office, row = declined()
    run = crashed(office)
    meanwhile(office, row)
    resume(office)
    office.work(run)
    assert values(office, run, row) == ("Mine", "N77777")


def test_a_record_that_was_written_as_it_arrived_is_told_as_it_arrived() -> None:
    office, row = declined()
    (plain,) = office.add("B")
    office.sync()
    office.clock.pass_by(10)
    office.company.put(VENDORS, plain, "B2")
    office.company.put(VENDORS, row, "Theirs")
    run = crashed(office)
    resume(office)
    office.work(run)
    assert values(office, run, plain)[0] == "B2"
