from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from azure.data.tables import TableClient

from scripts.azurite import Ports, connection_string, free_ports
from scripts.children import Child
from scripts.storage import shared_or_started

pytestmark = pytest.mark.azurite


@pytest.fixture
def ports() -> Ports:
    return free_ports()


@contextmanager
def azurite(ports: Ports, folder: Path) -> Iterator[Child]:
    child = shared_or_started(ports, folder)
    assert child is not None
    try:
        yield child
    finally:
        child.end()


def things(ports: Ports) -> TableClient:
    return TableClient.from_connection_string(connection_string(ports), "things", retry_total=0)


def test_what_was_answered_survives_a_killed_azurite(ports: Ports, tmp_path: Path) -> None:
    with azurite(ports, tmp_path) as child, things(ports) as table:
        table.create_table()
        for key in ("kept", "changed", "deleted"):
            table.create_entity({"PartitionKey": "p", "RowKey": key, "value": 1})
        table.upsert_entity({"PartitionKey": "p", "RowKey": "changed", "value": 2})
        table.delete_entity("p", "deleted")
        child.process.kill()
        child.process.wait()
    with azurite(ports, tmp_path), things(ports) as table:
        assert {row["RowKey"]: row["value"] for row in table.list_entities()} == {"kept": 1, "changed": 2}


def test_an_azurite_that_listens_is_shared(ports: Ports, tmp_path: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(azurite(ports, tmp_path))
        assert shared_or_started(ports, tmp_path) is None
