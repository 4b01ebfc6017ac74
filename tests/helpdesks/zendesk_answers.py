"""What Zendesk answers, as its documentation shows it; the pages are named in the tests beside this."""

from collections.abc import Callable
from typing import Any

import responses

from bugbridge.core.snapshots import RemoteTicket
from bugbridge.helpdesks.zendesk import Zendesk

BASE = "https://acme.zendesk.com"
API = f"{BASE}/api/v2"
EXPORT = f"{API}/incremental/tickets/cursor.json"
TOKENS = f"{BASE}/oauth/tokens"
OWN, AGENT, CUSTOMER = 191, 101, 20978392
STAMP = "2026-06-01T09:00:00Z"
NOW = 1_780_318_800.0  # 2026-06-01T13:00:00Z


def zendesk(clock: Callable[[], float] = lambda: NOW, **credentials: Any) -> Zendesk:
    """Give a helpdesk that signs in by API token unless told otherwise."""
    by_token = {"email": "bugbridge@acme.example", "token": "api-token"}
    return Zendesk(
        "support",
        BASE,
        tier_field="tier",
        secret_hint="BUGBRIDGE_SUPPORT_TOKEN",
        sleep=lambda _: None,
        clock=clock,
        **(credentials or by_token),
    )


def user(number: int | None, role: str, **more: object) -> dict[str, object]:
    """A user as in [users]."""
    return {
        "id": number,
        "name": f"User {number}",
        "email": f"u{number}@acme.example",
        "role": role,
        "tags": [],
        **more,
    }


def ticket(number: int = 4711, **more: object) -> dict[str, object]:
    """A ticket as in [tickets]."""
    people = {"requester_id": CUSTOMER, "assignee_id": AGENT, "organization_id": 509974}
    times = {"created_at": "2026-05-01T08:00:00Z", "updated_at": STAMP}
    return {"id": number, "status": "open", "subject": "Export fails", "brand_id": 1, **people, **times, **more}


def sideloads() -> dict[str, object]:
    """What include=users,groups,organizations brings along, as in [tickets], "Sideloads"."""
    customer = user(CUSTOMER, "end-user", organization_id=509974, locale="de", iana_time_zone="Europe/Berlin")
    fields = {"tier": "enterprise", "seats": 12}
    organization = {"id": 509974, "name": "Acme", "tags": ["emea", "beta"], "organization_fields": fields}
    groups = [{"id": 98738, "name": "Support"}]
    return {"users": [customer, user(AGENT, "agent")], "groups": groups, "organizations": [organization]}


def serve_me(number: int | None = OWN, role: str = "admin") -> None:
    """Answer who we are, as in [users], "Show Self"."""
    responses.get(f"{API}/users/me.json", json={"user": user(number, role)})


def serve_ticket(**more: object) -> None:
    """Answer [tickets], "Show Ticket"."""
    serve_me()
    responses.get(f"{API}/tickets/4711.json", json={"ticket": ticket(**more), **sideloads()})


def read_ticket(helpdesk: Zendesk) -> RemoteTicket:
    """Read the ticket that a note is to go to."""
    serve_ticket()
    return helpdesk.ticket("4711")


def comment(number: int, author: int, body: str, rel: str | None = None, channel: str = "web") -> dict[str, object]:
    """A comment as in [comments]; `rel` as in the "Via object reference"."""
    via = {"channel": channel, "source": {"from": {}, "to": {}, "rel": rel}}
    return {"id": number, "author_id": author, "body": body, "public": False, "created_at": STAMP, "via": via}


def serve_comments(*comments: dict[str, object]) -> None:
    """Answer [comments], "List Comments", with include=users."""
    people = [user(OWN, "admin"), user(AGENT, "agent"), user(CUSTOMER, "end-user")]
    responses.get(f"{API}/tickets/4711/comments.json", json={"comments": list(comments), "users": people})
