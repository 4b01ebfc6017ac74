"""The world's tickets and people as Zendesk's Support API writes them."""

import html

from bugbridge.sandbox.wire import Json, zulu
from bugbridge.sandbox.world import ROBOT_AUTHOR, Comment, JiraAppLink, Organization, StatusChange, Ticket, User

LAST_BY = {"email": "Mail", "web": "Chrome", "api": "python-requests", "rule": "Zendesk"}


def ticket(base: str, found: Ticket) -> Json:
    """A ticket."""
    fields = [{"id": number, "value": value} for number, value in found.fields.items()]
    return {
        "url": f"{base}/api/v2/tickets/{found.id}.json",
        "id": found.id,
        "external_id": None,
        "via": _ticket_via(found),
        "created_at": zulu(found.created_at),
        "updated_at": zulu(found.updated_at),
        "generated_timestamp": int(found.updated_at.timestamp()),
        "type": "incident",
        "subject": found.subject,
        "raw_subject": found.subject,
        "description": found.comments[0].body if found.comments else "",
        "priority": None,
        "status": found.status,
        "recipient": None,
        "requester_id": found.requester_id,
        "submitter_id": found.requester_id,
        "assignee_id": found.assignee_id,
        "organization_id": found.organization_id,
        "group_id": found.group_id,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "followup_ids": [],
        "problem_id": found.problem_id,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": sorted(found.tags),
        "custom_fields": fields,
        "fields": fields,
        "satisfaction_rating": None,
        "sharing_agreement_ids": [],
        "brand_id": 1,
        "allow_channelback": False,
        "allow_attachments": True,
    }


def _ticket_via(found: Ticket) -> Json:
    if found.followup_of is None:
        return {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}}
    origin = {"ticket_id": found.followup_of, "subject": found.subject}
    return {"channel": "api", "source": {"from": origin, "to": {}, "rel": "follow_up"}}


def _via(channel: str, relation: str | None = None) -> Json:
    relation = "trigger" if channel == "rule" else relation
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": relation}}


def _metadata(channel: str, custom: dict[str, object]) -> Json:
    return {
        "system": {
            "client": LAST_BY[channel],
            "ip_address": "192.0.2.7",
            "location": "",
            "latitude": 0,
            "longitude": 0,
        },
        "custom": custom,
    }


def comment(found: Comment) -> Json:
    """A comment, in the three forms of its text."""
    escaped = html.escape(found.body).replace("\n", "<br>")
    return {
        "id": found.id,
        "type": "Comment",
        "author_id": found.author_id,
        "body": found.body,
        "html_body": f'<div class="zd-comment" dir="auto">{escaped}</div>',
        "plain_body": found.body,
        "public": found.public,
        "attachments": [],
        "audit_id": audit_id(found),
        "via": _via(found.channel, found.relation),
        "created_at": zulu(found.created_at),
        "metadata": _metadata(found.channel, found.custom),
    }


def audit_id(found: Comment | StatusChange) -> int:
    """The number of the audit that a change belongs to."""
    return 1_000_000_000 + found.id


def audit(found: Ticket, change: Comment | StatusChange) -> Json:
    """One update of a ticket: what changed, and the custom metadata that came with it."""
    channel, custom = (change.channel, change.custom) if isinstance(change, Comment) else ("web", {})
    if isinstance(change, Comment):
        event: Json = comment(change)
    else:
        shown = {"type": "Change", "field_name": "status", "value": change.after, "previous_value": change.before}
        event = {"id": change.id, **shown}
    return {
        "id": audit_id(change),
        "ticket_id": found.id,
        "created_at": zulu(change.created_at),
        "author_id": change.author_id,
        "metadata": _metadata(channel, custom),
        "events": [event],
        "via": _via(channel),
    }


def user(base: str, found: User) -> Json:
    """A customer or agent."""
    return {
        "id": found.id,
        "url": f"{base}/api/v2/users/{found.id}.json",
        "name": found.name,
        "email": found.email,
        "created_at": zulu(found.created_at),
        "updated_at": zulu(found.created_at),
        "time_zone": found.time_zone,
        "iana_time_zone": found.iana_time_zone,
        "phone": None,
        "locale": found.locale,
        "organization_id": found.organization_id,
        "role": found.role,
        "verified": True,
        "external_id": None,
        "tags": [],
        "alias": None,
        "active": True,
        "shared": False,
        "shared_agent": False,
        "suspended": found.suspended,
        "details": None,
        "notes": None,
        "user_fields": {},
    }


def group(base: str, number: int, name: str) -> Json:
    """A team of agents."""
    return {
        "id": number,
        "url": f"{base}/api/v2/groups/{number}.json",
        "name": name,
        "description": "",
        "default": True,
        "is_public": True,
        "deleted": False,
        "created_at": "2025-06-15T09:00:00Z",
        "updated_at": "2025-06-15T09:00:00Z",
    }


def ticket_field(base: str, number: int, title: str) -> Json:
    """A field of tickets that the team made."""
    return {
        "id": number,
        "url": f"{base}/api/v2/ticket_fields/{number}.json",
        "type": "text",
        "title": title,
        "raw_title": title,
        "description": "",
        "position": 9999,
        "active": True,
        "required": False,
        "removable": True,
        "agent_description": None,
        "created_at": "2025-06-15T09:00:00Z",
        "updated_at": "2025-06-15T09:00:00Z",
    }


def jira_link(base: str, found: JiraAppLink) -> Json:
    """A link of the app for Jira; its ids are texts."""
    return {
        "id": found.id,
        "url": f"{base}/api/v2/jira/links/{found.id}",
        "ticket_id": str(found.ticket_id),
        "issue_id": str(10_000 + found.id),
        "issue_key": found.issue_key,
        "created_at": zulu(found.created_at),
        "updated_at": zulu(found.created_at),
    }


def organization(base: str, found: Organization) -> Json:
    """A customer's company, its tier in a field of the organisation."""
    return {
        "id": found.id,
        "url": f"{base}/api/v2/organizations/{found.id}.json",
        "name": found.name,
        "shared_tickets": False,
        "shared_comments": False,
        "external_id": None,
        "created_at": zulu(found.created_at),
        "updated_at": zulu(found.created_at),
        "domain_names": [],
        "details": None,
        "notes": None,
        "group_id": None,
        "tags": [],
        "organization_fields": {"tier": found.tier},
    }


def people_of(tickets: list[Ticket]) -> set[int]:
    """Ids of the users that these tickets name in their own fields."""
    return {number for each in tickets for number in (each.requester_id, each.assignee_id) if number is not None}


def authors_of(comments: list[Comment]) -> set[int]:
    """Ids of the users who wrote these comments; a trigger is no user."""
    return {each.author_id for each in comments if each.author_id != ROBOT_AUTHOR}
