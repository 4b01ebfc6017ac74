"""The whole seeded history as one JSON document: raw data, from which anyone can compute what BugBridge should find."""

from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from bugbridge.sandbox.seed_conversations import GITHUB_SITE, JIRA_SITE
from bugbridge.sandbox.seed_people import ROBOT_ID, SELF_ID
from bugbridge.sandbox.wire import Json
from bugbridge.sandbox.world import ROBOT_AUTHOR, SEED_NOW, GitHubIssue, JiraIssue, World

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def instant(moment: datetime) -> str:
    """An instant as `YYYY-MM-DDTHH:MM:SSZ`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(value: "DataclassInstance") -> Json:
    """A dataclass as a JSON object."""
    return {each.name: plain(getattr(value, each.name)) for each in fields(value)}


def plain(value: object) -> object:
    """A value as JSON can hold it: dataclasses become objects, instants and days ISO texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return record(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _github(issue: GitHubIssue) -> Json:
    facts = {"reference": issue.reference, "state_reason": issue.state_reason, "closed_at": plain(issue.closed_at)}
    return {
        **record(issue),
        **facts,
        "updated_at": plain(issue.updated_at),
        "labels": issue.labels,
        "assignees": issue.assignees,
    }


def _jira(issue: JiraIssue) -> Json:
    return {**record(issue), "reference": issue.key}


def seed_document(world: World) -> Json:
    """Everything the servers hold, with the truth about each ticket's references.

    `truth` gives for each ticket the bugs that an agent's own note links, what is only a suggestion and why, and
    what looks like a reference and is none. `release_marks`, `workarounds` and `promises` are what people would tell
    BugBridge by command. Instants are UTC."""
    issues = [issue for repository in world.issues.values() for issue in repository.values()]
    return {
        "seed": world.seed,
        "seed_now": instant(SEED_NOW),
        "sites": {"github": GITHUB_SITE, "jira": JIRA_SITE},
        "who": {
            "self": SELF_ID,
            "robots": [ROBOT_AUTHOR, ROBOT_ID],
            "agents": [user.id for user in world.users.values() if user.role == "agent" and user.id != ROBOT_ID],
        },
        "issues": [_github(issue) for issue in issues],
        "releases": plain([release for releases in world.releases.values() for release in releases]),
        "jira_issues": [_jira(issue) for issue in world.jira_issues.values()],
        "versions": plain([version for versions in world.versions.values() for version in versions]),
        "organizations": plain(list(world.organizations.values())),
        "users": plain(list(world.users.values())),
        "tickets": plain(list(world.tickets.values())),
        "truth": {str(number): asdict(truth) for number, truth in world.truth.items()},
        "release_marks": plain(world.release_marks),
        "workarounds": plain(world.workarounds),
        "promises": plain(world.promises),
    }
