"""Staged pages in blobs: `{integration}/{run}/{name}`."""

from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote

from azure.core.exceptions import ResourceExistsError
from azure.core.rest import HttpRequest
from azure.storage.blob import BlobServiceClient, ContainerClient

from sync.model.checkpoint import RunKey
from sync.model.errors import NotFoundError
from sync.storage.account import account_error, translated
from sync.storage.keys import escape

_CONTAINER = "hub-stage"
_HEADERS = {"x-ms-version": "2021-12-02", "Content-Type": "application/octet-stream"}


class BlobStageStore:
    """Mapped pages between reading and writing.

    Every method may raise:
        RetryLaterError: The account is busy or cannot be reached (STORAGE_UNAVAILABLE).
        RefusedError: The account refuses (STORAGE_REFUSED).
    """

    def __init__(self, service: BlobServiceClient, *, container: str = _CONTAINER) -> None:
        self._container: ContainerClient = service.get_container_client(container)
        self._base, mark, signature = self._container.url.partition("?")
        self._signature = mark + signature  # of a connection string that carries a shared access signature

    def create_container(self) -> None:
        """Make the container if it is not there yet."""
        with translated():
            try:
                self._container.create_container()
            except ResourceExistsError:
                return

    def put(self, run: RunKey, name: str, body: bytes) -> None:
        """Store a page; an earlier one of the same name is replaced."""
        self._send("PUT", _place(run) + escape(name), {"x-ms-blob-type": "BlockBlob"}, body)

    def read(self, run: RunKey, name: str, *, start: int, end: int) -> bytes:
        """Return bytes start to end of a page.

        Raises:
            NotFoundError: There is no such page.
        """
        if start == end:
            return b""
        return self._send("GET", _place(run) + escape(name), {"x-ms-range": f"bytes={start}-{end - 1}"})

    def drop(self, run: RunKey) -> None:
        """Forget all pages of the run."""
        with translated():
            names = list(self._container.list_blob_names(name_starts_with=_place(run)))
        for name in names:
            with suppress(NotFoundError):
                self._send("DELETE", name, {})

    def _send(self, method: str, name: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
        """Send a request through the SDK's own pipeline: its calls cost several times as much around it."""
        told = {**_HEADERS, **headers}
        request = HttpRequest(method, f"{self._base}/{quote(name)}{self._signature}", headers=told, content=body)
        with translated():
            pipeline = self._container._pipeline  # noqa: SLF001 - it has no public name, and every SDK call takes it
            response = pipeline.run(request, stream=True).http_response
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise NotFoundError("There is no such staged page.")
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise account_error(response.status_code)
        content: bytes = response.read()
        return content


def _place(run: RunKey) -> str:
    return f"{escape(run.integration_id)}/{escape(run.run_id)}/"
