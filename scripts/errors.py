"""`make errors`: writes console/app/errors.js, cause and fix of each code, from docs/errors.md."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "errors.md"
TARGET = ROOT / "console" / "app" / "errors.js"

_CODE = re.compile(r"`([A-Z][A-Z0-9_]*)`")
_FEWEST = 3
_HEAD = """// @ts-check
/** Cause and fix of every code of docs/errors.md; written by `make errors`. */
export const errors = """


def helps_in(document: str) -> dict[str, dict[str, str]]:
    """Return cause and fix by code, from the tables of a document; the first table that names a code wins."""
    found: dict[str, dict[str, str]] = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        code = _CODE.fullmatch(cells[0].strip("| "))
        if code is not None and len(cells) >= _FEWEST:
            found.setdefault(code[1], {"cause": _plain(cells[-2]), "fix": _plain(cells[-1])})
    return found


def module_of(helps: dict[str, dict[str, str]]) -> str:
    """Return the module that holds them."""
    return f"{_HEAD}{json.dumps(helps, indent=2, ensure_ascii=False, sort_keys=True)};\n"


def _plain(cell: str) -> str:
    linked = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", cell.strip("| "))
    return linked.replace("`", "").replace("\\|", "|").replace("**", "")


def main() -> int:
    """Write the module anew."""
    helps = helps_in(SOURCE.read_text(encoding="utf-8"))
    TARGET.write_text(module_of(helps), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(helps)} codes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
