"""What people do to the world while it is served: engineers, customers, agents, and BugBridge's own writes."""

from dataclasses import dataclass, field, replace
from datetime import date

from bugbridge.sandbox.seed_issues import RESOLUTION_IDS, STATUS_IDS
from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import (
    Comment,
    GitHubEvent,
    GitHubIssue,
    JiraChange,
    JiraIssue,
    JiraVersion,
    StatusChange,
    Ticket,
    UnknownError,
    World,
)

ENGINEER = "octavia"
OWN_LOGIN = "bugbridge-bot"


def close_issue(world: World, reference: str, state_reason: str = "completed", actor: str = ENGINEER) -> GitHubIssue:
    """Close a GitHub issue for `completed`, `not_planned` or `duplicate`."""
    issue = world.issue(reference)
    if issue.closed_at is None:
        event = GitHubEvent(world.new_id(), "closed", world.moment(), actor)
        issue.events.append(replace(event, state_reason=state_reason))
    return issue


def reopen_issue(world: World, reference: str, actor: str = ENGINEER) -> GitHubIssue:
    """Open a closed GitHub issue again."""
    issue = world.issue(reference)
    if issue.closed_at is not None:
        issue.events.append(GitHubEvent(world.new_id(), "reopened", world.moment(), actor))
    return issue


def comment_issue(world: World, reference: str, body: str, actor: str = ENGINEER) -> GitHubEvent:
    """Write a comment on a GitHub issue."""
    issue = world.issue(reference)
    event = GitHubEvent(world.new_id(), "commented", world.moment(), actor, body=body)
    issue.events.append(event)
    return event


def release_version(world: World, project: str, version: str, on: date | None = None) -> JiraVersion:
    """Publish a Jira version, today by the servers' clock unless told otherwise.

    As in Jira itself, the issues of that version are not touched: their `updated` stays what it was."""
    found = world.version(project, version)
    found.released = True
    found.release_date = on or world.now().date()
    return found


def transition_issue(
    world: World, key: str, status: str, resolution: str | None = None, fix_versions: list[str] | None = None
) -> JiraIssue:
    """Move a Jira issue to `To Do`, `In Progress` or `Done`; leaving `Done` clears its resolution."""
    if status not in STATUS_IDS or (resolution is not None and resolution not in RESOLUTION_IDS):
        raise UnknownError(f"{status} {resolution}")
    issue, now = world.jira_issue(key), world.moment()
    if status != issue.status:
        _log(world, issue, "status", (STATUS_IDS[issue.status], issue.status), (STATUS_IDS[status], status))
    if resolution != issue.resolution:
        before, after = issue.resolution, resolution
        _log(
            world,
            issue,
            "resolution",
            (RESOLUTION_IDS.get(before or ""), before),
            (RESOLUTION_IDS.get(after or ""), after),
        )
        issue.resolved_at = now if resolution else None
    for name in fix_versions or []:
        _log(world, issue, "Fix Version", (None, None), (str(world.version(issue.project, name).id), name))
        issue.fix_versions.append(name)
    issue.status, issue.resolution, issue.updated_at = status, resolution, now
    return issue


def _log(
    world: World,
    issue: JiraIssue,
    field_name: str,
    before: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
) -> None:
    issue.changes.append(JiraChange(world.new_id(), world.moment(), ENGINEER, field_name, before, after))


@dataclass
class Writing:
    """One update of a ticket: perhaps a comment, perhaps a new status, with the audit's own metadata."""

    author_id: int
    body: str | None = None
    public: bool = False
    status: str | None = None
    channel: str = "web"
    custom: dict[str, object] = field(default_factory=dict)


def update_ticket(world: World, ticket_id: int, writing: Writing) -> Comment | None:
    """Apply one update to a ticket and return the comment it made, if any."""
    ticket, now, comment = world.ticket(ticket_id), world.moment(), None
    if writing.body is not None:
        comment = Comment(
            world.new_id(), writing.author_id, writing.body, writing.public, now, writing.channel, writing.custom
        )
        ticket.comments.append(comment)
    if writing.status is not None and writing.status != ticket.status:
        ticket.status_changes.append(
            StatusChange(world.new_id(), writing.author_id, ticket.status, writing.status, now)
        )
        ticket.status = writing.status
    ticket.updated_at = now
    return comment


def customer_comment(world: World, ticket_id: int, body: str) -> Ticket:
    """The requester writes; a ticket that is not closed becomes open, as in Zendesk."""
    ticket = world.ticket(ticket_id)
    status = None if ticket.status == "closed" else "open"
    update_ticket(world, ticket_id, Writing(ticket.requester_id, body, public=True, status=status, channel="email"))
    return ticket


def agent_comment(world: World, ticket_id: int, body: str, *, public: bool, status: str | None = None) -> Ticket:
    """The ticket's agent writes, in public or as an internal note."""
    ticket = world.ticket(ticket_id)
    author = ticket.assignee_id or min(user.id for user in world.users.values() if user.role == "agent")
    update_ticket(world, ticket_id, Writing(author, body, public=public, status=status))
    return ticket


def own_writing(body: str | None, *, public: bool, status: str | None, custom: dict[str, object]) -> Writing:
    """An update by the user that BugBridge signs in as."""
    return Writing(SELF_ID, body, public=public, status=status, channel="api", custom=custom)
