"""How the account is named."""

from base64 import b64encode, urlsafe_b64encode

import pytest
from azure.core.credentials import AccessToken

from sync.model.errors import RefusedError, RetryLaterError
from sync.storage.account import account_error
from sync.storage.connection import blob_service, expand, table_service
from sync.storage.secrets import encryption_key

KEY = bytes(range(0, 256, 8))


class Identity:
    """A credential that is never asked."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        raise AssertionError


@pytest.mark.parametrize(
    "short", ["UseDevelopmentStorage=true", "usedevelopmentstorage=TRUE;", " UseDevelopmentStorage=true "]
)
def test_the_short_name_of_the_emulator_is_written_out(short: str) -> None:
    long = expand(short)
    assert "AccountName=devstoreaccount1;" in long
    assert "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;" in long
    assert "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;" in long


def test_another_connection_string_is_left_alone() -> None:
    assert expand("AccountName=x;AccountKey=y;") == "AccountName=x;AccountKey=y;"


def test_the_emulator_is_reached_by_its_short_name() -> None:
    assert table_service("UseDevelopmentStorage=true").url == "http://127.0.0.1:10002/devstoreaccount1"
    assert blob_service("UseDevelopmentStorage=true").url.rstrip("/") == "http://127.0.0.1:10000/devstoreaccount1"


def test_an_account_is_reached_by_its_address_and_an_identity() -> None:
    assert table_service("https://a.table.core.windows.net", credential=Identity()).account_name == "a"
    assert blob_service("https://a.blob.core.windows.net", credential=Identity()).account_name == "a"


@pytest.mark.parametrize("text", [b64encode(KEY), urlsafe_b64encode(KEY), b64encode(KEY).rstrip(b"=") + b"\n"])
def test_an_encryption_key_is_read_from_either_alphabet(text: bytes) -> None:
    assert encryption_key(text.decode()) == KEY


@pytest.mark.parametrize("text", ["", "AAAA", b64encode(bytes(31)).decode(), b64encode(bytes(33)).decode(), "å"])
def test_another_text_is_no_encryption_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"bytes|ASCII"):
        encryption_key(text)


@pytest.mark.parametrize(("status", "kind"), [(503, RetryLaterError), (429, RetryLaterError), (403, RefusedError)])
def test_a_status_says_whether_to_try_again(status: int, kind: type[Exception]) -> None:
    assert isinstance(account_error(status), kind)
