"""Signatures of webhooks: as Standard Webhooks 1.0.0 asks for them."""

import hmac
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from sync.engine.signing import secret_text, signed_headers

AT = datetime(2021, 2, 25, 15, 2, 10, 700_000, tzinfo=UTC)


def test_the_reference_vector_of_the_specification_is_signed_as_its_libraries_do() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}', [secret]) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=200))
def test_whoever_knows_the_secret_can_verify(key: bytes, body: bytes) -> None:
    headers = signed_headers("evt_1", AT, body, [secret_text(key)])
    expected = hmac.new(key, b"evt_1.1614265330." + body, sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(expected).decode()}"


def test_each_secret_signs() -> None:
    new, former = secret_text(bytes(32)), secret_text(bytes(range(32)))
    both = signed_headers("evt_1", AT, b"{}", [new, former])["webhook-signature"].split(" ")
    assert both == [signed_headers("evt_1", AT, b"{}", [each])["webhook-signature"] for each in (new, former)]


def test_a_secret_says_what_it_is() -> None:
    shown = secret_text(bytes(range(32)))
    assert (shown[:6], b64decode(shown[6:])) == ("whsec_", bytes(range(32)))
