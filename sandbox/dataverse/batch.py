"""$batch: requests in one envelope, change sets that are done whole or not at all."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from sandbox.dataverse.home import Home
from sandbox.dataverse.records import JSON
from sandbox.dataverse.refusals import DataverseError, bad_query
from sandbox.dataverse.requests import Request
from sandbox.dataverse.schema import stable_id
from sandbox.dataverse.writes import Work
from sandbox.replies import Reply

type Execute = Callable[[Request], tuple[Reply, Work]]

_MOST = 1000
_BAD = 400
_END = b"\r\n"
_BOUNDARY = re.compile(r'multipart/mixed\s*;.*?boundary="?([^";]+)"?', re.IGNORECASE)
_LINE = re.compile(r"^(GET|POST|PATCH|PUT|DELETE)\s+(\S+)\s+HTTP/1\.1$")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an envelope: its headers and what follows them."""

    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Batch:
    """Runs one envelope."""

    home: Home
    execute: Execute
    envelope: Request
    goes_on: bool
    works: list[Work] = field(default_factory=list)
    count: int = 0
    _known: dict[str, str] = field(default_factory=dict)

    def answer(self) -> Reply:
        """Run the requests in order and return their replies in one.

        Raises:
            DataverseError: The envelope cannot be read.
        """
        boundary = f"batchresponse_{stable_id('batch', str(self.home.store.version))}"
        written: list[bytes] = []
        status = HTTPStatus.OK.value
        for part in _parts(self.envelope.headers.get("content-type", ""), self.envelope.body):
            inner = _BOUNDARY.match(part.headers.get("content-type", ""))
            replies, failed = self._change_set(part) if inner else self._single(part)
            written.append(replies)
            if failed and not self.goes_on:
                status = failed
                break
        text = b"".join(b"--" + boundary.encode() + _END + each for each in written)
        body = text + b"--" + boundary.encode() + b"--" + _END
        return Reply(status, body, f"multipart/mixed; boundary={boundary}")

    def _single(self, part: Part) -> tuple[bytes, int]:
        reply = self._run(self._request(part))
        return _http(reply, {}), _failure(reply)

    def _change_set(self, part: Part) -> tuple[bytes, int]:
        boundary = f"changesetresponse_{stable_id('changeset', str(self.home.store.version))}"
        written: list[bytes] = []
        before = len(self.works)
        try:
            with self.home.store.transaction():
                written += [_http(*self._changed(each)) for each in _parts(part.headers["content-type"], part.body)]
        except _ChangeSetError as error:
            del self.works[before:]
            return _http(error.reply, {}), _failure(error.reply)
        text = b"".join(b"--" + boundary.encode() + _END + each for each in written)
        head = f"Content-Type: multipart/mixed; boundary={boundary}".encode() + _END + _END
        return head + text + b"--" + boundary.encode() + b"--" + _END, 0

    def _changed(self, part: Part) -> tuple[Reply, dict[str, str]]:
        identity = part.headers.get("content-id")
        if identity is None:
            raise bad_query("Content-ID header not present")
        if identity in self._known:
            raise bad_query(f"The Content-ID '{identity}' is not unique in the batch.")
        request = self._request(part)
        if request.method == "GET":
            raise bad_query("An invalid HTTP method 'GET' was detected for a request in a change set.")
        reply = self._run(request)
        if _failure(reply):
            raise _ChangeSetError(reply)
        self._known[identity] = reply.headers.get("OData-EntityId", "")
        return reply, {"Content-ID": identity}

    def _run(self, request: Request) -> Reply:
        self.count += 1
        if self.count > _MOST:
            raise bad_query(f"The maximum number of requests in a batch is {_MOST}.")
        reply, work = self.execute(request)
        self.works.append(work)
        return reply

    def _request(self, part: Part) -> Request:
        head, cut, body = (part.body + _END).partition(_END + _END)
        lines = head.decode("utf-8", "replace").split("\r\n")
        found = _LINE.match(lines[0])
        if not cut or found is None:
            raise unreadable()
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        target = self._resolved(found[2]).split("/api/data/", 1)[-1]
        path, _, query = re.sub(r"^v\d+\.\d+/", "", target).partition("?")
        if path.strip("/").endswith("$batch"):
            raise bad_query("A batch inside a batch is not supported.")
        text = self._resolved(body.strip().decode("utf-8", "replace"), quoted=True)
        return replace(
            self.envelope, method=found[1], path=path.strip("/"), query=query, headers=headers, body=text.encode()
        )

    def _resolved(self, text: str, *, quoted: bool = False) -> str:
        pattern = re.compile(r'(?<=")/?\$(\d+)(?=["/])') if quoted else re.compile(r"(?:^|(?<=/))\$(\d+)(?=/|$|\?)")

        def known(found: re.Match[str]) -> str:
            if found[1] not in self._known:
                text = f"Content-ID Reference: '${found[1]}' does not exist in the batch context."
                raise DataverseError(_BAD, "0x80060888", text)
            return self._known[found[1]]

        return pattern.sub(known, text)


@dataclass(eq=False)
class _ChangeSetError(Exception):
    reply: Reply


def unreadable() -> DataverseError:
    """400: the envelope is no multipart text with CRLF line ends."""
    return DataverseError(_BAD, "0x80048d19", "Error identified in Payload: Stream was not readable.")


def _parts(content_type: str, body: bytes) -> list[Part]:
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise bad_query("The Content-Type of a batch is multipart/mixed with a boundary.")
    mark = b"--" + found[1].encode()
    pieces = (_END + body).split(_END + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004  a first part and the end mark
        raise unreadable()
    parts = []
    for piece in pieces[1:-1]:
        head, cut, rest = piece.removeprefix(_END).partition(_END + _END)
        if not cut:
            raise unreadable()
        lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
        parts.append(Part({name.strip().lower(): value.strip() for name, _, value in lines}, rest))
    return parts


def _http(reply: Reply, more: dict[str, str]) -> bytes:
    kind = HTTPStatus(reply.status).phrase
    outer = {"Content-Type": "application/http", "Content-Transfer-Encoding": "binary", **more}
    inner: dict[str, str] = (
        {"REQ_ID": stable_id("request", reply.body.decode("utf-8", "replace"))} if _failure(reply) else {}
    )
    if reply.content_type:
        inner["Content-Type"] = JSON if reply.content_type == JSON else reply.content_type
    inner |= {"OData-Version": "4.0", **reply.headers}
    lines = [
        *(f"{name}: {value}" for name, value in outer.items()),
        "",
        f"HTTP/1.1 {reply.status} {kind}",
        *(f"{name}: {value}" for name, value in inner.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + reply.body + _END


def _failure(reply: Reply) -> int:
    return reply.status if reply.status >= _BAD else 0
