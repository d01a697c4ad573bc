"""HTTP triggers: requests in, the app's replies out."""

import json
import logging
from http import HTTPStatus
from typing import Any

from aiohttp import web

from devhost.keys import Keys, Level
from devhost.routes import Route, compile_route, split_path
from devhost.worker import Datum, Function, FunctionError, Worker, datum

logger = logging.getLogger("devhost.web")

LARGEST_BODY = 100 * 1024 * 1024
_OURS = frozenset({"content-length", "transfer-encoding"})


class Web:
    """Serves every HTTP function of the app below the route prefix."""

    def __init__(self, worker: Worker, prefix: str, keys: Keys) -> None:
        self._worker = worker
        self._keys = keys
        found = [(compile_route(full_route(function, prefix)), function) for function in worker.of_kind("httpTrigger")]
        self._routes: list[tuple[Route, Function]] = sorted(found, key=lambda pair: pair[0].rank)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Run the function that the path and method name."""
        raw_path = request.raw_path.partition("?")[0]
        if "%00" in raw_path:
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        parts = split_path(raw_path)
        status = HTTPStatus.NOT_FOUND
        for route, function in self._routes:
            values = route.match(parts)
            if values is None:
                continue
            if not takes(function, request.method):
                status = HTTPStatus.METHOD_NOT_ALLOWED
            elif not self._keys.allow(request, _level(function)):
                return web.Response(status=HTTPStatus.UNAUTHORIZED)
            else:
                return await self._run(request, function, values)
        return web.Response(status=status)

    async def _run(self, request: web.Request, function: Function, values: dict[str, str]) -> web.StreamResponse:
        length = request.content_length or 0
        if length > LARGEST_BODY:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = await request.read() if length else b""
        trigger = {
            "method": datum(request.method),
            "url": datum(str(request.url)),
            "headers": {name.lower(): value for name, value in _joined(request.headers).items()},
            "params": {name: datum(value) for name, value in values.items()},
            "query": {name: value for name, value in _joined(request.query).items() if value.value},
            "body": datum(body, "bytes"),
        }
        try:
            result = await self._worker.invoke(function, datum(trigger, "http"))
        except FunctionError:
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        logger.debug("%s %s ran %s", request.method, request.rel_url.path, function.name)
        return _reply(result)


def full_route(function: Function, prefix: str) -> str:
    """Return the function's route template with the prefix; the function's name when it gives none."""
    own = (function.trigger.get("route") or function.name).strip("/")
    return "/".join(part for part in (prefix, own) if part)


def methods_of(function: Function) -> frozenset[str]:
    """Return the methods that the function takes; none means all."""
    return frozenset(method.upper() for method in function.trigger.get("methods") or ())


def takes(function: Function, method: str) -> bool:
    """Tell whether the function takes this method."""
    methods = methods_of(function)
    return not methods or method in methods


def _level(function: Function) -> Level:
    return Level(str(function.trigger.get("authLevel") or "FUNCTION").upper())


def _joined(values: Any) -> dict[str, Datum]:
    return {name: datum(",".join(values.getall(name))) for name in set(values)}


def _reply(result: Datum | None) -> web.StreamResponse:
    if result is None:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    if result.type != "http":
        return web.Response(text=_text(result.value))
    value: dict[str, Any] = result.value
    headers = {name: header.value for name, header in value["headers"].items() if name.lower() not in _OURS}
    response = web.Response(status=int(value["status_code"].value), body=value["body"].value, headers=headers)
    for cookie in value["cookies"] or ():
        for morsel in cookie.values():
            response.headers.add("Set-Cookie", morsel.OutputString())
    return response


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
