"""The schedule of an integration, where its mapping is."""

import pytest
from playwright.sync_api import expect

from tests.browser.kit import Browsing
from tests.flow.kit import Site

pytestmark = [pytest.mark.azurite, pytest.mark.flow]


def test_sync_config_tells_the_next_five_times(browsing: Browsing, site: Site) -> None:
    site.patch({"schedule": "0 30 4 * * *"})
    page = browsing.page(site.hub, f"#/integrations/{site.id}/config")
    expect(page.get_by_role("heading", name="The next five times")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="04:30 UTC")).to_have_count(5)
