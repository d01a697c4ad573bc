"""What a module of the console imports, and what that imports: a browser may then ask for all of it at once."""

import posixpath
import re
from collections.abc import Mapping

_IMPORT = re.compile(rb'^(?:import|export)\b(?:[^"\'`;]*?\bfrom)?\s*"(\.[^"]+)"', re.MULTILINE)
_PRELOAD = re.compile(rb'(?P<before>\n *)<link rel="modulepreload" href="(?P<root>[^"{]*\{version\}/)(?P<name>[^"]+)">')


def with_imports(page: bytes, modules: Mapping[str, bytes]) -> bytes:
    """Return a document whose preloaded modules are followed by all that they import statically, each once."""
    told: set[str] = set()

    def link(found: re.Match[bytes]) -> bytes:
        names = [name for name in imported(found["name"].decode(), modules) if name not in told]
        told.update(names)
        links = (b'<link rel="modulepreload" href="%s%s">' % (found["root"], name.encode()) for name in names)
        return b"".join(found["before"] + each for each in links)

    return _PRELOAD.sub(link, page)


def imported(name: str, modules: Mapping[str, bytes]) -> list[str]:
    """Return the names of a module and of all that it imports statically, those first that lead to others."""
    found = [name] if name in modules else []
    for each in found:
        named = (
            posixpath.normpath(posixpath.join(posixpath.dirname(each), path.decode()))
            for path in _IMPORT.findall(modules[each])
        )
        found += [other for other in dict.fromkeys(named) if other in modules and other not in found]
    return found
