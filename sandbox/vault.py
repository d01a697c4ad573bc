"""Simulated Key Vault: secrets with versions, soft delete and the vault's own refusals."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson

from sandbox.clock import Clock
from sandbox.identity import VAULT_AUDIENCE, Identity
from sandbox.replies import Reply, correlation, json_reply, retry_after, told
from sandbox.vault_items import Entry, Item, State, VaultCall, VaultFault, VaultSwitches, Version

_AUTHORITY = "https://login.microsoftonline.com/33333333-3333-4333-8333-333333333333"
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
_API_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2}|7\.\d)(-preview\.\d+)?")
_ATTRIBUTES = ("enabled", "exp", "nbf")
_LONGEST_TYPE = 255
_MOST_TAGS = 15
_LONGEST_TAG = 512
_PAGE = 25
_DAY = 86_400


class _RefusalError(Exception):
    def __init__(self, status: int, code: str, message: str, inner: str = "") -> None:
        super().__init__(message)
        self.reply = _error(status, code, message, inner)


class Vault:
    """Answers by path, as {name}.vault.azure.net."""

    def __init__(self, clock: Clock, identity: Identity, switches: VaultSwitches | None = None) -> None:
        self.switches = switches or VaultSwitches()
        self.faults: list[VaultFault] = []
        self.journal: list[Entry] = []
        self._clock = clock
        self._identity = identity
        self._items: dict[str, Item] = {}
        self._made = 0

    def answer(self, call: VaultCall) -> Reply:
        """Answer one request."""
        authorized = self._identity.accepts(call.headers.get("authorization", "").removeprefix("Bearer "))
        reply = self._answered(call) if authorized else _challenge()
        self.journal.append(Entry(call.method, call.path, authorized, len(call.body), reply.status))
        return reply

    def versions(self, name: str) -> list[str]:
        """Return the values of a secret, oldest first: the truth, for tests."""
        item = self._items.get(name.lower())
        return [version.value for version in item.versions] if item else []

    def names(self) -> list[str]:
        """Return the names of all secrets, deleted ones too, in lower case."""
        return sorted(self._items)

    def is_live(self, name: str) -> bool:
        """Return whether a secret can be read."""
        item = self._items.get(name.lower())
        return item is not None and item.state(self._clock.now()) is State.LIVE

    def disable(self, name: str) -> None:
        """Switch the newest version of a secret off, as a person would in the portal."""
        self._items[name.lower()].versions[-1].attributes["enabled"] = False

    def _answered(self, call: VaultCall) -> Reply:
        try:
            if self.faults:
                return self._planned(self.faults.pop(0))
            return self._routed(call)
        except _RefusalError as refusal:
            return refusal.reply

    def _planned(self, fault: VaultFault) -> Reply:
        reply = _error(fault.status, fault.code, fault.message, fault.inner)
        form = "absent" if fault.wait is None else fault.form
        return told(reply, retry_after(form, fault.wait or 0, self._clock.now()))

    def _routed(self, call: VaultCall) -> Reply:
        if not _API_VERSION.fullmatch(call.query.get("api-version", "")):
            raise _RefusalError(HTTPStatus.BAD_REQUEST, "BadParameter", "The api-version query parameter is needed.")
        for method, pattern, handler in self._routes():
            found = re.fullmatch(pattern, call.path)
            if found and method == call.method:
                self._check_role(method)
                return handler(call, *(_checked_name(part) for part in found.groups()[:1]), *found.groups()[1:])
        raise _RefusalError(HTTPStatus.NOT_FOUND, "NotFound", "There is no such resource.")

    def _routes(self) -> tuple[tuple[str, str, Callable[..., Reply]], ...]:
        return (
            ("GET", "/secrets/?", self._list),
            ("GET", "/secrets/([^/]*)/versions", self._list_versions),
            ("GET", "/secrets/([^/]*)(?:/([^/]*))?", self._get),
            ("PUT", "/secrets/([^/]*)", self._set),
            ("PATCH", "/secrets/([^/]*)/([^/]*)", self._update),
            ("DELETE", "/secrets/([^/]*)", self._delete),
            ("GET", "/deletedsecrets/?", self._list_deleted),
            ("GET", "/deletedsecrets/([^/]*)", self._get_deleted),
            ("POST", "/deletedsecrets/([^/]*)/recover", self._recover),
            ("DELETE", "/deletedsecrets/([^/]*)", self._purge),
        )

    def _check_role(self, method: str) -> None:
        if self.switches.role == "none" or (self.switches.role == "user" and method != "GET"):
            message = "Caller is not authorized to perform action on resource.\r\nCaller: appid=…;oid=…"
            raise _RefusalError(HTTPStatus.FORBIDDEN, "Forbidden", message, "ForbiddenByRbac")

    def _get(self, call: VaultCall, name: str, version: str | None) -> Reply:
        found = self._version(name, version)
        if not found.attributes["enabled"]:
            message = "Operation get is not allowed on a disabled secret."
            raise _RefusalError(HTTPStatus.FORBIDDEN, "Forbidden", message, "SecretDisabled")
        return json_reply({"value": found.value, **self._shown(call, name, found)})

    def _set(self, call: VaultCall, name: str) -> Reply:
        wish = _read(call.body)
        value = self._checked_value(wish)
        item = self._items.setdefault(name.lower(), Item(name))
        state = item.state(self._clock.now())
        if state is not State.LIVE:
            raise _conflict(name, state)
        self._made += 1
        now = int(self._clock.now())
        given = {key: each for key, each in (wish.get("attributes") or {}).items() if key in _ATTRIBUTES}
        attributes = {"enabled": True, "created": now, "updated": now, **given, **self._recovery()}
        version = Version(
            correlation(self._made).replace("-", ""), value, attributes, wish.get("contentType"), wish.get("tags")
        )
        item.versions.append(version)
        return json_reply({"value": value, **self._shown(call, name, version)})

    def _checked_value(self, wish: dict[str, Any]) -> str:
        value, tags = wish.get("value"), wish.get("tags") or {}
        text = value if isinstance(value, str) else ""
        bad = (
            not isinstance(value, str) or len(text.encode()) > self.switches.longest_value,
            len(wish.get("contentType") or "") > _LONGEST_TYPE,
            len(tags) > _MOST_TAGS or any(max(len(key), len(each)) > _LONGEST_TAG for key, each in tags.items()),
        )
        if any(bad):
            message = "The value, its content type or its tags are not acceptable."
            raise _RefusalError(HTTPStatus.BAD_REQUEST, "BadParameter", message)
        return text

    def _update(self, call: VaultCall, name: str, version: str) -> Reply:
        found, wish = self._version(name, version), _read(call.body)
        given = {key: each for key, each in (wish.get("attributes") or {}).items() if key in _ATTRIBUTES}
        found.attributes |= {**given, "updated": int(self._clock.now())}
        return json_reply(self._shown(call, name, found))

    def _delete(self, call: VaultCall, name: str) -> Reply:
        item = self._in_state(name, State.LIVE)
        now = self._clock.now()
        item.deleted_at, item.settles_at = now, now + self.switches.settle_seconds
        return json_reply(self._buried(call, item))

    def _get_deleted(self, call: VaultCall, name: str) -> Reply:
        return json_reply(self._buried(call, self._in_state(name, State.DELETED)))

    def _recover(self, call: VaultCall, name: str) -> Reply:
        item = self._in_state(name, State.DELETED)
        item.deleted_at, item.settles_at = None, self._clock.now() + self.switches.settle_seconds
        return json_reply(self._shown(call, item.name, item.versions[-1]))

    def _purge(self, _: VaultCall, name: str) -> Reply:
        self._in_state(name, State.DELETED)
        if self.switches.purge_protection:
            message = "Operation purge is not enabled for this vault."
            raise _RefusalError(HTTPStatus.FORBIDDEN, "Forbidden", message)
        del self._items[name.lower()]
        return Reply(HTTPStatus.NO_CONTENT, content_type="")

    def _list(self, call: VaultCall) -> Reply:
        live = [item for item in self._items.values() if item.state(self._clock.now()) is State.LIVE]
        return self._page(call, [self._shown(call, item.name, item.versions[-1], short=True) for item in live])

    def _list_versions(self, call: VaultCall, name: str) -> Reply:
        item = self._in_state(name, State.LIVE)
        return self._page(call, [self._shown(call, item.name, version) for version in item.versions])

    def _list_deleted(self, call: VaultCall) -> Reply:
        gone = [item for item in self._items.values() if item.state(self._clock.now()) is State.DELETED]
        return self._page(call, [self._buried(call, item) for item in gone])

    def _page(self, call: VaultCall, rows: list[dict[str, Any]]) -> Reply:
        start, size = int(call.query.get("$skiptoken", "0")), int(call.query.get("maxresults", str(_PAGE)))
        rest = len(rows) > start + size
        version = call.query["api-version"]
        link = f"https://{call.host}{call.path}?api-version={version}&$skiptoken={start + size}&maxresults={size}"
        return json_reply({"value": rows[start : start + size], "nextLink": link if rest else None})

    def _version(self, name: str, version: str | None) -> Version:
        item = self._in_state(name, State.LIVE)
        found = next((each for each in item.versions if each.id == version), None) if version else item.versions[-1]
        if found is None:
            raise _not_found(name)
        return found

    def _in_state(self, name: str, state: State) -> Item:
        item = self._items.get(name.lower())
        found = item.state(self._clock.now()) if item else None
        if item is None or found is not state:
            moving = state is State.DELETED and found in {State.DELETING, State.RECOVERING}
            raise _conflict(name, found) if moving and found else _not_found(name)
        return item

    def _recovery(self) -> dict[str, Any]:
        level = "Recoverable" if self.switches.purge_protection else "Recoverable+Purgeable"
        return {"recoveryLevel": level, "recoverableDays": self.switches.recovery_days}

    def _shown(self, call: VaultCall, name: str, version: Version, *, short: bool = False) -> dict[str, Any]:
        identity = f"https://{call.host}/secrets/{name}"
        shown = {"id": identity if short else f"{identity}/{version.id}", "attributes": version.attributes}
        extra = {"contentType": version.content_type, "tags": version.tags}
        return {**shown, **{key: each for key, each in extra.items() if each is not None}}

    def _buried(self, call: VaultCall, item: Item) -> dict[str, Any]:
        deleted = int(item.deleted_at or 0)
        return {
            **self._shown(call, item.name, item.versions[-1]),
            "recoveryId": f"https://{call.host}/deletedsecrets/{item.name}",
            "deletedDate": deleted,
            "scheduledPurgeDate": deleted + self.switches.recovery_days * _DAY,
        }


def _challenge() -> Reply:
    reply = _error(HTTPStatus.UNAUTHORIZED, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.")
    return reply.with_headers({"WWW-Authenticate": f'Bearer authorization="{_AUTHORITY}", resource="{VAULT_AUDIENCE}"'})


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise _RefusalError(HTTPStatus.BAD_REQUEST, "BadParameter", "The request URI contains an invalid name.")
    return name


def _read(body: bytes) -> dict[str, Any]:
    try:
        wish = orjson.loads(body)
    except ValueError:
        wish = None
    if not isinstance(wish, dict):
        raise _RefusalError(HTTPStatus.BAD_REQUEST, "BadParameter", "The body is no JSON object.")
    return wish


def _conflict(name: str, state: State) -> _RefusalError:
    return _RefusalError(HTTPStatus.CONFLICT, "Conflict", f"Secret {name} cannot be used now.", state.value)


def _not_found(name: str) -> _RefusalError:
    message = f"A secret with (name/id) {name} was not found in this key vault."
    return _RefusalError(HTTPStatus.NOT_FOUND, "SecretNotFound", message)


def _error(status: int, code: str, message: str, inner: str = "") -> Reply:
    error: dict[str, Any] = {"code": code, "message": message}
    return json_reply({"error": {**error, "innererror": {"code": inner}} if inner else error}, status)
