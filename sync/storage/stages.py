"""Staged pages in blobs: `{integration}/{run}/{name}`."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient

from sync.model.checkpoint import RunKey
from sync.model.errors import NotFoundError, RetryLaterError
from sync.storage.keys import escape
from sync.storage.transactions import RETRY_SECONDS, account_error

_CONTAINER = "hub-stage"
_DELETED_AT_ONCE = 256


class BlobStageStore:
    """Mapped pages between reading and writing.

    Every method may raise:
        RetryLaterError: The account is busy or cannot be reached (STORAGE_UNAVAILABLE).
        RefusedError: The account refuses (STORAGE_REFUSED).
    """

    def __init__(self, service: BlobServiceClient, *, container: str = _CONTAINER) -> None:
        self._container: ContainerClient = service.get_container_client(container)

    def create_container(self) -> None:
        """Make the container if it is not there yet."""
        with _translated():
            try:
                self._container.create_container()
            except ResourceExistsError:
                return

    def put(self, run: RunKey, name: str, body: bytes) -> None:
        """Store a page; an earlier one of the same name is replaced."""
        with _translated():
            self._container.upload_blob(_place(run) + escape(name), body, overwrite=True)

    def read(self, run: RunKey, name: str, *, start: int, end: int) -> bytes:
        """Return bytes start to end of a page.

        Raises:
            NotFoundError: There is no such page.
        """
        if start == end:
            return b""
        with _translated():
            stream = self._container.download_blob(_place(run) + escape(name), offset=start, length=end - start)
            return stream.readall()

    def drop(self, run: RunKey) -> None:
        """Forget all pages of the run."""
        with _translated():
            names = list(self._container.list_blob_names(name_starts_with=_place(run)))
            for some in batched(names, _DELETED_AT_ONCE, strict=False):
                self._container.delete_blobs(*some, raise_on_any_failure=False)


def _place(run: RunKey) -> str:
    return f"{escape(run.integration_id)}/{escape(run.run_id)}/"


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ResourceNotFoundError as error:
        raise NotFoundError("There is no such staged page.") from error
    except HttpResponseError as error:
        raise account_error(error.status_code or 0) from error
    except AzureError as error:
        message = "The storage account cannot be reached."
        raise RetryLaterError(message, delay=RETRY_SECONDS, code="STORAGE_UNAVAILABLE") from error
