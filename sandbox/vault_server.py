"""The simulated Key Vault over TLS, and the identity endpoint beside it, on loopback ports."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trustme
from aiohttp import hdrs, web

from sandbox.background import InThread
from sandbox.clock import Clock
from sandbox.identity import Identity
from sandbox.replies import Reply, correlation
from sandbox.vault import Vault
from sandbox.vault_items import VaultCall, VaultSwitches

_HOST = "127.0.0.1"


class RunningVault(InThread):
    """A vault that serves from its own thread while the context is open.

    Its certificate is for the loopback address and for every name below vault.azure.net.
    """

    def __init__(self, switches: VaultSwitches | None = None) -> None:
        super().__init__("vault")
        self.clock = Clock()
        self.identity = Identity(self.clock)
        self.vault = Vault(self.clock, self.identity, switches)
        self.authority = trustme.CA()
        self.port = 0
        self.identity_url = ""
        self._certificate = self.authority.issue_cert(_HOST, "localhost", "*.vault.azure.net")
        self._open: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        """The vault's address on this machine."""
        return f"https://{_HOST}:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen while this context is open."""
        runners = [web.ServerRunner(web.Server(handler, access_log=None)) for handler in (self._ask, self._identify)]
        try:
            contexts = (self._tls(), None)
            for runner, context in zip(runners, contexts, strict=True):
                await runner.setup()
                await web.TCPSite(runner, _HOST, 0, ssl_context=context).start()
            self.identity_url = f"http://{_HOST}:{runners[1].addresses[0][1]}/msi/token"
            self.port = int(runners[0].addresses[0][1])
            yield
        finally:
            for transport in self._open:
                transport.abort()  # a TLS connection would wait for the other side to say goodbye
            for runner in runners:
                await runner.cleanup()

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._certificate.configure_cert(context)
        return context

    async def _ask(self, request: web.BaseRequest) -> web.Response:
        if isinstance(request.transport, asyncio.Transport):
            self._open.add(request.transport)
        host = request.headers.get(hdrs.HOST, "")
        path = request.raw_path.partition("?")[0]
        call = VaultCall(request.method, host, path, dict(request.query), _lowered(request), body=await request.read())
        return _delivered(self.vault.answer(call), len(self.vault.journal))

    async def _identify(self, request: web.BaseRequest) -> web.Response:
        return _delivered(self.identity.answer(dict(request.query), _lowered(request)), self.identity.requests)


def _lowered(request: web.BaseRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _delivered(reply: Reply, number: int) -> web.Response:
    headers = {"x-ms-request-id": correlation(number), **reply.headers}
    if reply.content_type:
        headers[hdrs.CONTENT_TYPE] = reply.content_type
    return web.Response(status=reply.status, body=reply.body, headers=headers)
