"""Azurite, the storage emulator: its ports, its command line and its connection string."""

import http.client
import secrets
import socket
from contextlib import ExitStack, suppress
from dataclasses import astuple, dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".tools" / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
JOURNAL = ROOT / "scripts" / "journal.cjs"
HOST = "127.0.0.1"
ACCOUNT = "devstoreaccount1"
# The account key that Azurite's documentation gives to everyone.
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
DEVELOPMENT = "UseDevelopmentStorage=true"
_HIGHEST_PORT = 65535
_FREE = range(20_000, 32_000)
"""Below the ports that systems give to outgoing connections: one that is free now is not taken in passing."""


class PortsError(ValueError):
    """HUB_AZURITE_PORTS does not hold three different port numbers."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the three services listen, on the loopback address."""

    blob: int = 10000
    queue: int = 10001
    table: int = 10002

    def __str__(self) -> str:
        return ",".join(map(str, astuple(self)))


class Presence(Enum):
    """What answers on the ports."""

    NOBODY = "nobody"
    AZURITE = "azurite"
    STRANGER = "stranger"


def ports_from(text: str) -> Ports:
    """Read "blob,queue,table".

    Raises:
        PortsError: The text is something else.
    """
    numbers = [part.strip() for part in text.split(",")]
    if len(set(numbers)) != len(numbers) or not all(map(_is_port, numbers)) or len(numbers) != len(astuple(Ports())):
        message = f"HUB_AZURITE_PORTS must be three different ports, blob,queue,table, not {text!r}"
        raise PortsError(message)
    return Ports(*map(int, numbers))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST_PORT


def free_ports() -> Ports:
    """Return three ports that nobody listens on at this moment, and that no outgoing connection takes afterwards."""
    found: list[int] = []
    with ExitStack() as sockets:
        while len(found) < len(astuple(Ports())):
            with suppress(OSError):
                place = (HOST, secrets.choice(_FREE))
                sockets.enter_context(socket.create_server(place))
                found.append(place[1])
    return Ports(*found)


def connection_string(ports: Ports) -> str:
    """Return what an app needs to use Azurite on these ports; the short form on the usual ones."""
    if ports == Ports():
        return DEVELOPMENT
    named = zip(("Blob", "Queue", "Table"), astuple(ports), strict=True)
    endpoints = "".join(f"{name}Endpoint=http://{HOST}:{port}/{ACCOUNT};" for name, port in named)
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};{endpoints}"


def command(ports: Ports, folder: Path | None) -> list[str]:
    """Return the command line of an Azurite that keeps its data in the folder, or in memory when there is none."""
    flags = ["--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    for name, port in zip(("blob", "queue", "table"), astuple(ports), strict=True):
        flags += [f"--{name}Host", HOST, f"--{name}Port", str(port)]
    if folder is None:
        return ["node", str(PROGRAM), *flags, "--inMemoryPersistence"]
    return ["node", "--require", str(JOURNAL), str(PROGRAM), *flags, "--location", str(folder)]


def is_listening(port: int) -> bool:
    """Say whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def presence(ports: Ports) -> Presence:
    """Tell a complete Azurite from nobody, and both from something else or a part of one."""
    listening = [is_listening(port) for port in astuple(ports)]
    if not any(listening):
        return Presence.NOBODY
    if all(listening) and all(map(_answers_like_azurite, astuple(ports))):
        return Presence.AZURITE
    return Presence.STRANGER


def _answers_like_azurite(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", f"/{ACCOUNT}")
        return (connection.getresponse().getheader("Server") or "").startswith("Azurite")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
