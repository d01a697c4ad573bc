"""What a browser is told to load at once."""

import pytest

from sync.services.console_imports import imported, with_imports

LINK = '\n  <link rel="modulepreload" href="/console/{{version}}/{}">'
MODULES = {
    "app/main.js": b'import { a } from "./kit.js";\nimport {\n  b,\n} from "./kit/b.js";\nimport("./late.js");\n',
    "app/kit.js": b'export { a } from "./kit/a.js";\nexport const place = "./late.js";\n',
    "app/kit/a.js": b'import "../../vendor/lib.js";\nimport { b } from "./b.js";\n',
    "app/kit/b.js": b'import{x as y}from"../../vendor/lib.js";var t',
    "app/late.js": b'import { a } from "./kit.js";\n',
    "vendor/lib.js": b"export const x = 1;\n",
}


def page(*names: str) -> bytes:
    return "".join(LINK.format(name) for name in names).encode()


def test_a_module_brings_all_that_it_imports_and_nothing_that_it_loads_later() -> None:
    found = ["app/main.js", "app/kit.js", "app/kit/b.js", "app/kit/a.js", "vendor/lib.js"]
    assert imported("app/main.js", MODULES) == found


def test_modules_that_import_each_other_are_told_once() -> None:
    ring = {"a.js": b'import "./b.js";', "b.js": b'import "./a.js";'}
    assert imported("b.js", ring) == ["b.js", "a.js"]


def test_a_document_names_what_its_modules_import_each_once() -> None:
    told = with_imports(b"<head>" + page("app/kit/b.js", "app/late.js") + b"\n</head>", MODULES)
    names = ("app/kit/b.js", "vendor/lib.js", "app/late.js", "app/kit.js", "app/kit/a.js")
    assert told == b"<head>" + page(*names) + b"\n</head>"


@pytest.mark.parametrize("other", [b'\n<script src="/console/{version}/app/main.js">', page("app/gone.js")])
def test_a_document_without_modules_to_load_at_once_names_none(other: bytes) -> None:
    assert b"kit" not in with_imports(other, MODULES)
