"""A large world for counting requests."""

from collections import Counter

from bugbridge.sandbox.large import build_large_world
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW
from tests.sandbox.asking import github, jira


def test_the_issues_are_spread_evenly() -> None:
    """10,000 issues over five repositories and two projects, none of them changed after the clock begins."""
    world = build_large_world(10_000, 5, 2)
    projects = Counter(issue.project for issue in world.jira_issues.values())
    counts = [*(len(issues) for issues in world.issues.values()), *projects.values()]
    changes = [issue.updated_at for issues in world.issues.values() for issue in issues.values()]
    assert (sum(counts), len(counts), max(counts) - min(counts)) == (10_000, 7, 1)
    assert max(changes) < SEED_NOW
    assert build_large_world(70, 5, 2) == build_large_world(70, 5, 2)


def test_it_is_served_as_any_other() -> None:
    """Lists, releases and searches work."""
    with Sandbox(build_large_world(70, 5, 2)) as sandbox:
        issues = github(sandbox, "/repos/acme/large-1/issues?state=all&per_page=100").json()
        found = jira(sandbox, "/3/search/jql", params={"jql": "project in (LARGE1, LARGE2)", "maxResults": 100}).json()
        released = github(sandbox, "/repos/acme/large-5/releases").json()
    assert (len(issues), len(found["issues"]), [each["tag_name"] for each in released]) == (10, 20, ["v1.0"])
