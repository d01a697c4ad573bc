"""The tables of sales: opportunities, quotes and their lines."""

from sandbox.dataverse.columns import (
    MILLIARD,
    Column,
    Kind,
    Option,
    Source,
    big,
    choice,
    customer,
    day,
    decimal,
    double,
    flags,
    guid,
    identity,
    lookup,
    memo,
    moment,
    money,
    states,
    text,
    texts,
    total,
    whole,
    yes_no,
)
from sandbox.dataverse.commonplace import FIXED, owned, priced, stamps
from sandbox.dataverse.schema import Table

_TIMES = "0 Immediate;1 This Quarter;2 Next Quarter;3 This Year;4 Unknown"
_DONE = ("Completed", "Mark complete")
_TICKED = ("completed", "mark complete")
_FORECAST = tuple(
    Option(100_000_001 + number, label)
    for number, label in enumerate(("Pipeline", "Best case", "Committed", "Omitted", "Won", "Lost"))
)
_SKIP = "0 DoPriceCalcAlways;1 SkipPriceCalcOnRetrieve"
_ERRORS = "0 None;1 Detail Error;2 Missing Price Level;38 Missing Product"


def _totals() -> tuple[Column, ...]:
    return (
        total("totalamount", label="Total Amount"),
        total("totalamountlessfreight"),
        total("totaldiscountamount"),
        total("totallineitemamount"),
        total("totaltax"),
        total("totallineitemdiscountamount", precision_source=0),
    )


def _discounts() -> tuple[Column, ...]:
    return (
        money("discountamount"),
        money("freightamount"),
        decimal("discountpercentage", "0", "100", 2),
        Column("skippricecalculation", Kind.PICKLIST, options=choice("x", _SKIP).options, default=0),
        Column("pricingerrorcode", Kind.PICKLIST, options=choice("x", _ERRORS).options),
    )


OPPORTUNITY = Table(
    "opportunity", "opportunities", "Opportunity", code=3, alternates=(("new_externalkey",),), columns=(
        identity("opportunityid"),
        text("name", 300, label="Topic", required="ApplicationRequired"),
        day("actualclosedate", label="Actual Close Date"),
        money("actualvalue", -MILLIARD, label="Actual Revenue"),
        money("budgetamount"),
        choice("budgetstatus", "0 No Committed Budget;1 May Buy;2 Can Buy;3 Will Buy"),
        lookup("campaignid", "campaign"),
        *(yes_no(name, "No", "Yes") for name in (
            "captureproposalfeedback", "confirminterest", "evaluatefit", "pursuitdecision", "resolvefeedback")),
        whole("closeprobability", 0, 100, label="Probability"),
        *(yes_no(name, *_DONE) for name in (
            "completefinalproposal", "completeinternalreview", "developproposal", "filedebrief", "presentproposal",
            "sendthankyounote")),
        *(memo(name) for name in (
            "currentsituation", "customerneed", "customerpainpoints", "description", "proposedsolution",
            "qualificationcomments", "quotecomments")),
        customer("customerid", label="Potential Customer", schema="customerid", required="ApplicationRequired"),
        Column("customeridtype", Kind.ENTITY_NAME, attribute_of="customerid"),
        *(yes_no(name, *_TICKED) for name in (
            "decisionmaker", "identifycompetitors", "identifycustomercontacts", "identifypursuitteam",
            "presentfinalproposal")),
        *_discounts(),
        text("emailaddress", 100, format="Email"),
        day("estimatedclosedate", label="Est. Close Date"),
        day("finaldecisiondate"),
        money("estimatedvalue", -MILLIARD, label="Est. Revenue"),
        choice("initialcommunication", "0 Contacted;1 Not Contacted"),
        yes_no("isrevenuesystemcalculated", "System Calculated", "User Provided", label="Revenue",
               schema="IsRevenueSystemCalculated"),
        moment("lastonholdtime"),
        Column("msdyn_forecastcategory", Kind.PICKLIST, options=_FORECAST),
        choice("need", "0 Must have;1 Should have;2 Good to have;3 No need"),
        choice("opportunityratingcode", "1 Hot;2 Warm;3 Cold", label="Rating", default=2),
        lookup("originatingleadid", "lead"),
        lookup("parentaccountid", "account", label="Account", relationship="opportunity_parent_account"),
        lookup("parentcontactid", "contact", label="Contact", relationship="opportunity_parent_contact"),
        lookup("pricelevelid", "pricelevel", label="Price List", relationship="price_level_opportunties"),
        lookup("slaid", "sla"),
        yes_no("participatesinworkflow"),
        choice("prioritycode", "1 Default Value", default=1),
        choice("salesstagecode", "1 Default Value", default=1),
        guid("processid"), guid("stageid"), guid("stepid"),
        choice("purchaseprocess", "0 Individual;1 Committee;2 Unknown"),
        choice("purchasetimeframe", _TIMES),
        choice("salesstage", "0 Qualify;1 Develop;2 Propose;3 Close", default=0),
        *(moment(name, format="DateOnly") for name in (
            "schedulefollowup_prospect", "schedulefollowup_qualify", "scheduleproposalmeeting")),
        *states("0 Open 1;1 Won 3;2 Lost 4",
                "1 In Progress 0;2 On Hold 0;3 Won 1;4 Canceled 2;5 Out-Sold 2"),
        text("stepname", 200),
        choice("timeline", "0 Immediate;1 This Quarter;2 Next Quarter;3 This Year;4 Not known"),
        *_totals(),
        text("traversedpath", 1250),
        lookup("accountid", "account", schema="accountid", **FIXED),
        lookup("contactid", "contact", schema="contactid", **FIXED),
        whole("onholdtime", **FIXED),
        text("timespentbymeonemailandmeetings", 1250, **FIXED),
        yes_no("isprivate", readable=False, **FIXED),
        *owned(), *priced("transactioncurrency_opportunity"), *stamps(),
        text("new_externalkey", 50, label="External Key", schema="new_ExternalKey"),
        flags("new_flags", "1 Strategic;9 Framework;12 Public, tendered", label="Flags", schema="new_Flags"),
        moment("new_plannedstart", behavior="TimeZoneIndependent", label="Planned Start", schema="new_PlannedStart"),
        double("new_score", "-1000", "1000", 3, label="Score", schema="new_Score"),
        decimal("new_weight", "-100000", "100000", 3, label="Weight", schema="new_Weight"),
        big("new_counter", label="Counter", schema="new_Counter"),
        lookup("new_partnerid", "account", label="Partner", schema="new_PartnerId"),
        text("new_secret", 100, label="Secret", schema="new_Secret", secured=True),
        decimal("new_margin", "-100000000", "100000000", 2, source=Source.CALCULATED, label="Margin", **FIXED),
        money("new_linesum", source=Source.ROLLUP, label="Sum of Lines", **FIXED),
        text("new_headline", 400, source=Source.FORMULA, label="Headline", **FIXED),
    ),
)  # fmt: skip

QUOTE = Table(
    "quote", "quotes", "Quote", code=1084, columns=(
        identity("quoteid"),
        text("name", 300, label="Name", required="ApplicationRequired"),
        text("quotenumber", 100, label="Quote ID", schema="QuoteNumber", required="SystemRequired", updatable=False),
        *(column for side in ("billto", "shipto") for column in (
            *texts(250, *(f"{side}_line{line}" for line in (1, 2, 3))),
            *texts(80, f"{side}_city", f"{side}_country"), text(f"{side}_contactname", 150),
            text(f"{side}_name", 200), *texts(50, f"{side}_fax", f"{side}_telephone", f"{side}_stateorprovince"),
            text(f"{side}_postalcode", 20), guid(f"{side}_addressid"), memo(f"{side}_composite", 1000, **FIXED))),
        lookup("campaignid", "campaign"),
        day("closedon"), day("expireson"),
        customer("customerid", label="Potential Customer", schema="customerid", required="ApplicationRequired"),
        Column("customeridtype", Kind.ENTITY_NAME, attribute_of="customerid"),
        memo("description", format="Text"),
        *_discounts(),
        *(moment(name, format="DateOnly") for name in ("effectivefrom", "effectiveto", "requestdeliveryby")),
        text("emailaddress", 100, format="Email"),
        choice("freighttermscode", "1 FOB;2 No Charge"),
        moment("lastonholdtime"),
        lookup("opportunityid", "opportunity", label="Opportunity", relationship="opportunity_quotes"),
        choice("paymenttermscode", "1 Net 30;2 2% 10, Net 30;3 Net 45;4 Net 60", label="Payment Terms"),
        lookup("pricelevelid", "pricelevel", label="Price List", required="ApplicationRequired",
               relationship="price_level_quotes"),
        choice("shippingmethodcode", "1 Airborne;2 DHL;3 FedEx;4 UPS;5 Postal Mail;6 Full Load;7 Will Call"),
        choice("shipto_freighttermscode", "1 Default Value", default=1),
        *states("0 Draft 1;1 Active 2;2 Won 4;3 Closed 7",
                "1 In Progress 0;2 In Progress 1;3 Open 1;4 Won 2;5 Lost 3;6 Canceled 3;7 Revised 3"),
        *_totals(),
        yes_no("willcall", "Will Call", "Address"),
        Column("msdyn_ordertype", Kind.PICKLIST,
               options=(Option(192_350_000, "Item based"), Option(192_350_001, "Work based"))),
        whole("revisionnumber", **FIXED), whole("onholdtime", **FIXED),
        money("msdyn_customerbudgetrollup", source=Source.ROLLUP, **FIXED),
        moment("msdyn_estimatedcompletionrollup", source=Source.ROLLUP, **FIXED),
        *owned(), *priced("transactioncurrency_quote"), *stamps(),
    ),
)  # fmt: skip


def _lines() -> tuple[Column, ...]:
    return (
        text("productdescription", 500, label="Write-In Product"), memo("description"),
        lookup("productid", "product", label="Existing Product"),
        lookup("uomid", "uom", label="Unit"),
        decimal("quantity", "-100000000000", "100000000000", 5, label="Quantity"),
        money("priceperunit", -MILLIARD, label="Price Per Unit"),
        money("baseamount", **FIXED), money("extendedamount", **FIXED),
        money("manualdiscountamount"), money("tax"), money("volumediscountamount", **FIXED),
        yes_no("isproductoverridden", "Write In", "Existing"), yes_no("ispriceoverridden", "Override Price", "Default"),
        whole("lineitemnumber", 0, 1_000_000_000), whole("sequencenumber"),
    )  # fmt: skip


OPPORTUNITY_LINE = Table(
    "opportunityproduct", "opportunityproducts", "Opportunity Product", code=1083, schema="OpportunityProduct",
    title="opportunityproductname", columns=(
        identity("opportunityproductid"), text("opportunityproductname", 500), *_lines(),
        lookup("opportunityid", "opportunity", required="SystemRequired", relationship="product_opportunities"),
        *priced("transactioncurrency_opportunityproduct"), *stamps(),
    ),
)  # fmt: skip

QUOTE_LINE = Table(
    "quotedetail", "quotedetails", "Quote Product", code=1085, schema="QuoteDetail", title="quotedetailname", columns=(
        identity("quotedetailid"), text("quotedetailname", 500), *_lines(),
        lookup("quoteid", "quote", required="SystemRequired", relationship="quote_details"),
        *priced("transactioncurrency_quotedetail"), *stamps(),
    ),
)  # fmt: skip

TABLES = (OPPORTUNITY, QUOTE, OPPORTUNITY_LINE, QUOTE_LINE)
