"""A Zammad 7 over a world: what its controllers answer, its traps included.

Shapes: docs.zammad.org, api/ticket/index.rst, api/ticket/articles.rst, api/ticket/states.rst, api/ticket/tags.rst,
api/ticket/links.rst, api/user.rst. Behaviour: github.com/zammad/zammad, tickets_controller.rb, renders_models.rb
(`model_search_render`), can_search.rb, selector/sql.rb, can_paginate/pagination.rb, creates_ticket_articles.rb,
tags_controller.rb, links_controller_policy.rb, tickets_controller_policy.rb, ticket_policy.rb, has_user.rb
(`current_user_on_behalf`), ticket.rb (`merge_to`).
"""

import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import responses

from tests.contracts.helpdesk_world import (
    ACCOUNT,
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

ROOT = "https://zammad.example"
TOKEN = "a-token-of-bugbridge"
SYSTEM, GROUP, ORGANIZATION = 1, 2, 7
MOST_PER_PAGE, USUAL_PER_PAGE = 200, 50  # model_search_render: paginate_with(max: 200, default: 50)
OPEN, CLOSED, MERGED = 2, 4, 5
STATES = {
    1: "new",
    OPEN: "open",
    3: "pending reminder",
    CLOSED: "closed",
    MERGED: "merged",
    6: "removed",
    7: "pending action",
}
SENDERS = {"Agent": 1, "Customer": 2, "System": 3}


class ZammadDouble:
    """What may be set is what an administrator may set: who is an agent, and who may act for others."""

    def __init__(self, world: HelpdeskWorld) -> None:
        self.world = world
        self.is_agent = True
        self.may_impersonate = False
        self.access = ["read", "change"]
        self.requests: list[requests.PreparedRequest] = []

    def answer(self, mock: responses.RequestsMock) -> None:
        """Answer every request to this Zammad."""
        api = re.escape(f"{ROOT}/api/v1/")
        routes: list[tuple[str, str, Handler]] = [
            ("GET", r"users/me(?:\?.*)?", self._me),
            ("GET", r"users/(\d+)", self._show_user),
            ("GET", r"tickets/search\?.*", self._search),
            ("GET", r"tickets/(\d+)(?:\?(.*))?", self._show),
            ("GET", r"ticket_states\?expand=true", self._states),
            ("GET", r"ticket_articles/by_ticket/(\d+)", self._articles),
            ("GET", r"organizations/(\d+)", self._organization),
            ("GET", r"tags\?.*", self._tags),
            ("GET", r"links\?.*", self._links),
            ("GET", r"ticket_history/(\d+)", self._history),
            ("POST", r"ticket_articles", self._create),
            ("POST", r"tags/add", self._add_tag),
            ("DELETE", r"tags/remove", self._remove_tag),
        ]
        for method, path, handler in routes:
            serve(mock, self.world, method, api + path, self._guarded(handler))

    def _guarded(self, handler: Handler) -> Handler:
        def guarded(request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
            self.requests.append(request)
            if request.headers.get("Authorization") != f"Token token={TOKEN}":
                return 401, {}, json.dumps({"error": "Can't find User for Token"})
            if request.headers.get("From") and not self.may_impersonate:
                words = "Current user has no permission to use 'From'/'X-On-Behalf-Of'!"
                return 403, {}, json.dumps({"error": words})
            status, _, body = handler(request, match)
            return status, {"Date": format_datetime(self.world.now, usegmt=True)}, body

        return guarded

    def _user_id(self, request: requests.PreparedRequest) -> int:
        return int(request.headers.get("From") or OURSELVES)

    def _me(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        names = {"groups": {"Support": self.access}, "roles": ["Agent"], "organization": None}
        return _json(self._user(self._user_id(request)) | names)

    def _show_user(self, _: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        number = int(match[1])
        if number != SYSTEM and number not in NAMES:
            return _missing("User", number)
        return _json(self._user(number))

    def _search(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """Without a condition everything, newest change first, and no more than 200 whatever is asked for."""
        asked = _asked(request)
        assert "query" not in asked, "a query is answered by Elasticsearch, which this Zammad hasn't got"
        key = "condition[ticket.updated_at]"
        assert asked.get(f"{key}[operator]", "after (absolute)") == "after (absolute)"
        since = asked.get(f"{key}[value]", "0000")
        listed = [ticket for ticket in self.world.tickets.values() if ticket.status != "deleted"]
        found = [ticket for ticket in listed if self.is_agent and _instant(ticket.updated_at) >= since]
        found.sort(key=lambda ticket: (ticket.updated_at, ticket.id), reverse=asked.get("order_by") != "asc,asc")
        if asked.get("only_total_count") == "true":
            return _json({"total_count": len(found)})
        size = min(int(asked.get("per_page", USUAL_PER_PAGE)), MOST_PER_PAGE)
        start = (int(asked.get("page", 1)) - 1) * size
        page = found[start : start + size]
        numbers = [ticket.id for ticket in page]
        return _json({"record_ids": numbers, "assets": self._assets(page), "total_count": len(found)})

    def _show(self, _: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        ticket = self._found(match[1])
        if ticket is None:
            return _missing("Ticket", match[1])
        if match[2] == "full=true":
            return _json({"id": ticket.id, "assets": self._assets([ticket])})
        names = {"group": "Support", "owner": "ada@example.com"} if match[2] == "expand=true" else {}
        return _json(self._ticket(ticket) | names)

    def _states(self, _: requests.PreparedRequest, __: re.Match[str]) -> Answer:
        return _json([{"id": number, "name": f"my {kind}", "state_type": kind} for number, kind in STATES.items()])

    def _articles(self, _: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        ticket = self._found(match[1])
        if ticket is None:
            return _missing("Ticket", match[1])
        merged = [each for each in self.world.tickets.values() if each.merged_into == ticket.id]
        messages = [] if ticket.merged_into else [message for each in (ticket, *merged) for message in each.messages]
        shown = [message for message in messages if message.public or self.is_agent]
        return _json([self._article(ticket.id, message) for message in shown])

    def _organization(self, _: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        return _json({"id": int(match[1]), "name": ACCOUNT, "plan": TIER, "shared": True})

    def _tags(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """Empty for a ticket that isn't there: tags_controller.rb looks at no ticket."""
        ticket = self._found(_asked(request)["o_id"])
        return _json({"tags": ticket.tags if ticket else []})

    def _links(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """A ticket that isn't there is refused, so that nobody learns which there are."""
        ticket = self._found(_asked(request)["link_object_value"])
        if ticket is None or not self.is_agent:
            return 403, {}, json.dumps({"error": "Not authorized"})
        links = [{"link_type": "normal", "link_object": "Ticket", "link_object_value": 41}]
        if ticket.merged_into:
            links.append({"link_type": "parent", "link_object": "Ticket", "link_object_value": ticket.merged_into})
        return _json({"links": links, "assets": {}})

    def _history(self, _: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """Agents alone (tickets_controller_policy.rb)."""
        if not self.is_agent:
            return 403, {}, json.dumps({"error": "Not authorized"})
        return _json({"history": [], "assets": {}}) if self._found(match[1]) else _missing("Ticket", match[1])

    def _create(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """Customers' articles are public, whatever they ask for; e-mails are sent, internal or not."""
        asked: dict[str, Any] = json.loads(request.body or "")
        ticket = self._found(asked["ticket_id"])
        if ticket is None:
            return _missing("Ticket", asked["ticket_id"])
        if self.is_agent and "change" not in self.access:
            return 403, {}, json.dumps({"error": "Not authorized"})
        if asked["type"] == "email" and "@" not in asked.get("to", ""):
            return 422, {}, json.dumps({"error": "Sending an email without a valid recipient is not possible."})
        public = not (self.is_agent and asked.get("internal"))
        message = self.world.write(ticket.id, self._user_id(request), asked["body"], public=public)
        message.metadata = {"preferences": asked.get("preferences", {}), "type": asked["type"], "to": asked.get("to")}
        status, headers, body = _json(self._article(ticket.id, message))
        return 201 if status else status, headers, body

    def _add_tag(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        asked = json.loads(request.body or "")
        ticket = self.world.tickets[asked["o_id"]]
        if asked["item"] not in ticket.tags:
            self.world.touch(ticket.id).tags.append(asked["item"])
        return 201, {}, "true"

    def _remove_tag(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """Even taking off what isn't there touches the ticket (tag.rb, `tag_remove`)."""
        asked = json.loads(request.body or "")
        ticket = self.world.touch(asked["o_id"])
        ticket.tags = [tag for tag in ticket.tags if tag != asked["item"]]
        return 200, {}, "true"

    def _found(self, number: object) -> Ticket | None:
        ticket = self.world.tickets.get(int(str(number)))
        return None if ticket is None or ticket.status == "deleted" else ticket

    def _assets(self, tickets: list[Ticket]) -> dict[str, Any]:
        """People and organisations beside the tickets; neither groups nor states nor tags (ticket/assets.rb)."""
        people = {number for ticket in tickets for number in (ticket.requester, ticket.assignee or SYSTEM)}
        return {
            "Ticket": {str(ticket.id): self._ticket(ticket) for ticket in tickets},
            "User": {str(number): self._user(number) for number in people},
            "Organization": {str(ORGANIZATION): {"id": ORGANIZATION, "name": ACCOUNT, "plan": TIER, "shared": True}},
        }

    def _ticket(self, ticket: Ticket) -> dict[str, Any]:
        state = {"open": OPEN, "solved": CLOSED, "closed": CLOSED}[ticket.status]
        return {
            "id": ticket.id,
            "group_id": GROUP,
            "priority_id": 2,
            "state_id": MERGED if ticket.merged_into else state,
            "organization_id": ORGANIZATION if ticket.requester == CUSTOMER else None,
            "number": f"2200{ticket.id}",
            "title": ticket.subject,
            "owner_id": SYSTEM if ticket.merged_into else ticket.assignee or SYSTEM,
            "customer_id": ticket.requester,
            "note": None,
            "article_count": len(ticket.messages),
            "escalation_at": None,
            "type": None,
            "preferences": {},
            "created_at": _instant(ticket.created_at),
            "updated_at": _instant(ticket.updated_at),
            "article_ids": [message.id for message in ticket.messages],
            **ticket.fields,
        }

    def _user(self, number: int) -> dict[str, Any]:
        first, _, last = NAMES.get(number, "-").partition(" ")
        is_customer = number in (CUSTOMER, OTHER_CUSTOMER)
        return {
            "id": number,
            "login": f"{first.lower()}@example.com",
            "firstname": first,
            "lastname": last,
            "email": "" if number == SYSTEM else f"{first.lower()}@example.com",
            "organization_id": ORGANIZATION if number == CUSTOMER else None,
            "active": number != SYSTEM and number not in self.world.suspended,
            "preferences": {"locale": "pt-br"} if is_customer else {"locale": "en-us"},
            "role_ids": [3] if is_customer else [2],
        }

    def _article(self, number: int, message: Message) -> dict[str, Any]:
        """Rules write as the system itself, under the sender System (perform_changes/action/article_note.rb)."""
        sender = {CUSTOMER: "Customer", OTHER_CUSTOMER: "Customer", ROBOT: "System"}.get(message.author, "Agent")
        author = SYSTEM if message.author == ROBOT else message.author
        return {
            "id": message.id,
            "ticket_id": number,
            "type_id": 10,
            "sender_id": SENDERS[sender],
            "from": NAMES[message.author],
            "to": message.metadata.get("to"),
            "subject": None,
            "content_type": "text/plain",
            "body": message.body,
            "internal": not message.public,
            "preferences": message.metadata.get("preferences", {}),
            "created_by_id": author,
            "updated_by_id": author,
            "origin_by_id": None,
            "created_at": _instant(message.at),
            "type": message.metadata.get("type", "note"),
            "sender": sender,
            "created_by": "somebody@example.com",
        }


def _asked(request: requests.PreparedRequest) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url or "").query))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(document: object) -> Answer:
    return 200, {}, json.dumps(document)


def _missing(kind: str, number: object) -> Answer:
    return 404, {}, json.dumps({"error": f"Couldn't find {kind} with 'id'={number}"})
