"""Parties, participants and product tables."""

from typing import Any

import pytest

from tests.sandbox.oneflow.kit import BUYER, Caller, refused

_PERSON = {"name": "Second", "email": "second@adventure.example"}


def made(flow: Caller) -> tuple[str, dict[str, Any]]:
    """Path of a new contract's parties, and its counterparty."""
    contract = flow.create()
    return f"/contracts/{contract['id']}/parties", contract["parties"][1]


def test_the_owners_party_has_the_creator_when_nothing_is_said(flow: Caller) -> None:
    mine = flow.create()["parties"][0]
    assert (mine["my_party"], mine["participants"][0]["email"]) == (True, "admin@contoso.example")


def test_the_owners_participants_are_users_of_the_account(flow: Caller) -> None:
    body = {"workspace_id": 396198, "template_id": 110010}
    people = {"participants": [{"name": "Buyer", "email": "buyer@adventure.example"}]}
    reply = flow.ask("POST", "/contracts/create", {**body, "my_party": people})
    assert list(refused(reply)[2]) == ["my_party.participants[0].email"]


def test_an_individual_has_one_participant(flow: Caller) -> None:
    person = {"type": "individual", "country_code": "SE", "participant": {"name": "One", "email": "one@example.com"}}
    shown = flow.create(parties=[person])["parties"][1]
    assert (shown["participant"]["name"], "participants" in shown) == ("One", False)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "x" * 101}, "parties[0].name"),
        ({"identification_number": "1" * 26}, "parties[0].identification_number"),
        ({"country_code": "SWE"}, "parties[0].country_code"),
        ({"type": "club"}, "parties[0].type"),
        ({"participants": [{"name": "x", "email": "x@y.se", "delivery_channel": "owl"}]}, "delivery_channel"),
        ({"participants": [{"name": "x", "email": "x@y.se", "delivery_channel": "sms"}]}, "phone_number"),
        ({"participants": [{"email": "x@y.se"}]}, "name"),
        ({"participants": [{"name": "x", "email": "x@y.se", "signatory": "yes"}]}, "signatory"),
        ({"participants": {}}, "participants"),
    ],
)
def test_a_party_that_does_not_fit_is_400(flow: Caller, change: Any, path: str) -> None:
    body = {"workspace_id": 396198, "template_id": 110010, "parties": [{**BUYER, **change}]}
    assert any(each.endswith(path) for each in refused(flow.ask("POST", "/contracts/create", body))[2])


def test_forty_participants_are_the_most(flow: Caller) -> None:
    people = [{"name": str(at), "email": f"p{at}@example.com"} for at in range(40)]
    body = {"workspace_id": 396198, "template_id": 110010, "parties": [{**BUYER, "participants": people}]}
    assert refused(flow.ask("POST", "/contracts/create", body))[2] == {"parties": ["At most 40 participants."]}


def test_parties_can_be_added_changed_and_removed(flow: Caller) -> None:
    path, _ = made(flow)
    added = flow.done("POST", path, {**BUYER, "participants": [_PERSON]})
    changed = flow.done("PUT", f"{path}/{added['id']}", {"name": "Renamed"})
    assert (changed["name"], changed["country_code"]) == ("Renamed", "SE")
    assert flow.get(f"{path}/{added['id']}") == changed
    flow.done("DELETE", f"{path}/{added['id']}")
    assert flow.get(path)["count"] == 2


def test_the_owners_party_stays(flow: Caller) -> None:
    contract = flow.create()
    reply = flow.ask("DELETE", f"/contracts/{contract['id']}/parties/{contract['parties'][0]['id']}")
    assert reply.status_code == 409


def test_participants_can_be_added_changed_and_removed(flow: Caller) -> None:
    parties, party = made(flow)
    path = f"{parties}/{party['id']}/participants"
    added = flow.done("POST", path, _PERSON)
    changed = flow.done(
        "PUT", f"{path}/{added['id']}", {"signatory": False, "_permissions": {"contract:update": False}}
    )
    assert (changed["signatory"], changed["_permissions"]["contract:update"], changed["name"]) == (
        False,
        False,
        "Second",
    )
    flow.done("DELETE", f"{path}/{added['id']}")
    assert len(flow.get(f"{parties}/{party['id']}")["participants"]) == 1


def test_a_refused_change_of_a_participant_changes_nothing(flow: Caller) -> None:
    parties, party = made(flow)
    before = party["participants"][0]
    path = f"{parties}/{party['id']}/participants/{before['id']}"
    assert flow.ask("PUT", path, {"name": "New", "email": "nonsense"}).status_code == 400
    assert flow.get(f"{parties}/{party['id']}")["participants"][0] == before


def test_a_second_participant_with_the_same_address_is_refused(flow: Caller) -> None:
    parties, party = made(flow)
    reply = flow.ask("POST", f"{parties}/{party['id']}/participants", {**_PERSON, "email": "buyer@adventure.example"})
    assert refused(reply)[1] == 4000003
    assert len(flow.get(f"{parties}/{party['id']}")["participants"]) == 1


def test_an_unknown_party_or_participant_is_404(flow: Caller) -> None:
    parties, party = made(flow)
    assert flow.ask("PUT", f"{parties}/1", {}).status_code == 404
    assert flow.ask("PUT", f"{parties}/{party['id']}/participants/1", {}).status_code == 404


def test_a_contract_starts_with_the_templates_product_rows(flow: Caller) -> None:
    contract = flow.draft()
    [group] = flow.get(f"/contracts/{contract}/product_groups")["data"]
    assert [each["name"] for each in group["products"]] == ["Example product"]
    assert flow.get(f"/contracts/{contract}/product_groups/{group['id']}") == group


def row(**more: Any) -> dict[str, Any]:
    price = {"base_amount": {"amount": "100"}, "discount_amount": {"amount": "10"}}
    return {"name": "Bike", "price_1": price, "quantity": {"type": "quantity", "amount": 2}, **more}


def test_products_of_a_create_replace_the_templates_rows(flow: Caller) -> None:
    [product] = flow.create(product_groups=[{"products": [row()]}])["product_groups"][0]["products"]
    assert product["price_1"] == {
        "amount": {"amount": "90.00"},
        "base_amount": {"amount": "100.00"},
        "discount_amount": {"amount": "10.00"},
        "discount_percent": "10.000",
    }
    assert (product["name"], product["quantity"]) == ("Bike", {"amount": 2, "type": "quantity"})


def test_products_need_a_product_table_in_the_template(flow: Caller) -> None:
    body = {"workspace_id": 396198, "template_id": 110008, "product_groups": [{"products": [row()]}]}
    assert list(refused(flow.ask("POST", "/contracts/create", body))[2]) == ["product_groups[0].id"]


def test_a_contract_has_at_most_150_products(flow: Caller) -> None:
    body = {"workspace_id": 396198, "template_id": 110010, "product_groups": [{"products": [row()] * 151}]}
    assert "product_groups" in refused(flow.ask("POST", "/contracts/create", body))[2]


def test_rows_of_a_table_can_be_added_and_replaced(flow: Caller) -> None:
    contract = flow.create()
    path = f"/contracts/{contract['id']}/product_groups/{contract['product_groups'][0]['id']}"
    assert flow.done("POST", f"{path}/products", row(name="Helmet"))["name"] == "Helmet"
    assert [each["name"] for each in flow.get(path)["products"]] == ["Example product", "Helmet"]
    shown = flow.done("PUT", path, {"products": [row(name="Pump")], "configuration": {"hide_price_summation": True}})
    assert ([each["name"] for each in shown["products"]], shown["configuration"]["hide_price_summation"]) == (
        ["Pump"],
        True,
    )


@pytest.mark.parametrize(
    "given", [{"quantity": {"amount": "many"}}, {"quantity": {"type": "weight"}}, {"price_1": "9"}]
)
def test_a_product_that_does_not_fit_is_400(flow: Caller, given: Any) -> None:
    contract = flow.create()
    path = f"/contracts/{contract['id']}/product_groups/{contract['product_groups'][0]['id']}"
    assert flow.ask("POST", f"{path}/products", row(**given)).status_code == 400
    assert len(flow.get(path)["products"]) == 1


def test_an_unknown_product_table_is_404(flow: Caller) -> None:
    assert flow.ask("GET", f"/contracts/{flow.draft()}/product_groups/1").status_code == 404
