"""Entity sets of the standard API and of the custom route: properties, types, lengths."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.refusals import unknown_segment

ZERO_GUID = "00000000-0000-0000-0000-000000000000"


class Edm(StrEnum):
    """Types of properties."""

    GUID = "Edm.Guid"
    STRING = "Edm.String"
    DECIMAL = "Edm.Decimal"
    BOOLEAN = "Edm.Boolean"
    DATE = "Edm.Date"
    TIME = "Edm.DateTimeOffset"
    ENUM = "enum"


class Filtering(StrEnum):
    """Whether a property may stand in $filter."""

    STORED = "stored"
    COMPUTED = "computed"


ENUMS: dict[str, tuple[str, ...]] = {
    "vendorBlocked": ("_x0020_", "Payment", "All"),
    "itemType": ("Inventory", "Service", "Non_x002D_Inventory"),
    "addressFormat": (
        "Post_x0020_Code_x002B_City",
        "City_x002B_Post_x0020_Code",
        "City_x002B_County_x002B_Post_x0020_Code",
        "Blank_x0020_Line_x002B_Post_x0020_Code_x002B_City",
    ),
}


@dataclass(frozen=True, slots=True)
class Property:
    """One property; an enum's `of` names its type; a code is a string whose filters may not be longer than it."""

    name: str
    edm: Edm = Edm.STRING
    length: int = 0
    of: str = ""
    filtering: Filtering = Filtering.STORED

    @property
    def type_name(self) -> str:
        """Name of the type in $metadata."""
        return f"Microsoft.NAV.{self.of}" if self.edm is Edm.ENUM else str(self.edm)


@dataclass(frozen=True, slots=True)
class EntitySet:
    """One entity set of a route; several may show columns of the same table."""

    name: str
    entity: str
    table: str
    properties: tuple[Property, ...]
    expands: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Navigation name to (table, property that holds the id)."""

    def property(self, name: str) -> Property | None:
        """Return the property of this name."""
        return next((each for each in self.properties if each.name == name), None)

    def without(self, name: str) -> "EntitySet":
        """Return the set as if one property did not exist."""
        kept = tuple(each for each in self.properties if each.name != name)
        return EntitySet(self.name, self.entity, self.table, kept, self.expands)


def _texts(*pairs: tuple[str, int]) -> tuple[Property, ...]:
    return tuple(Property(name, length=length) for name, length in pairs)


def _typed(edm: Edm, *names: str) -> tuple[Property, ...]:
    return tuple(Property(name, edm) for name in names)


def _computed(name: str, edm: Edm = Edm.STRING, length: int = 0) -> Property:
    return Property(name, edm, length, filtering=Filtering.COMPUTED)


_ID = Property("id", Edm.GUID)
_NUMBER = Property("number", length=20)
_MODIFIED = Property("lastModifiedDateTime", Edm.TIME)

_VENDOR = (
    _ID,
    _NUMBER,
    *_texts(("displayName", 100), ("addressLine1", 100), ("addressLine2", 50), ("city", 30), ("state", 30)),
    *_texts(("country", 10), ("postalCode", 20), ("phoneNumber", 30), ("email", 80), ("website", 255)),
    _computed("taxRegistrationNumber", length=50),
    *_typed(Edm.GUID, "currencyId"),
    _computed("currencyCode", length=10),
    _computed("irs1099Code", length=10),
    *_typed(Edm.GUID, "paymentTermsId", "paymentMethodId"),
    *_typed(Edm.BOOLEAN, "taxLiable"),
    Property("blocked", Edm.ENUM, of="vendorBlocked"),
    *_typed(Edm.DECIMAL, "balance"),
    _MODIFIED,
)
_ITEM = (
    _ID,
    _NUMBER,
    *_texts(("displayName", 100), ("displayName2", 50)),
    Property("type", Edm.ENUM, of="itemType"),
    *_typed(Edm.GUID, "itemCategoryId"),
    *_texts(("itemCategoryCode", 20)),
    *_typed(Edm.BOOLEAN, "blocked"),
    *_texts(("gtin", 14)),
    _computed("inventory", Edm.DECIMAL),
    *_typed(Edm.DECIMAL, "unitPrice"),
    *_typed(Edm.BOOLEAN, "priceIncludesTax"),
    *_typed(Edm.DECIMAL, "unitCost"),
    *_typed(Edm.GUID, "taxGroupId"),
    *_texts(("taxGroupCode", 20)),
    *_typed(Edm.GUID, "baseUnitOfMeasureId"),
    *_texts(("baseUnitOfMeasureCode", 10)),
    *_typed(Edm.GUID, "generalProductPostingGroupId"),
    *_texts(("generalProductPostingGroupCode", 20)),
    *_typed(Edm.GUID, "inventoryPostingGroupId"),
    *_texts(("inventoryPostingGroupCode", 20)),
    _MODIFIED,
)
_CATEGORY = (_ID, *_texts(("code", 20), ("displayName", 100)), _MODIFIED)
_UNIT = (
    _ID,
    *_texts(("code", 10), ("displayName", 50), ("internationalStandardCode", 10), ("symbol", 10)),
    _MODIFIED,
)
_COUNTRY = (
    _ID,
    *_texts(("code", 10), ("displayName", 50)),
    Property("addressFormat", Edm.ENUM, of="addressFormat"),
    _MODIFIED,
)
_INFORMATION = (
    _ID,
    *_texts(("displayName", 100), ("addressLine1", 100), ("addressLine2", 50), ("city", 30), ("state", 30)),
    *_texts(("country", 10), ("postalCode", 20), ("phoneNumber", 30), ("email", 80), ("website", 255)),
    *_texts(("taxRegistrationNumber", 50), ("currencyCode", 10)),
    _MODIFIED,
)
_VENDOR_EUDR = (
    _ID,
    _NUMBER,
    *_texts(("contact", 100), ("gln", 13), ("eoriNumber", 40), ("isoCountryCode", 2)),
    _MODIFIED,
)
_ITEM_EUDR = (
    _ID,
    _NUMBER,
    *_texts(("tariffNumber", 20), ("countryOfOrigin", 10), ("vendorNumber", 20), ("vendorItemNumber", 50)),
    *_typed(Edm.DECIMAL, "netWeight", "grossWeight", "unitVolume"),
    _MODIFIED,
)
_ITEM_ORIGIN = (
    _ID,
    _NUMBER,
    *_texts(("tariffNumber", 20), ("countryOfOrigin", 10), ("vendorNumber", 20)),
    _MODIFIED,
)
_COMPANY = (
    _ID,
    *_texts(("systemVersion", 250)),
    *_typed(Edm.DECIMAL, "timestamp"),
    *_texts(("name", 30), ("displayName", 250), ("businessProfileId", 250)),
    *_typed(Edm.TIME, "systemCreatedAt"),
    *_typed(Edm.GUID, "systemCreatedBy"),
    *_typed(Edm.TIME, "systemModifiedAt"),
    *_typed(Edm.GUID, "systemModifiedBy"),
)
COMPANIES = EntitySet("companies", "company", "companies", _COMPANY)

_ITEM_EXPANDS = {
    "unitOfMeasure": ("unitsOfMeasure", "baseUnitOfMeasureId"),
    "itemCategory": ("itemCategories", "itemCategoryId"),
}


def _by_name(sets: Iterable[EntitySet]) -> dict[str, EntitySet]:
    return {each.name: each for each in sets}


ROUTES: dict[str, dict[str, EntitySet]] = {
    "v2.0": _by_name(
        (
            EntitySet("vendors", "vendor", "vendors", _VENDOR),
            EntitySet("items", "item", "items", _ITEM, _ITEM_EXPANDS),
            EntitySet("itemCategories", "itemCategory", "itemCategories", _CATEGORY),
            EntitySet("unitsOfMeasure", "unitOfMeasure", "unitsOfMeasure", _UNIT),
            EntitySet("countriesRegions", "countryRegion", "countriesRegions", _COUNTRY),
            EntitySet("companyInformation", "companyInformation", "companyInformation", _INFORMATION),
        )
    ),
    "contoso/eudr/v1.0": _by_name(
        (
            EntitySet("vendorsEudr", "vendorEudr", "vendors", _VENDOR_EUDR),
            EntitySet("itemsEudr", "itemEudr", "items", _ITEM_EUDR),
            EntitySet("itemOrigins", "itemOrigin", "itemOrigins", _ITEM_ORIGIN),
        )
    ),
}
BY_TABLE: dict[str, EntitySet] = {each.table: each for each in ROUTES["v2.0"].values()}


def route_of(segments: list[str]) -> tuple[str, list[str]]:
    """Return the route that a path begins with, and the rest of its segments.

    Raises:
        RefusedError: There is no such route.
    """
    depth = 1 if segments[0] in ROUTES else 3
    route = "/".join(segments[:depth])
    if route not in ROUTES:
        raise unknown_segment(segments[0])
    return route, segments[depth:]
