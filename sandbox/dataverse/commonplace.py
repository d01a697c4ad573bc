"""Columns that every table has, and the tables that deals refer to."""

from typing import Any

from sandbox.dataverse.columns import (
    Column,
    Kind,
    big,
    choice,
    customer,
    day,
    decimal,
    guid,
    identity,
    lookup,
    memo,
    moment,
    money,
    states,
    text,
    texts,
    whole,
    yes_no,
)
from sandbox.dataverse.schema import Table

FIXED: dict[str, Any] = {"creatable": False, "updatable": False}
"""What makes a column read-only."""

ACTIVE = states("0 Active 1;1 Inactive 2", "1 Active 0;2 Inactive 1")


def stamps() -> tuple[Column, ...]:
    """Return who made and changed a row, and when."""
    return (
        moment("createdon", label="Created On", schema="CreatedOn", **FIXED),
        moment("modifiedon", label="Modified On", schema="ModifiedOn", **FIXED),
        lookup("createdby", "systemuser", label="Created By", schema="createdby", **FIXED),
        lookup("modifiedby", "systemuser", label="Modified By", schema="modifiedby", **FIXED),
        lookup("createdonbehalfby", "systemuser", **{**FIXED, "schema": "createdonbehalfby"}),
        lookup("modifiedonbehalfby", "systemuser", **{**FIXED, "schema": "modifiedonbehalfby"}),
        big("versionnumber", **FIXED),
        whole("importsequencenumber", updatable=False),
        moment("overriddencreatedon", format="DateOnly", updatable=False),
        whole("timezoneruleversionnumber", -1),
        whole("utcconversiontimezonecode", -1),
    )


def owned() -> tuple[Column, ...]:
    """Return whose row it is."""
    return (
        Column(
            "ownerid", Kind.OWNER, label="Owner", targets=("systemuser", "team"), schema="ownerid",
            required="SystemRequired",
        ),
        lookup("owninguser", "systemuser", schema="owninguser", **FIXED),
        lookup("owningteam", "team", schema="owningteam", **FIXED),
        lookup("owningbusinessunit", "businessunit", schema="owningbusinessunit", **FIXED),
        Column("owneridtype", Kind.ENTITY_NAME, attribute_of="ownerid"),
    )  # fmt: skip


def priced(relationship: str) -> tuple[Column, ...]:
    """Return in which currency a row's amounts are."""
    return (
        lookup(
            "transactioncurrencyid", "transactioncurrency", label="Currency", schema="transactioncurrencyid",
            required="ApplicationRequired", relationship=relationship,
        ),
        decimal("exchangerate", "0.000000000001", "100000000000", 12, label="Exchange Rate", **FIXED),
    )  # fmt: skip


def _address(number: int) -> tuple[Column, ...]:
    lead = f"address{number}_"
    return (
        *texts(250, *(f"{lead}line{line}" for line in (1, 2, 3))),
        *texts(80, f"{lead}city", f"{lead}country"),
        *texts(50, f"{lead}stateorprovince", f"{lead}telephone1"),
        text(f"{lead}postalcode", 20),
        Column(f"{lead}composite", Kind.MEMO, length=1000, format="TextArea", creatable=False, updatable=False),
    )


ACCOUNT = Table(
    "account", "accounts", "Account", code=1, alternates=(("accountnumber",),), columns=(
        identity("accountid"),
        text("name", 160, label="Account Name", required="ApplicationRequired"),
        text("accountnumber", 20, label="Account Number", schema="AccountNumber"),
        *_address(1),
        text("emailaddress1", 100, format="Email", label="Email"),
        text("telephone1", 50, format="Phone", label="Main Phone"), text("fax", 50),
        text("websiteurl", 200, format="Url", label="Website"),
        text("tickersymbol", 10, format="TickerSymbol"),
        memo("description"),
        money("revenue", label="Annual Revenue"),
        whole("numberofemployees", 0, 1_000_000_000, label="Number of Employees"),
        choice("industrycode", "1 Accounting;2 Agriculture and Non-petrol Natural Resource Extraction;12 Financial"),
        yes_no("creditonhold", label="Credit Hold"),
        yes_no("donotemail", "Do Not Allow", "Allow"),
        lookup("parentaccountid", "account", label="Parent Account", relationship="account_parent_account"),
        lookup("primarycontactid", "contact", label="Primary Contact", relationship="account_primary_contact"),
        *ACTIVE, *owned(), *priced("transactioncurrency_account"), *stamps(),
    ),
)  # fmt: skip

CONTACT = Table(
    "contact", "contacts", "Contact", title="fullname", code=2, columns=(
        identity("contactid"),
        text("firstname", 50, label="First Name", schema="FirstName"),
        text("lastname", 50, label="Last Name", schema="LastName", required="ApplicationRequired"),
        text("fullname", 160, label="Full Name", schema="FullName", **FIXED),
        text("jobtitle", 100), text("fax", 50),
        text("emailaddress1", 100, format="Email", label="Email"),
        text("telephone1", 50, format="Phone"), text("mobilephone", 50, format="Phone"),
        day("birthdate", label="Birthday"),
        *_address(1),
        choice("familystatuscode", "1 Single;2 Married;3 Divorced;4 Widowed"),
        choice("educationcode", "1 Default Value"),
        customer("parentcustomerid", label="Company Name", relationship="contact_customer_accounts"),
        yes_no("merged", **FIXED),
        *ACTIVE, *owned(), *priced("transactioncurrency_contact"), *stamps(),
    ),
)  # fmt: skip

USER = Table(
    "systemuser", "systemusers", "User", title="fullname", code=8, ownership="BusinessOwned", schema="SystemUser",
    tracked=False, columns=(
        identity("systemuserid"),
        text("fullname", 200, label="Full Name", schema="FullName", **FIXED),
        text("firstname", 256), text("lastname", 256), text("domainname", 1024), text("internalemailaddress", 100),
        guid("azureactivedirectoryobjectid"), guid("applicationid"),
        yes_no("isdisabled", "Disabled", "Enabled", updatable=False),
        lookup("businessunitid", "businessunit", relationship="business_unit_system_users"),
        *stamps(),
    ),
)  # fmt: skip

TEAM = Table(
    "team", "teams", "Team", code=9, ownership="BusinessOwned", columns=(
        identity("teamid"), text("name", 160), memo("description"),
        lookup("businessunitid", "businessunit", relationship="business_unit_teams"), *stamps(),
    ),
)  # fmt: skip

UNIT = Table(
    "businessunit", "businessunits", "Business Unit", code=10, ownership="BusinessOwned", schema="BusinessUnit",
    tracked=False, columns=(identity("businessunitid"), text("name", 160), *stamps()),
)  # fmt: skip

ORGANIZATION = Table(
    "organization", "organizations", "Organization", code=1019, ownership="None", tracked=False, columns=(
        identity("organizationid"), text("name", 160), text("schemanameprefix", 8),
        whole("pricingdecimalprecision", 0, 4), whole("expirechangetrackingindays", 0, 365),
        whole("languagecode", **FIXED), lookup("basecurrencyid", "transactioncurrency"), *stamps(),
    ),
)  # fmt: skip

CURRENCY = Table(
    "transactioncurrency", "transactioncurrencies", "Currency", title="currencyname", code=9105,
    ownership="OrganizationOwned", schema="TransactionCurrency", columns=(
        identity("transactioncurrencyid"),
        text("currencyname", 100, label="Currency Name"), text("currencysymbol", 13), text("isocurrencycode", 5),
        whole("currencyprecision", 0, 4), decimal("exchangerate", "0.0000000001", "100000000000", 12),
        *ACTIVE, *stamps(),
    ),
)  # fmt: skip

PRICE_LEVEL = Table(
    "pricelevel", "pricelevels", "Price List", code=1022, ownership="OrganizationOwned", schema="PriceLevel",
    columns=(
        identity("pricelevelid"), text("name", 100), day("begindate"), day("enddate"), memo("description"),
        *ACTIVE, *priced("transactioncurrency_pricelevel"), *stamps(),
    ),
)  # fmt: skip

UOM = Table(
    "uom", "uoms", "Unit", code=1055, ownership="OrganizationOwned", schema="UoM",
    columns=(identity("uomid"), text("name", 100), decimal("quantity", "0", "100000000000", 10), *stamps()),
)  # fmt: skip

PRODUCT = Table(
    "product", "products", "Product", code=1024, ownership="OrganizationOwned", alternates=(("productnumber",),),
    columns=(
        identity("productid"), text("name", 100), text("productnumber", 100, label="Product ID"),
        memo("description"), money("price", label="List Price"), money("standardcost"),
        whole("quantitydecimal", 0, 5), lookup("defaultuomid", "uom", relationship="unit_of_measurement_products"),
        choice("producttypecode", "1 Sales Inventory;2 Miscellaneous Charges;3 Services;4 Flat Fees"),
        *states("0 Active 1;1 Retired 2;2 Draft 0;3 Under Revision 3", "1 Active 0;2 Retired 1;0 Draft 2;3 Revised 3"),
        *priced("transactioncurrency_product"), *stamps(),
    ),
)  # fmt: skip


def _small(name: str, set_name: str, label: str, title: str, code: int) -> Table:
    columns = (identity(f"{name}id"), text(title, 160), *stamps())
    return Table(name, set_name, label, columns, title=title, code=code, ownership="OrganizationOwned")


SMALL = (
    _small("campaign", "campaigns", "Campaign", "name", 4400),
    _small("lead", "leads", "Lead", "fullname", 4),
    _small("sla", "slas", "SLA", "name", 9750),
)

TABLES = (
    ACCOUNT, CONTACT, USER, TEAM, UNIT, ORGANIZATION, CURRENCY, PRICE_LEVEL, UOM, PRODUCT, *SMALL,
)  # fmt: skip
