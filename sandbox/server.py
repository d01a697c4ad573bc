"""The sandbox as a loopback HTTP server, in this thread's loop or in one of its own."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import hdrs, web

from sandbox.background import InThread
from sandbox.business_central import Call
from sandbox.clock import http_date
from sandbox.control import Control
from sandbox.control_api import ControlApi
from sandbox.oneflow.system import PREFIX
from sandbox.replies import PLAIN_JSON, Delivery, Reply, correlation
from sandbox.rows import dumped
from sandbox.simulation import Options, Simulation, lowered

_HOST = "127.0.0.1"
_LINE = 65_536
_CONTROL = "/_control/"
_BUSINESS_CENTRAL = ("/v2.0/", "/environments/")
_ONEFLOW = (f"{PREFIX}/",)
_DATAVERSE = "/api/data/"
_GZIP_FROM = 1024


class Sandbox:
    """One simulation behind one port."""

    def __init__(self, options: Options | None = None) -> None:
        self.simulation = Simulation(options or Options())
        self.url = ""
        self._control = ControlApi(self.simulation, time.time)
        self._runner: web.ServerRunner | None = None
        self._sending: list[asyncio.Task[None]] = []

    async def start(self, port: int = 0) -> str:
        """Listen on the loopback address and return the URL; port 0 takes a free one."""
        server = web.Server(self._handle, access_log=None, max_line_size=_LINE, max_field_size=_LINE)
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, port)
        await site.start()
        self.url = f"http://{_HOST}:{self._runner.addresses[0][1]}"
        senders = (
            self.simulation.sender.run(),
            self.simulation.oneflow.run_sender(),
            self.simulation.dataverse.run(),
        )
        self._sending = [asyncio.create_task(each) for each in senders]
        return self.url

    async def stop(self) -> None:
        """Stop listening, sending and close the connections."""
        for each in self._sending:
            each.cancel()
        if self._runner:
            await self._runner.cleanup()

    def run_in_thread(self, port: int = 0) -> "RunningSandbox":
        """Return a context manager that serves from a thread of its own."""
        return RunningSandbox(self, port)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        path, _, query = request.raw_path.partition("?")
        if path.startswith(_CONTROL):
            return self._controlled(request, path.removeprefix(_CONTROL), body)
        number = self.simulation.journal.next_number()
        call = Call(
            request.method, f"http://{request.headers.get('Host', '')}", path, query, lowered(request.headers), number
        )
        if path.startswith(_ONEFLOW):
            reply = await self.simulation.oneflow.ask(call, body)
        elif path.startswith(_DATAVERSE):
            reply = await self.simulation.dataverse.ask(call, body)
        elif path.startswith(_BUSINESS_CENTRAL):
            reply = await self.simulation.ask_business_central(call, body)
        else:
            reply = await self.simulation.ask_entra(call, body)
        return await self._delivered(request, call, reply)

    def _controlled(self, request: web.BaseRequest, path: str, body: bytes) -> web.Response:
        order: dict[str, Any] = {**request.query, **(orjson.loads(body) if body else {})}
        status, answer = self._control.answer(request.method, path, order, self.url)
        return web.Response(status=status, body=dumped(answer), headers={hdrs.CONTENT_TYPE: PLAIN_JSON})

    async def _delivered(self, request: web.BaseRequest, call: Call, reply: Reply) -> web.StreamResponse:
        if reply.delivery is Delivery.RESET:
            _abort(request)
            return web.Response()
        headers, body = self._headers(call, reply), reply.body
        if self.simulation.switches.compression == "gzip" and _takes_gzip(call, body):
            body = gzip.compress(body, 1)
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        if reply.delivery is Delivery.CUT:
            return await _cut(request, reply.status, headers, body, reply.cut_at)
        kind = web.Response if hdrs.DATE in headers else _Undated
        return kind(status=reply.status, body=body, headers=headers)

    def _headers(self, call: Call, reply: Reply) -> dict[str, str]:
        identity = correlation(call.number)
        microsoft = {"OData-Version": "4.0", "request-id": identity, "ms-correlation-x": identity}
        headers = {**({} if call.path.startswith(_ONEFLOW) else microsoft), **reply.headers}
        if reply.content_type:
            headers[hdrs.CONTENT_TYPE] = reply.content_type
        if self.simulation.switches.date_header == "sent":
            headers[hdrs.DATE] = http_date(self.simulation.clock.now())
        return headers


class RunningSandbox(InThread):
    """A sandbox that serves from its own thread while the context is open."""

    def __init__(self, sandbox: Sandbox, port: int) -> None:
        super().__init__("sandbox")
        self.sandbox = sandbox
        self._port = port

    @property
    def url(self) -> str:
        """Base of all URLs."""
        return self.sandbox.url

    @property
    def control(self) -> Control:
        """A client for the control surface."""
        return Control(self.url)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen while this context is open."""
        try:
            await self.sandbox.start(self._port)
            yield
        finally:
            await self.sandbox.stop()


class _Undated(web.Response):
    """A response without Date, which aiohttp would add."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.DATE, None)


def _takes_gzip(call: Call, body: bytes) -> bool:
    return len(body) >= _GZIP_FROM and "gzip" in call.headers.get("accept-encoding", "")


def _abort(request: web.BaseRequest) -> None:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()


async def _cut(
    request: web.BaseRequest, status: int, headers: dict[str, str], body: bytes, cut_at: int
) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[:cut_at])
    if request.transport:
        request.transport.close()
    return response
