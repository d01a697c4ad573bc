"""The durable management API, with the shapes and status codes of the extension's own."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web
from durabletask.internal import orchestrator_service_pb2 as pb

from devhost.backend import Backend
from devhost.durable import WEBHOOKS
from devhost.keys import Keys, Level
from devhost.protocol import FINAL, CallError, as_dict, field_value, status_name, status_value, text, timestamp

Handler = Callable[[web.Request], Awaitable[web.Response]]

_RUNNING = frozenset({"Pending", "Running", "ContinuedAsNew", "Suspended"})
_CONTINUATION = "x-ms-continuation-token"
_CONTROLS: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
    "terminate": ("TerminateInstance", lambda id_, why: pb.TerminateRequest(instanceId=id_, output=why)),
    "suspend": ("SuspendInstance", lambda id_, why: pb.SuspendRequest(instanceId=id_, reason=why)),
    "resume": ("ResumeInstance", lambda id_, why: pb.ResumeRequest(instanceId=id_, reason=why)),
    "rewind": ("RewindInstance", lambda id_, why: pb.RewindInstanceRequest(instanceId=id_, reason=why)),
}


class Management:
    """Handlers below the durable webhooks' address; they ask for the system key."""

    def __init__(self, backend: Backend, keys: Keys) -> None:
        self._call = backend.call
        self._keys = keys

    def add_to(self, app: web.Application) -> None:
        """Add the handlers' routes."""
        base = f"{WEBHOOKS}/instances"
        for path in (base, base + "/"):
            app.router.add_get(path, self._guarded(self._list))
            app.router.add_delete(path, self._guarded(self._purge_several))
        app.router.add_get(base + "/{id}", self._guarded(self._show))
        app.router.add_delete(base + "/{id}", self._guarded(self._purge))
        app.router.add_post(base + "/{id}/raiseEvent/{event}", self._guarded(self._raise_event))
        app.router.add_post(base + "/{id}/restart", self._guarded(self._restart))
        app.router.add_post(base + "/{id}/{verb:" + "|".join(_CONTROLS) + "}", self._guarded(self._control))
        for path in ("/orchestrators/{name}", "/orchestrators/{name}/{id}"):
            app.router.add_post(WEBHOOKS + path, self._guarded(self._start))

    def _guarded(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.Response:
            if not self._keys.allow(request, Level.SYSTEM):
                return web.Response(status=HTTPStatus.UNAUTHORIZED)
            try:
                return await handler(request)
            except CallError as error:
                return _refusal(error)

        return checked

    async def _show(self, request: web.Request) -> web.Response:
        state = self._state(request)
        payload = _payload(state, show_input=_flag(request, "showInput", "true"))
        if _flag(request, "showHistory"):
            chunks = self._call("StreamInstanceHistory", pb.StreamInstanceHistoryRequest(instanceId=state.instanceId))
            payload["historyEvents"] = [as_dict(event) for chunk in chunks for event in chunk.events]
        if payload["runtimeStatus"] in _RUNNING:
            headers = {"Location": str(request.url), "Retry-After": "5"}
            return web.json_response(payload, status=HTTPStatus.ACCEPTED, headers=headers)
        failed = payload["runtimeStatus"] == "Failed" and _flag(request, "returnInternalServerErrorOnFailure")
        return web.json_response(payload, status=HTTPStatus.INTERNAL_SERVER_ERROR if failed else HTTPStatus.OK)

    async def _purge(self, request: web.Request) -> web.Response:
        state = self._state(request)
        done = self._call("PurgeInstances", pb.PurgeInstancesRequest(instanceId=state.instanceId))
        return web.json_response({"instancesDeleted": done.deletedInstanceCount})

    async def _list(self, request: web.Request) -> web.Response:
        ask = pb.InstanceQuery(fetchInputsAndOutputs=True, maxInstanceCount=_top(request), **_filter(request))
        if prefix := request.query.get("instanceIdPrefix"):
            ask.instanceIdPrefix.CopyFrom(text(prefix))
        if token := request.headers.get(_CONTINUATION):
            ask.continuationToken.CopyFrom(text(token))
        found = self._call("QueryInstances", pb.QueryInstancesRequest(query=ask))
        return web.json_response(
            [_payload(state, show_input=_flag(request, "showInput", "true")) for state in found.orchestrationState],
            headers={_CONTINUATION: found.continuationToken.value},
        )

    async def _purge_several(self, request: web.Request) -> web.Response:
        chosen = _filter(request)
        if "createdTimeFrom" not in chosen:
            message = "Please provide value for 'createdTimeFrom' parameter."
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=message)
        wanted = pb.PurgeInstanceFilter(**chosen)
        done = self._call("PurgeInstances", pb.PurgeInstancesRequest(purgeInstanceFilter=wanted))
        status = HTTPStatus.OK if done.deletedInstanceCount else HTTPStatus.NOT_FOUND
        return web.json_response({"instancesDeleted": done.deletedInstanceCount}, status=status)

    async def _raise_event(self, request: web.Request) -> web.Response:
        state = self._state(request)
        if state.orchestrationStatus in FINAL:
            return web.Response(status=HTTPStatus.GONE)
        if request.content_type != "application/json":
            message = "Only application/json request content is supported"
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=message)
        event = request.match_info["event"]
        given = text(await _json_text(request))
        self._call("RaiseEvent", pb.RaiseEventRequest(instanceId=state.instanceId, name=event, input=given))
        return web.Response(status=HTTPStatus.ACCEPTED)

    async def _restart(self, request: web.Request) -> web.Response:
        state = self._state(request)
        fresh = _flag(request, "restartWithNewInstanceId", "true")
        wanted = pb.RestartInstanceRequest(instanceId=state.instanceId, restartWithNewInstanceId=fresh)
        again = self._call("RestartInstance", wanted)
        return web.json_response({"id": again.instanceId}, status=HTTPStatus.ACCEPTED)

    async def _control(self, request: web.Request) -> web.Response:
        state, verb = self._state(request), request.match_info["verb"]
        can_rewind = verb == "rewind" and state.orchestrationStatus == pb.ORCHESTRATION_STATUS_FAILED
        if state.orchestrationStatus in FINAL and not can_rewind:
            return web.Response(status=HTTPStatus.GONE)
        method, build = _CONTROLS[verb]
        self._call(method, build(state.instanceId, text(request.query.get("reason", ""))))
        return web.Response(status=HTTPStatus.ACCEPTED)

    async def _start(self, request: web.Request) -> web.Response:
        given = text(await _json_text(request)) if request.can_read_body else None
        wanted = pb.CreateInstanceRequest(
            name=request.match_info["name"], instanceId=request.match_info.get("id", ""), input=given
        )
        started = self._call("StartInstance", wanted)
        return web.json_response({"id": started.instanceId}, status=HTTPStatus.ACCEPTED)

    def _state(self, request: web.Request) -> pb.OrchestrationState:
        wanted = pb.GetInstanceRequest(instanceId=request.match_info["id"], getInputsAndOutputs=True)
        reply = self._call("GetInstance", wanted)
        if not reply.exists:
            raise web.HTTPNotFound
        state: pb.OrchestrationState = reply.orchestrationState
        return state


def _refusal(error: CallError) -> web.Response:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if error.is_exists:
        status = HTTPStatus.CONFLICT
    elif error.is_precondition:
        status = HTTPStatus.BAD_REQUEST
    return web.Response(status=status, text=str(error))


def _flag(request: web.Request, name: str, default: str = "") -> bool:
    return request.query.get(name, default).lower() == "true"


def _top(request: web.Request) -> int:
    try:
        return int(request.query.get("top", "100"))
    except ValueError as error:
        raise web.HTTPBadRequest from error


def _filter(request: web.Request) -> dict[str, Any]:
    names = [name for value in request.query.getall("runtimeStatus", []) for name in value.split(",") if name]
    times = [name for name in ("createdTimeFrom", "createdTimeTo") if request.query.get(name)]
    try:
        chosen: dict[str, Any] = {name: timestamp(request.query[name]) for name in times}
        return chosen | {"runtimeStatus": [status_value(name) for name in names]}
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error


async def _json_text(request: web.Request) -> str:
    body = await request.text()
    try:
        json.loads(body)
    except ValueError as error:
        raise web.HTTPBadRequest(text="Invalid JSON content") from error
    return body


def _payload(state: pb.OrchestrationState, *, show_input: bool) -> dict[str, Any]:
    output = field_value(state, "output")
    if output is None and state.HasField("failureDetails"):
        output = state.failureDetails.errorMessage
    return {
        "name": state.name,
        "instanceId": state.instanceId,
        "runtimeStatus": status_name(state.orchestrationStatus),
        "input": field_value(state, "input") if show_input else None,
        "customStatus": field_value(state, "customStatus"),
        "output": output,
        "createdTime": _time(state.createdTimestamp),
        "lastUpdatedTime": _time(state.lastUpdatedTimestamp),
    }


def _time(stamp: Any) -> str:
    return str(stamp.ToDatetime().strftime("%Y-%m-%dT%H:%M:%SZ"))
