"""A publisher's own table with a column of every type, and the tables behind webhooks."""

from sandbox.dataverse.columns import (
    Column,
    Kind,
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
    text,
    whole,
    yes_no,
)
from sandbox.dataverse.commonplace import ACTIVE, FIXED, owned, priced, stamps
from sandbox.dataverse.schema import Table

_REGIONS = "1 North;2 South"

AGREEMENT = Table(
    "new_agreement", "new_agreements", "Agreement", title="new_name", code=10_001, schema="new_Agreement",
    alternates=(("new_code",), ("new_region", "new_serial")), guarded=True, columns=(
        identity("new_agreementid"),
        text("new_name", 100, label="Name"), text("new_code", 20, label="Code"),
        text("new_mail", 100, format="Email"), text("new_site", 200, format="Url"),
        text("new_phone", 50, format="Phone"), text("new_ticker", 10, format="TickerSymbol"),
        text("new_data", 4000, format="Json"), text("new_number", 100, label="Automatic Number", updatable=False),
        memo("new_terms", 10_000, label="Terms"),
        whole("new_count", -5, 5), whole("new_minutes", 0, 10_000, format="Duration"), whole("new_serial"),
        big("new_big"), decimal("new_rate", "-10", "10", 4), double("new_factor", "-1000000", "1000000", 2),
        money("new_fee", precision=3, precision_source=0), money("new_fine", precision_source=1),
        yes_no("new_isopen", "Closed", "Open", label="State of Access"), yes_no("new_active"),
        day("new_signedday"), moment("new_signedat"), moment("new_dueday", format="DateOnly"),
        moment("new_wallclock", behavior="TimeZoneIndependent"),
        lookup("new_partnerid", "account", schema="new_PartnerId", label="Partner"),
        lookup("new_opportunityid", "opportunity", schema="new_OpportunityId", label="Deal"),
        customer("new_buyerid", schema="new_BuyerId", label="Buyer"),
        choice("new_region", _REGIONS, global_set="new_regions"),
        flags("new_topics", "1 Wood;2 Coffee;3 Rubber; 4 Soya"),
        guid("new_external"), Column("new_document", Kind.FILE), Column("new_photo", Kind.IMAGE),
        Column("new_managed", Kind.MANAGED, **FIXED),
        text("new_secured", 100, secured=True),
        decimal("new_computed", "-1000", "1000", 2, source=Source.CALCULATED, **FIXED),
        whole("new_rolled", source=Source.ROLLUP, **FIXED),
        text("new_formula", 100, source=Source.FORMULA, **FIXED),
        *ACTIVE, *owned(), *priced("transactioncurrency_new_agreement"), *stamps(),
    ),
)  # fmt: skip

NOTE_CARD = Table(
    "new_unguarded", "new_unguardeds", "Unguarded", title="new_name", code=10_002, tracked=False, guarded=False,
    columns=(identity("new_unguardedid"), text("new_name", 100), *ACTIVE, *owned(), *stamps()),
)  # fmt: skip

CONTRACT = Table(
    "of_oneflowcontract", "of_oneflowcontracts", "Oneflow Contract", title="of_name", code=10_003,
    schema="of_OneflowContract", columns=(
        identity("of_oneflowcontractid"), text("of_name", 200, label="Name"),
        text("of_contractid", 100, label="Contract Id"),
        *(moment(f"of_{each}") for each in (
            "senton", "signdate", "declinedon", "expireson", "expiredon", "canceledon", "endedon", "startson")),
        *(day(f"of_{each}") for each in ("activeuntil", "renewsdate")),
        *ACTIVE, *owned(), *stamps(),
    ),
)  # fmt: skip

ENDPOINT = Table(
    "serviceendpoint", "serviceendpoints", "Service Endpoint", code=4618, schema="ServiceEndpoint", tracked=False,
    ownership="OrganizationOwned", columns=(
        identity("serviceendpointid"), text("name", 160, required="SystemRequired"), text("url", 2000),
        memo("authvalue", 2048, readable=False), text("description", 100),
        choice("contract", "1 OneWay;2 Queue;3 Rest;4 TwoWay;5 Topic;6 Queue;7 Event Hub;8 Webhook;9 Event Grid",
               required="SystemRequired"),
        choice("authtype", "0 NotSpecified;1 ACS;2 SASKey;3 SASToken;4 WebhookKey;5 HttpHeader;6 HttpQueryString"),
        choice("connectionmode", "1 Normal;2 Federated", default=1),
        choice("messageformat", "1 Binary XML;2 Json;3 Text XML", default=2),
        *stamps(),
    ),
)  # fmt: skip

MESSAGE = Table(
    "sdkmessage", "sdkmessages", "Sdk Message", code=4606, schema="SdkMessage", tracked=False,
    ownership="OrganizationOwned", columns=(identity("sdkmessageid"), text("name", 256), *stamps()),
)  # fmt: skip

FILTER = Table(
    "sdkmessagefilter", "sdkmessagefilters", "Sdk Message Filter", code=4607, schema="SdkMessageFilter", tracked=False,
    ownership="OrganizationOwned", columns=(
        identity("sdkmessagefilterid"), text("name", 256),
        lookup("sdkmessageid", "sdkmessage", schema="sdkmessageid", relationship="sdkmessageid_sdkmessagefilter"),
        text("primaryobjecttypecode", 64), text("secondaryobjecttypecode", 64), *stamps(),
    ),
)  # fmt: skip

STEP = Table(
    "sdkmessageprocessingstep", "sdkmessageprocessingsteps", "Sdk Message Processing Step", code=4608, tracked=False,
    schema="SdkMessageProcessingStep", ownership="OrganizationOwned", columns=(
        identity("sdkmessageprocessingstepid"), text("name", 256), text("description", 256),
        choice("stage", "10 Pre-validation;20 Pre-operation;40 Post-operation", required="SystemRequired",
               updatable=False),
        choice("mode", "0 Synchronous;1 Asynchronous", required="SystemRequired", updatable=False),
        whole("rank", 0), choice("supporteddeployment", "0 Server Only;1 Offline Only;2 Both", default=0),
        yes_no("asyncautodelete"), text("filteringattributes", 100_000), memo("configuration", 100_000),
        lookup("sdkmessageid", "sdkmessage", schema="sdkmessageid", updatable=False,
               relationship="sdkmessageid_sdkmessageprocessingstep"),
        lookup("sdkmessagefilterid", "sdkmessagefilter", schema="sdkmessagefilterid"),
        lookup("eventhandler", "serviceendpoint", schema="eventhandler_serviceendpoint",
               relationship="serviceendpoint_sdkmessageprocessingstep"),
        *ACTIVE, *stamps(),
    ),
)  # fmt: skip

IMAGE = Table(
    "sdkmessageprocessingstepimage", "sdkmessageprocessingstepimages", "Sdk Message Processing Step Image", code=4615,
    schema="SdkMessageProcessingStepImage", tracked=False, ownership="OrganizationOwned", columns=(
        identity("sdkmessageprocessingstepimageid"), text("name", 256), text("entityalias", 256),
        text("messagepropertyname", 256), text("attributes", 100_000),
        choice("imagetype", "0 PreImage;1 PostImage;2 Both"),
        lookup("sdkmessageprocessingstepid", "sdkmessageprocessingstep", schema="sdkmessageprocessingstepid",
               relationship="sdkmessageprocessingstepid_sdkmessageprocessingstepimage"),
        *stamps(),
    ),
)  # fmt: skip

JOB = Table(
    "asyncoperation", "asyncoperations", "System Job", code=4700, schema="AsyncOperation", tracked=False, columns=(
        identity("asyncoperationid"), text("name", 1000), text("messagename", 160), text("primaryentitytype", 64),
        memo("friendlymessage", 5000), guid("correlationid"), whole("retrycount"), whole("errorcode"),
        choice("operationtype", "1 System Event"),
        choice("statecode", "0 Ready;1 Suspended;2 Locked;3 Completed"),
        choice("statuscode", "0 Waiting For Resources;30 Succeeded;31 Failed;32 Canceled"),
        *stamps(),
    ),
)  # fmt: skip

TABLES = (AGREEMENT, NOTE_CARD, CONTRACT, ENDPOINT, MESSAGE, FILTER, STEP, IMAGE, JOB)
