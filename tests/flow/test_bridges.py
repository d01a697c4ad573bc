"""Bridges between Dataverse and Oneflow, through HTTP."""

from tests.flow.bridge_kit import Span


def test_both_ends_of_a_bridge_are_tested_step_by_step(span: Span) -> None:
    answer = span.call("POST", "/dynamics/test")
    assert answer.body["success"] is True
    assert [(each["name"], each["ok"]) for each in answer.data["checks"]] == [
        ("dynamics_credentials", True),
        ("dynamics_reachable", True),
        ("dynamics_metadata", True),
        ("dynamics_privileges", True),
        ("oneflow_token", True),
        ("oneflow_workspace", True),
    ]


def test_the_fields_of_an_opportunity_say_which_of_them_can_be_two_way(span: Span) -> None:
    fields = {each["name"]: each for each in span.get("/entities/opportunity/fields")}
    assert fields["name"]["twoWay"]
    assert not fields["customerid"]["twoWay"]
    assert fields["customerid"]["reason"]
