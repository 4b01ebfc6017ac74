"""Answers have the shape that the vendors publish, where their descriptions lie beside the checkout."""

from typing import Any

import pytest

from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import github, jira
from tests.sandbox.specs import Described

ONE = "/repos/acme/app"
ENDS_OF_A_CHANGE = {"from", "fromString", "to", "toString"}


@pytest.fixture(scope="module")
def published_by_github() -> Described:
    """GitHub's description."""
    return Described("github_issues_subset.json")


@pytest.fixture(scope="module")
def published_by_jira() -> Described:
    """Jira Cloud's description."""
    return Described("jira_cloud_v3.json")


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (f"{ONE}/issues?state=all&per_page=100", "issue"),
        (f"{ONE}/issues/DUPLICATE/timeline", "timeline-issue-events"),
        (f"{ONE}/issues/DUPLICATE/events", "issue-event"),
        (f"{ONE}/issues/DUPLICATE/comments", "issue-comment"),
    ],
)
def test_github_s_lists(reading: Sandbox, published_by_github: Described, path: str, schema: str) -> None:
    """Every item of a list is what GitHub says it is."""
    number = next(each.number for each in reading.world.issues["acme/app"].values() if each.state_reason == "duplicate")
    body = github(reading, path.replace("DUPLICATE", str(number))).json()
    assert published_by_github.complaints(schema, body, each=True) == []


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (f"{ONE}/issues/1", "issue"),
        (ONE, "full-repository"),
        ("/user", "public-user"),
        ("/rate_limit", "rate-limit-overview"),
        (f"{ONE}/issues/9999", "basic-error"),
    ],
)
def test_github_s_single_things(reading: Sandbox, published_by_github: Described, path: str, schema: str) -> None:
    """So is every single thing, and an error."""
    assert published_by_github.complaints(schema, github(reading, path).json()) == []


def test_every_timeline_of_github(reading: Sandbox, published_by_github: Described) -> None:
    """No kind of event that the history holds is misshapen."""
    events = [event for number in reading.world.issues["acme/mobile"] for event in _timeline(reading, number)]
    assert {event["event"] for event in events} >= {"closed", "commented", "assigned", "labeled"}
    assert published_by_github.complaints("timeline-issue-events", events, each=True) == []


def test_jira_s_statuses(reading: Sandbox, published_by_jira: Described) -> None:
    """Every status, with its category."""
    assert published_by_jira.complaints("StatusDetails", jira(reading, "/3/status").json(), each=True) == []


def as_described(node: Any) -> Any:
    """Jira's answers as its own description has them.

    Jira sends null where a change begins or ends with nothing, which the description forgets; and numbers as the times
    of bulk changelogs, as the description's example does but not its schema."""
    if isinstance(node, list):
        return [as_described(each) for each in node]
    if not isinstance(node, dict):
        return node
    shape = {
        name: as_described(each) for name, each in node.items() if each is not None or name not in ENDS_OF_A_CHANGE
    }
    return {**shape, "created": str(node["created"])} if "created" in node else shape


def _timeline(sandbox: Sandbox, number: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = github(sandbox, f"/repos/acme/mobile/issues/{number}/timeline").json()
    return found


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/3/serverInfo", "ServerInformation"),
        ("/3/myself", "User"),
        ("/3/project/SHOP", "Project"),
        ("/3/project/SHOP/version", "PageBeanVersion"),
        ("/3/issue/FIXED?expand=changelog", "IssueBean"),
        ("/3/issue/FIXED/changelog", "PageBeanChangelog"),
        ("/3/search/jql?jql=project=SHOP&fields=*all&expand=changelog", "SearchAndReconcileResults"),
        ("/3/issue/SHOP-9999", "ErrorCollection"),
    ],
)
def test_jira_s_answers(reading: Sandbox, published_by_jira: Described, path: str, schema: str) -> None:
    """Everything a sync reads has the published shape."""
    key = next(issue.key for issue in reading.world.jira_issues.values() if issue.resolution == "Fixed")
    assert published_by_jira.complaints(schema, as_described(jira(reading, path.replace("FIXED", key)).json())) == []


def test_jira_s_bulk_changelogs_and_versions(reading: Sandbox, published_by_jira: Described) -> None:
    """Those that are posted for, and the plain list of versions."""
    bulk = jira(
        reading, "/3/changelog/bulkfetch", "POST", json={"issueIdsOrKeys": ["SHOP-1", "PAY-1"], "fieldIds": ["status"]}
    )
    assert published_by_jira.complaints("BulkChangelogResponseBean", as_described(bulk.json())) == []
    assert published_by_jira.complaints("Version", jira(reading, "/3/project/PAY/versions").json(), each=True) == []
