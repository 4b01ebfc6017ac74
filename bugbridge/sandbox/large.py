"""A world of any size without tickets, for counting requests: made quickly, and the same every time."""

from datetime import timedelta

from bugbridge.sandbox.commits import add_commit
from bugbridge.sandbox.world import SEED_NOW, GitHubEvent, GitHubIssue, JiraIssue, JiraVersion, Release, World

FIRST_VERSION = "1.0"
STEP = timedelta(minutes=30)


def build_large_world(issues: int, repositories: int, jira_projects: int) -> World:
    """So many issues, spread evenly over `acme/large-1` and so on and the projects `LARGE1` and so on.

    One in three is closed as completed, by nobody's pull request; the last change of all is the half hour before
    SEED_NOW. Every repository has one release, every project one released version and one that is planned."""
    world, homes = World(0), repositories + jira_projects
    for place in range(homes):
        count = issues // homes + (place < issues % homes)
        if place < repositories:
            _fill_repository(world, f"acme/large-{place + 1}", count)
        else:
            _fill_project(world, f"LARGE{place - repositories + 1}", count)
    return world


def _fill_repository(world: World, name: str, count: int) -> None:
    begin = SEED_NOW - STEP * (count + 1)
    commit = add_commit(world, name, f"Release {FIRST_VERSION}", begin)
    release = Release(world.new_id(), name, FIRST_VERSION, begin.date(), commit.sha, published_at=begin)
    world.releases[name] = [release]
    world.issues[name] = {}
    for number in range(1, count + 1):
        created = begin + STEP * number
        issue = GitHubIssue(world.new_id(), name, number, f"Fault {number}", "", "octavia", created, ("bug",))
        if number % 3 == 0:
            at = created + STEP / 2
            issue.events.append(GitHubEvent(world.new_id(), "closed", at, "octavia", state_reason="completed"))
        world.issues[name][number] = issue


def _fill_project(world: World, key: str, count: int) -> None:
    begin = SEED_NOW - STEP * (count + 1)
    world.versions[key] = [
        JiraVersion(world.new_id(), key, FIRST_VERSION, released=True, release_date=begin.date()),
        JiraVersion(world.new_id(), key, "1.1", released=False, release_date=None),
    ]
    for number in range(1, count + 1):
        created = begin + STEP * number
        issue = JiraIssue(world.new_id(), key, number, f"Fault {number}", "octavia", created, created)
        if number % 3 == 0:
            issue.status, issue.resolution, issue.resolved_at = "Done", "Fixed", created
        world.jira_issues[issue.key] = issue
