"""The records as they lie in storage, read past the app."""

from typing import Any

import orjson
from azure.data.tables import TableClient, TableServiceClient

type Rows = dict[str, dict[str, Any]]
"""Fields, status and presence of records by external id."""


def stored(storage: str, user: str, entity: str) -> tuple[Rows, list[str]]:
    """Return a user's stored records by external id, and the ids that are stored more than once."""
    part = f"{user}_dynamics_bc_{entity}_"
    wanted = f"PartitionKey ge '{part}0' and PartitionKey lt '{part}:' and RowKey ge '-'"
    found: Rows = {}
    twice: list[str] = []
    with TableClient.from_connection_string(storage, "Records") as table:
        for row in table.query_entities(wanted, select=["RowKey", "fields", "syncStatus", "presentInSource"]):
            each = row["RowKey"]
            twice += [each] if each in found else []
            state = {"syncStatus": row["syncStatus"], "presentInSource": row["presentInSource"]}
            found[each] = {**orjson.loads(row["fields"]), **state}
    return found, twice


def forget_records(storage: str) -> None:
    """Empty the table of all users: the emulator gets slower with every row."""
    with TableServiceClient.from_connection_string(storage) as service:
        service.delete_table("Records")
        service.create_table("Records")
