"""StageStore, in memory and in blobs."""

import pytest

from sync.model.checkpoint import RunKey
from sync.model.errors import NotFoundError
from tests.contract.conftest import Stores
from tests.contract.kit import RUN


def test_any_part_of_a_page_is_read(stores: Stores) -> None:
    stores.stages.put(RUN, "page-1", b"0123456789")
    assert stores.stages.read(RUN, "page-1", start=3, end=7) == b"3456"


def test_a_page_may_be_replaced(stores: Stores) -> None:
    stores.stages.put(RUN, "page-1", b"old")
    stores.stages.put(RUN, "page-1", b"newer")
    assert stores.stages.read(RUN, "page-1", start=0, end=5) == b"newer"


def test_an_empty_part_is_empty(stores: Stores) -> None:
    stores.stages.put(RUN, "page-1", b"")
    assert stores.stages.read(RUN, "page-1", start=0, end=0) == b""


def test_a_page_that_is_not_there_is_not_found(stores: Stores) -> None:
    with pytest.raises(NotFoundError):
        stores.stages.read(RUN, "page-1", start=0, end=1)


def test_a_dropped_run_has_no_pages_and_others_have(stores: Stores) -> None:
    other = RunKey("int-1", "run-10")
    for key in (RUN, other):
        stores.stages.put(key, "page-1", b"x")
    stores.stages.drop(RUN)
    stores.stages.drop(RUN)
    assert stores.stages.read(other, "page-1", start=0, end=1) == b"x"
    with pytest.raises(NotFoundError):
        stores.stages.read(RUN, "page-1", start=0, end=1)
