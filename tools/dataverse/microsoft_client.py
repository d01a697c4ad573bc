"""Microsoft's SDK: connect, list tables, create, read, update, delete, page, batch."""

import json
import os

from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient

CREDENTIAL = ClientSecretCredential(os.environ["TENANT"], os.environ["CLIENT"], os.environ["SECRET"])
SEEN = {}

with DataverseClient(os.environ["ORG"], CREDENTIAL) as client:
    SEEN["tables"] = sorted(each["LogicalName"] for each in client.tables.list())
    SEEN["table"] = client.tables.get("opportunity").entity_set_name
    SEEN["columns"] = len(client.tables.list_columns("opportunity"))
    key = client.records.create(
        "account", {"name": "By the SDK", "industrycode": "Agriculture and Non-petrol Natural Resource Extraction"}
    )
    client.records.update("account", key, {"telephone1": "555-0100"})
    row = client.records.retrieve("account", key, select=["name", "telephone1", "industrycode"])
    SEEN["row"] = [row["name"], row["telephone1"], row["industrycode"]]
    several = client.records.create("account", [{"name": "One"}, {"name": "Two"}])
    client.records.update("account", several, {"fax": "1"})
    pages = client.records.list_pages("contact", select=["fullname"], page_size=3)
    SEEN["pages"] = [len(list(page)) for page in pages]
    client.records.delete("account", key)
    SEEN["gone"] = client.records.retrieve("account", key) is None
    batch = client.batch.new()
    batch.records.create("account", {"name": "In a batch"})
    with batch.changeset() as changes:
        made = changes.records.create("contact", {"lastname": "In a change set"})
        changes.records.update("contact", made, {"jobtitle": "Second"})
    batch.records.retrieve("account", several[0], select=["fax"])
    result = batch.execute()
    SEEN["batch"] = [each.status_code for each in result.responses]

print(json.dumps(SEEN))
