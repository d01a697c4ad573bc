"""Routes of the console: its page, its files, and how people sign in; they ask for no token."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import azure.functions as func
import orjson

from sync.model.console import Console
from sync.ports import Reply
from sync.services.console_files import ConsoleFile, read_console_files
from sync.triggers.http import respond, trace_id_of
from sync.triggers.pages import write_page

FOLDER = Path(__file__).resolve().parents[2] / "console"
ROOT = "{nothing:maxlength(0)?}"
"""The route of `/` alone: the host takes an empty route for none (Azure/Azure-Functions issue 2473)."""

_ASK_AGAIN = "no-cache"
_FOR_GOOD = "public, max-age=31536000, immutable"
_NOT_MODIFIED = 304
_NEEDED = {
    "client_id": "HUB_CONSOLE_CLIENT_ID",
    "authority": "HUB_CONSOLE_AUTHORITY",
    "scope": "HUB_CONSOLE_SCOPE",
}


def routes(console: Console, folder: Path = FOLDER) -> func.Blueprint:
    """Return the console's routes, with the files of a folder."""
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK has no types here
    files = cache(lambda: read_console_files(folder))
    guard = guarding(connect=[origin_of(console.authority)] if console.authority else [])
    framed = guarding(ancestors=console.ancestors)

    def console_page(req: func.HttpRequest) -> func.HttpResponse:
        return answered(req, files().page, guard, keep=_ASK_AGAIN)

    def widget_page(req: func.HttpRequest) -> func.HttpResponse:
        return answered(req, files().widget, framed, keep=_ASK_AGAIN)

    def console_file(req: func.HttpRequest) -> func.HttpResponse:
        found = files().lasting(req.route_params.get("path", ""))
        return _lost() if found is None else answered(req, found, guard, keep=_FOR_GOOD)

    def console_settings(req: func.HttpRequest) -> func.HttpResponse:
        body = orjson.dumps({"success": True, "data": view_console(console)}).decode()
        return respond(Reply(200, {**guard, "Content-Type": "application/json"}, body), trace_id_of(req))

    table = (
        (ROOT, console_page),
        ("widget", widget_page),
        ("console/config.json", console_settings),
        ("console/{*path}", console_file),
    )
    for path, handler in table:
        blueprint.route(route=path, methods=["GET", "HEAD"], auth_level=func.AuthLevel.ANONYMOUS)(handler)
    return blueprint


def answered(request: func.HttpRequest, file: ConsoleFile, guard: dict[str, str], *, keep: str) -> func.HttpResponse:
    """Return a file, or that the browser has it; `keep` is its Cache-Control."""
    headers = {**guard, "Cache-Control": keep, "ETag": file.tag, "Vary": "Accept-Encoding", "Content-Type": file.media}
    if file.tag in request.headers.get("if-none-match", ""):
        return func.HttpResponse(b"", status_code=_NOT_MODIFIED, headers=headers, mimetype=file.media)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return func.HttpResponse(file.plain, headers=headers, mimetype=file.media)
    return func.HttpResponse(file.packed, headers={**headers, "Content-Encoding": "gzip"}, mimetype=file.media)


def guarding(*, connect: Iterable[str] = (), ancestors: Iterable[str] = ()) -> dict[str, str]:
    """Return the headers that bind a page: where its scripts may send requests besides home, and who may frame it."""
    framing = " ".join(ancestors)
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": " ".join(["'self'", *connect]),
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": framing or "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        **({} if framing else {"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}),
    }


def view_console(console: Console) -> dict[str, object]:
    """Return how the console signs people in, and which settings are missing for that."""
    return {
        "authority": console.authority,
        "clientId": console.client_id,
        "scope": console.scope,
        "ancestors": list(console.ancestors),
        "missing": [setting for name, setting in _NEEDED.items() if not getattr(console, name)],
    }


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _lost() -> func.HttpResponse:
    page = write_page(404, "There is no such file", ["The console may have been updated: load it again."])
    return func.HttpResponse(page.body, status_code=page.status, headers=dict(page.headers), mimetype="text/html")
