"""`make vendor`: brings the libraries of the console and of its tests from npm, as the table here says."""

import base64
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console" / "vendor"
TESTS = ROOT / "tests" / "browser" / "vendor"


@dataclass(frozen=True, slots=True)
class Library:
    """A package of npm, what is taken from it, and how its import of a sister is spelled here."""

    name: str
    version: str
    sha512: str
    files: Mapping[str, str]
    licence: str
    folder: Path = CONSOLE
    imports: Mapping[str, str] = field(default_factory=dict)


LIBRARIES = (
    Library(
        "preact",
        "11.2.0",
        "/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0nP7dqDU9OnLxMPZ7xBg==",
        {"dist/preact.mjs": "preact.js", "hooks/dist/hooks.mjs": "preact-hooks.js"},
        "LICENSE",
        imports={"preact": "./preact.js"},
    ),
    Library(
        "htm",
        "3.1.1",
        "983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==",
        {"dist/htm.mjs": "htm.js"},
        "LICENSE",
    ),
    Library(
        "axe-core",
        "4.14.1",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        {"axe.min.js": "axe.js"},
        "LICENSE",
        TESTS,
    ),
)
_MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*$")


class VendorError(Exception):
    """A package is not what the table says."""


def packed(library: Library) -> bytes:
    """Return the package as npm has it.

    Raises:
        VendorError: Its contents have another fingerprint.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{library.name}@{library.version}"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        body = next(Path(folder).glob("*.tgz")).read_bytes()
    found = base64.b64encode(hashlib.sha512(body).digest()).decode()
    if found != library.sha512:
        raise VendorError(f"{library.name} {library.version} has the sha512 {found}")
    return body


def files_of(library: Library, body: bytes) -> dict[str, bytes]:
    """Return the files that are taken from a package, by the names that they have here."""
    wanted = {**library.files, library.licence: f"LICENSE-{library.name}.txt"}
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        read = {name: archive.extractfile(f"package/{name}") for name in wanted}
        found = {wanted[name]: file.read() for name, file in read.items() if file is not None}
    return {name: _at_home(library, text) for name, text in found.items()}


def _at_home(library: Library, text: bytes) -> bytes:
    for sister, file in library.imports.items():
        text = text.replace(f'from"{sister}"'.encode(), f'from"{file}"'.encode())
    return _MAP.sub(b"\n", text)


def main() -> int:
    """Write all files anew."""
    for library in LIBRARIES:
        for name, text in files_of(library, packed(library)).items():
            (library.folder / name).write_bytes(text)
            print(f"{library.name} {library.version}: {name}, {len(text)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
