"""What the trackers' tests share."""

from collections.abc import Iterator

import pytest
import responses

from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.jira import Jira
from tests.trackers.github_json import TOKEN
from tests.trackers.jira_json import OPTIONS


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    """Servers that answer what a test says, all of it."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def slept() -> list[float]:
    """How long the tracker slept, in seconds."""
    return []


@pytest.fixture
def github(slept: list[float]) -> GitHub:
    """A tracker of one repository, which sleeps no real time."""
    return GitHub(GitHubOptions("github", ("acme/app",), TOKEN), sleep=slept.append)


@pytest.fixture
def jira(slept: list[float]) -> Jira:
    """A tracker of one project, which sleeps no real time."""
    return Jira(OPTIONS, sleep=slept.append)
