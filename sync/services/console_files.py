"""The console's files: read once, and found by their path alone."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sync.services.console_imports import with_imports

PAGE = "index.html"
"""The one document of the console; it names the other files below their version."""
WIDGET = "widget.html"
"""The document of the widget, which other pages frame."""

_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_VERSION = b"{version}"


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """A file as it is answered: plain and packed with gzip, its media type, and a tag that changes with it."""

    plain: bytes
    packed: bytes
    media: str
    tag: str


@dataclass(frozen=True, slots=True)
class ConsoleFiles:
    """All files of one version of the console, by their path; the version changes with any of them."""

    version: str
    files: Mapping[str, ConsoleFile]

    @property
    def page(self) -> ConsoleFile:
        """The document."""
        return self.files[PAGE]

    @property
    def widget(self) -> ConsoleFile:
        """The document of the widget."""
        return self.files[WIDGET]

    def lasting(self, path: str) -> ConsoleFile | None:
        """Return the file of a path `version/name`, which never changes; None when there is none."""
        version, _, name = path.partition("/")
        return self.files.get(name) if version == self.version else None


def read_console_files(folder: Path) -> ConsoleFiles:
    """Return the files below a folder that browsers load; licences and notes stay there."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in _MEDIA
    }
    version = _digest(b"".join(name.encode() + body for name, body in found.items()))
    pages = {name: with_imports(body, found) for name, body in found.items() if name.endswith(".html")}
    whole = {name: body.replace(_VERSION, version.encode()) for name, body in pages.items()}
    return ConsoleFiles(version, {name: _file(name, body) for name, body in {**found, **whole}.items()})


def _file(name: str, body: bytes) -> ConsoleFile:
    packed = gzip.compress(body, 9, mtime=0)
    return ConsoleFile(body, packed, _MEDIA[Path(name).suffix], f'W/"{_digest(body)}"')


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=9).hexdigest()
