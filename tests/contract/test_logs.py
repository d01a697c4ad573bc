"""LogStore, in memory and in tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.model.errors import InvalidError
from sync.model.log import Action, LogStatus
from sync.ports import LogFilter
from tests.contract.conftest import Stores
from tests.contract.kit import HOUR, NOW, log

ALL = LogFilter()
MOMENT = timedelta(microseconds=1)


def ids(stores: Stores, which: LogFilter) -> list[str]:
    return [entry.id for entry in stores.logs.list("int-1", which, cursor=None, limit=99).items]


def test_an_entry_is_read_back(stores: Stores) -> None:
    stores.logs.append(log())
    assert stores.logs.list("int-1", ALL, cursor=None, limit=9).items == (log(),)


def test_the_same_id_again_replaces_the_entry(stores: Stores) -> None:
    stores.logs.append(log())
    stores.logs.append(log(records_affected=9))
    assert stores.logs.list("int-1", ALL, cursor=None, limit=9).items == (log(records_affected=9),)


def test_another_integration_has_its_own(stores: Stores) -> None:
    stores.logs.append(log(integration_id="int-2"))
    assert ids(stores, ALL) == []


def test_entries_come_in_pages_newest_first(stores: Stores) -> None:
    for number in (3, 1, 2):
        stores.logs.append(log(number))
    first = stores.logs.list("int-1", ALL, cursor=None, limit=2)
    second = stores.logs.list("int-1", ALL, cursor=first.cursor, limit=2)
    assert [entry.id for entry in first.items + second.items] == ["log-001", "log-002", "log-003"]
    assert second.cursor is None


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (LogFilter(entity_type="SUPPLIER"), ["log-002"]),
        (LogFilter(action=Action.TEST), ["log-003"]),
        (LogFilter(status=LogStatus.ERROR), ["log-002"]),
        (LogFilter(run_id="run-2"), ["log-002"]),
        (LogFilter(contract_id="1001"), ["log-003"]),
        (LogFilter(run_id="' or PartitionKey ne 'x"), []),
        (LogFilter(since=NOW), ["log-001", "log-003"]),
        (LogFilter(until=NOW), ["log-001", "log-002", "log-003"]),
        (LogFilter(since=datetime(1066, 10, 14, tzinfo=UTC)), ["log-001", "log-002", "log-003"]),
        (LogFilter(until=datetime(1066, 10, 14, tzinfo=UTC)), []),
        (LogFilter(until=NOW - MOMENT), ["log-002"]),
        (LogFilter(since=NOW - HOUR, until=NOW - HOUR), ["log-002"]),
        (LogFilter(entity_type="SUPPLIER", action=Action.TEST), []),
        (LogFilter(after="log-001"), ["log-002", "log-003"]),
    ],
)
def test_a_filter_keeps_what_it_says(stores: Stores, which: LogFilter, expected: list[str]) -> None:
    stores.logs.append(log(1))
    stores.logs.append(log(2, NOW - HOUR, entity_type="SUPPLIER", status=LogStatus.ERROR, metadata={"runId": "run-2"}))
    stores.logs.append(log(3, entity_type=None, action=Action.TEST, metadata={"contractId": "1001"}))
    assert ids(stores, which) == expected


def test_a_filtered_page_is_full_however_many_are_left_out(stores: Stores) -> None:
    for number in range(30):
        stores.logs.append(log(number, status=LogStatus.SUCCESS if number % 3 else LogStatus.ERROR))
    which = LogFilter(status=LogStatus.ERROR)
    first = stores.logs.list("int-1", which, cursor=None, limit=6)
    second = stores.logs.list("int-1", which, cursor=first.cursor, limit=6)
    assert (len(first.items), len(second.items), second.cursor) == (6, 4, None)


def test_a_cursor_of_another_filter_is_refused(stores: Stores) -> None:
    for number in (1, 2):
        stores.logs.append(log(number))
    cursor = stores.logs.list("int-1", ALL, cursor=None, limit=1).cursor
    with pytest.raises(InvalidError):
        stores.logs.list("int-1", LogFilter(entity_type="PRODUCT"), cursor=cursor, limit=1)


def test_errors_that_do_not_fit_are_left_out_and_counted(stores: Stores) -> None:
    errors = [{"externalId": str(number), "message": "å" * 500} for number in range(100)]
    stores.logs.append(log(metadata={"runId": "run-1", "errors": errors, "errorsOmitted": 7}))
    metadata: dict[str, Any] = stores.logs.list("int-1", ALL, cursor=None, limit=1).items[0].metadata
    assert metadata["errors"] == errors[: len(metadata["errors"])]
    assert len(metadata["errors"]) + metadata["errorsOmitted"] == 107
    assert 0 < len(metadata["errors"]) < 100


def test_pruning_removes_what_is_older(stores: Stores) -> None:
    for number, hours in ((1, 0), (2, -1), (3, -2)):
        stores.logs.append(log(number, NOW + hours * HOUR))
    assert stores.logs.prune("int-1", before=NOW) == 2
    assert ids(stores, ALL) == ["log-001"]


def test_pruning_removes_any_number(stores: Stores) -> None:
    for number in range(105):
        stores.logs.append(log(number))
    assert stores.logs.prune("int-1", before=NOW + HOUR) == 105
