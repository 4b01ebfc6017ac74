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
    "change_requester",
    "close_issue",
    "comment_issue",
    "convert_to_discussion",
    "customer_comment",
    "fix_issue",
    "follow_up",
    "mark_duplicate",
    "merge_tickets",
    "move_issue",
    "own_writing",
    "release_repository",
    "release_version",
    "rename_repository",
    "reopen_issue",
    "set_duplicate",
    "set_fix_versions",
    "set_tags",
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
    relation: str | None = None


def update_ticket(world: World, ticket_id: int, writing: Writing) -> Comment | None:
    """Apply one update to a ticket and return the comment it made, if any."""
    ticket, now, comment = world.ticket(ticket_id), world.moment(), None
    if writing.body is not None:
        comment = Comment(
            world.new_id(),
            writing.author_id,
            writing.body,
            writing.public,
            now,
            writing.channel,
            writing.custom,
            writing.relation,
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


def change_requester(world: World, ticket_id: int, requester_id: int) -> None:
    """An agent says that somebody else asked."""
    ticket = world.ticket(ticket_id)
    ticket.requester_id, ticket.updated_at = requester_id, world.moment()


def set_tags(world: World, ticket_id: int, tags: set[str]) -> None:
    """Have a ticket carry these tags; what it carries already is no change."""
    ticket = world.ticket(ticket_id)
    if set(ticket.tags) != tags:
        ticket.tags, ticket.updated_at = sorted(tags), world.moment()


def merge_tickets(world: World, loser_id: int, survivor_id: int) -> None:
    """An agent merges a ticket into another: notes on both, and the loser is closed and tagged, as in Zendesk."""
    loser, survivor = world.ticket(loser_id), world.ticket(survivor_id)
    agent = loser.assignee_id or SELF_ID
    told = f'Request #{loser_id} "{loser.subject}" was closed and merged into this request.'
    update_ticket(world, survivor_id, Writing(agent, told, relation="merge"))
    told = f'This request was closed and merged into request #{survivor_id} "{survivor.subject}".'
    update_ticket(world, loser_id, Writing(agent, told, status="closed", relation="merge"))
    set_tags(world, loser_id, {*loser.tags, "closed_by_merge"})


def follow_up(world: World, closed: Ticket, tags: list[str] | None, assignee_id: int | None) -> Ticket:
    """Begin a ticket that continues a closed one, with its tags unless others are given."""
    number, now = world.new_id(), world.moment()
    status = "new" if assignee_id is None else "open"
    found = Ticket(number, closed.subject, closed.requester_id, closed.organization_id, assignee_id, status, now, now)
    found.tags, found.followup_of = list(closed.tags if tags is None else tags), closed.id
    world.tickets[number] = found
    return found


def own_writing(
    body: str | None, *, public: bool, status: str | None, custom: dict[str, object], author_id: int = SELF_ID
) -> Writing:
    """An update by the user that BugBridge signs in as, whose comment may bear another author's name."""
    return Writing(author_id, body, public=public, status=status, channel="api", custom=custom)
