"""Clients of Azure Storage: from a connection string, or from an account's address and an identity."""

from collections.abc import Callable
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ProtocolError

_CONNECTIONS = 32
_LARGEST_PUT = 64 * 1024 * 1024
_RETRIES: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 5}
_BLOB_RETRIES: dict[str, Any] = {"retry_total": 3, "initial_backoff": 0.2, "increment_base": 2}
_TIMEOUTS = {"connection_timeout": 5, "read_timeout": 60}

_EMULATOR_ACCOUNT = "devstoreaccount1"
# The emulator's key is the same everywhere and public: "Use the Azurite emulator", learn.microsoft.com.
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_EMULATOR_PORTS = {"Blob": 10_000, "Queue": 10_001, "Table": 10_002}


def expand(connection: str) -> str:
    """Return the connection string with `UseDevelopmentStorage=true` written out."""
    if connection.strip().rstrip(";").casefold() != "usedevelopmentstorage=true":
        return connection
    return emulator_connection(_EMULATOR_PORTS)


def emulator_connection(ports: dict[str, int]) -> str:
    """Return the connection string of an emulator on this machine; ports by Blob, Queue and Table."""
    endpoints = "".join(
        f"{service}Endpoint=http://127.0.0.1:{port}/{_EMULATOR_ACCOUNT};" for service, port in ports.items()
    )
    return f"DefaultEndpointsProtocol=http;AccountName={_EMULATOR_ACCOUNT};AccountKey={_EMULATOR_KEY};{endpoints}"


def table_service(
    place: str,
    *,
    credential: TokenCredential | None = None,
    retries: int = 3,
    watch: Callable[[PipelineRequest[Any]], None] | None = None,
) -> TableServiceClient:
    """Return a client of the account's tables.

    `place` is a connection string, or with a credential the address of the table service;
    `watch` is shown every request.
    """
    options: dict[str, Any] = {**_RETRIES, "retry_total": retries, "transport": _transport()}
    options |= {"raw_request_hook": watch}
    if credential is not None:
        return TableServiceClient(place, credential=credential, **options)
    return TableServiceClient.from_connection_string(expand(place), **options)


def blob_service(place: str, *, credential: TokenCredential | None = None, retries: int = 3) -> BlobServiceClient:
    """Return a client of the account's blobs; `place` as for tables."""
    options: dict[str, Any] = {**_BLOB_RETRIES, "retry_total": retries, "transport": _transport()}
    options |= {"max_single_put_size": _LARGEST_PUT, "max_single_get_size": _LARGEST_PUT}
    if credential is not None:
        return BlobServiceClient(place, credential=credential, **options)
    return BlobServiceClient.from_connection_string(expand(place), **options)


class LeanSession(Session):
    """A session that sends what azure-core has prepared, and prepares nothing again.

    Merging settings, cookies, hooks and proxies costs requests as much as sending does, and no call to
    Azure Storage needs any of it.
    """

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **options: Any) -> Response:
        """Send a request (raises as requests does)."""
        prepared = PreparedRequest()
        prepared.method, prepared.url = str(method), str(url)
        prepared.headers = CaseInsensitiveDict(options.get("headers") or {})
        prepared.body = options.get("data")
        prepared.hooks = default_hooks()
        sent: dict[str, Any] = {name: options.get(name) for name in ("stream", "timeout", "verify", "cert")}
        return self.get_adapter(prepared.url).send(prepared, **sent)


class PatientAdapter(HTTPAdapter):
    """Sends a request once more when the server had just closed the idle connection that it went out on.

    The SDK's own policy does that for GET, PUT and DELETE only; everything that the hub stores may happen twice.
    """

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send a request (raises as requests does)."""
        try:
            return super().send(request, *args, **kwargs)
        except RequestsConnectionError as error:
            if not _was_closed(error):
                raise
            return super().send(request, *args, **kwargs)


def _was_closed(error: RequestsConnectionError) -> bool:
    """Return whether the connection was closed before a single byte of the answer came."""
    inner = error.args[0] if error.args else None
    return isinstance(inner, ProtocolError) and any(isinstance(each, ConnectionError) for each in inner.args)


def _transport() -> RequestsTransport:
    session = LeanSession()
    session.trust_env = False
    adapter = PatientAdapter(pool_connections=4, pool_maxsize=_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return RequestsTransport(session=session, session_owner=False, use_env_settings=False, **_TIMEOUTS)
