"""SecretStore, in memory and in tables."""

import pytest

from sync.model.secret import Secret
from tests.contract.conftest import Stores


def test_a_secret_is_read_back(stores: Stores) -> None:
    stores.secrets.set("a-Secret-1", Secret("pass 'å'"))
    assert stores.secrets.get("a-Secret-1") == Secret("pass 'å'")


def test_the_newest_value_counts(stores: Stores) -> None:
    stores.secrets.set("name", Secret("old"))
    stores.secrets.set("name", Secret("new"))
    assert stores.secrets.get("name") == Secret("new")


def test_an_unknown_secret_is_none(stores: Stores) -> None:
    assert stores.secrets.get("name") is None


def test_a_deleted_secret_is_gone_and_may_be_deleted_again(stores: Stores) -> None:
    stores.secrets.set("name", Secret("x"))
    stores.secrets.delete("name")
    stores.secrets.delete("name")
    assert stores.secrets.get("name") is None


@pytest.mark.parametrize("name", ["", "a_b", "a/b", "x" * 128, "å"])
def test_a_name_that_no_vault_takes_is_refused(stores: Stores, name: str) -> None:
    with pytest.raises(ValueError, match="secret's name"):
        stores.secrets.set(name, Secret("x"))
