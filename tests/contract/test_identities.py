"""IdentityStore, in memory and in tables."""

from dataclasses import replace

from tests.contract.conftest import Stores
from tests.contract.kit import SET, SUPPLIERS

OTHER = replace(SET, entity=SUPPLIERS)


def test_a_record_is_known_by_each_of_its_marks(stores: Stores) -> None:
    stores.identities.put(SET, "plt_1", {"taxId:se1", "number:v 1/å"})
    assert stores.identities.known(SET) == {"taxId:se1": "plt_1", "number:v 1/å": "plt_1"}


def test_an_empty_set_knows_nobody(stores: Stores) -> None:
    stores.identities.put(OTHER, "plt_1", {"number:1"})
    assert stores.identities.known(SET) == {}


def test_the_latest_word_about_a_record_counts(stores: Stores) -> None:
    stores.identities.put(SET, "plt_1", {"number:1", "number:2"})
    stores.identities.put(SET, "plt_1", {"number:2"})
    assert stores.identities.known(SET) == {"number:2": "plt_1"}


def test_a_record_without_marks_is_not_known(stores: Stores) -> None:
    stores.identities.put(SET, "plt_1", ())
    assert stores.identities.known(SET) == {}


def test_a_record_that_became_another_is_known_no_more_and_leads_there(stores: Stores) -> None:
    stores.identities.put(SET, "plt_1", {"number:1"})
    for _ in range(2):
        stores.identities.move(SET, "plt_1", "v/1")
    assert (stores.identities.known(SET), stores.identities.moved(SET, "plt_1")) == ({}, "v/1")


def test_a_record_that_became_nothing_else_leads_nowhere(stores: Stores) -> None:
    stores.identities.put(SET, "plt_1", {"number:1"})
    stores.identities.move(OTHER, "plt_1", "v-1")
    assert stores.identities.moved(SET, "plt_1") is None
