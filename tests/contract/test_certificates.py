"""CertificateStore, in memory and in blobs."""

from dataclasses import replace

import pytest

from sync.model.certificate import Certificate, Cut, EntityCertificate, Named, Reason
from sync.model.checkpoint import RunKey
from sync.model.run import Verdict, Window
from tests.contract.conftest import Stores
from tests.contract.kit import NOW, RUN, SUPPLIERS

NAMED = Named("1", "V1", "Åkesson & Søn", Reason.KNOWN)
ENTITY = EntityCertificate(
    Verdict.SHORT, "t/e/c", 1, Window(None, NOW), None, 3, 3, 2, 0, 0, 2, 0, 0, 3, (NAMED,), more=Cut(missing=1)
)
CERTIFICATE = Certificate("run-1", "int-1", "Production", "c-1", "CRONUS", NOW, Verdict.SHORT, {SUPPLIERS: ENTITY}, "d")


def test_a_certificate_is_kept_as_it_is(stores: Stores) -> None:
    stores.certificates.put(RUN, CERTIFICATE)
    assert stores.certificates.get(RUN) == CERTIFICATE


def test_a_later_certificate_of_the_same_run_replaces_the_earlier(stores: Stores) -> None:
    stores.certificates.put(RUN, CERTIFICATE)
    stores.certificates.put(RUN, replace(CERTIFICATE, company=None))
    assert stores.certificates.get(RUN) == replace(CERTIFICATE, company=None)


def test_a_run_without_a_certificate_has_none(stores: Stores) -> None:
    assert stores.certificates.get(RUN) is None


@pytest.mark.parametrize("times", [1, 2])
def test_a_pruned_run_has_no_certificate_and_others_have(stores: Stores, times: int) -> None:
    other = RunKey("int-1", "run-10")
    for key in (RUN, other):
        stores.certificates.put(key, CERTIFICATE)
    for _ in range(times):
        stores.certificates.prune(RUN)
    assert [stores.certificates.get(key) for key in (RUN, other)] == [None, CERTIFICATE]
