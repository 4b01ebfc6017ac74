"""What Freshdesk answers, as its documentation shows it; the sections are named in the tests beside this."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses

from bugbridge.helpdesks.freshdesk import Freshdesk

BASE = "https://acme.freshdesk.com"
API = f"{BASE}/api/v2"
KEY = "aBcDeFgHiJkLmNoP"
OWN, AGENT, CUSTOMER, COMPANY = 191, 101, 301, 501
STAMP = "2026-06-01T09:00:00Z"
MARKER = "BB-7K3F9Q2M"
START = datetime(2026, 6, 1, 9, tzinfo=UTC)


def freshdesk(**settings: Any) -> Freshdesk:
    """Give a helpdesk with the settings that a test is about."""
    return Freshdesk(
        "desk",
        BASE,
        KEY,
        secret_hint="BUGBRIDGE_DESK_TOKEN",
        sleep=lambda _: None,
        **{"tier_field": "tier", **settings},
    )


def ticket(number: int = 4711, **more: object) -> dict[str, object]:
    """A ticket as in section Tickets, "View a Ticket"."""
    people = {"requester_id": CUSTOMER, "responder_id": AGENT, "company_id": COMPANY, "group_id": None}
    times = {"created_at": "2026-05-01T08:00:00Z", "updated_at": STAMP}
    texts = {"subject": "Export fails", "description": "<div>It fails.</div>", "tags": ["vip"], "custom_fields": {}}
    return {"id": number, "status": 2, "source": 1, "product_id": None, **people, **times, **texts, **more}


def conversation(number: int = 1, **more: object) -> dict[str, object]:
    """A private note by an agent as in section Conversations, "List All Conversations of a Ticket"."""
    text = str(more.get("body_text", "hello"))
    by = {"user_id": AGENT, "incoming": False, "private": True, "source": 2}
    return {"id": number, "body": f"<div>{text}</div>", "body_text": text, "created_at": STAMP, **by, **more}


def agent(number: int = AGENT, **more: object) -> dict[str, object]:
    """An agent as in section Agents, "View an Agent"."""
    contact = {"name": f"Agent {number}", "email": f"a{number}@acme.example", "language": "en", "time_zone": "London"}
    return {"id": number, "type": "support_agent", "ticket_scope": 1, "contact": contact, **more}


def contact(number: int = CUSTOMER, **more: object) -> dict[str, object]:
    """A contact as in section Contacts, "View a Contact"."""
    names = {"name": "Carla", "email": "carla@acme.example", "language": "pt-BR", "time_zone": "Brasilia"}
    return {"id": number, **names, "company_id": COMPANY, "custom_fields": {}, **more}


def company(**more: object) -> dict[str, object]:
    """A company as in section Companies, "View a Company"."""
    return {"id": COMPANY, "name": "Acme", "domains": ["acme.example"], "custom_fields": {"tier": "gold"}, **more}


def serve_people(**more: dict[str, object]) -> None:
    """Answer for us, one agent, one customer and one company."""
    responses.get(f"{API}/agents/me", json=more.get("own", agent(OWN)))
    responses.get(f"{API}/agents/{OWN}", json=more.get("own", agent(OWN)))
    responses.get(f"{API}/agents/{AGENT}", json=more.get("agent", agent()))
    responses.get(f"{API}/contacts/{CUSTOMER}", json=more.get("contact", contact()))
    responses.get(f"{API}/companies/{COMPANY}", json=more.get("company", company()))


def serve_ticket(*conversations: dict[str, object], **more: object) -> None:
    """Answer for one ticket and its conversations."""
    serve_people()
    responses.get(f"{API}/tickets/4711", json=ticket(**more))
    responses.get(f"{API}/tickets/4711/conversations", json=list(conversations))


def asked(what: str, method: str = "GET") -> int:
    """Count the requests for a path."""
    made = [call.request for call in responses.calls if call.request.method == method]
    return sum(urlsplit(str(request.url)).path == f"/api/v2/{what}" for request in made)


def sent() -> list[dict[str, object]]:
    """Give what was written."""
    return [json.loads(call.request.body) for call in responses.calls if call.request.method != "GET"]


class Changes:
    """The list of changed tickets as in section Tickets, "List All Tickets": numbers, and seconds after START.

    `after` is called with the count of requests whenever one was answered; `exclusive` has `updated_since` leave out
    its own second; without `links` no header tells of a next page. What is in `deleted` stands in a list of its own.
    """

    def __init__(self, seconds: Iterable[tuple[int, int]], *, exclusive: bool = False, links: bool = True) -> None:
        self.seconds = dict(seconds)
        self.after: Callable[[int], None] = lambda _: None
        self.deleted: dict[int, int] = {}
        self.asked: list[dict[str, str]] = []
        self.clock = START + timedelta(days=1)
        self._exclusive, self._links = exclusive, links
        serve_people()
        responses.add_callback("GET", f"{API}/tickets", callback=self._answer)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
        listed = {None: self.seconds, "deleted": self.deleted}.get(query.get("filter"), {})
        page = int(query["page"])
        if page > 300:
            return 400, {}, json.dumps({"description": "Validation failed"})
        since = (datetime.fromisoformat(query["updated_since"]) - START).total_seconds() + self._exclusive
        found = sorted((second, number) for number, second in listed.items() if second >= since)
        rows = [_row(number, second) for second, number in found[(page - 1) * 100 : page * 100]]
        headers = {"Date": f"{self.clock:%a, %d %b %Y %H:%M:%S GMT}"}
        if self._links and len(found) > page * 100:
            headers["Link"] = f'<{API}/tickets?page={page + 1}>; rel="next"'
        if "filter" not in query:
            self.asked.append(query)
            self.after(len(self.asked))
        return 200, headers, json.dumps(rows)


def _row(number: int, second: int) -> dict[str, object]:
    at = START + timedelta(seconds=second)
    return ticket(number, updated_at=f"{at:%Y-%m-%dT%H:%M:%SZ}", description=None)


def read(helpdesk: Freshdesk, cursor: str = "") -> list[int]:
    """Give the numbers of the changed tickets."""
    return [int(found.remote_id) for page in helpdesk.changed_since(cursor) for found in page.tickets]
