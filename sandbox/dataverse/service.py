"""From a request of a known caller to its reply: rows, metadata, functions and actions."""

import re
from dataclasses import dataclass, field

from sandbox.dataverse.actions import CRM, Actions
from sandbox.dataverse.csdl import csdl
from sandbox.dataverse.cursors import Cursors
from sandbox.dataverse.home import Caller, Home
from sandbox.dataverse.keys import key_of
from sandbox.dataverse.metadata import Metadata
from sandbox.dataverse.options import options_of
from sandbox.dataverse.preferences import Preferences, preferences
from sandbox.dataverse.reading import Reading
from sandbox.dataverse.records import JSON, Records
from sandbox.dataverse.refusals import DataverseError, no_resource, unknown_segment
from sandbox.dataverse.requests import Request, Segment
from sandbox.dataverse.writes import Work
from sandbox.replies import Reply, error_body
from sandbox.rows import dumped

_BYPASS = ("mscrm.bypasscustompluginexecution", "mscrm.bypassbusinesslogicexecution")
_ERRORS = "Microsoft.PowerApps.CDS."
_BLANKED = frozenset({404, 412})
_PLAIN = re.compile(r"^Entity '(\w+)' With")


@dataclass(slots=True)
class Service:
    """One organization's Web API."""

    home: Home
    cursors: Cursors = field(default_factory=Cursors)

    def answer(self, request: Request, caller: Caller) -> tuple[Reply, Work]:
        """Answer a request, as a reply in any case; what fails has changed nothing."""
        wanted = preferences(request.headers.get("prefer", ""))
        work = Work(self.home, caller, request.pairs.get("tag", ""), any(name in request.headers for name in _BYPASS))
        work.duplicates_checked = request.headers.get("mscrm.suppressduplicatedetection") == "false"
        try:
            with self.home.store.transaction():
                reply = self._routed(request, work, wanted)
        except DataverseError as error:
            work.changes.clear()
            return self.refusal(error, wanted), work
        if not wanted.applied:
            return reply, work
        return reply.with_headers({"Preference-Applied": wanted.applied}), work

    def refusal(self, error: DataverseError, wanted: Preferences) -> Reply:
        """Return an error as a reply."""
        switches = self.home.switches()
        code = "" if switches.code_form == "blank" and error.status in _BLANKED else error.code
        message = _PLAIN.sub(r"\1 With", error.message) if switches.gone_text == "plain" else error.message
        told = {
            "ErrorDetails.OperationStatus": "0",
            "ErrorDetails.SubErrorCode": "-2146233088",
            "HelpLink": f"http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException:{error.code}",
            "TraceText": "",
            "InnerError.Message": error.message,
        }
        more = {f"@{_ERRORS}{name}": text for name, text in told.items() if wanted.wants(f"{_ERRORS}{name}")}
        body = (
            dumped({"error": {"code": code, "message": message, **more}}) if more else error_body("json", code, message)
        )
        return Reply(error.status, body, JSON, error.headers)

    def _routed(self, request: Request, work: Work, wanted: Preferences) -> Reply:
        segments = request.segments
        if not segments:
            return self._document(request)
        first = segments[0]
        if first.name == "$metadata":
            return Reply(200, csdl(self.home.catalog), "application/xml")
        if first.name in {"EntityDefinitions", "GlobalOptionSetDefinitions"}:
            return self._metadata(request, segments)
        actions = Actions(self.home, work, request)
        act = actions.unbound(first) if len(segments) == 1 else None
        if act:
            body = act()
            return Reply(204, b"", "") if body is None else Reply(200, dumped(body), JSON)
        table = self.home.catalog.sets.get(first.name)
        if table is None:
            raise unknown_segment(first.name, self.home.switches().unknown_segment_code)
        if segments[-1].name.startswith(CRM):
            return self._bound(actions, segments)
        reading = Reading(self.home, self.cursors, wanted, work.caller.user, work.caller.denied)
        return Records(self.home, work, reading, request).answer(table, segments)

    def _bound(self, actions: Actions, segments: list[Segment]) -> Reply:
        table, key = self.home.catalog.sets[segments[0].name], segments[0].key
        if key is None:
            body = actions.on_collection(table, segments[-1].name)
        else:
            body = actions.on_row(table, key_of(table, key).id, segments[-1].name)
        return Reply(204, b"", "") if body is None else Reply(200, dumped(body), JSON)

    def _metadata(self, request: Request, segments: list[Segment]) -> Reply:
        if request.method != "GET":
            raise no_resource(request.url)
        metadata, options = Metadata(self.home), options_of(request.pairs)
        first = segments[0]
        if first.name == "GlobalOptionSetDefinitions":
            body = metadata.option_sets(first.key, options, request.root)
        elif first.key is None:
            body = metadata.tables(options, request.root)
        else:
            body = metadata.table(first.key, [str(each) for each in segments[1:]], options, request.root)
        return Reply(200, dumped(body), JSON)

    def _document(self, request: Request) -> Reply:
        sets = [{"name": name, "kind": "EntitySet", "url": name} for name in self.home.catalog.sets]
        return Reply(200, dumped({"@odata.context": f"{request.root}/$metadata", "value": sets}), JSON)
