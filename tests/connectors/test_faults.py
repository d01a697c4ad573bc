"""What a remote system says about a failed request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.connectors.faults import Fault, clean, fault_of
from sync.connectors.http import Answer
from tests.connectors.kit import sample

HTML = b"<!DOCTYPE html><html><head><title>Service unavailable</title></head><body>eyJhbGci.a.b</body></html>"


def fault(status: int, body: bytes, **headers: str) -> Fault:
    return fault_of(Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, body))


def test_code_text_and_correlation_are_read_from_json() -> None:
    assert fault(404, sample("bc-error-wrong-entity-set-404.json")) == Fault(
        status=404,
        code="BadRequest_ResourceNotFound",
        text="Resource not found for the segment 'contact'.",
        correlation="64c04b4f-edf8-4fda-836a-df76af0b519d",
    )


def test_code_and_text_are_read_from_xml() -> None:
    found = fault(404, sample("bc-error-no-environment-404.xml"))
    assert (found.code, found.text) == ("NoEnvironment", "Environment does not exist.")


def test_xml_without_a_code_still_has_a_text() -> None:
    found = fault(401, b'<error xmlns=""><message>The credentials provided are incorrect</message></error>')
    assert (found.code, found.text) == ("", "The credentials provided are incorrect")


@pytest.mark.parametrize(
    "body",
    [b"", HTML, b'{"error":', b"[]", b'{"error":"no"}', b'{"error":{"code":1}}', b"\xff\xfe", b"null", b"[" * 99999],
)
def test_a_body_that_says_nothing_is_no_trouble(body: bytes) -> None:
    assert fault(503, body) == Fault(503, "", "", "")


def test_a_byte_order_mark_is_no_trouble() -> None:
    assert fault(400, b'\xef\xbb\xbf{"error":{"code":"Unknown","message":"x"}}').code == "Unknown"


def test_a_code_that_is_none_is_dropped() -> None:
    assert not fault(400, b'{"error":{"code":"<b> x","message":"y"}}').code


def test_values_of_other_types_are_dropped() -> None:
    assert fault(400, b'{"error":{"code":7,"message":["y"]}}') == Fault(400, "", "", "")


def test_the_correlation_is_taken_from_the_header_when_the_text_has_none() -> None:
    assert fault(500, b"", ms_correlation_x="abc").correlation == "abc"


def test_the_source_s_words_follow_the_advice() -> None:
    told = Fault(404, "NoEnvironment", "Environment does not exist.", "c-1").told("Look it up.")
    assert told == "Look it up. [404 NoEnvironment: Environment does not exist.; correlation c-1]"


def test_without_words_only_the_status_follows_the_advice() -> None:
    assert Fault(503, "", "", "").told("Wait.") == "Wait. [503]"


def test_a_text_is_one_short_line() -> None:
    text = clean("a\r\n b\t" + "word " * 100)
    assert text.startswith("a b word")
    assert len(text) == 200


TOKENS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=20, max_size=60)


@given(TOKENS, TOKENS, st.sampled_from(["Bearer {}", "eyJ{}.{}.{}", 'token "eyJ{}" bad', "x eyJ{}"]))
def test_no_token_gets_into_a_text(first: str, second: str, form: str) -> None:
    shown = clean(form.format(first, second, second))
    assert first not in shown
    assert second not in shown


def test_a_client_secret_does_not_get_into_a_text() -> None:
    assert clean("bad secret abC8Q~0123456789abcdefghijklmnopqrstuvwxyz!") == "bad secret ***!"


def test_names_and_ids_stay_in_a_text() -> None:
    text = "'Microsoft.NAV.balanceSheet' 64c04b4f-edf8-4fda-836a-df76af0b519d"
    assert clean(text) == text
