"""Airbyte's source: check, discover, read everything, then read what changed."""

import json
import logging
import os

import requests
from airbyte_cdk.models import ConfiguredAirbyteCatalog, Type
from source_microsoft_dataverse.dataverse import get_auth
from source_microsoft_dataverse.source import SourceMicrosoftDataverse

LOGGER = logging.getLogger("airbyte")
CONFIG = {
    "url": os.environ["ORG"],
    "tenant_id": os.environ["TENANT"],
    "client_id": os.environ["CLIENT"],
    "client_secret_value": os.environ["SECRET"],
    "odata_maxpagesize": 15,
}


def read(source, catalog, state):
    """Return the rows and the last state."""
    rows = []
    for message in source.read(LOGGER, CONFIG, catalog, state):
        if message.type is Type.RECORD:
            rows.append(message.record.data)
        elif message.type is Type.STATE:
            state = [message.state]
    return rows, state


source = SourceMicrosoftDataverse()
streams = {each.name: each for each in source.discover(LOGGER, CONFIG).streams}
chosen = {
    "stream": json.loads(streams["opportunity"].json()),
    "sync_mode": "incremental",
    "destination_sync_mode": "append",
    "cursor_field": ["modifiedon"],
    "primary_key": [["opportunityid"]],
}
catalog = ConfiguredAirbyteCatalog.parse_obj({"streams": [chosen]})
full, state = read(source, catalog, [])
address = f"{CONFIG['url']}/api/data/v9.2/opportunities({full[0]['opportunityid']})"
headers = {**get_auth(CONFIG).get_auth_header(), "If-Match": "*"}
requests.patch(address, json={"name": "changed since"}, headers=headers, timeout=20).raise_for_status()
gone = f"{CONFIG['url']}/api/data/v9.2/opportunities({full[1]['opportunityid']})"
requests.delete(gone, headers=headers, timeout=20).raise_for_status()
changed, _ = read(source, catalog, state)
properties = streams["opportunity"].json_schema["properties"]
print(
    json.dumps(
        {
            "connected": source.check_connection(LOGGER, CONFIG)[0],
            "streams": len(streams),
            "incremental": [mode.value for mode in streams["opportunity"].supported_sync_modes],
            "date": properties["estimatedclosedate"].get("format"),
            "rows": len(full),
            "changed": [row.get("name", "") for row in changed],
            "deleted": [
                row["opportunityid"] == full[1]["opportunityid"] for row in changed if "_ab_cdc_deleted_at" in row
            ],
        }
    )
)
