"""Which test process runs what: half of them begin with tests that wait for others, the rest with tests that reckon."""

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # the library has no types
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]  # the library has no types

_WAITING = ("flow", "browser")
"""Folders whose tests wait for other processes more than they work; each test process starts them for itself."""
_CAMPAIGNS = "properties"
"""A folder whose tests are long and need nothing in common: each goes where there is room."""
ALONE = frozenset(
    f"tests/flow/test_{name}.py"
    for name in ("crashes", "storms", "realtime", "oneflow_webhooks", "dataverse_webhooks", "demo")
)
"""Modules with processes of their own, that wait longest: first, so that nobody waits for them in the end."""


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types
    """Keeps a module's tests together, and lets waiting and reckoning lie side by side from the start to the end."""

    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waits = int(node.gateway.id.removeprefix("gw")) % 2 == 0
        self.workqueue.move_to_end(min(self.workqueue, key=lambda part: turn_of(part, waits=waits)), last=False)
        super()._assign_work_unit(node)


def part_of(nodeid: str) -> str:
    """Return what a test belongs to that one process runs: its module, or in a campaign the test itself."""
    module = nodeid.partition("::")[0]
    return nodeid if _folder(module) == _CAMPAIGNS else module


def turn_of(part: str, *, waits: bool) -> tuple[bool, bool, bool]:
    """Return what sorts parts for a process that begins with those that wait, or with the others."""
    is_waiting = _folder(part) in _WAITING
    return is_waiting is not waits, part not in ALONE, _folder(part) != _CAMPAIGNS


def _folder(part: str) -> str:
    return PurePosixPath(part.partition("::")[0]).parts[1]
