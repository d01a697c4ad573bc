"""What the host in Azure would not start, refused here in the same place."""

import re
from collections.abc import Callable, Iterable

from devhost.settings import HostOptions, StartError
from devhost.web import full_route, methods_of
from devhost.worker import Function

_BUILT_IN = frozenset({"httpTrigger", "http"})
_IN_BUNDLE = frozenset(
    {
        *("timerTrigger", "queueTrigger", "queue"),
        *("orchestrationTrigger", "activityTrigger", "entityTrigger", "durableClient"),
    }
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}")
_RESERVED_ROUTES = frozenset({"admin", "runtime"})


def check(functions: Iterable[Function], options: HostOptions) -> None:
    """Look at every function before the first one runs.

    Raises:
        StartError: One of them would not start in Azure; the message names it and the reason.
    """
    known: list[Function] = []
    for function in functions:
        for refuse in _REFUSALS:
            refuse(function, options)
        if function.kind == "httpTrigger":
            _refuse_taken_route(function, known, options.route_prefix)
            known.append(function)


def _refuse_name(function: Function, _options: HostOptions) -> None:
    if not _NAME.fullmatch(function.name):
        raise StartError(f"'{function.name}' is not a valid function name")


def _refuse_bindings(function: Function, options: HostOptions) -> None:
    for binding in function.bindings:
        kind = binding["type"]
        if kind not in _BUILT_IN | _IN_BUNDLE:
            raise StartError(f"{function.name}: the binding type '{kind}' is not known to this host")
        if kind in _IN_BUNDLE and not options.has_bundle:
            raise StartError(f"{function.name}: the binding type '{kind}' needs an extensionBundle in host.json")


def _refuse_reserved_route(function: Function, options: HostOptions) -> None:
    if function.kind == "httpTrigger":
        route = full_route(function, options.route_prefix)
        if route.split("/")[0].lower() in _RESERVED_ROUTES:
            raise StartError(f"{function.name}: the route '{route}' conflicts with a built-in route")


def _refuse_taken_route(function: Function, others: Iterable[Function], prefix: str) -> None:
    route = full_route(function, prefix)
    for other in others:
        mine, theirs = methods_of(function), methods_of(other)
        share = not mine or not theirs or mine & theirs
        if share and full_route(other, prefix).lower() == route.lower():
            raise StartError(f"{function.name}: the route '{route}' conflicts with the route of '{other.name}'")


_REFUSALS: tuple[Callable[[Function, HostOptions], None], ...] = (
    _refuse_name,
    _refuse_bindings,
    _refuse_reserved_route,
)
