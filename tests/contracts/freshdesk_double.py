"""A Freshdesk over the neutral world, with its nasty sides: default filters, page 301, thirty conversations a page,
tags that are replaced, and lists that leave out what a ticket read alone shows.

Payloads: developers.freshdesk.com/api, the section each function names; what a list gives of a ticket as in the
recorded answers of rapid7/insightconnect-plugins, plugins/freshdesk/unit_test/responses.
"""

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import requests
import responses

from tests.contracts.helpdesk_world import (
    ACCOUNT,
    AGENT,
    CUSTOMER,
    NAMES,
    OTHER_CUSTOMER,
    OURSELVES,
    ROBOT,
    TIER,
    Answer,
    Handler,
    HelpdeskWorld,
    Message,
    Ticket,
    serve,
)

URL = "https://acme.freshdesk.com"
API = f"{URL}/api/v2"
KEY = "kEyOfBugBridgesAgent"
ROBOT_ADDRESS = f"u{ROBOT}@acme.example"
STATUSES = {"open": 2, "pending": 3, "solved": 4, "closed": 5, "archived": 5, "deleted": 2, "spam": 2}
COMPANY, GROUP, PRODUCT, MAILBOX = 501, 601, 701, 801
STAFF = (AGENT, ROBOT, OURSELVES)
LISTS = {"deleted": ("deleted",), "spam": ("spam",)}
PRESENT = ("open", "pending", "solved", "closed")


class FreshdeskDouble:
    """Answers for one account."""

    def __init__(self, world: HelpdeskWorld, mock: responses.RequestsMock) -> None:
        self.world = world
        self.trackers: dict[int, int] = {}
        """Which ticket each is related to."""
        self.asked: list[str] = []
        self._serve_the_rest(mock)
        self._serve_tickets(mock)

    def _serve_the_rest(self, mock: responses.RequestsMock) -> None:
        answers: dict[str, Callable[[re.Match[str]], Answer]] = {
            r"agents/me": lambda _: _ok(self._agent(OURSELVES)),
            r"agents/(?P<id>\d+)": lambda match: _one(self._agent(int(match["id"])), int(match["id"]) in STAFF),
            r"agents\?page=1&per_page=1": lambda _: _ok([self._agent(AGENT)]),
            r"contacts/(?P<id>\d+)": lambda match: _one(_contact(int(match["id"])), int(match["id"]) not in STAFF),
            r"contacts\?page=1&per_page=1": lambda _: _ok([_contact(CUSTOMER)]),
            r"companies/(?P<id>\d+)": lambda match: _one(_company(), int(match["id"]) == COMPANY),
            r"companies\?page=1&per_page=1": lambda _: _ok([_company()]),
            r"groups\?page=1&per_page=\d+": lambda _: _ok([{"id": GROUP, "name": "First line"}]),
            r"products\?page=1&per_page=\d+": lambda _: _ok([{"id": PRODUCT, "name": "Acme Cloud"}]),
            r"ticket_fields\?page=1&per_page=\d+": lambda _: _ok(_ticket_fields()),
            r"email_configs\?page=1&per_page=100": lambda _: _ok(_mailboxes()),
        }
        for path, answer in answers.items():
            serve(mock, self.world, "GET", f"{re.escape(API)}/{path}$", _answering(answer))

    def _serve_tickets(self, mock: responses.RequestsMock) -> None:
        world, tickets = self.world, f"{re.escape(API)}/tickets"
        one = rf"{tickets}/(?P<archived>archived/)?(?P<id>\d+)"
        serve(mock, world, "GET", rf"{re.escape(API)}/search/tickets\?.*", lambda request, _: self.search(request))
        serve(mock, world, "GET", rf"{tickets}\?.*", lambda request, _: self.listing(request))
        serve(mock, world, "GET", rf"{one}$", lambda _, match: self.show(match))
        serve(mock, world, "GET", rf"{one}/conversations\?.*", self.conversations)
        serve(mock, world, "PUT", rf"{one}$", lambda request, match: self.update(request, int(match["id"])))
        serve(mock, world, "POST", rf"{one}/notes", lambda request, match: self.write(request, match, public=False))
        serve(mock, world, "POST", rf"{one}/reply", lambda request, match: self.write(request, match, public=True))
        serve(mock, world, "POST", rf"{tickets}/outbound_email", lambda request, _: self.send(request))

    def listing(self, request: requests.PreparedRequest) -> Answer:
        """List All Tickets: without a filter neither deleted ones nor spam nor archived ones; without `updated_since`
        only those of the last thirty days; to page 300 and no further."""
        asked = _query(request)
        self.asked.append(str(request.url))
        page, size = int(asked.get("page", "1")), int(asked.get("per_page", "30"))
        if page > 300 or size > 100:
            return 400, {}, json.dumps({"description": "Validation failed", "errors": [{"field": "page"}]})
        wanted = LISTS.get(asked.get("filter", ""), PRESENT)
        found = [ticket for ticket in self.world.tickets.values() if ticket.status in wanted]
        if "updated_since" in asked:
            since = datetime.fromisoformat(asked["updated_since"])
            found = [ticket for ticket in found if ticket.updated_at.replace(microsecond=0) >= since]
        else:
            found = [ticket for ticket in found if ticket.created_at > self.world.now - timedelta(days=30)]
        found.sort(
            key=lambda ticket: ticket.updated_at if asked.get("order_by") == "updated_at" else ticket.created_at,
            reverse=asked.get("order_type", "desc") == "desc",
        )
        rows = [self._shown(ticket, alone=False) for ticket in found[(page - 1) * size : page * size]]
        return self._page(rows, more=len(found) > page * size)

    def show(self, match: re.Match[str]) -> Answer:
        """View a Ticket; an archived one is only where archived ones are. Deleted ones are shown, and say so."""
        ticket = self._find(match)
        return _one(self._shown(ticket, alone=True) if ticket else {}, ticket is not None)

    def conversations(self, request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """List All Conversations of a Ticket: thirty a page; the description is none of them."""
        ticket = self._find(match)
        if ticket is None:
            return 404, {}, ""
        page = int(_query(request).get("page", "1"))
        rows = [_conversation(ticket, message) for message in ticket.messages[1:]]
        if ticket.merged_into:
            rows.append(_merge_note(ticket))
        return self._page(rows[(page - 1) * 30 : page * 30], more=len(rows) > page * 30)

    def search(self, request: requests.PreparedRequest) -> Answer:
        """Filter Tickets: `:>` means from that day on; archived and deleted ones are left out."""
        match = re.fullmatch(r"\"updated_at:>'(\d{4}-\d\d-\d\d)'\"", _query(request)["query"])
        assert match is not None
        day = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
        found = [each for each in self.world.tickets.values() if each.status in PRESENT and each.updated_at >= day]
        return _ok({"results": [], "total": len(found)}, {"X-Ratelimit-Total": "400.0"})

    def update(self, request: requests.PreparedRequest, number: int) -> Answer:
        """Update a Ticket: the tags that are sent replace all there were."""
        ticket = self.world.touch(number)
        sent = json.loads(request.body or "{}")
        assert set(sent) == {"tags"}, "nothing but tags may be changed"
        ticket.tags = list(sent["tags"])
        return _ok(self._shown(ticket, alone=True))

    def write(self, request: requests.PreparedRequest, match: re.Match[str], *, public: bool) -> Answer:
        """Create a Note, which is private unless told otherwise, and Create a Reply, by our own agent if by nobody."""
        ticket, sent = self._find(match), json.loads(request.body or "{}")
        if ticket is None:
            return 404, {}, ""
        assert public or sent["private"] is True
        message = self.world.write(ticket.id, sent.get("user_id", OURSELVES), sent["body"], public=public)
        message.metadata["html"] = True
        return 201, {}, json.dumps(_conversation(ticket, message))

    def send(self, request: requests.PreparedRequest) -> Answer:
        """Create an Outbound Email: a new ticket, closed, of source 10."""
        sent = json.loads(request.body or "{}")
        assert sent["email_config_id"] == MAILBOX
        ticket = self.world.add_ticket(sent["description"])
        ticket.messages[0].metadata["html"] = True
        ticket.status, ticket.tags, ticket.subject, ticket.assignee = "closed", sent["tags"], sent["subject"], None
        ticket.requester = next(number for number in NAMES if _address(number) == sent["email"])
        ticket.fields["source"] = "10"
        return 201, {}, json.dumps(self._shown(ticket, alone=True))

    def _find(self, match: re.Match[str]) -> Ticket | None:
        ticket = self.world.tickets.get(int(match["id"]))
        return ticket if ticket and bool(match["archived"]) == (ticket.status == "archived") else None

    def _shown(self, ticket: Ticket, *, alone: bool) -> dict[str, object]:
        """A ticket; only one that is read alone has a description, and says which tickets it is associated with."""
        tracker = self.trackers.get(ticket.id)
        shown: dict[str, object] = {
            "id": ticket.id,
            "subject": ticket.subject,
            "status": STATUSES[ticket.status],
            "source": int(ticket.fields.get("source", "1")),
            "created_at": _text(ticket.created_at),
            "updated_at": _text(ticket.updated_at),
            "requester_id": ticket.requester,
            "responder_id": ticket.assignee,
            "group_id": GROUP,
            "product_id": PRODUCT,
            "company_id": COMPANY,
            "email_config_id": None,
            "type": None,
            "spam": ticket.status == "spam",
            "tags": ticket.tags,
            "custom_fields": {"cf_version": ticket.fields.get("version"), "cf_urgent": False},
            "association_type": 4 if tracker else None,
            **({"deleted": True} if ticket.status == "deleted" else {}),
        }
        if not alone:
            return {**shown, "associated_tickets_count": None}
        first = ticket.messages[0]
        return {**shown, "description": _html(first), "associated_tickets_list": [tracker] if tracker else None}

    def _page(self, rows: list[dict[str, object]], *, more: bool) -> Answer:
        """A page of a list; the header Link is there where another follows (section Pagination)."""
        headers = {"Date": format_datetime(self.world.now, usegmt=True)}
        if more:
            headers["Link"] = '<https://acme.freshdesk.com/api/v2/somewhere?page=2>;rel="next"'
        return _ok(rows, headers)

    def _agent(self, number: int) -> dict[str, object]:
        """Section Agents, "View an Agent"."""
        contact = {
            "name": NAMES.get(number, ""),
            "email": _address(number),
            "language": "en",
            "time_zone": "Chennai",
            "active": True,
        }
        return {
            "id": number,
            "type": "support_agent",
            "ticket_scope": 1,
            "occasional": False,
            "deactivated": number in self.world.suspended,
            "contact": contact,
        }


def _answering(answer: Callable[[re.Match[str]], Answer]) -> Handler:
    return lambda _, match: answer(match)


def _ok(document: object, headers: dict[str, str] | None = None) -> Answer:
    return 200, headers or {}, json.dumps(document)


def _one(document: object, there: bool) -> Answer:  # noqa: FBT001 -- whether it is there
    return _ok(document) if there else (404, {}, "")


def _query(request: requests.PreparedRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _address(number: int) -> str:
    return f"u{number}@acme.example"


def _html(message: Message) -> str:
    """Notes and replies are HTML, whoever wrote them."""
    if message.metadata.get("html"):
        return message.body
    return f"<div>{'<br>'.join(map(html.escape, message.body.splitlines()))}</div>"


def _contact(number: int) -> dict[str, object]:
    """Section Contacts, "View a Contact"."""
    return {
        "id": number,
        "name": NAMES.get(number, ""),
        "email": _address(number),
        "language": "de",
        "time_zone": "Berlin",
        "company_id": COMPANY,
        "custom_fields": {},
    }


def _company() -> dict[str, object]:
    """Section Companies, "View a Company": some plans give each the field `account_tier`."""
    return {"id": COMPANY, "name": ACCOUNT, "domains": ["acme.example"], "custom_fields": {}, "account_tier": TIER}


def _ticket_fields() -> list[dict[str, object]]:
    """Section Ticket Fields, "List All Ticket Fields"."""
    return [
        {"id": 1, "name": "subject", "label": "Subject", "default": True},
        {"id": 2, "name": "cf_version", "label": "Product version", "default": False},
        {"id": 3, "name": "cf_urgent", "label": "Urgent", "default": False},
    ]


def _mailboxes() -> list[dict[str, object]]:
    """Section Email Configs, "List All Email Configs"."""
    return [
        {"id": MAILBOX + 1, "product_id": PRODUCT, "primary_role": False, "active": True},
        {"id": MAILBOX, "product_id": PRODUCT, "primary_role": True, "active": True},
    ]


def _conversation(ticket: Ticket, message: Message) -> dict[str, object]:
    """Section Conversations, "List All Conversations of a Ticket"."""
    incoming = message.author in (CUSTOMER, OTHER_CUSTOMER)
    return {
        "id": message.id,
        "ticket_id": ticket.id,
        "user_id": message.author,
        "body": _html(message),
        "body_text": message.body,
        "incoming": incoming,
        "private": not message.public,
        "source": 0 if message.public else 2,
        "created_at": _text(message.at),
        "updated_at": _text(message.at),
    }


def _merge_note(ticket: Ticket) -> dict[str, object]:
    """What Freshdesk's own merge leaves on the ticket that it closes, unless the agent words it otherwise."""
    survivor = ticket.merged_into
    return {
        "id": ticket.id * 1000,
        "ticket_id": ticket.id,
        "user_id": AGENT,
        "body": f'This ticket is closed and merged into ticket <a href="/helpdesk/tickets/{survivor}">{survivor}</a>',
        "body_text": f"This ticket is closed and merged into ticket {survivor}",
        "incoming": False,
        "private": True,
        "source": 2,
        "created_at": _text(ticket.updated_at),
        "updated_at": _text(ticket.updated_at),
    }
