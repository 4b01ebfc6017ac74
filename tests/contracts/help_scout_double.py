"""A Help Scout over a neutral world, as its documentation describes it, nasty sides included.

Pages are named as in tests/helpdesks/help_scout_answers.py: lists show active conversations alone unless told otherwise
and are cut into short pages ([list]), merged conversations answer 301 when read and 404 else ([get], [note]), a reply
without a status opens its conversation ([reply]), tags are replaced ([tags]), a full conversation answers 412 ([note]).
"""

import json
import re
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses

from tests.contracts.helpdesk_world import (
    AGENT,
    CUSTOMER,
    NAMES,
    OTHER_CUSTOMER,
    OURSELVES,
    TIER,
    Answer,
    HelpdeskWorld,
    Message,
    Ticket,
    serve,
)
from tests.helpdesks import help_scout_answers as answers

PAGE_SIZE = 2  # short, so that every list has borders
STATUSES = {"open": "active", "solved": "closed", "closed": "closed"}
WORLD_STATUSES = {"active": "open", "closed": "solved"}
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
RANGE = re.compile(r"\(modifiedAt:\[(?P<since>\S+) TO (?P<until>\S+)\]\)")
CUSTOMERS = (CUSTOMER, OTHER_CUSTOMER)
NOT_FOUND: Answer = (404, {}, json.dumps({"message": "Not Found", "status": 404}))
Match = re.Match[str]
Request = requests.PreparedRequest


class HelpScoutDouble:
    """Answers what the adapter asks."""

    def __init__(self, mock: responses.RequestsMock, world: HelpdeskWorld) -> None:
        self.world = world
        one = rf"{answers.CONVERSATIONS}/(?P<number>\d+)"
        for method, pattern, handler in (
            ("POST", answers.TOKENS, self.token),
            ("GET", rf"{answers.API}/v2/users/me", self.me),
            ("GET", rf"{answers.API}/v2/mailboxes\?.*", self.mailboxes),
            ("GET", rf"{answers.API}/v2/customers/(?P<number>\d+)", self.customer),
            ("GET", rf"{answers.API}/v2/organizations/35\?includeProperties=true", self.company),
            ("GET", rf"{answers.API}/v2/organizations/properties", self.company_properties),
            ("GET", rf"{answers.API}/v2/customer-properties", self.customer_properties),
            ("GET", rf"{answers.CONVERSATIONS}\?.*", self.conversations),
            ("POST", answers.CONVERSATIONS, self.create),
            ("GET", one, self.conversation),
            ("GET", rf"{one}/threads\?.*", self.threads),
            ("POST", rf"{one}/(?P<what>notes|reply)", self.write),
            ("PUT", rf"{one}/tags", self.replace_tags),
        ):
            serve(mock, world, method, f"{pattern}$", handler)

    def token(self, request: Request, _match: Match) -> Answer:
        """[tokens]; JSON in place of a form is refused (docs/api-reference.md of wavyx/hscli)."""
        form = parse_qs(str(request.body))
        if form != {"grant_type": ["client_credentials"], "client_id": ["app"], "client_secret": ["hush"]}:
            return 400, {}, json.dumps({"error": "invalid_request"})
        return self.found({"token_type": "bearer", "access_token": "token", "expires_in": 172_800})

    def me(self, _request: Request, _match: Match) -> Answer:
        """[me]."""
        return self.found(answers.me(id=OURSELVES))

    def mailboxes(self, _request: Request, _match: Match) -> Answer:
        """[mailboxes]."""
        return self.found(answers.listing("mailboxes", [{"id": answers.INBOX, "name": "Support"}]))

    def customer(self, _request: Request, match: Match) -> Answer:
        """[customer]."""
        first, _, last = NAMES[int(match["number"])].partition(" ")
        return self.found(answers.customer(int(match["number"]), firstName=first, lastName=last))

    def company(self, _request: Request, _match: Match) -> Answer:
        """[company]."""
        return self.found(answers.company(TIER))

    def company_properties(self, _request: Request, _match: Match) -> Answer:
        """[properties]."""
        plan = {"type": "dropdown", "slug": "plan", "name": "Plan"}
        return self.found({"_embedded": {"organization-properties": [plan]}})

    def customer_properties(self, _request: Request, _match: Match) -> Answer:
        """As [properties], for customers; a list without items."""
        return self.found({"_links": {}})

    def conversations(self, request: Request, _match: Match) -> Answer:
        """[list]: filtered and sorted by an instant that isn't shown; deleted and merged ones are not there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
        listed = [ticket for ticket in self.world.tickets.values() if self.is_there(ticket)]
        if asked.get("status", "active") != "all":
            listed = [ticket for ticket in listed if STATUSES[ticket.status] == asked.get("status", "active")]
        if "modifiedSince" in asked:
            listed = [ticket for ticket in listed if ticket.updated_at >= instant(asked["modifiedSince"])]
        if "query" in asked:
            window = RANGE.fullmatch(asked["query"])
            assert window, asked["query"]
            since, until = instant(window["since"]), instant(window["until"])
            listed = [ticket for ticket in listed if since <= ticket.updated_at <= until]
        key = "updated_at" if asked.get("sortField") == "modifiedAt" else "created_at"
        listed.sort(key=lambda ticket: getattr(ticket, key), reverse=asked.get("sortOrder", "desc") == "desc")
        return self.page("conversations", [self.shown(ticket) for ticket in listed], int(asked.get("page", "1")))

    def conversation(self, _request: Request, match: Match) -> Answer:
        """[get], and "Moved or merged conversations"."""
        ticket = self.world.tickets.get(int(match["number"]))
        if ticket is not None and ticket.merged_into:
            return 301, {"Location": f"{answers.CONVERSATIONS}/{ticket.merged_into}"}, ""
        return self.found(self.shown(ticket)) if ticket and self.is_there(ticket) else NOT_FOUND

    def threads(self, request: Request, match: Match) -> Answer:
        """[threads]: newest first, with line items and drafts between them."""
        ticket = self.world.tickets.get(int(match["number"]))
        if ticket is None or not self.is_there(ticket):
            return NOT_FOUND
        shown = [self.shown_thread(message) for message in self.messages(ticket)]
        user = answers.by_user(AGENT, "web")
        draft = answers.thread(1, "reply", "not yet sent", state="draft", **user)
        line = answers.thread(2, "lineitem", "", action={"type": "default", "text": "Ada assigned to herself"}, **user)
        page = int(parse_qs(urlsplit(str(request.url)).query)["page"][0])
        return self.page("threads", [draft, line, *reversed(shown)], page)

    def write(self, request: Request, match: Match) -> Answer:
        """[note] and [reply]: 404 for merged ones, 412 for a full one."""
        ticket, sent = self.world.tickets.get(int(match["number"])), json.loads(request.body or "{}")
        if ticket is None or not self.is_there(ticket):
            return NOT_FOUND
        if ticket.status == "closed":  # as the world calls what takes no more messages
            return 412, {}, json.dumps({"message": "Conversation is locked", "status": 412})
        is_reply = match["what"] == "reply"
        status = sent.get("status", "active" if is_reply else None)
        if is_reply and (sent["customer"] != {"id": ticket.requester} or sent.get("draft")):
            return 400, {}, json.dumps({"message": "Bad request"})
        message = self.world.write(ticket.id, sent.get("user", OURSELVES), sent["text"], public=is_reply)
        message.metadata["api"] = True
        ticket.status = WORLD_STATUSES.get(status, ticket.status)
        ticket.assignee = sent.get("assignTo", ticket.assignee)
        return 201, {"Resource-ID": str(message.id)}, ""

    def create(self, request: Request, _match: Match) -> Answer:
        """[create]."""
        sent = json.loads(request.body or "{}")
        at = self.world.minute()
        customer, assignee = sent["customer"]["id"], sent["assignTo"]
        ticket = Ticket(self.world.number(), at, at, customer, assignee, sent["subject"], "solved")
        ticket.status = WORLD_STATUSES[sent["status"]]
        for each in sent["threads"]:
            author = sent.get("user", OURSELVES)
            message = Message(self.world.number(), author, each["text"], at, public=True)
            message.metadata["api"] = True
            ticket.messages.append(message)
        self.world.tickets[ticket.id] = ticket
        return 201, {"Resource-ID": str(ticket.id)}, ""

    def replace_tags(self, request: Request, match: Match) -> Answer:
        """[tags]: what isn't sent is gone; names are in lower case."""
        ticket = self.world.touch(int(match["number"]))
        ticket.tags = [name.lower() for name in json.loads(request.body or "{}")["tags"]]
        return 204, {}, ""

    def is_there(self, ticket: Ticket) -> bool:
        """Whether a conversation can be listed and written on."""
        return ticket.status != "deleted" and ticket.merged_into is None

    def messages(self, ticket: Ticket) -> list[Message]:
        """Give a conversation's messages with those of what was merged into it."""
        merged = [each for each in self.world.tickets.values() if each.merged_into == ticket.id]
        return [message for each in (*merged, ticket) for message in each.messages]

    def shown(self, ticket: Ticket) -> dict[str, Any]:
        """[get]."""
        first, _, last = NAMES[ticket.requester].partition(" ")
        assignee = answers.person(ticket.assignee, "user", *NAMES[ticket.assignee].split()) if ticket.assignee else None
        return answers.conversation(
            ticket.id,
            threads=len(self.messages(ticket)),
            status=STATUSES[ticket.status],
            subject=ticket.subject,
            assignee=assignee,
            createdBy=answers.person(CUSTOMER, "customer", "Carla", "Customer"),
            primaryCustomer=answers.person(ticket.requester, "customer", first, last),
            createdAt=f"{ticket.created_at:{INSTANT}}",
            userUpdatedAt=f"{ticket.updated_at:{INSTANT}}",
            tags=[{"id": 9150, "color": "#929499", "tag": name} for name in ticket.tags],
        )

    def shown_thread(self, message: Message) -> dict[str, Any]:
        """[threads]; what people write is HTML there."""
        at = {"createdAt": f"{message.at:{INSTANT}}"}
        by_api = message.metadata.get("api")
        body = message.body if by_api else escape(message.body).replace("\n", "<br>\n")
        if message.author in CUSTOMERS:
            author = answers.person(message.author, "customer", *NAMES[message.author].split())
            return answers.thread(message.id, "customer", body, createdBy=author, **at)
        people = message.author == AGENT and not by_api
        kind = "message" if message.public else "note"
        return answers.thread(
            message.id, kind, body, **at, **answers.by_user(message.author, "web" if people else "api")
        )

    def page(self, name: str, items: list[dict[str, Any]], number: int) -> Answer:
        """[list]: a page of Help Scout's own length."""
        pages = -(-len(items) // PAGE_SIZE)
        shown = items[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return self.found(answers.listing(name, shown, len(items), number, pages))

    def found(self, document: dict[str, Any]) -> Answer:
        """An answer with the server's clock and limit ([limits])."""
        headers = answers.dated(self.world.now, **{"X-RateLimit-Limit-Minute": "400"})
        return 200, headers, json.dumps(document)


def instant(text: str) -> datetime:
    """Read an instant; one with parts of a second is refused (docs/api-reference.md of wavyx/hscli)."""
    return datetime.strptime(f"{text}+0000", f"{INSTANT}%z")
