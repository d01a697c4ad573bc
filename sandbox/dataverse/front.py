"""A proxy that shows the sandbox under the names and with the TLS of the real services, for clients that insist."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from sandbox.background import InThread

_HOST = "127.0.0.1"
_NAMES = ("*.crm4.dynamics.com", "*.api.crm4.dynamics.com", "login.microsoftonline.com")
_BLOCK = 65_536


class RunningFront(InThread):
    """An HTTP proxy in a thread of its own: every CONNECT, to whatever host, ends at the sandbox."""

    def __init__(self, sandbox_url: str) -> None:
        super().__init__("proxy")
        self.authority = trustme.CA()
        self.port = 0
        self._target = urlsplit(sandbox_url)
        self._certificate = self.authority.issue_cert(*_NAMES)
        self._tasks: set[asyncio.Task[None]] = set()

    def environment(self, folder: Path) -> dict[str, str]:
        """Return what a client's process needs to go through here; the authority's certificate is put in the folder."""
        trusted = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(trusted))
        address = f"http://{_HOST}:{self.port}"
        bundle = {"REQUESTS_CA_BUNDLE": str(trusted), "SSL_CERT_FILE": str(trusted)}
        return {"HTTPS_PROXY": address, "https_proxy": address, "NO_PROXY": "", "no_proxy": "", **bundle}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen while this context is open."""
        server = await asyncio.start_server(self._accept, _HOST, 0)
        self.port = int(server.sockets[0].getsockname()[1])
        yield
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(self._tls())
            await self._joined(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        try:
            pumps = [asyncio.create_task(_pump(reader, forth)), asyncio.create_task(_pump(back, writer))]
            _, rest = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for each in rest:
                each.cancel()
        finally:
            forth.transport.abort()

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(_BLOCK):
        writer.write(block)
        await writer.drain()
