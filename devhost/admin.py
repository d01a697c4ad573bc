"""The admin API: the host's state, its functions, and running one by hand."""

import asyncio
import json
from http import HTTPStatus

from aiohttp import web

from devhost.keys import Keys, Level
from devhost.timers import timer_info
from devhost.worker import Datum, Function, FunctionError, Worker, datum


class Admin:
    """Handlers below /admin; they ask for the master key."""

    def __init__(self, worker: Worker, keys: Keys) -> None:
        self._worker = worker
        self._keys = keys
        self._runs: set[asyncio.Task[bool]] = set()

    def add_to(self, app: web.Application) -> None:
        """Add the handlers' routes."""
        app.router.add_get("/admin/host/ping", _ping)
        app.router.add_get("/admin/host/status", self._status)
        app.router.add_get("/admin/functions", self._list)
        app.router.add_post("/admin/functions/{name}", self._invoke)

    async def _status(self, request: web.Request) -> web.Response:
        self._check(request)
        return web.json_response({"state": "Running", "functions": len(self._worker.functions)})

    async def _list(self, request: web.Request) -> web.Response:
        self._check(request)
        functions = self._worker.functions.values()
        return web.json_response([{"name": f.name, "config": {"bindings": f.bindings}} for f in functions])

    async def _invoke(self, request: web.Request) -> web.Response:
        """Start a function once and reply 202; with ?wait=1 after its end, 500 when it failed."""
        self._check(request)
        function = self._worker.functions.get(request.match_info["name"])
        if function is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        run = asyncio.create_task(self._run(function, await _trigger(request, function)))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        if request.query.get("wait") and not await run:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return web.Response(status=HTTPStatus.ACCEPTED)

    async def _run(self, function: Function, trigger: Datum) -> bool:
        try:
            await self._worker.invoke(function, trigger)
        except FunctionError:
            return False
        return True

    def _check(self, request: web.Request) -> None:
        if not self._keys.allow(request, Level.ADMIN):
            raise web.HTTPUnauthorized


async def _ping(_request: web.Request) -> web.Response:
    return web.Response()


async def _trigger(request: web.Request, function: Function) -> Datum:
    if function.kind == "timerTrigger":
        return datum(timer_info(None), "json")
    try:
        body = await request.json() if request.can_read_body else {}
    except json.JSONDecodeError as error:
        raise web.HTTPBadRequest from error
    given = body.get("input", "") if isinstance(body, dict) else ""
    return datum(given if isinstance(given, str) else json.dumps(given))
