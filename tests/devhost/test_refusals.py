"""Apps that the host in Azure would not start."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devhost.refusals import check
from devhost.settings import HostOptions, StartError, read_host_json
from devhost.worker import Function


@pytest.fixture
def options(tmp_path: Path) -> HostOptions:
    (tmp_path / "host.json").write_text('{"version": "2.0", "extensionBundle": {"id": "x"}}')
    return read_host_json(tmp_path)


def function(name: str, kind: str, **binding: Any) -> Function:
    return Function(name, name, ({"name": "x", "type": kind, "direction": "IN", **binding},))


def test_two_functions_may_not_share_route_and_method(options: HostOptions) -> None:
    one = function("one", "httpTrigger", route="items/{id}", methods=["GET", "POST"])
    two = function("two", "httpTrigger", route="Items/{id}", methods=["post"])
    with pytest.raises(StartError, match=r"two: the route .* conflicts with the route of 'one'"):
        check([one, two], options)


def test_a_function_for_every_method_shares_its_route_with_none(options: HostOptions) -> None:
    one, two = function("one", "httpTrigger", route="x"), function("two", "httpTrigger", route="x", methods=["GET"])
    with pytest.raises(StartError, match="conflicts"):
        check([one, two], options)


def test_two_functions_may_share_a_route_with_other_methods(options: HostOptions) -> None:
    one = function("one", "httpTrigger", route="x", methods=["PUT"])
    check([one, function("two", "httpTrigger", route="x", methods=["GET"])], options)


def test_an_unknown_binding_type_is_refused(options: HostOptions) -> None:
    with pytest.raises(StartError, match="one: the binding type 'kafkaTrigger' is not known"):
        check([function("one", "kafkaTrigger")], options)


@pytest.mark.parametrize("kind", ["timerTrigger", "queueTrigger", "orchestrationTrigger", "activityTrigger"])
def test_extensions_need_a_bundle(options: HostOptions, kind: str) -> None:
    with pytest.raises(StartError, match=f"one: the binding type '{kind}' needs an extensionBundle"):
        check([function("one", kind)], replace(options, has_bundle=False))


def test_http_needs_no_bundle(options: HostOptions) -> None:
    check([function("one", "httpTrigger")], replace(options, has_bundle=False))


@pytest.mark.parametrize("route", ["admin/x", "runtime", "Admin"])
def test_built_in_routes_are_refused(options: HostOptions, route: str) -> None:
    with pytest.raises(StartError, match="conflicts with a built-in route"):
        check([function("one", "httpTrigger", route=route)], replace(options, route_prefix=""))


def test_a_name_that_azure_refuses_is_refused(options: HostOptions) -> None:
    with pytest.raises(StartError, match="'1st' is not a valid function name"):
        check([function("1st", "httpTrigger")], options)
