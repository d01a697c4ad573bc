"""Companies and the connection test over HTTP."""

from sync.model.errors import RetryLaterError, SetupError
from sync.ports import Companies
from tests.support.company import COMPANY, ToyCompany, ToySource
from tests.triggers.kit import Office


class RefusingSource(ToySource):
    """A source that refuses the app."""

    def companies(self) -> Companies:
        raise SetupError("The secret is wrong", code="CREDENTIALS_REFUSED")


class BusySource(ToySource):
    """A source that is throttled."""

    def companies(self) -> Companies:
        raise RetryLaterError("Wait", delay=7, code="SOURCE_THROTTLED")


class SecretiveSource(ToySource):
    """A source that shows companies, and nothing of what is in them."""

    def count(self, *_: object, **__: object) -> int:
        raise SetupError("Not allowed", code="PERMISSION_DENIED")


def test_the_companies_of_a_connection_are_listed(office: Office) -> None:
    found = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/companies")
    assert found.data == [{"id": COMPANY.id, "name": COMPANY.name, "displayName": COMPANY.display_name}]


def test_companies_are_listed_with_what_is_in_them_if_asked(office: Office) -> None:
    office.company.add("vendors", "Adatum")
    (found,) = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/companies?counts=true").data
    assert (found["name"], found["vendorCount"], found["itemCount"]) == (COMPANY.name, 1, 0)


def test_a_company_that_cannot_be_counted_is_listed_all_the_same(office: Office) -> None:
    office.with_source(SecretiveSource(office.company))
    (found,) = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/companies?counts=true").data
    assert (found["name"], found["vendorCount"], found["itemCount"]) == (COMPANY.name, None, None)


def test_companies_are_counted_or_not(office: Office) -> None:
    refused = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/companies?counts=perhaps")
    assert (refused.status, refused.pointers) == (422, {"/counts": "INVALID_VALUE"})


def test_the_environments_of_a_connections_tenant_are_listed(office: Office) -> None:
    found = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/environments")
    assert found.data == [{"name": "Production", "type": "Production", "countryCode": "GB"}]


def test_a_refused_connection_lists_no_companies(office: Office) -> None:
    office.with_source(RefusingSource(ToyCompany(office.clock)))
    refused = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/companies")
    assert (refused.status, refused.code) == (409, "CREDENTIALS_REFUSED")


def test_a_busy_source_says_when_to_ask_again(office: Office) -> None:
    office.with_source(BusySource(ToyCompany(office.clock)))
    refused = office.ask("GET", f"/api/integrations/{office.integrated()}/dynamics/companies")
    assert (refused.status, refused.headers["retry-after"], refused.body["retryable"]) == (503, "7", True)


def test_a_connection_that_works_is_counted(office: Office) -> None:
    office.company.add("vendors", "Adatum")
    done = office.ask("POST", f"/api/integrations/{office.integrated()}/dynamics/test").body
    assert (done["success"], done["data"]["connected"]) == (True, True)
    assert (done["data"]["vendorCount"], done["data"]["itemCount"]) == (1, 0)
    assert [(check["name"], check["ok"]) for check in done["data"]["checks"]] == [
        ("credentials", True),
        ("reachable", True),
        ("companies", True),
        ("permissions", True),
    ]


def test_a_failed_check_is_an_answer_with_what_mends_it(office: Office) -> None:
    office.with_source(RefusingSource(ToyCompany(office.clock)))
    done = office.ask("POST", f"/api/integrations/{office.integrated()}/dynamics/test")
    assert (done.status, done.body["success"], done.data["connected"]) == (200, False, False)
    assert [check["ok"] for check in done.data["checks"]] == [False, None, None, None]
    assert "client secret" in done.data["checks"][0]["fix"]


def test_a_failed_check_tells_its_code_and_what_to_mend(office: Office) -> None:
    office.with_source(RefusingSource(ToyCompany(office.clock)))
    done = office.ask("POST", f"/api/integrations/{office.integrated()}/dynamics/test").data
    refused = ["/connection/clientSecret", "/connection/clientId"]
    assert (done["checks"][0]["code"], done["checks"][0]["members"]) == ("CREDENTIALS_REFUSED", refused)
    assert not any(check.keys() & {"code", "members"} for check in done["checks"][1:])
