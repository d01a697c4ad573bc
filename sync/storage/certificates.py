"""Certificates in blobs: `{integration}/{run}/certificate` in a container of their own."""

import orjson
from azure.storage.blob import BlobServiceClient

from sync.codec import from_wire, to_wire
from sync.model.certificate import Certificate
from sync.model.checkpoint import RunKey
from sync.model.errors import NotFoundError
from sync.storage.stages import BlobStageStore

_CONTAINER = "hub-certificates"
_NAME = "certificate"
_LONGEST = 16 * 1024 * 1024
"""Bytes; a certificate with all its lists full has less than a tenth of it."""


class BlobCertificateStore:
    """One certificate for each run that listed everything (raises as BlobStageStore does)."""

    def __init__(self, service: BlobServiceClient, *, container: str = _CONTAINER) -> None:
        self._blobs = BlobStageStore(service, container=container)

    def create_container(self) -> None:
        """Make the container if it is not there yet."""
        self._blobs.create_container()

    def put(self, run: RunKey, certificate: Certificate) -> None:
        """Keep a run's certificate; an earlier one of the same run is replaced."""
        self._blobs.put(run, _NAME, orjson.dumps(to_wire(certificate)))

    def get(self, run: RunKey) -> Certificate | None:
        """Return a run's certificate, or None."""
        try:
            body = self._blobs.read(run, _NAME, start=0, end=_LONGEST)
        except NotFoundError:
            return None
        return from_wire(Certificate, orjson.loads(body))

    def prune(self, run: RunKey) -> None:
        """Forget a run's certificate; nothing happens when there is none."""
        self._blobs.drop(run)
