"""What writes to a tracker keeps its port against the sandbox, over real HTTP: GitHub, Jira Cloud and Data Center."""

import pytest

from bugbridge.core.errors import NotFoundError, UnknownOutcomeError
from bugbridge.core.write_back import TicketLink, global_id_of
from bugbridge.ports import TrackerWriter
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHubOptions
from bugbridge.trackers.github_writing import GitHubWriter
from bugbridge.trackers.jira import JiraOptions
from bugbridge.trackers.jira_writing import JiraWriter
from tests.contracts.test_tracker_jira import cloud, data_center

MARKER, TEXT, LATER = "0123456789abcdef", "14 customers report this.", "15 customers report this."
KINDS = ("github", "jira", "data_center")
JIRA_KINDS = KINDS[1:]
