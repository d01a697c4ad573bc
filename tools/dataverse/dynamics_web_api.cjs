// dynamics-web-api: who am I, create, read, update with a tag, page, count, track changes, batch, delete.
"use strict";
const { DynamicsWebApi } = require("dynamics-web-api");

async function main() {
    const api = new DynamicsWebApi({
        serverUrl: process.env.ORG,
        dataApi: { version: "9.2" },
        onTokenRefresh: async () => process.env.TOKEN,
    });
    const seen = {};
    seen.user = (await api.callFunction({ name: "WhoAmI" })).UserId;
    const made = await api.create({ collection: "accounts", data: { name: "By Node" }, returnRepresentation: true });
    const tag = made["@odata.etag"];
    const changed = await api.update({
        collection: "accounts", key: made.accountid, data: { fax: "7" }, ifmatch: tag, returnRepresentation: true, select: ["fax"],
    });
    seen.fax = changed.fax;
    seen.stale = await api.update({ collection: "accounts", key: made.accountid, data: { fax: "8" }, ifmatch: tag });
    const first = await api.retrieveMultiple({
        collection: "contacts", select: ["fullname"], maxPageSize: 5, count: true, includeAnnotations: "*",
    });
    const second = await api.retrieveMultiple({ collection: "contacts", select: ["fullname"], maxPageSize: 5 }, first.oDataNextLink);
    seen.pages = [first.value.length, second.value.length, first.oDataCount];
    const deal = await api.retrieve({
        collection: "opportunities", key: process.env.DEAL, select: ["name", "_customerid_value"], includeAnnotations: "*",
        expand: [{ property: "transactioncurrencyid", select: ["isocurrencycode"] }],
    });
    seen.deal = [deal.name, deal._customerid_value_Formatted, deal.transactioncurrencyid.isocurrencycode];
    const tracked = await api.retrieveMultiple({ collection: "accounts", select: ["name"], trackChanges: true });
    seen.delta = typeof tracked.oDataDeltaLink;
    seen.count = await api.count({ collection: "contacts" });
    api.startBatch();
    api.create({ collection: "contacts", data: { lastname: "Batched" }, contentId: "1" });
    api.create({ collection: "accounts", data: { name: "With", "primarycontactid@odata.bind": "$1" } });
    seen.batch = (await api.executeBatch()).length;
    seen.deleted = await api.deleteRecord({ collection: "accounts", key: made.accountid, ifmatch: changed["@odata.etag"] });
    seen.missing = await api.retrieve({ collection: "accounts", key: made.accountid }).catch((error) => error.code ?? error.status);
    console.log(JSON.stringify(seen));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
