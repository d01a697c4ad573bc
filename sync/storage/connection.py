"""Clients of Azure Storage: from a connection string, or from an account's address and an identity."""

from collections.abc import Callable
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest, policies
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient

from sync.storage.transport import CurlTransport

_IDLE = (
    policies.DistributedTracingPolicy,
    policies.HttpLoggingPolicy,
    policies.NetworkTraceLoggingPolicy,
    policies.ProxyPolicy,
    policies.RedirectPolicy,
    policies.RequestIdPolicy,
    policies.UserAgentPolicy,
)
_RETRIES: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 5}
_BLOB_RETRIES: dict[str, Any] = {"retry_total": 3, "initial_backoff": 0.2, "increment_base": 2}

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


class LeanTableService(TableServiceClient):
    """The SDK's client without the policies that do nothing for the hub, yet cost as much as sending does."""

    def _configure_policies(self, **options: Any) -> list[Any]:
        return [policy for policy in super()._configure_policies(**options) if not isinstance(policy, _IDLE)]


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
    options: dict[str, Any] = {**_RETRIES, "retry_total": retries, "transport": CurlTransport()}
    options |= {"raw_request_hook": watch}
    if credential is not None:
        return LeanTableService(place, credential=credential, **options)
    return LeanTableService.from_connection_string(expand(place), **options)


def blob_service(place: str, *, credential: TokenCredential | None = None, retries: int = 3) -> BlobServiceClient:
    """Return a client of the account's blobs; `place` as for tables."""
    options: dict[str, Any] = {**_BLOB_RETRIES, "retry_total": retries, "transport": CurlTransport()}
    if credential is not None:
        return BlobServiceClient(place, credential=credential, **options)
    return BlobServiceClient.from_connection_string(expand(place), **options)
