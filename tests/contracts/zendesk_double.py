"""Zendesk's documented answers over the neutral world, with its nasty sides: small pages, the last minute left out, a
merge that only a comment names, whole seconds, sideloads only where asked for.

Pages meant by [name], below https://developer.zendesk.com/api-reference/ticketing/: [tickets] tickets/tickets,
[comments] tickets/ticket_comments, [audits] tickets/ticket_audits, [fields] tickets/ticket_fields, [tags]
ticket-management/tags, [export] ticket-management/incremental_exports, [search] ticket-management/search, [users]
users/users, [organizations] organizations/organizations, [groups] groups/groups, [links] jira/links; and [via], the
"Via object reference".
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
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
    START,
    TIER,
    Answer,
    HelpdeskWorld,
    Message,
    Ticket,
    serve,
)

BASE = "https://acme.zendesk.com"
ORGANIZATION, GROUP, FIELD = 509974, 501, 601
FIELDS: list[dict[str, object]] = [{"id": FIELD, "title": "Severity", "type": "text"}]  # [fields]
LONGEST_PAGE = 2  # Zendesk's are 100 and 1000; small ones meet their borders
Asked = dict[str, str]
Reading = Callable[[Asked, re.Match[str]], object]


class Refused(Exception):  # noqa: N818 -- an answer of the double, not a fault of the test
    """An error that Zendesk answers."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


class ZendeskDouble:
    """Answers from the world; `merge_comments` are the messages that a merge left."""

    def __init__(self, world: HelpdeskWorld) -> None:
        self.world = world
        self.merge_comments: set[int] = set()
        self.links: list[dict[str, object]] = []
        self.role = "admin"
        self.before_writing: Callable[[], object] = lambda: None
        self._created: dict[str, Ticket] = {}

    def serve(self, mock: responses.RequestsMock) -> None:
        """Answer all that BugBridge asks."""
        reads: dict[str, Reading] = {
            r"users/me\.json": lambda _, __: {"user": self._user(OURSELVES)},
            r"users/show_many\.json": lambda asked, _: {"users": [self._user(number) for number in _numbers(asked)]},
            r"organizations/show_many\.json": lambda _, __: {"organizations": [_organization()]},
            r"incremental/tickets/cursor\.json": self._export,
            r"search/count\.json": self._count,
            r"ticket_fields\.json": lambda asked, _: _page(
                "ticket_fields", [{"id": FIELD, "title": "Severity"}], asked
            ),
            r"jira/links": lambda asked, _: _page("links", self.links, asked),
            r"tickets/(\d+)\.json": self._show,
            r"tickets/(\d+)/comments\.json": self._comments,
            r"tickets/(\d+)/audits\.json": self._audits,
        }
        for path, reading in reads.items():
            self._serve(mock, "GET", path, reading)
        self._serve(mock, "PUT", r"tickets/(\d+)\.json", self._update)
        self._serve(mock, "POST", r"tickets\.json", self._create)
        self._serve(mock, "PUT", r"tickets/(\d+)/tags\.json", lambda body, match: self._tag(body, match, on=True))
        self._serve(mock, "DELETE", r"tickets/(\d+)/tags\.json", lambda body, match: self._tag(body, match, on=False))

    def _serve(self, mock: responses.RequestsMock, method: str, path: str, handler: Callable[..., object]) -> None:
        def answer(request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
            query = {name: values[0] for name, values in parse_qs(urlsplit(request.url or "").query).items()}
            asked = query if method == "GET" else json.loads(request.body or "{}")
            if method != "GET":
                self.before_writing()
            if method == "POST":
                asked["key"] = request.headers["Idempotency-Key"]
            try:
                return 200, {"X-Rate-Limit": "400"}, json.dumps(handler(asked, match))
            except Refused as refused:
                return refused.status, {}, json.dumps({"error": str(refused)})

        serve(mock, self.world, method, rf"{re.escape(BASE)}/api/v2/{path}(?:\?.*)?$", answer)

    def _export(self, asked: Asked, _: re.Match[str]) -> object:
        """[export]: by (second of change, number), without the last minute; deleted tickets are in it."""
        start = (int(asked.get("start_time", 0)), 0)
        if "cursor" in asked:
            second, _, number = asked["cursor"].partition("|")
            start = (int(second), int(number))
        elif self.world.now.timestamp() - start[0] < 60:
            raise Refused(422, "StartTimeTooRecent")
        seen = [
            each for each in self.world.tickets.values() if each.updated_at <= self.world.now - timedelta(minutes=1)
        ]
        placed = sorted((int(each.updated_at.timestamp()), each.id) for each in seen)
        waiting = [place for place in placed if place > start]
        page = waiting[:LONGEST_PAGE]
        second, number = page[-1] if page else start
        tickets = [self.world.tickets[number] for _, number in page]
        return {
            **self._with_sideloads("tickets", [self._ticket(each) for each in tickets], asked),
            "after_cursor": f"{second}|{number}",
            "end_of_stream": len(waiting) <= LONGEST_PAGE,
        }

    def _count(self, asked: Asked, _: re.Match[str]) -> object:
        """[search], "Show Results Count": deleted tickets aren't found."""
        since = re.fullmatch(r"type:ticket(?: updated>=(\S+))?", asked["query"])
        assert since is not None
        start = datetime.fromisoformat(since[1]) if since[1] else START
        tickets = self.world.tickets.values()
        return {"count": sum(each.updated_at >= start and each.status != "deleted" for each in tickets)}

    def _show(self, asked: Asked, match: re.Match[str]) -> object:
        """[tickets], "Show Ticket": a deleted one is not found."""
        return self._with_sideloads("ticket", self._ticket(self._found(match)), asked)

    def _comments(self, asked: Asked, match: re.Match[str]) -> object:
        """[comments], with include=users."""
        page = _page("comments", [self._comment(each) for each in self._found(match).messages], asked)
        return {**page, "users": [self._user(number) for number in NAMES]} if asked.get("include") == "users" else page

    def _audits(self, asked: Asked, match: re.Match[str]) -> object:
        """[audits]: by cursor only with the boundary indicators."""
        assert asked["include_boundary_indicators"] == "true"
        return _page("audits", [self._audit(each) for each in self._found(match).messages], asked)

    def _update(self, body: dict[str, dict[str, object]], match: re.Match[str]) -> object:
        """[tickets], "Update Ticket" and "Protecting against ticket update collisions"."""
        ticket, asked = self._changeable(match, body["ticket"]), body["ticket"]
        return self._wrote(ticket, asked)

    def _create(self, body: dict[str, object], _: re.Match[str]) -> object:
        """[tickets], "Create Ticket" and "Create Follow-up Ticket"; a repeated key creates nothing."""
        asked, key = body["ticket"], str(body["key"])
        assert isinstance(asked, dict)
        if key in self._created:
            ticket = self._created[key]
            return {"ticket": self._ticket(ticket), "audit": self._audit(ticket.messages[0])}
        source = self.world.tickets[asked["via_followup_source_id"]]
        if source.status != "closed":
            raise Refused(422, "RecordInvalid")
        at = self.world.minute()
        number = self.world.number()
        ticket = Ticket(number, at, at, asked["requester_id"], asked.get("assignee_id"), followup_of=source.id)
        ticket.tags = list(asked.get("tags", source.tags))
        self.world.tickets[number] = self._created[key] = ticket
        return self._wrote(ticket, asked)

    def _tag(self, body: dict[str, object], match: re.Match[str], *, on: bool) -> object:
        """[tags], "Add Tags" and "Remove Tags", both with "Safe Update"."""
        assert body["safe_update"] == "true"
        ticket, given = self._changeable(match, body), body["tags"]
        assert isinstance(given, list)
        others = [tag for tag in ticket.tags if tag not in given]
        self.world.change(ticket.id, tags=[*others, *given] if on else others)
        return {"tags": ticket.tags}

    def _wrote(self, ticket: Ticket, asked: dict[str, object]) -> object:
        comment, custom = asked["comment"], asked["metadata"]
        assert isinstance(comment, dict)
        assert isinstance(custom, dict)
        author = comment.get("author_id", OURSELVES)
        if author != OURSELVES and self.role != "admin":
            raise Refused(403, "Forbidden")
        message = self.world.write(ticket.id, author, comment["body"], public=comment["public"])
        message.metadata = custom
        return {"ticket": self._ticket(ticket), "audit": self._audit(message)}

    def _found(self, match: re.Match[str]) -> Ticket:
        ticket = self.world.tickets.get(int(match[1]))
        if ticket is None or ticket.status == "deleted":
            raise Refused(404, "RecordNotFound")
        return ticket

    def _changeable(self, match: re.Match[str], asked: dict[str, object]) -> Ticket:
        ticket = self._found(match)
        if ticket.status == "closed":
            raise Refused(422, "RecordInvalid")
        if asked["updated_stamp"] != _zulu(ticket.updated_at):
            raise Refused(409, "UpdateConflict")
        return ticket

    def _with_sideloads(self, name: str, shown: object, asked: Asked) -> dict[str, object]:
        """[tickets], "Sideloads"."""
        sides: dict[str, object] = {
            "users": [self._user(number) for number in NAMES],
            "groups": [{"id": GROUP, "name": "Support"}],  # [groups]
            "organizations": [_organization()],
        }
        wanted = asked.get("include", "").split(",")
        return {name: shown, **{side: found for side, found in sides.items() if side in wanted}}

    def _ticket(self, ticket: Ticket) -> dict[str, object]:
        """[tickets], "JSON format"; a follow-up's origin as in [via]."""
        origin = {"ticket_id": ticket.followup_of, "subject": ticket.subject}
        source = {"from": origin, "to": {}, "rel": "follow_up"} if ticket.followup_of else {"from": {}, "rel": None}
        return {
            "id": ticket.id,
            "status": ticket.status,
            "subject": ticket.subject,
            "type": "incident",
            "problem_id": None,
            "created_at": _zulu(ticket.created_at),
            "updated_at": _zulu(ticket.updated_at),
            "requester_id": ticket.requester,
            "assignee_id": ticket.assignee,
            "organization_id": ORGANIZATION,
            "group_id": GROUP,
            "brand_id": 1,
            "tags": ticket.tags,
            "custom_fields": [{"id": FIELD, "value": ticket.fields.get("Severity")}],
            "via": {"channel": "api" if ticket.followup_of else "email", "source": source},
        }

    def _comment(self, message: Message) -> dict[str, object]:
        """[comments], "JSON format"; who wrote through which channel as in [via]."""
        channels = {CUSTOMER: "email", OTHER_CUSTOMER: "email", AGENT: "web", ROBOT: "api", OURSELVES: "api"}
        merged = "merge" if message.id in self.merge_comments else None
        return {
            "id": message.id,
            "type": "Comment",
            "author_id": message.author,
            "body": message.body,
            "public": message.public,
            "created_at": _zulu(message.at),
            "via": {
                "channel": "api" if message.metadata else channels[message.author],
                "source": {"from": {}, "to": {}, "rel": merged},
            },
        }

    def _audit(self, message: Message) -> dict[str, object]:
        """[audits], "JSON format": the update is by whoever signed in, its comment by the author whom they named."""
        return {
            "id": message.id + 1_000_000,
            "author_id": OURSELVES if message.metadata else message.author,
            "created_at": _zulu(message.at),
            "metadata": {"system": {}, "custom": message.metadata},
            "events": [{"id": 7, "type": "Change"}, self._comment(message)],
        }

    def _user(self, number: int) -> dict[str, object]:
        """[users], "JSON format"."""
        roles = {AGENT: "agent", ROBOT: "agent", OURSELVES: self.role}
        role = roles.get(number, "end-user")
        return {
            "id": number,
            "name": NAMES[number],
            "email": f"u{number}@acme.example",
            "role": role,
            "locale": "de",
            "iana_time_zone": "Europe/Berlin",
            "organization_id": ORGANIZATION if role == "end-user" else None,
            "tags": [],
            "suspended": number in self.world.suspended,
        }


def _organization() -> dict[str, object]:
    """[organizations], "JSON format"."""
    return {"id": ORGANIZATION, "name": ACCOUNT, "tags": ["emea"], "organization_fields": {"tier": TIER}}


def _page(name: str, items: list[dict[str, object]], asked: Asked) -> dict[str, object]:
    """Cursor pagination as in https://developer.zendesk.com/api-reference/introduction/pagination/."""
    start = int(asked.get("page[after]", 0))
    end = start + min(int(asked["page[size]"]), LONGEST_PAGE)
    more = end < len(items)
    return {name: items[start:end], "meta": {"has_more": more, "after_cursor": str(end) if more else None}}


def _numbers(asked: Asked) -> list[int]:
    return [int(number) for number in asked["ids"].split(",")]


def _zulu(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
