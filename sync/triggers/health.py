"""Routes that tell whether the app is alive, and whether it can work."""

import azure.functions as func
import orjson

from sync.model.errors import SyncError
from sync.ports import Reply
from sync.services.health import Sign, readiness
from sync.triggers.http import respond, trace_id_of
from sync.triggers.hub import Hubs
from sync.triggers.problems import write_problem

_JSON = {"Content-Type": "application/json"}


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the health routes; they ask for no token."""
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK has no types here

    def health_live(req: func.HttpRequest) -> func.HttpResponse:
        return respond(_good({"status": "alive"}), trace_id_of(req))

    def health_ready(req: func.HttpRequest) -> func.HttpResponse:
        trace_id = trace_id_of(req)
        return respond(ready(hubs, trace_id), trace_id)

    for path, handler in (("live", health_live), ("ready", health_ready)):
        anonymous = func.AuthLevel.ANONYMOUS
        blueprint.route(route=f"api/health/{path}", methods=["GET"], auth_level=anonymous)(handler)
    return blueprint


def ready(hubs: Hubs, trace_id: str) -> Reply:
    """Return whether each dependency answers: 200 when all do, else 503."""
    try:
        signs = readiness(hubs().probes)
    except SyncError as error:
        signs = {"storage": Sign(ok=False, detail=error.message)}
    data = {"checks": {name: {"ok": sign.ok, "detail": sign.detail} for name, sign in signs.items()}}
    silent = [name for name, sign in signs.items() if not sign.ok]
    if not silent:
        return _good({"status": "ready", **data})
    problem = SyncError(f"No sign of life from {', '.join(silent)}", code="NOT_READY")
    extra = {"data": {"status": "not_ready", **data}}
    return write_problem(problem, instance="/api/health/ready", trace_id=trace_id, extra=extra)


def _good(data: object) -> Reply:
    return Reply(200, _JSON, orjson.dumps({"success": True, "data": data}).decode())
