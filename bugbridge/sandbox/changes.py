"""What people do to the world while it is served: engineers, customers, agents, and BugBridge's own writes."""

from dataclasses import dataclass, field

from bugbridge.sandbox.github_changes import (
    assign,
    change_label,
    close_issue,
    comment_issue,
    convert_to_discussion,
    fix_issue,
    mark_duplicate,
    release_repository,
    rename_repository,
    reopen_issue,
    transfer_issue,
)
from bugbridge.sandbox.jira_changes import (
    add_version,
    move_issue,
    release_version,
    set_duplicate,
    set_fix_versions,
    transition_issue,
)
from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, StatusChange, Ticket, World

__all__ = [
    "Writing",
    "add_version",
    "agent_comment",
    "assign",
    "change_label",
    "close_issue",
    "comment_issue",
    "convert_to_discussion",
    "customer_comment",
    "fix_issue",
    "mark_duplicate",
    "move_issue",
    "own_writing",
    "release_repository",
    "release_version",
    "rename_repository",
    "reopen_issue",
    "set_duplicate",
    "set_fix_versions",
    "transfer_issue",
    "transition_issue",
    "update_ticket",
]


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
