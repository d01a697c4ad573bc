"""The console's files over HTTP."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import azure.functions as func
import orjson
import pytest

from sync.model.console import Console
from sync.triggers import static
from sync.triggers.static import ROOT

CONSOLE = Console("client-1", "https://login.example/tenant/v2.0", "api://hub/.default")
PAGE = b'<script src="/console/{version}/app/main.js"></script>'
SCRIPT = b"export const answer = 42;\n" * 40

type Ask = Callable[..., func.HttpResponse]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "widget.html").write_bytes(PAGE)
    (tmp_path / "app" / "main.js").write_bytes(SCRIPT)
    (tmp_path / "README.md").write_text("for people")
    return tmp_path


@pytest.fixture
def ask(folder: Path) -> Ask:
    return asking(static.routes(CONSOLE, folder))


def asking(blueprint: func.Blueprint) -> Ask:
    app = func.FunctionApp()
    app.register_functions(blueprint)
    handlers: dict[str, Any] = {}
    for function in app.get_functions():
        trigger: Any = function.get_trigger()
        assert ({each.value for each in trigger.methods}, trigger.auth_level.value) == ({"GET", "HEAD"}, "anonymous")
        handlers[trigger.route] = function.get_user_function()

    def ask(route: str, path: str = "", **headers: str) -> func.HttpResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = func.HttpRequest(
            "GET", f"https://hub.example/{route}", headers=given, route_params={"path": path}, body=b""
        )
        response: func.HttpResponse = handlers[route](request)
        return response

    return ask


def version(ask: Ask) -> str:
    return ask(ROOT).get_body().decode().split("/")[2]


def test_the_page_names_the_version_of_its_files(ask: Ask) -> None:
    found = ask("console/{*path}", f"{version(ask)}/app/main.js")
    assert (found.status_code, found.get_body()) == (200, SCRIPT)


def test_the_page_is_asked_for_again_and_a_file_never(ask: Ask) -> None:
    file = ask("console/{*path}", f"{version(ask)}/app/main.js")
    assert ask(ROOT).headers["Cache-Control"] == "no-cache"
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_another_file_is_another_version(ask: Ask, folder: Path) -> None:
    before = version(ask)
    (folder / "app" / "main.js").write_bytes(SCRIPT + b"\n")
    assert version(asking(static.routes(CONSOLE, folder))) != before


def test_what_the_browser_has_is_not_sent_again(ask: Ask) -> None:
    tag = ask(ROOT).headers["ETag"]
    again = ask(ROOT, if_none_match=f'"other", {tag}')
    assert (again.status_code, again.get_body(), again.headers["ETag"]) == (304, b"", tag)


def test_a_browser_that_takes_gzip_gets_it(ask: Ask) -> None:
    found = ask("console/{*path}", f"{version(ask)}/app/main.js", accept_encoding="gzip, br")
    assert (found.headers["Content-Encoding"], found.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(found.get_body()) == SCRIPT
    assert len(found.get_body()) < len(SCRIPT) / 4


@pytest.mark.parametrize(
    ("name", "media"), [("index.html", "text/html; charset=utf-8"), ("app/main.js", "text/javascript; charset=utf-8")]
)
def test_a_file_says_what_it_is(ask: Ask, name: str, media: str) -> None:
    assert ask("console/{*path}", f"{version(ask)}/{name}").headers["Content-Type"] == media


@pytest.mark.parametrize(
    "path", ["", "app/main.js", "0/app/main.js", "{}/README.md", "{}/../function_app.py", "{}//app/main.js", "{}/app"]
)
def test_what_is_not_in_the_table_is_not_there(ask: Ask, path: str) -> None:
    found = ask("console/{*path}", path.format(version(ask)))
    assert (found.status_code, found.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_no_page_may_run_what_is_not_ours(ask: Ask) -> None:
    headers = ask(ROOT).headers
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert (rules["default-src"], rules["script-src"], rules["style-src"]) == ("'none'", "'self'", "'self'")
    assert rules["connect-src"] == "'self' https://login.example"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


def test_a_page_may_be_framed_by_those_that_it_names() -> None:
    headers = static.guarding(ancestors=["https://contoso.crm4.dynamics.com"])
    assert "frame-ancestors https://contoso.crm4.dynamics.com" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


def test_the_widget_may_be_framed_by_nobody_unless_a_setting_says_by_whom(ask: Ask) -> None:
    headers = ask("widget").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_the_widget_may_be_framed_by_the_origins_of_the_setting_and_the_console_may_not(folder: Path) -> None:
    origin = "https://contoso.crm4.dynamics.com"
    ask = asking(static.routes(Console(ancestors=(origin,)), folder))
    widget, console = ask("widget").headers, ask(ROOT).headers["Content-Security-Policy"]
    assert f"frame-ancestors {origin}" in widget["Content-Security-Policy"]
    assert ("X-Frame-Options" in widget, "frame-ancestors 'none'" in console) == (False, True)
    assert orjson.loads(ask("console/config.json").get_body())["data"]["ancestors"] == [origin]


def test_the_console_is_told_how_people_sign_in(ask: Ask) -> None:
    found = ask("console/config.json")
    assert orjson.loads(found.get_body())["data"] == {
        "authority": "https://login.example/tenant/v2.0",
        "clientId": "client-1",
        "scope": "api://hub/.default",
        "ancestors": [],
        "missing": [],
    }
    assert found.headers["Cache-Control"] == "no-store"


def test_a_console_that_is_not_set_up_names_the_settings(folder: Path) -> None:
    ask = asking(static.routes(Console(), folder))
    assert orjson.loads(ask("console/config.json").get_body())["data"]["missing"] == [
        "HUB_CONSOLE_CLIENT_ID",
        "HUB_CONSOLE_AUTHORITY",
        "HUB_CONSOLE_SCOPE",
    ]
    assert "connect-src 'self';" in ask(ROOT).headers["Content-Security-Policy"]
