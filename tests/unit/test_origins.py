"""Which addresses may be those of a Dataverse organization."""

import pytest

from sync.engine.origins import dataverse_origin
from sync.model.bridge import DynamicsAccess

EXTRA = ("https://Contoso.example", "http://127.0.0.1:7099")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://contoso.crm.dynamics.com", "https://contoso.crm.dynamics.com"),
        ("https://Contoso.CRM4.dynamics.com/", "https://contoso.crm4.dynamics.com"),
        (" https://contoso.api.crm11.dynamics.com ", "https://contoso.api.crm11.dynamics.com"),
        ("https://contoso.example", "https://contoso.example"),
        ("http://127.0.0.1:7099/", "http://127.0.0.1:7099"),
    ],
)
def test_an_organizations_address_is_an_origin(text: str, origin: str) -> None:
    assert dataverse_origin(text, allowed=EXTRA) == origin


@pytest.mark.parametrize(
    "text",
    [
        *("", "contoso", "https://", "https://crm4.dynamics.com", "http://contoso.crm4.dynamics.com"),
        *("https://contoso.crm4.dynamics.com.evil.example", "https://evil.example/contoso.crm4.dynamics.com"),
        *("https://contoso.crm4.dynamics.com@evil.example", "https://contoso.crm4.dynamics.com/api"),
        *(
            "https://a.b.crm4.dynamics.com",
            "https://contoso.crm4.dynamics.com:444",
            "https://contoso.crm4.dynamics.com//",
        ),
        *(
            "https://contoso.crm123.dynamics.com",
            "https://contoso.api.crm4.dynamics.com?x",
            "https://x.crm٤.dynamics.com",
        ),
        *("http://127.0.0.1:7098", "https://contoso.example/x"),
    ],
)
def test_any_other_address_is_none(text: str) -> None:
    assert dataverse_origin(text, allowed=EXTRA) is None


@pytest.mark.parametrize(
    ("org_url", "resource"),
    [
        ("https://contoso.api.crm4.dynamics.com", "https://contoso.crm4.dynamics.com"),
        ("https://contoso.crm4.dynamics.com", "https://contoso.crm4.dynamics.com"),
        ("http://127.0.0.1:7099", "http://127.0.0.1:7099"),
    ],
)
def test_tokens_are_for_the_organization_itself(org_url: str, resource: str) -> None:
    assert DynamicsAccess(org_url, "tenant", "client", "secret-1").resource == resource
