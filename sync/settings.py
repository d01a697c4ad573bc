"""What a deployment decides, read once from the environment; everything wrong with it is said at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from sync.engine.reach import Reach
from sync.engine.schedule import check
from sync.model.console import Console
from sync.storage.connection import emulator_connection
from sync.storage.secrets import encryption_key

DEVELOPMENT = "UseDevelopmentStorage=true"
_SERVICES = ("tableServiceUri", "queueServiceUri", "blobServiceUri")
_AZURITE = ("Blob", "Queue", "Table")
_HIGHEST_PORT = 65_535
_VAULT = "HUB_KEY_VAULT_URL"
_LONGEST_SPAN = 86_400
_ORIGIN = re.compile(r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
"""An origin without wildcards and with nothing that a header could take for something else."""


class SettingsError(Exception):
    """The app cannot start; the message names every setting at fault and what mends it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        lines = [f"  {name}: {advice}" for name, advice in problems.items()]
        super().__init__("\n".join(["The settings do not allow a start:", *lines]))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the hub's tables, queues and blobs are: one connection string, or three addresses and an identity."""

    connection: str | None = field(default=None, repr=False)
    tables: str = ""
    queues: str = ""
    blobs: str = ""


@dataclass(frozen=True, slots=True)
class Auth:
    """Who may call: bearers of tokens of this issuer for this audience, signed with one of these keys."""

    issuer: str
    audience: str
    jwks_url: str


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The remote systems' addresses, without a slash at the end."""

    entra: str
    business_central: str
    oneflow: str
    dataverse_origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedules:
    """When the timers fire: six-field NCRONTAB in UTC."""

    delta: str
    sweep: str
    cleaning: str
    subscriptions: str
    notices: str
    hooks: str
    errands: str
    walks: str
    deliveries: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked."""

    storage: Storage
    secret_key: bytes = field(repr=False)
    """Seals secrets where there is no vault; empty where there is one."""
    vault_url: str | None
    auth: Auth
    console: Console
    upstreams: Upstreams
    schedules: Schedules
    public_url: str | None
    local_address: str | None
    """Where the host itself says that it listens, on a developer's machine."""
    probe_every: timedelta
    """How often Business Central is asked whether the hub's subscriptions are still there."""
    reach: Reach
    """Where webhooks may go."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process, or of a mapping.

    Raises:
        SettingsError: Some are missing or bad.
    """
    reader = _Reader(os.environ if environment is None else environment)
    settings = Settings(
        storage=reader.storage(),
        secret_key=reader.secret_key(),
        vault_url=reader.vault_url(),
        auth=Auth(
            reader.needed("HUB_AUTH_ISSUER", "set the issuer of the platform's tokens"),
            reader.needed("HUB_AUTH_AUDIENCE", "set the audience of the platform's tokens"),
            reader.jwks_url(),
        ),
        console=reader.console(),
        upstreams=Upstreams(
            reader.url("HUB_ENTRA_URL", "https://login.microsoftonline.com"),
            reader.url("HUB_BUSINESS_CENTRAL_URL", "https://api.businesscentral.dynamics.com"),
            reader.url("HUB_ONEFLOW_URL", "https://api.oneflow.com/v1"),
            reader.origins("HUB_DATAVERSE_ORIGINS"),
        ),
        schedules=Schedules(
            reader.schedule("HUB_DELTA_SCHEDULE", "0 * * * * *"),
            reader.schedule("HUB_SWEEP_SCHEDULE", "*/10 * * * * *"),
            reader.schedule("HUB_CLEANING_SCHEDULE", "0 30 3 * * *"),
            reader.schedule("HUB_SUBSCRIPTION_SCHEDULE", "*/10 * * * * *"),
            reader.schedule("HUB_NOTICE_SCHEDULE", "*/2 * * * * *"),
            reader.schedule("HUB_HOOK_SCHEDULE", "*/30 * * * * *"),
            reader.schedule("HUB_ERRAND_SCHEDULE", "*/2 * * * * *"),
            reader.schedule("HUB_WALK_SCHEDULE", "0 */10 * * * *"),
            reader.schedule("HUB_DELIVERY_SCHEDULE", "*/2 * * * * *"),
        ),
        probe_every=reader.seconds("HUB_PROBE_SECONDS", 900),
        public_url=reader.url("HUB_PUBLIC_URL", "") or None,
        local_address=reader.local_address(),
        reach=reader.reach(),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


class _Reader:
    """Reads settings one by one and notes what is wrong; an empty value counts as none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in environment.items() if value.strip()}
        self._in_azure = "WEBSITE_INSTANCE_ID" in self._values
        self.problems: dict[str, str] = {}

    def local_address(self) -> str | None:
        """Return the address at which the host listens (WEBSITE_HOSTNAME), None in Azure: others come another way."""
        name = self._values.get("WEBSITE_HOSTNAME")
        return None if self._in_azure or name is None else f"http://{name}"

    def reach(self) -> Reach:
        """Return where webhooks may go: in Azure to public addresses only."""
        return Reach.PUBLIC if self._in_azure else Reach.LOCAL

    def needed(self, name: str, advice: str) -> str:
        value = self._values.get(name, "")
        if not value:
            self._note(name, f"missing; {advice}")
        return value

    def url(self, name: str, usual: str) -> str:
        value = self._values.get(name, usual).rstrip("/")
        if value:
            self._check_url(name, value)
        return value

    def jwks_url(self) -> str:
        value = self.needed("HUB_AUTH_JWKS_URL", "set the address where the issuer publishes its keys")
        if value:
            self._check_url("HUB_AUTH_JWKS_URL", value.partition("?")[0])
        return value

    def console(self) -> Console:
        issuer, audience = (self._values.get(f"HUB_AUTH_{name}", "") for name in ("ISSUER", "AUDIENCE"))
        authority = self.url("HUB_CONSOLE_AUTHORITY", issuer if urlsplit(issuer).scheme in {"http", "https"} else "")
        scope = self._values.get("HUB_CONSOLE_SCOPE", f"{audience}/.default" if audience else "")
        return Console(self._values.get("HUB_CONSOLE_CLIENT_ID", ""), authority, scope, self._ancestors())

    def _ancestors(self) -> tuple[str, ...]:
        name = "HUB_WIDGET_ANCESTORS"
        found = tuple(part.rstrip("/").lower() for part in self._values.get(name, "").replace(",", " ").split())
        for origin in found:
            if _ORIGIN.fullmatch(origin) is None:
                self._note(name, f"{origin} is no origin; an example: https://contoso.crm4.dynamics.com")
            else:
                self._check_url(name, origin)
        return found

    def origins(self, name: str) -> tuple[str, ...]:
        found = tuple(part.strip().rstrip("/") for part in self._values.get(name, "").split(",") if part.strip())
        for origin in found:
            self._check_url(name, origin)
            if urlsplit(origin).path:
                self._note(name, f"{origin} is no origin; leave its path out")
        return found

    def schedule(self, name: str, usual: str) -> str:
        value = self._values.get(name, usual)
        problem = check(value)
        if problem is not None:
            self._note(name, f"{problem}; an example: {usual}")
        return value

    def seconds(self, name: str, usual: int) -> timedelta:
        value = self._values.get(name, str(usual))
        if not (value.isascii() and value.isdigit() and 0 < int(value) <= _LONGEST_SPAN):
            self._note(name, f"not a number of seconds from 1 to {_LONGEST_SPAN}; an example: {usual}")
            return timedelta(seconds=usual)
        return timedelta(seconds=int(value))

    def storage(self) -> Storage:
        parts = [self._values.get(f"HubStorage__{service}", "").rstrip("/") for service in _SERVICES]
        if any(parts):
            return self._by_identity(parts)
        connection = self._values.get("HubStorage", "" if self._in_azure else DEVELOPMENT)
        if not connection:
            self._note("HubStorage", "missing; set a connection string, or the three HubStorage__…ServiceUri")
        if connection.rstrip(";").casefold() == DEVELOPMENT.casefold():
            return Storage(self._development())
        if connection and ("AccountName=" not in connection and "Endpoint=" not in connection):
            self._note("HubStorage", "not a connection string; copy it from the storage account's access keys")
        return Storage(connection)

    def secret_key(self) -> bytes:
        name = "HUB_SECRET_KEY"
        if self._in_azure and name in self._values:
            self._note(name, "not accepted in Azure, where secrets belong in Key Vault; set HUB_KEY_VAULT_URL instead")
        return b"" if self._in_azure or _VAULT in self._values else self._decoded_key(name)

    def vault_url(self) -> str | None:
        if self._in_azure:
            self.needed(_VAULT, "set the address of the Key Vault that holds the secrets")
        address = self.url(_VAULT, "")
        if _VAULT not in self.problems and address and (not address.startswith("https://") or urlsplit(address).path):
            self._note(_VAULT, "not the address of a Key Vault; an example: https://name.vault.azure.net")
        return address or None

    def _decoded_key(self, name: str) -> bytes:
        text = self.needed(name, "set the Base64 of 32 random bytes, such as: openssl rand -base64 32")
        try:
            return encryption_key(text) if text else b""
        except ValueError:
            self._note(name, "not the Base64 of 32 bytes; make one with: openssl rand -base64 32")
            return b""

    def _by_identity(self, parts: list[str]) -> Storage:
        for service, address in zip(_SERVICES, parts, strict=True):
            name = f"HubStorage__{service}"
            if not address:
                self._note(name, "missing; all three HubStorage__…ServiceUri go together")
            else:
                self._check_url(name, address)
                if not address.startswith("https://"):
                    self._note(name, "a managed identity needs an https address")
        tables, queues, blobs = parts
        return Storage(None, tables, queues, blobs)

    def _development(self) -> str:
        if self._in_azure:
            self._note("HubStorage", "the local emulator is not there in Azure; set the account's connection")
        name, usual = "HUB_AZURITE_PORTS", "10000,10001,10002"
        numbers = [part.strip() for part in self._values.get(name, usual).split(",")]
        good = all(part.isascii() and part.isdigit() and 0 < int(part) <= _HIGHEST_PORT for part in numbers)
        if len(numbers) != len(_AZURITE) or not good:
            self._note(name, f"not three ports (blob,queue,table); an example: {usual}")
            return DEVELOPMENT
        return emulator_connection(dict(zip(_AZURITE, map(int, numbers), strict=True)))

    def _note(self, name: str, advice: str) -> None:
        self.problems[name] = advice

    def _check_url(self, name: str, value: str) -> None:
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if host is None or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username:
            self._note(name, f"not an address of the form https://host{'' if name.endswith('ORIGINS') else '/path'}")
        elif self._in_azure and (parts.scheme != "https" or _is_loopback(host)):
            self._note(name, "in Azure only https addresses of other machines are accepted")


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
