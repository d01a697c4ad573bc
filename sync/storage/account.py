"""What it means when the storage account refuses, or does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, HttpResponseError

from sync.model.errors import RefusedError, RetryLaterError

RETRY_SECONDS = 5.0
"""How long to wait for an account that is busy."""
PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses of an account that is busy, or in trouble that passes."""


def account_error(status: int) -> RefusedError | RetryLaterError:
    """Return what an HTTP status of the whole request means: the account is busy, or refuses."""
    if status in PASSING:
        return RetryLaterError("The storage account is busy.", delay=RETRY_SECONDS, code="STORAGE_UNAVAILABLE")
    return RefusedError("The storage account refuses.", status=status, code="STORAGE_REFUSED")


@contextmanager
def translated() -> Iterator[None]:
    """Let the SDK's errors leave the block as the hub's own.

    Raises:
        RetryLaterError: The account is busy or cannot be reached (STORAGE_UNAVAILABLE).
        RefusedError: The account refuses (STORAGE_REFUSED).
    """
    try:
        yield
    except HttpResponseError as error:
        raise account_error(error.status_code or 0) from error
    except AzureError as error:
        message = "The storage account cannot be reached."
        raise RetryLaterError(message, delay=RETRY_SECONDS, code="STORAGE_UNAVAILABLE") from error
