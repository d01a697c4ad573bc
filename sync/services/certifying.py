"""Issues a certificate for each run that listed everything, and shows it."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson

from sync.codec import to_wire
from sync.engine import totals
from sync.engine.certificates import certified
from sync.model.certificate import Certificate, EntityCertificate
from sync.model.checkpoint import Checkpoint, RunKey
from sync.model.entity import EntityType
from sync.model.errors import NotFoundError
from sync.model.integration import Connection, Integration, Owner
from sync.model.run import Run
from sync.services import runs
from sync.services.desk import Desk, Job
from sync.services.evidence import gathered


def certify(desk: Desk, integration: Integration, run: Run, noted: dict[EntityType, Checkpoint]) -> None:
    """Keep the certificate of a run that has just ended, if it listed anything in full; a second call replaces it."""
    job, verdict = Job(run.integration_id, run.id), totals.combined(run.completeness.values())
    entities: dict[EntityType, EntityCertificate] = {}
    for entity, judged in run.completeness.items():
        plan = noted[entity].plan
        assert plan is not None, "only planned entity types are judged"  # noqa: S101 - narrows for the type checker
        found = gathered(desk, job, plan, noted=noted[entity], judged=judged)
        entities[entity] = certified(run, plan, judged, noted=noted[entity], found=found)
    if verdict is None:
        return
    made = Certificate(
        run_id=run.id,
        integration_id=run.integration_id,
        issued_at=run.ended_at or desk.clock.now(),
        verdict=verdict.verdict,
        entities=entities,
        **_place(integration.connection, next(iter(entities.values())).source),
    )
    desk.certificates.put(job.key, replace(made, digest=digest_of(made)))


def _place(connection: Connection, source: str) -> dict[str, Any]:
    """Return where the run read: in the connection's words, if it still leads there."""
    _, environment, company = source.split("/", 2)
    if connection.source != source:
        return {"environment": environment, "company_id": company, "company": None}
    named = connection.company_name
    return {"environment": connection.environment, "company_id": connection.company_id or company, "company": named}


def digest_of(certificate: Certificate) -> str:
    """Return the SHA-256, in hexadecimal, of everything but the digest as JSON: keys sorted, no blanks, UTF-8."""
    told = document_of(certificate)
    told.pop("digest")
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def document_of(certificate: Certificate) -> dict[str, Any]:
    """Return the certificate as callers see it, and as its digest covers it."""
    told: dict[str, Any] = to_wire(certificate)
    for each in told["entities"].values():
        each["watermark"] = {"from": each["watermark"]["since"], "to": each["watermark"]["until"]}
    return told


def show(desk: Desk, owner: Owner, integration_id: str, run_id: str) -> Certificate:
    """Return a run's certificate.

    Raises:
        NotFoundError: There is no such run of the owner's, or it has no certificate (CERTIFICATE_NOT_ISSUED).
    """
    run = runs.show(desk, owner, integration_id, run_id)
    found = desk.certificates.get(RunKey(integration_id, run_id)) if run.status.ended else None
    if found is None:
        state = "listed nothing in full" if run.status.ended else "has not ended yet"
        raise NotFoundError(f"The run {state}, so there is nothing to certify", code="CERTIFICATE_NOT_ISSUED")
    return found
