"""What a remote system says about a failed request, in JSON, XML or not at all."""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from sync.connectors.http import Answer

_BOM = b"\xef\xbb\xbf"
_LONGEST = 200
_ENOUGH = 64 * 1024
_CODE = re.compile(r"[A-Za-z][\w.]{0,79}", re.ASCII)
_CORRELATION = re.compile(r"\s*CorrelationId:\s*([0-9A-Fa-f-]{36})\.?", re.ASCII)
_SECRETS = re.compile(r"bearer\s+\S+|eyJ[\w-]+[\w.-]*|[\w~+/=.-]{40,}", re.ASCII | re.IGNORECASE)
_XML_CODE = re.compile(r"<code[^>]*>\s*([^<]*?)\s*</code>")
_XML_MESSAGE = re.compile(r"<message[^>]*>\s*([^<]*?)\s*</message>")


@dataclass(frozen=True, slots=True)
class Fault:
    """The source's own words: a code (empty when it gave none), a short clean text, and its correlation id."""

    status: int
    code: str
    text: str
    correlation: str
    parameters: tuple[str, ...] = ()
    """What is wrong with single parameters: path, and text."""

    def told(self, advice: str) -> str:
        """Return the advice followed by what the source said."""
        said = f"{self.status} {self.code}".rstrip() + (f": {self.text}" if self.text else "")
        return f"{advice} [{said}{f'; correlation {self.correlation}' if self.correlation else ''}]"


def decoded(body: bytes) -> Any:
    """Return the JSON value of a body.

    Raises:
        ValueError: It is no JSON, or a part of one.
    """
    return orjson.loads(body.removeprefix(_BOM))


def fault_of(answer: Answer) -> Fault:
    """Return what the reply says about its failure; nothing in any body makes this fail."""
    code, message = words_of(answer.body[:_ENOUGH])
    found = _CORRELATION.search(message)
    correlation = found[1] if found else answer.headers.get("ms-correlation-x", "")
    return Fault(
        status=answer.status,
        code=code if _CODE.fullmatch(code) else "",
        text=clean(_CORRELATION.sub("", message)),
        correlation=clean(correlation),
    )


def clean(text: str) -> str:
    """Return a text fit for messages: one short line without anything that looks like a token."""
    line = _SECRETS.sub("***", " ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def words_of(body: bytes) -> tuple[str, str]:
    """Return code and message of an error in JSON or XML, empty texts where it has none."""
    try:
        error = decoded(body)["error"]
        return _text(error["code"]), _text(error["message"])
    except (ValueError, LookupError, TypeError):
        text = body.decode(errors="replace")
        code, message = _XML_CODE.search(text), _XML_MESSAGE.search(text)
        return code[1] if code else "", message[1] if message else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
