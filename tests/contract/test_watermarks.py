"""WatermarkStore, in memory and in tables."""

from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, PRODUCTS, SUPPLIERS


def test_there_is_no_watermark_at_first(stores: Stores) -> None:
    assert stores.watermarks.get("int-1", "source", PRODUCTS) is None


def test_a_watermark_is_read_back_to_the_microsecond(stores: Stores) -> None:
    assert stores.watermarks.advance("int-1", "source", PRODUCTS, NOW) == NOW
    assert stores.watermarks.get("int-1", "source", PRODUCTS) == NOW


def test_a_watermark_moves_forward(stores: Stores) -> None:
    stores.watermarks.advance("int-1", "source", PRODUCTS, NOW)
    assert stores.watermarks.advance("int-1", "source", PRODUCTS, NOW + HOUR) == NOW + HOUR


def test_a_watermark_never_moves_back(stores: Stores) -> None:
    stores.watermarks.advance("int-1", "source", PRODUCTS, NOW)
    assert stores.watermarks.advance("int-1", "source", PRODUCTS, NOW - HOUR) == NOW
    assert stores.watermarks.get("int-1", "source", PRODUCTS) == NOW


def test_each_source_and_entity_has_its_own(stores: Stores) -> None:
    stores.watermarks.advance("int-1", "source", PRODUCTS, NOW)
    assert stores.watermarks.get("int-1", "source", SUPPLIERS) is None
    assert stores.watermarks.get("int-1", "other", PRODUCTS) is None


def test_each_version_of_a_mapping_has_its_own(stores: Stores) -> None:
    stores.watermarks.advance("int-1", "source", PRODUCTS, NOW, mapping=2)
    assert stores.watermarks.get("int-1", "source", PRODUCTS) is None
    assert stores.watermarks.get("int-1", "source", PRODUCTS, mapping=3) is None
    assert stores.watermarks.advance("int-1", "source", PRODUCTS, NOW - HOUR, mapping=2) == NOW


def test_the_preset_is_version_1(stores: Stores) -> None:
    stores.watermarks.advance("int-1", "source", PRODUCTS, NOW)
    assert stores.watermarks.get("int-1", "source", PRODUCTS, mapping=1) == NOW


def test_clearing_forgets_all_of_one_integration(stores: Stores) -> None:
    for integration_id in ("int-1", "int-2"):
        stores.watermarks.advance(integration_id, "source", PRODUCTS, NOW)
    stores.watermarks.advance("int-1", "other", SUPPLIERS, NOW)
    stores.watermarks.clear("int-1")
    assert stores.watermarks.get("int-1", "other", SUPPLIERS) is None
    assert stores.watermarks.get("int-2", "source", PRODUCTS) == NOW
