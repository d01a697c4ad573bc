"""Which members of a connection a failed check is about."""

import pytest

from sync.engine.mending import members_at
from sync.services import bridge_checking, checking


@pytest.mark.parametrize(
    ("step", "code", "first"),
    [
        ("credentials", "CREDENTIALS_REFUSED", "/connection/clientSecret"),
        ("credentials", "SOURCE_NOT_IN_TENANT", "/connection/tenantId"),
        ("credentials", "SIGN_IN_REFUSED", "/connection/tenantId"),
        ("reachable", "ENVIRONMENT_NOT_FOUND", "/connection/environment"),
        ("companies", "COMPANY_NOT_FOUND", "/connection/companyId"),
        ("dynamics_reachable", "CONNECTION_INVALID", "/connection/dynamics/orgUrl"),
        ("oneflow_token", "ONEFLOW_TOKEN_REFUSED", "/connection/oneflow/apiToken"),
    ],
)
def test_a_failed_check_leads_to_the_member_that_is_likely_wrong(step: str, code: str, first: str) -> None:
    assert members_at(step, code)[0] == first


@pytest.mark.parametrize("step", [*checking.CHECKS, *bridge_checking.CHECKS])
@pytest.mark.parametrize("code", ["SOURCE_THROTTLED", "SIGN_IN_UNAVAILABLE", "PERMISSION_DENIED", "REAUTH_REQUIRED"])
def test_what_no_other_value_mends_leads_to_no_member(step: str, code: str) -> None:
    assert members_at(step, code) == ()


def test_a_step_about_permissions_leads_to_no_member() -> None:
    assert members_at("permissions", "NEVER_SEEN") == ()
