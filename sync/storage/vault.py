"""Secrets in Azure Key Vault, through the SDK's client."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import RetryPolicy
from azure.core.pipeline.transport import HttpTransport
from azure.keyvault.secrets import SecretClient

from sync.model.errors import RetryLaterError
from sync.model.secret import Secret
from sync.ports import Clock
from sync.storage.keys import check_secret, check_secret_name
from sync.storage.vault_faults import RETRY_SECONDS, inner_code, vault_error

_TIMEOUTS: dict[str, Any] = {"connection_timeout": 4, "read_timeout": 8}
_RETRIES: dict[str, Any] = {"retry_total": 2, "retry_backoff_factor": 0.2}
_DISABLED = "SecretDisabled"
_RECOVERABLE = "ObjectIsDeletedButRecoverable"
_RECOVERY_WAITS = (0.5, 1.0, 1.5, 2.0, 3.0)
"""Seconds between attempts at a name that is on its way out or back: "this may take several seconds"."""


def open_vault(
    url: str, credential: TokenCredential, *, transport: HttpTransport[Any, Any] | None = None
) -> SecretClient:
    """Return a client of the vault at an https address; another transport may carry its requests."""
    carrier: dict[str, Any] = {"transport": transport} if transport is not None else {"use_env_settings": False}
    retries = BriefRetries(**_RETRIES)
    return SecretClient(url, credential, retry_policy=retries, logging_enable=False, **_TIMEOUTS, **carrier)


class BriefRetries(RetryPolicy[Any, Any]):
    """Sends again what may work within a second; a vault that asks for more time gets it from the workflow."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Return whether the request is sent again at once."""
        answer = response.http_response
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or "Retry-After" in answer.headers:
            return False
        return bool(super().is_retry(settings, response))


class VaultSecretStore:
    """Secrets by name; every value stays in the vault as a version, the newest one counts.

    Every method may raise:
        RetryLaterError: The vault is busy, cannot be reached, or the identity gets no token (VAULT_UNAVAILABLE).
        RefusedError: The vault refuses the hub; the message says what to change (VAULT_REFUSED).
    """

    def __init__(self, client: SecretClient, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._clock = clock
        self._sleep = sleep

    def get(self, name: str) -> Secret | None:
        """Return the newest value, or None: also when someone deleted it or switched it off."""
        check_secret_name(name)
        with self._translated():
            try:
                value = self._client.get_secret(name).value
            except ResourceNotFoundError:
                return None
            except HttpResponseError as error:
                if inner_code(error) != _DISABLED:
                    raise
                return None
        return None if value is None else Secret(value)

    def set(self, name: str, value: Secret) -> None:
        """Store a new value; a name that was deleted before is brought back first.

        Raises:
            RecordError: The value is longer than a vault takes (SECRET_TOO_LARGE).
        """
        check_secret(name, value)
        with self._translated():
            for wait in _RECOVERY_WAITS:
                try:
                    self._client.set_secret(name, value.reveal())
                except ResourceExistsError as error:
                    if inner_code(error) == _RECOVERABLE:
                        self._recover(name)
                    self._sleep(wait)
                else:
                    return
        message = "Key Vault is still busy with a secret of this name."
        raise RetryLaterError(message, delay=RETRY_SECONDS, code="VAULT_UNAVAILABLE")

    def delete(self, name: str) -> None:
        """Remove the secret without waiting until the vault has done so; nothing happens when there is none."""
        check_secret_name(name)
        with self._translated():
            try:
                self._client.begin_delete_secret(name)
            except (ResourceNotFoundError, ResourceExistsError):
                return  # gone already, or going

    def _recover(self, name: str) -> None:
        try:
            self._client.begin_recover_deleted_secret(name)
        except (ResourceNotFoundError, ResourceExistsError):
            return  # someone else does it

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Let the SDK's errors leave the block as the hub's own, without the vault's texts: they name callers."""
        try:
            yield
        except (AzureError, ValueError) as error:
            cause = None if isinstance(error, HttpResponseError) else error
            raise vault_error(error, now=self._clock.now()) from cause
