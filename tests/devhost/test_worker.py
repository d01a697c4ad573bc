"""Failures of functions, as the host sees them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from azure_functions_runtime import native_invocation  # type: ignore[import-untyped]  # the library has no types

from devhost.durable import _failure
from devhost.worker import Function, FunctionError, Worker, datum

TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'


@pytest.mark.parametrize(
    ("representation", "last_part", "kind", "message"),
    [
        ("ValueError('no')", "ValueError: no", "ValueError", "no"),
        ("PageError('a\\nb')", "app.errors.PageError: a\nb", "app.errors.PageError", "a\nb"),
        ("ValueError()", "ValueError", "ValueError", ""),
        ("ValueError('no: yes')", "ValueError: no: yes", "ValueError", "no: yes"),
        ("<odd>", "ValueError: no", "Exception", "<odd>"),
    ],
)
def test_a_failure_has_kind_and_message(representation: str, last_part: str, kind: str, message: str) -> None:
    error = FunctionError.from_worker(representation, TRACE + last_part + "\n")
    assert (error.kind, error.message) == (kind, message)


def test_the_last_of_chained_failures_counts() -> None:
    error = FunctionError.from_worker("ValueError('b')", f"{TRACE}ValueError: a\n\n{TRACE}ValueError: b\n")
    assert error.message == "b"


def test_a_failure_without_message_is_still_a_failure() -> None:
    assert _failure(FunctionError("ValueError", "")).errorMessage == "ValueError"


def test_a_function_that_outlasts_its_time_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(native_invocation, "invocation_request_native", endless)
    function = Function("slow", "slow", ({"name": "x", "type": "activityTrigger", "direction": "IN"},))
    with pytest.raises(FunctionError, match=r"Timeout value of 0\.01 s exceeded by function: slow"):
        asyncio.run(Worker(Path(), function_timeout=0.01).invoke(function, datum("1")))
