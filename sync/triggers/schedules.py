"""Routes of schedules: when one would start something, before anybody keeps it."""

import re

import azure.functions as func

from sync.codec import time_text
from sync.engine.schedule import check, upcoming
from sync.model.errors import InvalidError, Problem
from sync.triggers.http import Answer, Call, Route, blueprint_of
from sync.triggers.hub import Hubs

USUAL_TIMES = 5
MOST_TIMES = 50


def routes(hubs: Hubs) -> func.Blueprint:
    """Return the routes of schedules."""
    return blueprint_of(hubs, Route("GET", "schedules/preview", preview, "preview_schedule"))


def preview(call: Call) -> Answer:
    """Show the next times of a schedule, in UTC (InvalidError when it is none)."""
    params = call.request.params
    schedule, count = params.get("schedule", ""), params.get("count") or str(USUAL_TIMES)
    wrong = check(schedule)
    problems = [] if wrong is None else [Problem("/schedule", "INVALID_SCHEDULE", f"{wrong}.")]
    wanted = int(count) if re.fullmatch("[0-9]{1,2}", count, re.ASCII) else 0
    if not 1 <= wanted <= MOST_TIMES:
        problems.append(Problem("/count", "OUT_OF_RANGE", f"1 to {MOST_TIMES} times can be shown."))
    if problems:
        raise InvalidError("The schedule cannot be shown", *problems)
    times = upcoming(schedule, call.hub.desk.clock.now(), wanted)
    return Answer({"schedule": schedule, "times": [time_text(each) for each in times]})
