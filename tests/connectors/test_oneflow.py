"""Oneflow: what is sent, what is read, and what its refusals mean."""

import pytest

from sync.connectors.budget import ONEFLOW
from sync.connectors.oneflow import FixedSignIn, OneflowAccounts
from sync.model.contract_life import Life
from sync.model.errors import RefusedError, RetryLaterError, SetupError, SyncError
from sync.model.secret import Secret
from sync.ports import ContractField, DataFieldDefinition, Hook, Template, Workspace
from tests.connectors.bridge_kit import ONEFLOW_URL, TOKEN, USER, account, body_of, told
from tests.connectors.kit import Canned, document, place

BUDGET = ContractField(987, "budgetamount", "Budget amount", "12500.50")
NEXT = f"{ONEFLOW_URL}/workspaces?offset=100&limit=100"


def page(*items: object, following: str | None = None) -> Canned:
    return document({"_links": {"next": {"href": following}}, "count": len(items), "data": [*items]})


def test_a_connection_without_a_token_cannot_be_opened() -> None:
    here = place()
    with pytest.raises(SetupError) as caught:
        OneflowAccounts(ONEFLOW_URL, here.means, budgets=here.budgets).open(USER, None)
    assert caught.value.code == "ONEFLOW_TOKEN_MISSING"


def test_every_request_shows_token_and_user() -> None:
    here = place(told("oneflow-account-me.json"))
    assert account(here).account() == "Example AB"
    headers = here.net.sent[0].headers
    assert (headers["x-oneflow-api-token"], headers["x-oneflow-user-email"]) == (TOKEN.reveal(), "jim@contoso.example")
    assert ("Authorization" in headers, here.net.urls) == (False, [f"{ONEFLOW_URL}/accounts/me"])


def test_workspaces_tell_where_contracts_may_be_made() -> None:
    here = place(told("oneflow-workspaces.json"))
    assert account(here).workspaces() == (Workspace(396198, "oneflow-collection", can_create=True),)
    assert here.net.urls == [f"{ONEFLOW_URL}/workspaces?limit=100&offset=0"]


def test_all_pages_are_read() -> None:
    here = place(page({"id": 1, "name": "A"}, following=NEXT), page({"id": 2, "name": "B"}))
    assert [each.id for each in account(here).workspaces()] == [1, 2]
    assert here.net.urls[1] == NEXT


def test_paging_ends_where_oneflow_serves_no_more() -> None:
    pages = [page({"id": n, "name": "x"}, following=f"{NEXT}&page={n}") for n in range(201)]
    here = place(*pages)
    assert (len(account(here).workspaces()), len(here.net.sent)) == (200, 200)


@pytest.mark.parametrize(
    ("following", "code"),
    [
        ("https://evil.example/v1/workspaces", "FOREIGN_NEXT_LINK"),
        (f"{ONEFLOW_URL}/workspaces?limit=100&offset=0", "CURSOR_LOOP"),
    ],
)
def test_a_next_page_must_be_oneflows_own_and_another_one(following: str, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        account(place(page(following=following))).workspaces()
    assert caught.value.code == code


@pytest.mark.parametrize("reply", [[], {"data": 5}, {"data": [{"name": "no id"}]}])
def test_a_page_that_is_none_is_refused(reply: object) -> None:
    with pytest.raises(RefusedError) as caught:
        account(place(document(reply))).workspaces()
    assert caught.value.code == "SOURCE_UNREADABLE"


def test_a_reply_that_is_cut_is_asked_for_again() -> None:
    assert account(place(Canned(200, b'{"na'), told("oneflow-account-me.json"))).account() == "Example AB"


def test_templates_of_a_workspace_are_listed_with_their_types() -> None:
    here = place(told("oneflow-templates-last-page.json"))
    found = account(here).templates(396198)
    assert [(each.id, each.name, each.type_id) for each in found] == [
        (110008, "Sales Proposal", None),
        (110010, "Code of Conduct", 5),
    ]
    assert here.net.urls == [f"{ONEFLOW_URL}/templates?filter%5Bworkspace_ids%5D=396198&limit=100&offset=0"]


def test_a_template_that_is_not_active_is_left_out() -> None:
    rows = [{"id": 1, "name": "Old", "template_active": False}, {"id": 2, "name": "New"}]
    assert account(place(page(*rows))).templates(1) == (Template(2, "New", active=True, type_id=None),)


def test_data_fields_of_a_template_type_tell_which_are_the_systems_own() -> None:
    found = account(place(told("oneflow-template-type.json"))).definitions(5)
    assert found == (
        DataFieldDefinition(12, "budgetamount", "Budget amount"),
        DataFieldDefinition(13, "contract_id", "Contract id", system=True),
    )


def test_a_contract_is_read_with_its_data_fields() -> None:
    here = place(told("oneflow-contract-signed.json"))
    found = account(here).contract(51874)
    assert (found.id, found.name, found.state, found.lifecycle_state) == (
        51874,
        "My First Contract",
        "signed",
        "active",
    )
    assert (found.workspace_id, found.template_id, found.created_at) == (12345, 11111, "2020-06-30T07:15:23+00:00")
    assert found.fields
    assert found.signed
    assert here.net.urls == [f"{ONEFLOW_URL}/contracts/51874"]


def test_a_signature_of_a_private_person_counts() -> None:
    parties = [{"participants": [{"sign_state": "undecided"}]}, {"participant": {"sign_state": "signed"}}]
    here = place(document({"id": 1, "parties": parties}))
    assert account(here).contract(1).signed


@pytest.mark.parametrize("place_of_id", [{"custom_id": "x"}, {"_private_ownerside": {"custom_id": "x"}}])
def test_a_custom_id_is_found_in_either_place(place_of_id: dict[str, object]) -> None:
    here = place(document({"id": 1, "data_fields": [{"id": 2, "name": "X", "value": None, **place_of_id}]}))
    assert account(here).contract(1).fields == (ContractField(2, "x", "X", ""),)


def test_a_contract_is_read_with_the_times_of_its_life() -> None:
    here = place(told("oneflow-contract-signed.json"))
    assert account(here).contract(51874).life == Life(
        published="2020-06-30T07:38:55+00:00",
        moved="2020-07-09T12:54:53+00:00",
        expires="2020-07-15T00:00:00+00:00",
        starts="2020-07-09T00:00:00+00:00",
        period_ends="2021-07-09T00:00:00+00:00",
        recurring=True,
    )


@pytest.mark.parametrize(
    ("course", "life"),
    [({"is_canceled": True}, Life(canceled="2020-09-01T00:00:00Z")), ({"is_canceled": False}, Life())],
)
def test_a_cancellation_that_was_taken_back_is_none(course: dict[str, object], life: Life) -> None:
    told_so = {"cancel_time": "2020-09-01T00:00:00Z", **course}
    here = place(document({"id": 51874, "lifecycle_state": told_so}))
    assert account(here).contract(51874).life == life


def test_contracts_are_listed_by_what_is_asked_for() -> None:
    here = place(told("oneflow-contracts-list.json"), page())
    oneflow = account(here)
    found = oneflow.contracts({"data_field_match": "key:1"})
    rest = oneflow.contracts({}, found.cursor)
    assert ([each.id for each in found.items], rest.items, rest.cursor) == ([51874], (), None)
    assert here.net.urls == [
        f"{ONEFLOW_URL}/contracts?filter%5Bdata_field_match%5D=key%3A1&limit=100&offset=0",
        f"{ONEFLOW_URL}/contracts?offset=1&limit=1",
    ]


def test_a_contract_is_made_as_ordered() -> None:
    here = place(told("oneflow-contract-created-draft.json"))
    order = {"workspace_id": 12345, "template_id": 11111, "data_fields": [{"custom_id": "topic", "value": "Deal"}]}
    made = account(here).create(order)
    assert (made.id, made.state, body_of(here)) == (51875, "draft", order)
    assert here.net.urls == [f"{ONEFLOW_URL}/contracts/create"]


def test_a_contract_that_may_have_been_made_is_not_ordered_again() -> None:
    here = place(Canned(503))
    with pytest.raises(RetryLaterError):
        account(here).create({"workspace_id": 1})
    assert len(here.net.sent) == 1


def test_data_fields_are_written_by_custom_id_and_read_back() -> None:
    here = place(document({}), told("oneflow-data-fields.json"))
    found = account(here).write(51874, {"budgetamount": "12500.50"})
    assert (here.net.sent[0].method, here.net.urls[0]) == ("PUT", f"{ONEFLOW_URL}/contracts/51874/data_fields")
    item = {"_private_ownerside": {"custom_id": "budgetamount"}, "value": "12500.50"}
    assert (body_of(here, 0), found[0], len(found)) == ({"data_fields": [item]}, BUDGET, 3)


@pytest.mark.parametrize(
    ("status", "code"), [(404, "CONTRACT_GONE"), (409, "CONTRACT_LOCKED"), (400, "SOURCE_REFUSED")]
)
def test_a_contract_that_takes_no_change_says_why(status: int, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        account(place(document({"status": status}, status))).write(1, {"a": "b"})
    assert caught.value.code == code


def test_a_deleted_contract_is_gone() -> None:
    with pytest.raises(RefusedError) as caught:
        account(place(told("oneflow-error-not-found-404.json", 404))).contract(1)
    assert (caught.value.code, caught.value.status) == ("CONTRACT_GONE", 404)


def test_a_webhook_is_made_with_its_key() -> None:
    here = place(told("oneflow-webhook-created.json"))
    url = "https://hub.example.com/api/webhooks/oneflow/i1/t1"
    assert account(here).hook(url, Secret("test-sign-key"), ["contract:sign"]) == Hook(4711, url)
    filters = [{"filter_rules": [{"type": "EVENT_TYPE", "values": ["contract:sign"]}]}]
    assert body_of(here) == {"callback_url": url, "sign_key": "test-sign-key", "filters": filters}


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"data": rows}, lambda rows: {"webhooks": rows}])
def test_webhooks_are_listed_in_whichever_shape_they_come(wrap: object) -> None:
    assert callable(wrap)
    here = place(document(wrap([{"webhook_id": 5, "callback_url": "https://x"}])))
    assert account(here).hooks() == (Hook(5, "https://x"),)


@pytest.mark.parametrize("status", [200, 404])
def test_a_webhook_is_removed_or_gone_already(status: int) -> None:
    here = place(document({}, status))
    account(here).unhook(4711)
    assert (here.net.sent[0].method, here.net.urls) == ("DELETE", [f"{ONEFLOW_URL}/webhooks/4711"])


def test_a_webhook_that_cannot_be_removed_is_told() -> None:
    with pytest.raises(RefusedError):
        account(place(document({}, 403))).unhook(4711)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, RefusedError, "SOURCE_REFUSED"),
        (401, SetupError, "ONEFLOW_TOKEN_REFUSED"),
        (402, RefusedError, "ONEFLOW_PLAN_REQUIRED"),
        (403, RefusedError, "ONEFLOW_FORBIDDEN"),
        (404, RefusedError, "ONEFLOW_NOT_FOUND"),
        (405, RefusedError, "SOURCE_REFUSED"),
        (408, RetryLaterError, "SOURCE_TIMEOUT"),
        (409, RefusedError, "CONTRACT_LOCKED"),
        (500, RetryLaterError, "SOURCE_UNAVAILABLE"),
        (504, RetryLaterError, "SOURCE_TIMEOUT"),
        (302, RefusedError, "SOURCE_REFUSED"),
        (600, RefusedError, "SOURCE_REFUSED"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"[]", b'{"error_code":0,"parameter_problems":{"a":5}}'])
def test_each_failed_reply_has_one_meaning(status: int, kind: type[SyncError], code: str, body: bytes) -> None:
    with pytest.raises(SyncError) as caught:
        account(place(*[Canned(status, body)] * 9)).account()
    assert (type(caught.value), caught.value.code) == (kind, code)


def test_a_refusal_says_which_parameter_is_at_fault() -> None:
    with pytest.raises(RefusedError) as caught:
        account(place(told("oneflow-error-duplicate-participant-400.json", 400))).create({})
    assert caught.value.code == "PARTICIPANT_DUPLICATE"
    assert "parties[1].participants[2].email: You tried to add a duplicate" in caught.value.message


def test_oneflow_allows_2000_requests_in_5_minutes() -> None:
    assert (ONEFLOW.requests, ONEFLOW.window) == (2000, 300)


@pytest.mark.parametrize(("strikes", "shortest", "longest"), [(1, 30, 60), (2, 60, 120), (3, 120, 240), (9, 150, 300)])
def test_a_throttled_token_rests_longer_each_time(strikes: int, shortest: float, longest: float) -> None:
    silences = [ONEFLOW.silence_after(strikes, retry_after=None, jitter=jitter) for jitter in (1.0, 0.0)]
    assert silences == [shortest, longest]


def test_a_throttled_token_is_left_alone_by_all_who_share_it() -> None:
    here = place(told("oneflow-error-rate-limit-429.json", 429))
    oneflow = account(here)
    for _ in range(2):
        with pytest.raises(RetryLaterError) as caught:
            oneflow.account()
        assert (caught.value.code, caught.value.delay) == ("SOURCE_THROTTLED", 60)
    assert len(here.net.sent) == 1


def test_a_fixed_token_stays_what_it_is() -> None:
    sign_in = FixedSignIn(TOKEN)
    sign_in.invalidate(TOKEN)
    assert sign_in.get() == TOKEN


def test_a_refusal_tells_what_is_wrong_with_which_parameter() -> None:
    problems = {"data_fields[2].value": ["Too long."], "name": ["Too long.", "Too odd."], "odd": "text"}
    with pytest.raises(RefusedError) as caught:
        account(place(document({"error_code": 4000000, "parameter_problems": problems}, status=400))).create({})
    assert caught.value.parameters == ("data_fields[2].value: Too long.", "name: Too long.", "name: Too odd.")
