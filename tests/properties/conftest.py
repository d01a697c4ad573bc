"""Campaigns of seeds: coverage looks at the first block of each, since looking doubles what a block costs."""

import sys
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _first_block_is_traced(request: pytest.FixtureRequest) -> Iterator[None]:
    spec = getattr(request.node, "callspec", None)
    tracer, threads = sys.gettrace(), threading.gettrace()
    if spec is None or tracer is None or 0 in spec.params.values():
        yield
        return
    sys.settrace(None)
    threading.settrace(None)
    yield
    threading.settrace(threads)
    sys.settrace(tracer)
