"""Problem details, and their list in the documentation."""

import logging
import re
from pathlib import Path

import orjson
import pytest

from mapping.problems import FieldCode
from sync.engine.arrivals import MISSING_ID
from sync.model.errors import (
    CallerError,
    ConsentError,
    InvalidError,
    KeyTakenError,
    NotFoundError,
    RecordError,
    RefusedError,
    RetryLaterError,
    SetupError,
    StaleRecordError,
    StateError,
    SyncError,
)
from sync.triggers.problems import RULINGS, RunFailedError, ruling_on, write_problem
from tests.triggers.kit import INTEGRATION, Office

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([A-Z_]+)` \|(?: (\d{3}) \|)?", re.MULTILINE)


def _documented(section: str) -> dict[str, str]:
    text = (ROOT / "docs/errors.md").read_text("utf-8")
    return dict(ROW.findall(text.split(f"## {section}\n")[1].split("\n## ")[0]))


def test_every_code_of_an_answer_is_documented_with_its_status() -> None:
    assert _documented("Answers") == {code: str(ruling.status) for code, ruling in RULINGS.items()}


def test_every_code_of_a_record_is_documented() -> None:
    assert set(_documented("Records")) == {*FieldCode, MISSING_ID}


def test_every_code_in_the_source_has_a_ruling() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "sync").rglob("*.py"))
    found = re.findall(r'(?:\bcode(?:: str)? ?= ?|RunFailure\()"([A-Z_]+)"', source)
    assert len(found) > 40
    assert set(found) <= set(RULINGS)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x"), 404),
        (StateError("x", code="NEW"), 409),
        (InvalidError("x", code="NEW"), 422),
        (CallerError("x", code="NEW"), 400),
        (ConsentError("x", code="NEW"), 409),
        (SetupError("x", code="NEW"), 409),
        (RetryLaterError("x", delay=1, code="NEW"), 503),
        (RefusedError("x", code="NEW"), 502),
        (RunFailedError("x", code="NEW", run_id="r", retryable=True), 502),
        (RecordError("x", code="NEW"), 422),
        (StaleRecordError("x", code="NEW"), 412),
        (KeyTakenError("x", code="NEW"), 409),
        (SyncError("x", code="NEW"), 500),
    ],
)
def test_an_error_with_an_unlisted_code_is_ruled_by_its_class(error: SyncError, status: int) -> None:
    assert ruling_on(error).status == status


def test_a_problem_has_every_member_of_the_contract() -> None:
    problem = write_problem(NotFoundError("Gone"), instance="/api/x", trace_id="t")
    assert (problem.status, problem.headers) == (404, {"Content-Type": "application/problem+json"})
    assert orjson.loads(problem.body) == {
        "type": "urn:dynamics-sync-hub:error:NOT_FOUND",
        "title": "There is no such thing",
        "status": 404,
        "detail": "Gone",
        "instance": "/api/x",
        "code": "NOT_FOUND",
        "traceId": "t",
        "retryable": False,
        "success": False,
    }


@pytest.mark.parametrize(("delay", "headers"), [(1.2, {"Retry-After": "2"}), (0, {})])
def test_a_caller_learns_when_to_try_again_if_that_is_known(delay: float, headers: dict[str, str]) -> None:
    problem = write_problem(RetryLaterError("Later", delay=delay), instance="/", trace_id="t")
    assert {"Content-Type": "application/problem+json", **headers} == problem.headers


def test_an_unexpected_error_is_logged_once_and_not_shown(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def list(self, *_: object, **__: object) -> None:
            raise KeyError("planted detail")

    object.__setattr__(office.hub, "integrations", Broken())
    refused = office.ask("GET", "/api/integrations", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    logged = [entry for entry in caplog.records if entry.levelno >= logging.ERROR]
    assert (refused.status, refused.code, refused.body["traceId"]) == (500, "INTERNAL_ERROR", "a" * 32)
    assert ("planted" in refused.text, [entry.__dict__["trace"] for entry in logged]) == (False, ["a" * 32])


@pytest.mark.parametrize(
    ("raw", "media", "status", "code"),
    [
        (b"{", "application/json", 400, "BODY_MALFORMED"),
        (b"\xff", "application/json", 400, "BODY_MALFORMED"),
        (b"", "application/json", 400, "BODY_MALFORMED"),
        (b'{"a":NaN}', "application/json", 400, "BODY_MALFORMED"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "CONTENT_TYPE_UNSUPPORTED"),
        (b"{}", "text/plain", 415, "CONTENT_TYPE_UNSUPPORTED"),
        (b" " * (1024 * 1024 + 1), "application/json", 413, "BODY_TOO_LARGE"),
        (b"[]", "application/json", 422, "INVALID"),
        (b"{}", "Application/JSON; charset=utf-8", 422, "INVALID"),
        (b"{}", "application/merge-patch+json", 422, "INVALID"),
        (b"{}", "", 422, "INVALID"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(office: Office, raw: bytes, media: str, status: int, code: str) -> None:
    refused = office.ask("POST", "/api/integrations", raw=raw, Content_Type=media)
    assert (refused.status, refused.code) == (status, code)


def test_a_pointer_escapes_what_json_pointers_escape(office: Office) -> None:
    assert [*office.ask("POST", "/api/integrations", {**INTEGRATION, "a/b~c": 1}).pointers] == ["/a~1b~0c"]
