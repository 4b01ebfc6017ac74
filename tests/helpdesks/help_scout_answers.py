"""What Help Scout answers, as its documentation shows it.

Below developer.helpscout.com/mailbox-api/endpoints: [list] conversations/list, [get] conversations/get, [threads]
conversations/threads/list, [note] conversations/threads/note, [reply] conversations/threads/reply, [create]
conversations/create, [tags] conversations/tags/update, [customer] customers/get, [company] organizations/get,
[properties] organizations/properties/list, [me] users/me, [mailboxes] mailboxes/list. Below developer.helpscout.com/
mailbox-api: [tokens] overview/authentication, [limits] overview/rate-limiting. [sdk]: tests/Payloads of
helpscout/helpscout-api-php.
"""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import responses

from bugbridge.core.snapshots import RemoteTicket
from bugbridge.helpdesks.help_scout import HelpScout

API = "https://api.helpscout.net"
TOKENS = f"{API}/v2/oauth2/token"
CONVERSATIONS = f"{API}/v2/conversations"
OWN, AGENT, CUSTOMER, COMPANY, INBOX = 191, 101, 301, 35, 85
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MODIFIED = "2026-06-01T09:00:00Z"
ADDRESS = f"{CONVERSATIONS}/4711"
MARKER = "BB-7K3F9Q2M"
ADDED: dict[str, Any] = {"status": 201, "headers": {"Resource-ID": "950"}}  # [note], [reply]
HINT = "BUGBRIDGE_SUPPORT_CLIENT_SECRET"


def help_scout(**more: Any) -> HelpScout:
    """Give a helpdesk whose secret is `hush`."""
    values = {"tier_field": "plan", "client_secret": "hush", "sleep": lambda _: None, **more}
    return HelpScout("support", client_id="app", secret_hint=HINT, **values)


def listing(name: str, items: list[dict[str, Any]], total: int | None = None, number: int = 1, pages: int = 1) -> Any:
    """A page as in [list]; one without items has no `_embedded` ([sdk], "The _embedded key is not set when empty")."""
    place = {"size": 25, "totalElements": len(items) if total is None else total, "totalPages": pages, "number": number}
    return {**({"_embedded": {name: items}} if items else {}), "page": place}


def person(number: int, kind: str, first: str, last: str = "") -> dict[str, Any]:
    """A user, team or customer inside a conversation or thread, as in [get]."""
    return {"id": number, "type": kind, "first": first, "last": last, "email": f"u{number}@acme.example"}


HELP_SCOUT_ITSELF = {"id": 1, "type": "user", "first": "Help", "last": "Scout", "email": "none@nowhere.com"}


def conversation(number: int = 4711, **more: Any) -> dict[str, Any]:
    """A conversation as in [get] and [list]; there is no modifiedAt in either."""
    return {
        "id": number,
        "number": 12,
        "threads": 1,
        "type": "email",
        "folderId": 11,
        "status": "active",
        "state": "published",
        "subject": "Export fails",
        "mailboxId": INBOX,
        "assignee": person(AGENT, "user", "Ada", "Agent"),
        "createdBy": person(CUSTOMER, "customer", "Carla", "Customer"),
        "createdAt": "2026-05-01T08:00:00Z",
        "closedBy": 0,
        "closedAt": None,
        "userUpdatedAt": MODIFIED,
        "customerWaitingSince": {"time": "2026-05-01T08:00:00Z", "friendly": "a month ago"},
        "source": {"type": "email", "via": "customer"},
        "tags": [],
        "cc": [],
        "bcc": [],
        "primaryCustomer": person(CUSTOMER, "customer", "Carla", "Customer"),
        "customFields": [],
        **more,
    }


def thread(number: int = 900, kind: str = "customer", body: str = "it fails", **more: Any) -> dict[str, Any]:
    """A thread as in [threads]."""
    author = person(CUSTOMER, "customer", "Carla", "Customer")
    return {
        "id": number,
        "type": kind,
        "status": "active",
        "state": "published",
        "action": {"type": "default", "associatedEntities": {}},
        "body": body,
        "source": {"type": "email", "via": "customer"},
        "customer": author,
        "createdBy": author,
        "assignedTo": HELP_SCOUT_ITSELF,
        "savedReplyId": 0,
        "to": [],
        "cc": [],
        "bcc": [],
        "createdAt": "2026-05-01T08:00:00Z",
        **more,
    }


def by_user(number: int, via: str) -> dict[str, Any]:
    """What says that a user wrote a thread through something, as in [threads]."""
    return {"createdBy": person(number, "user", f"User {number}"), "source": {"type": via, "via": "user"}}


def customer(number: int = CUSTOMER, **more: Any) -> dict[str, Any]:
    """A customer as in [customer]."""
    addresses = [{"id": 1, "value": f"u{number}@acme.example", "type": "work"}]
    car = {"type": "text", "slug": "car", "name": "Car", "value": "Tesla", "text": "Tesla", "source": {"name": "api"}}
    return {
        "id": number,
        "firstName": "Carla",
        "lastName": "Customer",
        "organization": "Acme",
        "organizationId": COMPANY,
        "createdAt": "2026-01-01T08:00:00Z",
        "_embedded": {"emails": addresses, "phones": [], "properties": [car]},
        **more,
    }


def company(tier: str = "enterprise") -> dict[str, Any]:
    """A company as in [company], with its properties."""
    plan = {"definitionId": 1001, "slug": "plan", "name": "Plan", "type": "dropdown", "value": tier}
    return {"id": COMPANY, "name": "Acme", "domains": ["acme.example"], "properties": [plan]}


def me(**more: Any) -> dict[str, Any]:
    """Our own user as in [me]."""
    user = {"id": OWN, "firstName": "Bug", "lastName": "Bridge", "email": "bugbridge@acme.example", "role": "user"}
    return {**user, "timezone": "UTC", "type": "user", **more}


def dated(at: datetime = NOW, **more: str) -> dict[str, str]:
    """Headers with the server's clock."""
    return {"Date": format_datetime(at, usegmt=True), **more}


def serve_token(word: str = "first", seconds: int = 172_800) -> None:
    """Answer [tokens], "Client Credentials Flow"."""
    responses.post(TOKENS, json={"token_type": "bearer", "access_token": word, "expires_in": seconds})


def serve_people() -> None:
    """Answer who is who."""
    serve_token()
    responses.get(f"{API}/v2/users/me", json=me())
    responses.get(f"{API}/v2/mailboxes", json=listing("mailboxes", [{"id": INBOX, "name": "Support", "slug": "abc"}]))
    responses.get(f"{API}/v2/customers/{CUSTOMER}", json=customer())
    responses.get(f"{API}/v2/organizations/{COMPANY}", json=company())


def serve_threads(*threads: dict[str, Any], number: int = 4711) -> None:
    """Answer [threads]."""
    responses.get(f"{CONVERSATIONS}/{number}/threads", json=listing("threads", list(threads)))


def read(**values: Any) -> RemoteTicket:
    """Read a conversation with these values."""
    responses.get(ADDRESS, json=conversation(**values))
    return help_scout().ticket("4711")


def sent(method: str, address: str) -> list[Any]:
    """Give what was written to an address."""
    calls = (call.request for call in responses.calls)
    return [json.loads(call.body or "{}") for call in calls if (call.method, call.url) == (method, address)]
