"""Syncs under attack: the app is killed while several run; each must come to what an undisturbed one comes to."""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from scripts.client import AnswerError, Hub
from scripts.stack import Stack
from scripts.stored import Rows, forget_records, stored

LIMIT = 60.0
"""Seconds after the app's start within which an interrupted run must have ended."""
SETS = {"suppliers": "vendors", "products": "items"}
_DIRECT = {
    "suppliers": {"number": "number", "city": "city", "email": "email"},
    "products": {"number": "number", "category": "itemCategoryCode", "gtin": "gtin"},
}
_PAGE_SIZES = (1000, 2000, 500, 4000)
_LARGEST_PAGE = 800
"""The source's own limit, so that ranges have several pages."""
_SHARE = 0.8
"""Seconds that a second of a sync's work takes for each sync beside it: they wait for the source at the same time."""
_FASTER = 0.85
"""What is left of the expected duration when a sync had ended before its kill."""
_ENDED = "ended"
_CLIENTS = ("hub", "hub-other")
_RENAMED = 10
_LATENCY = 40.0
"""Milliseconds that each request to the source takes, so that some are under way at any moment."""
_POLL = 0.7


@dataclass(slots=True)
class Victim:
    """One seed: a sync under attack, and what became of it."""

    seed: int
    hub: Hub = field(repr=False)
    user: str
    integration_id: str
    page_size: int
    fraction: float
    run_id: str = ""
    started: float = 0.0
    moments: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    again: int = 0
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)

    def path(self, rest: str) -> str:
        """Return a path below the integration."""
        return f"/api/integrations/{self.integration_id}{rest}"

    def run(self) -> dict[str, Any]:
        """Return the run as the API shows it."""
        return dict(self.hub.get(self.path(f"/runs/{self.run_id}")))

    def sync(self, mode: str) -> None:
        """Start a run; one that has just ended may still have to be tidied up.

        Raises:
            AnswerError: It cannot start.
        """
        deadline = time.monotonic() + LIMIT
        while True:
            answer = self.hub.call("POST", self.path("/dynamics/sync"), {"mode": mode}, Prefer="respond-async")
            if answer.status != HTTPStatus.CONFLICT or time.monotonic() > deadline:
                break
            time.sleep(_POLL)
        if answer.status != HTTPStatus.ACCEPTED:
            raise AnswerError(answer)
        self.run_id, self.started = answer.data["id"], time.monotonic()

    def demand(self, what: object, complaint: str) -> None:
        """Note what is wrong when something does not hold."""
        if not what:
            self.complaints.append(complaint)


@dataclass(slots=True)
class Campaign:
    """Waves of syncs against one stack; `truth` is what must be stored, `duration` what one sync takes in seconds."""

    stack: Stack
    kills: int = 0
    duration: float = 0.0
    truth: dict[str, Rows] = field(default_factory=dict)
    company: str = ""

    def calibrate(self) -> Victim:
        """Sync twice without a kill, cold and warm: what is stored is the truth, if it agrees with the source."""
        self.company = self.stack.control.company_id("generated")
        self.stack.control.set_switch(latency_ms=_LATENCY, max_page_size=_LARGEST_PAGE)
        for seed in (-1, -2):
            victim = self.victim(seed, 0)
            victim.sync("full")
            self.await_ends([victim])
            self.duration = victim.seconds
        for entity, table in SETS.items():
            found, twice = stored(self.stack.storage, victim.user, entity)
            rows = self.stack.control.rows(table, company=self.company, limit=1_000_000)
            victim.demand(not twice, f"{entity}: stored twice: {twice[:3]}")
            _compare(victim, entity, found, rows)
            self.truth[entity] = found
        self._judge_run(victim, 0)
        return victim

    def wave(self, seeds: Sequence[int], *, kills: int) -> list[Victim]:
        """Start some syncs, kill the app, start it again, wait for the ends, read the changes, and judge."""
        forget_records(self.stack.storage)
        chance = random.Random(f"wave {seeds[0]}")  # noqa: S311 - a seed must bring the same wave again
        victims = [self.victim(seed, place) for place, seed in enumerate(seeds)]
        since = max((entry["number"] for entry in self.stack.control.journal()), default=0)
        self._start(victims)
        self.kill(victims, chance)
        if any(victim.phases == [_ENDED] for victim in victims):
            self.duration *= _FASTER
        for _ in range(kills - 1):
            _await(lambda: any(run["attempt"] > 1 or run["endedAt"] for run in map(Victim.run, victims)))
            time.sleep(chance.uniform(0.0, self.duration * len(victims) / 2))
            self.kill(victims, chance)
        self.await_ends(victims)
        for victim in victims:
            self._judge_pages(victim, since, kills)
            self._judge_run(victim, kills)
        self._converge(victims)
        return victims

    def victim(self, seed: int, place: int) -> Victim:
        """Create a user's integration."""
        control = self.stack.control
        user = f"a11ce000-0000-4000-8000-{seed % 10**12:012d}"
        hub = Hub(self.stack.url, control.user_token("alice", claims={"oid": user}))
        app = control.client(_CLIENTS[place % len(_CLIENTS)])
        size = _PAGE_SIZES[place % len(_PAGE_SIZES)] - place
        body = {
            "name": f"seed {seed}",
            "kind": "business_central",
            "connection": {
                **{name: app[name] for name in ("tenantId", "clientId", "clientSecret")},
                "companyId": self.company,
            },
            "settings": {"pageSize": size},
        }
        integration = hub.post("/api/integrations", body)["id"]
        fraction = random.Random(seed).uniform(0.02, 0.98)  # noqa: S311 - a seed must bring the same moment again
        return Victim(seed, hub, f"{app['tenantId']}:{user}", integration, size, fraction)

    def kill(self, victims: Sequence[Victim], chance: random.Random) -> None:
        """Kill the app, change the source while it is dead, start it again, and ask how far each run had come."""
        now = time.monotonic()
        with fallen(self.stack):
            self.kills += 1
            self._rename(chance)
        for victim in victims:
            victim.moments.append(f"{now - victim.started:.1f} s")
            victim.phases.append(_phase(victim.run()))

    def await_ends(self, victims: Sequence[Victim]) -> None:
        """Wait until every run has ended by itself, or the limit has passed."""
        began = time.monotonic()
        waiting = list(victims)
        while waiting and time.monotonic() - began < LIMIT:
            time.sleep(_POLL)
            for victim in [each for each in waiting if each.run()["endedAt"]]:
                victim.seconds = time.monotonic() - began
                waiting.remove(victim)
        for victim in waiting:
            victim.seconds = LIMIT
            victim.demand(None, f"still {victim.run()['status']} after {LIMIT:.0f} s")

    def _start(self, victims: Sequence[Victim]) -> None:
        """Start each sync so early that, sharing the machine, it has done its fraction of the work when this ends."""
        early, done, active = 0.0, 0.0, len(victims)
        starts = []
        for victim in sorted(victims, key=lambda each: each.fraction):
            early += (victim.fraction - done) * self.duration * max(1.0, active * _SHARE)
            done, active = victim.fraction, active - 1
            starts.append((early, victim))
        end = time.monotonic() + early
        for before, victim in reversed(starts):
            time.sleep(max(0.0, end - before - time.monotonic()))
            victim.sync("full")
        time.sleep(max(0.0, end - time.monotonic()))

    def _rename(self, chance: random.Random) -> None:
        """Rename some vendors and items, at the source and in the truth."""
        where = {"op": "patch", "company": self.company}
        changes: list[dict[str, Any]] = []
        for entity, table in SETS.items():
            for each in chance.sample(sorted(self.truth[entity]), _RENAMED):
                name = f"renamed {chance.randrange(10**9)}"
                self.truth[entity][each] = {**self.truth[entity][each], "name": name}
                changes.append({**where, "set": table, "id": each, "values": {"displayName": name}})
        self.stack.control.change(*changes)

    def _judge_run(self, victim: Victim, kills: int) -> None:
        """Check status and totals: every record is created once, over all attempts."""
        run = victim.run()
        victim.demand(run["status"] == "succeeded", f"{run['status']}: {run['error']}")
        victim.demand(run["attempt"] <= 1 + kills, f"{run['attempt']} attempts")
        for entity, rows in self.truth.items():
            totals = {name: count for name, count in run["entities"][entity].items() if isinstance(count, int)}
            wanted = dict.fromkeys(totals, 0) | {"read": len(rows), "created": len(rows)}
            victim.demand(totals == wanted, f"{entity}: {totals}")

    def _judge_pages(self, victim: Victim, since: int, kills: int) -> None:
        """Count in the source's journal how often each page of each range was asked for."""
        wanted = f"odata.maxpagesize={victim.page_size}"
        ranges: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in self.stack.control.journal(since=since, part="bc"):
            if entry["headers"].get("prefer") == wanted:
                found = re.search(r"\$filter=([^&]*)", entry["query"])
                name = entry["path"].rsplit("/", 1)[-1] + (f" where {unquote(found[1])}" if found else "")
                ranges[name][entry["query"]] += 1
        again = {name: pages.total() - len(pages) for name, pages in ranges.items()}
        victim.again = sum(again.values())
        for name, count in again.items():
            victim.demand(count <= kills, f"{name}: {count} pages read again")

    def _converge(self, victims: Sequence[Victim]) -> None:
        """Read the changes, and compare everything that is stored with the truth."""
        took = [victim.seconds for victim in victims]
        for victim in victims:
            victim.sync("delta")
        self.await_ends(victims)
        for victim, seconds in zip(victims, took, strict=True):
            victim.seconds = seconds
            self._judge_delta(victim)
            for entity, wanted in self.truth.items():
                found, twice = stored(self.stack.storage, victim.user, entity)
                victim.demand(not twice, f"{entity}: stored twice: {twice[:3]}")
                odd = [each for each in {*found, *wanted} if found.get(each) != wanted.get(each)]
                victim.demand(not odd, f"{entity}: {len(odd)} records are wrong, such as {odd[:2]}")

    @staticmethod
    def _judge_delta(victim: Victim) -> None:
        run = victim.run()
        victim.demand(run["status"] == "succeeded", f"delta {run['status']}: {run['error']}")
        for entity in SETS:
            of = run["entities"][entity]
            new = of["created"] + of["conflicts"] + of["errors"]
            fits = of["read"] == of["updated"] + of["unchanged"] and of["updated"] <= _RENAMED * len(victim.moments)
            victim.demand(fits and not new, f"delta of {entity}: {of}")


@contextmanager
def fallen(stack: Stack) -> Iterator[None]:
    """Kill the app with no warning; start it again, on the same port, when the block ends."""
    process = stack.app.child.process
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
    yield
    stack.restart_app()


def _compare(victim: Victim, entity: str, found: Rows, rows: Sequence[Mapping[str, Any]]) -> None:
    """Check ids, names but for outer blanks, and fields that are taken over as they are."""
    victim.demand(found.keys() == {row["id"] for row in rows}, f"{entity}: {len(found)} records of {len(rows)}")
    for row in rows:
        wanted = {name: row[column] or None for name, column in _DIRECT[entity].items()}
        wanted |= {"name": row["displayName"].strip(), "syncStatus": "synced", "presentInSource": True}
        if not found.get(row["id"], {}).items() >= wanted.items():
            victim.demand(None, f"{entity} {row['number']} is {found.get(row['id'])}")
            return


def _phase(run: Mapping[str, Any]) -> str:
    if run["endedAt"]:
        return _ENDED
    progress = run["progress"]
    return f"{progress['phase']}, {progress['pages']} pages" if progress["pages"] else str(progress["phase"])


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition() and time.monotonic() < deadline:
        time.sleep(_POLL)
