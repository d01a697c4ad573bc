"""The two kinds of record that come from Business Central."""

from enum import StrEnum


class EntityType(StrEnum):
    """A kind of platform record, by its name in paths and totals."""

    SUPPLIERS = "suppliers"
    PRODUCTS = "products"

    @property
    def log_name(self) -> str:
        """The name in sync logs and run errors."""
        return _LOG_NAMES[self]

    @property
    def entity_set(self) -> str:
        """The Business Central entity set it comes from (API v2.0)."""
        return _ENTITY_SETS[self]


_LOG_NAMES = {EntityType.SUPPLIERS: "SUPPLIER", EntityType.PRODUCTS: "PRODUCT"}
_ENTITY_SETS = {EntityType.SUPPLIERS: "vendors", EntityType.PRODUCTS: "items"}

EXTERNAL_SYSTEM = "dynamics_bc"
"""The external system of every record that comes from Business Central."""
