"""Opens a run: reaches the company, and takes the source's time before the first page."""

from dataclasses import replace
from functools import partial

from sync.model.errors import RetryLaterError, SetupError, SourceGoneError
from sync.model.integration import HELD, Connection, Integration
from sync.model.mapping import PRESET_VERSION
from sync.model.run import BY_HAND, Run, RunStatus, Window
from sync.ports import Companies, Company
from sync.services.desk import Bench, Desk, Job, State, Step, pin_company, save_run, sit_down
from sync.services.integrations import revise
from sync.services.proposing import check_plan

_NONE_SEEN = "it shows none at all, so the app may lack a permission set in Business Central that can read companies"


def open_run(desk: Desk, job: Job) -> Step:
    """Start the run, or start it again after its owner died; the first start's time stays its watermark.

    The mappings are pinned now: who changes one meanwhile changes the next run.

    Raises:
        SourceGoneError: The company is not there any more.
        SetupError: The connection sees no company at all.
        RefusedError: The run applies a plan that is not true any more (PLAN_STALE).
    """
    bench = sit_down(desk, job)
    _ask_anew(desk, bench)
    check_plan(desk, job, bench)
    companies = bench.source.companies()
    company = choose(companies, bench.integration.connection)
    _pin(desk, bench.integration, company)
    known = {} if bench.run.started_at is not None else desk.mappings.current(bench.integration.id)

    def opened(run: Run) -> Run:
        if run.started_at is not None:
            return replace(run, status=RunStatus.RUNNING)
        window = Window(run.modified_since, companies.asked_at)
        versions = {entity: known.get(entity, PRESET_VERSION) for entity in run.entities}
        return replace(
            run,
            status=RunStatus.RUNNING,
            started_at=desk.clock.now(),
            window=window,
            mapping_versions=versions,
        )

    run = save_run(desk, bench.run, opened)
    return Step(State.MORE, entities=run.entities)


def choose(companies: Companies, connection: Connection) -> Company:
    """Return the connection's company, or the first one when none was named.

    Raises:
        SourceGoneError: The named company is not among them.
        SetupError: There is no company, and none was named.
    """
    if not companies.items and connection.company_id is None:
        raise SetupError(
            "The connection sees no company: give the app a permission set in Business Central that can read companies",
            code="NO_COMPANY",
        )
    if connection.company_id is None:
        return companies.items[0]
    for company in companies.items:
        if company.id.lower() == connection.company_id.lower():
            return company
    advice = "choose one that is there" if companies.items else _NONE_SEEN
    raise SourceGoneError(
        f"Environment {connection.environment} has no company {connection.company_id}: {advice}",
        code="COMPANY_NOT_FOUND",
    )


def _ask_anew(desk: Desk, bench: Bench) -> None:
    """Whoever syncs a held integration by hand may have mended it a moment ago."""
    if bench.run.trigger in BY_HAND and bench.integration.standing in HELD:
        connection = bench.integration.connection
        desk.sources.forget_refusal(connection, desk.secrets.get(connection.secret_name))


def _pin(desk: Desk, integration: Integration, company: Company) -> None:
    name = company.display_name or company.name
    connection = integration.connection
    if (connection.company_id, connection.company_name) != (company.id, name):
        revise(desk.integrations, integration, partial(_pinned, seen=connection, company=company))


def _pinned(current: Integration, *, seen: Connection, company: Company) -> Integration:
    """Return the integration with its company fixed.

    Raises:
        RetryLaterError: Its owner led it elsewhere meanwhile.
    """
    now = current.connection
    if (now.tenant_id, now.environment, now.company_id) != (seen.tenant_id, seen.environment, seen.company_id):
        message = "The connection was changed while the run opened. It is opened anew."
        raise RetryLaterError(message, delay=1, announced=True)
    return pin_company(current, company.id, company.display_name or company.name)
