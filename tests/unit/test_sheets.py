"""CSV that a spreadsheet opens without running any of it."""

import csv
import io
from typing import Any

import pytest

from sync.engine.sheets import cell, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, None), (-2, -2), (True, True), ("a,b", "a,b"), ({"a": "=1"}, '{"a":"=1"}'), (["=1"], '["=1"]')],
)
def test_other_values_stay_as_they_are(value: Any, shown: Any) -> None:
    assert cell(value) == shown


def test_a_sheet_is_read_back_as_it_was_written() -> None:
    text = write_csv(("a", "b"), [["x\ny", 'say "hi"'], ["Ørsted, A/S", None]])
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows == [["a", "b"], ["x\ny", 'say "hi"'], ["Ørsted, A/S", ""]]


def test_a_sheet_tells_that_it_is_utf_8() -> None:
    assert write_csv(("a",), []).startswith("\ufeff")
