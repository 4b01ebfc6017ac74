"""A real Request Tracker, started by scripts/test-real, and the sandbox's GitHub at the present of both."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bugbridge.sandbox.server import Sandbox
from tests.real.engineers import Engineers
from tests.real.people import People
from tests.real.program import Program
from tests.real.proxy import Proxy

REAL = "BUGBRIDGE_REAL_RT"  # the file with the server's address and its people's tokens
collect_ignore_glob = [] if REAL in os.environ else ["test_*.py"]


@pytest.fixture
def people() -> Iterator[People]:
    """Those who write in Request Tracker; no later test sees their tickets."""
    people = People(json.loads(Path(os.environ[REAL]).read_text(encoding="utf-8")))
    yield people
    people.delete_their_tickets()


@pytest.fixture(scope="session")
def engineers() -> Iterator[Engineers]:
    """Those who work on GitHub, whose clock shows the present, as Request Tracker's does."""
    with Sandbox() as sandbox:
        sandbox.world.advance((datetime.now(UTC) - sandbox.world.now()).total_seconds())
        yield Engineers(sandbox)


@pytest.fixture
def proxy(people: People) -> Iterator[Proxy]:
    """A door before Request Tracker at which things can go wrong."""
    with Proxy(people.url) as proxy:
        yield proxy


@pytest.fixture
def program(tmp_path: Path, people: People, engineers: Engineers, proxy: Proxy) -> Program:
    """BugBridge on a database of its own; it reaches Request Tracker through the proxy."""
    return Program(tmp_path, proxy.url, engineers.url, people.bugbridge_token)
