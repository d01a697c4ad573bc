"""Replies of the account to a transaction: what the status of the operation that failed means."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from sync.model.errors import RetryLaterError
from sync.storage.transactions import Operation, TransactionRefusedError, Verb, Wire

ROWS = [Operation(Verb.INSERT, {"PartitionKey": "p", "RowKey": str(number)}) for number in range(3)]


@dataclass
class Account:
    """Takes every transaction, and says of the operation at `index` what came of it."""

    status: int
    index: int

    def send_request(self, request: Any, *, stream: bool) -> Any:
        told = f'HTTP/1.1 {self.status} Told\r\n\r\n{{"odata.error":{{"message":{{"value":"{self.index}:No."}}}}}}'
        return SimpleNamespace(status_code=202, read=told.encode)

    def wire(self) -> Wire:
        service: Any = SimpleNamespace(url="http://127.0.0.1/account", _client=SimpleNamespace(_client=self))
        return Wire(service)


@pytest.mark.parametrize("status", [404, 409, 412])
def test_an_operation_with_something_in_its_way_refuses_the_transaction(status: int) -> None:
    with pytest.raises(TransactionRefusedError, match=str(status)) as caught:
        Account(status, 2).wire().transact("Runs", ROWS)
    assert (caught.value.status, caught.value.index) == (status, 2)


@pytest.mark.parametrize("status", [500, 503])
def test_an_operation_that_the_account_has_no_time_for_may_be_tried_later(status: int) -> None:
    with pytest.raises(RetryLaterError) as caught:
        Account(status, 0).wire().transact("Runs", ROWS)
    assert caught.value.code == "STORAGE_UNAVAILABLE"
