"""The real servers that scripts/test-real installs: Request Tracker beside the sandbox's GitHub, and npm's emulate."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bugbridge.sandbox import sign_in
from bugbridge.sandbox.server import Sandbox
from tests.real.emulate import Emulate
from tests.real.engineers import Engineers
from tests.real.people import People
from tests.real.program import Program
from tests.real.proxy import Proxy

REQUEST_TRACKER = "BUGBRIDGE_REAL_RT"  # the file with the server's address and its people's tokens
EMULATE = "BUGBRIDGE_REAL_EMULATE"  # the program that npm installed
WANTED = {"test_[!e]*.py": REQUEST_TRACKER, "test_emulate_*.py": EMULATE}
collect_ignore_glob = [files for files, variable in WANTED.items() if variable not in os.environ]

CONFIG = """\
database = "bugbridge.sqlite"

[calendar]
always_open = true

[helpdesks.desk]
kind = "request_tracker"
url = "{desk}"
confirm = "none"
queues = ["Support"]
tier_field = "Tier"
tag_field = "Tags"
bots = ["robot"]

[trackers.github]
kind = "github"
api_url = "{github}"
projects = ["acme/app"]

[daemon]
link_seconds = 1
sync_seconds = 1
plan_seconds = 1
send_seconds = 1
"""


@pytest.fixture(scope="session")
def people() -> People:
    """Those who write in Request Tracker."""
    return People(json.loads(Path(os.environ[REQUEST_TRACKER]).read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The sandbox, whose clock shows the present, as the real servers' do."""
    with Sandbox() as sandbox:
        sandbox.world.advance((datetime.now(UTC) - sandbox.world.now()).total_seconds())
        yield sandbox


@pytest.fixture(scope="session")
def engineers(sandbox: Sandbox) -> Engineers:
    """Those who work on the sandbox's GitHub."""
    return Engineers(sandbox)


@pytest.fixture
def proxy(people: People) -> Iterator[Proxy]:
    """A door before Request Tracker at which things can go wrong."""
    with Proxy(people.url) as proxy:
        yield proxy


@pytest.fixture
def program(tmp_path: Path, people: People, engineers: Engineers, proxy: Proxy) -> Program:
    """BugBridge on a database of its own; it reaches Request Tracker through the proxy."""
    secrets = {"BUGBRIDGE_DESK_TOKEN": people.bugbridge_token, "BUGBRIDGE_GITHUB_TOKEN": sign_in.GITHUB_KEY}
    return Program(tmp_path, CONFIG.format(desk=proxy.url, github=engineers.url), secrets)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Emulate]:
    """npm's emulate as GitHub, with a repository that has no issues yet."""
    with Emulate(Path(os.environ[EMULATE]), tmp_path) as github:
        yield github
