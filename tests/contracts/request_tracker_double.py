"""Request Tracker over the library `responses`: it reads the TicketSQL and TransactionSQL that it is asked with.

Shapes and behaviour were looked at on a running RT 5.0.3; where they stand in its source is said beside each part.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

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
    HelpdeskWorld,
    Message,
    Ticket,
    serve,
)

URL = "https://rt.example/rt"
REST = re.escape(f"{URL}/REST/2.0/")
TOKEN = f"1-{OURSELVES}-7a58a2dcbffecc644280c9cddbffafd6"
LOGINS = {
    CUSTOMER: "carla@acme.example",
    OTHER_CUSTOMER: "chris@acme.example",
    AGENT: "ada",
    ROBOT: "robot",
    OURSELVES: "bugbridge",
}
STATUSES = {"open": "open", "solved": "resolved", "closed": "rejected", "deleted": "deleted"}
REOPENED = {"solved", "closed"}
LONGEST_PAGE = 100
WORDS = re.compile(r"'(?:\\.|[^'\\])*'|>=|<=|!=|[=<>()]|\w+")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "LIKE": lambda one, other: other in one,
}
Row = dict[str, Any]
Asked = dict[str, str]


class Condition:
    """A query in RT's own language, as lib/RT/SQL.pm reads it: AND binds as OR does, so both need brackets to mix."""

    def __init__(self, query: str) -> None:
        self._words = WORDS.findall(query)

    def holds(self, row: Row) -> bool:
        """Tell whether a row is found. Fails for a field that RT doesn't know."""
        words = iter(self._words)
        return self._group(words, row)

    def _group(self, words: Any, row: Row) -> bool:
        held, joint, joints = True, "AND", set()
        for word in words:
            if word == ")":
                break
            if word in {"AND", "OR"}:
                joint = word
                joints.add(word)
                continue
            one = self._group(words, row) if word == "(" else self._compared(row[word], next(words), next(words))
            held = (held and one) if joint == "AND" else (held or one)
        assert len(joints) < 2, "brackets are missing"
        return held

    def _compared(self, value: Any, operator: str, written: str) -> bool:
        wanted: Any = re.sub(r"\\(.)", r"\1", written[1:-1]) if written.startswith("'") else int(written)
        return COMPARISONS[operator](value, wanted)


class RequestTrackerDouble:
    """Shows a world as RT does, and changes it as RT would."""

    def __init__(self, mock: responses.RequestsMock, world: HelpdeskWorld) -> None:
        self.world = world
        self.vanishings: list[Row] = []
        for method, path, handler in (
            ("GET", r"user/(?P<who>[^?/]+)", self._user),
            ("GET", r"users\?.*", self._users),
            ("GET", r"queues/all\?.*", self._queues),
            ("GET", r"tickets\?.*", self._tickets),
            ("GET", r"transactions\?.*", self._transactions),
            ("GET", r"ticket/(?P<number>\d+)(?:\?.*)?", self._ticket),
            ("PUT", r"ticket/(?P<number>\d+)", self._change),
            ("POST", r"ticket/(?P<number>\d+)/(?P<how>comment|correspond)", self._write),
            ("GET", r"ticket/(?P<number>\d+)/history\?.*", self._history),
            ("GET", r"ticket/(?P<number>\d+)/attachments\?.*", self._attachments),
        ):
            serve(mock, world, method, f"{REST}{path}$", handler)

    def delete(self, number: int) -> None:
        """As RT::Ticket does: the status is a transaction, and no search shows the ticket any more."""
        self.world.change(number, status="deleted")
        self._vanishing(number, Type="Status", Field="Status", NewValue="deleted")

    def merge(self, number: int, survivor: int) -> None:
        """As RT::Ticket::MergeInto does: the merged ticket's own date stays, both tickets get a transaction."""
        self.world.touch(survivor)
        self.world.tickets[number].merged_into = survivor
        address = f"fsck.com-rt://support.example/ticket/{survivor}"
        for each in (number, survivor):
            self._vanishing(each, Type="AddLink", Field="MergedInto", NewValue=address)

    def _vanishing(self, number: int, **values: str) -> None:
        row = {"id": self.world.number(), "ObjectType": "RT::Ticket", "ObjectId": number, "Created": self.world.now}
        self.vanishings.append({**row, **values})

    def _user(self, _: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """RT::REST2::Resource::User: others are shown by UserSummaryExtraInfo alone; only our own zone is told."""
        who = unquote(match["who"])
        number = next((number for number, login in LOGINS.items() if who in {login, str(number)}), None)
        if number is None:
            return answered({"message": "Not Found"}, 404)
        privileged = int(number not in {CUSTOMER, OTHER_CUSTOMER})
        shown: Row = {"Name": LOGINS[number], "RealName": NAMES[number], "Privileged": privileged}
        if number == OURSELVES:
            shown |= {"id": number, "Timezone": "UTC", "_hyperlinks": [{"ref": "customfield", "name": "Tier"}]}
        return answered(shown)

    def _users(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        asked = query_of(request)
        (wanted,) = json.loads(asked["query"])
        rows = [person(number) for number, login in LOGINS.items() if login == wanted["value"]]
        return listed([chosen(row, asked) for row in rows], total=len(rows))

    def _queues(self, _: requests.PreparedRequest, __: re.Match[str]) -> Answer:
        return listed([{"id": "3", "type": "queue", "Name": "Support"}], total=1)

    def _tickets(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """RT::Tickets: deleted ones are never found, merged ones only if the query asks for EffectiveId."""
        asked = query_of(request)
        condition = Condition(asked["query"])
        found = [
            ticket
            for ticket in self.world.tickets.values()
            if ticket.status != "deleted"
            and (ticket.merged_into is None or "EffectiveId" in asked["query"])
            and condition.holds(
                {
                    "id": ticket.id,
                    "EffectiveId": ticket.merged_into or ticket.id,
                    "LastUpdated": sql(ticket.updated_at),
                    "Queue": "Support",
                }
            )
        ]
        found.sort(key=lambda ticket: (ticket.updated_at if "LastUpdated" in (request.url or "") else 0, ticket.id))
        ordered = found[::-1] if "order=DESC" in (request.url or "") else found
        return listed([chosen(self._shown(ticket), asked) for ticket in cut(ordered, asked)], total=len(found))

    def _transactions(self, request: requests.PreparedRequest, _: re.Match[str]) -> Answer:
        """RT::Transactions: the ticket's own columns can be asked for too; there is never a total."""
        asked = query_of(request)
        condition = Condition(asked["query"])
        rows = []
        for row in self.vanishings:
            ticket = self.world.tickets[row["ObjectId"]]
            joined = {
                **row,
                "Created": sql(row["Created"]),
                "TicketStatus": STATUSES[ticket.status],
                "TicketLastUpdated": sql(ticket.updated_at),
                "TicketQueue": "Support",
            }
            if condition.holds(joined):
                rows.append({**row, "id": str(row["id"]), "Created": w3c(row["Created"])})
        return listed([chosen(row, asked) for row in cut(rows, asked)])

    def _ticket(self, request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """RT::REST2::Resource::Ticket: a merged ticket is its survivor; requestors are only named."""
        ticket = self._survivor(match)
        if ticket is None:
            return answered({"message": "Not Found"}, 404)
        shown = {**self._shown(ticket), "id": ticket.id, "EffectiveId": {"id": str(ticket.id), "type": "ticket"}}
        shown["Requestor"] = [{"id": LOGINS[ticket.requester], "type": "user"}]
        return answered(expanded(shown, query_of(request)), headers={"ETag": version(ticket)})

    def _change(self, request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """RT::REST2::Util::update_custom_fields: all values of a field are replaced; here If-Match counts."""
        ticket = self._survivor(match)
        assert ticket is not None
        if request.headers.get("If-Match", version(ticket)) != version(ticket):
            return answered({"message": "Precondition Failed"}, 412)
        document = json.loads(request.body or "")
        assert set(document) == {"CustomFields"}, "a PUT of links would take all other links away (trap 18)"
        self.world.touch(ticket.id).tags[:] = document["CustomFields"]["3"]
        return answered(["Tags changed"])

    def _write(self, request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """RT::REST2::Resource::Message; a reply runs the scrip "On Correspond Open Inactive Tickets"."""
        ticket = self._survivor(match)
        assert ticket is not None
        document = json.loads(request.body or "")
        is_reply = match["how"] == "correspond"
        message = self.world.write(ticket.id, OURSELVES, document["Content"], public=is_reply)
        if is_reply and ticket.status in REOPENED:
            ticket.status = "open"
        return answered(["Message recorded"], 201, {"Location": f"/REST/2.0/transaction/{message.id}"})

    def _history(self, request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        rows = []
        for index, message in enumerate(self._messages(match)):
            kind = "Create" if index == 0 else "Correspond" if message.public else "Comment"
            creator = person(message.author)
            rows.append({"id": str(message.id), "Type": kind, "Created": w3c(message.at), "Creator": creator})
        return filtered(rows, query_of(request))

    def _attachments(self, request: requests.PreparedRequest, match: re.Match[str]) -> Answer:
        """RT::Attachments: for a ticket that isn't there, those of all tickets are given."""
        known = self._survivor(match)
        tickets = [known] if known else list(self.world.tickets.values())
        rows = [
            {
                "id": str(message.id),
                "TransactionId": str(message.id),
                "ContentType": "text/plain",
                "Filename": "",
                "Content": message.body,
                "Creator": str(message.author),
            }
            for ticket in tickets
            for message in ticket.messages
        ]
        return filtered(rows, query_of(request))

    def _messages(self, match: re.Match[str]) -> list[Message]:
        ticket = self._survivor(match)
        return ticket.messages if ticket else []

    def _survivor(self, match: re.Match[str]) -> Ticket | None:
        ticket = self.world.tickets.get(int(match["number"]))
        return self.world.tickets[ticket.merged_into] if ticket and ticket.merged_into else ticket

    def _shown(self, ticket: Ticket) -> Row:
        """RT::REST2::Util::serialize_record and Record::Hypermedia."""
        return {
            "id": str(ticket.id),
            "type": "ticket",
            "Subject": ticket.subject,
            "Status": STATUSES[ticket.status],
            "Created": w3c(ticket.created_at),
            "LastUpdated": w3c(ticket.updated_at),
            "EffectiveId": str(ticket.merged_into or ticket.id),
            "Queue": {"id": "3", "type": "queue", "Name": "Support"},
            "Owner": person(ticket.assignee) if ticket.assignee else {"id": "Nobody", "type": "user"},
            "Creator": person(ticket.requester),
            "Requestor": [person(ticket.requester)],
            "CustomFields": [{"id": "3", "name": "Tags", "values": list(ticket.tags)}],
            "_hyperlinks": [{"ref": "comment"}, {"ref": "correspond"}, {"ref": "customfield", "name": "Tags"}],
        }


def person(number: int) -> Row:
    """Show a user inside another answer, by all fields that may be asked for; the id is the login name."""
    is_customer = number in {CUSTOMER, OTHER_CUSTOMER}
    tier = {"id": "2", "name": "Tier", "values": [TIER] if is_customer else []}
    return {
        "id": LOGINS[number],
        "type": "user",
        "RealName": NAMES[number],
        "EmailAddress": f"{number}@mail.example",
        "Organization": ACCOUNT if is_customer else "",
        "Lang": "",
        "Timezone": "",
        "CustomFields": [tier],
    }


def chosen(row: Row, asked: Asked) -> Row:
    """Collection.pm: an item of a list has its id and type alone, but for the fields that are asked for."""
    wanted = {"id", "type", *asked.get("fields", "").split(",")}
    return expanded({name: value for name, value in row.items() if name in wanted}, asked)


def expanded(row: Row, asked: Asked) -> Row:
    """Resource.pm, _expand_object: what is inside has its id and type alone, but for `fields[Name]`."""

    def inner(name: str, value: Any) -> Any:
        if isinstance(value, list) and name == "Requestor":
            return [inner(name, one) for one in value]
        if not isinstance(value, dict):
            return value
        wanted = {"id", "type", *asked.get(f"fields[{name}]", "").split(",")}
        return {key: kept for key, kept in value.items() if key in wanted}

    return {name: inner(name, value) for name, value in row.items()}


def filtered(rows: Iterable[Mapping[str, Any]], asked: Asked) -> Answer:
    """Collection/QueryByJSON.pm: conditions on one field are alternatives, those on different fields all hold."""
    conditions: dict[str, list[Row]] = {}
    for one in json.loads(asked["query"]):
        conditions.setdefault(one["field"], []).append(one)

    def holds(row: Mapping[str, Any], one: Row) -> bool:
        is_number = one["field"] == "id"
        value, wanted = row[one["field"]], one["value"]
        compare = COMPARISONS[one.get("operator", "=")]
        return compare(int(value), int(wanted)) if is_number else compare(value, wanted)

    kept = [
        row for row in rows if all(any(holds(row, one) for one in alternatives) for alternatives in conditions.values())
    ]
    return listed([chosen(dict(row), asked) for row in cut(kept, asked)])


def cut(rows: list[Any], asked: Asked) -> list[Any]:
    """Collection.pm, setup_paging: twenty to a page, a hundred at most."""
    return rows[: min(int(asked.get("per_page", "20")), LONGEST_PAGE)]


def listed(rows: list[Row], total: int | None = None) -> Answer:
    return answered({"count": len(rows), "items": rows, "total": total, "page": 1})


def answered(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(document)


def query_of(request: requests.PreparedRequest) -> Asked:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url or "").query).items()}


def version(ticket: Ticket) -> str:
    """Record/WithETag.pm: the number of the newest transaction, of which each change makes one."""
    return f'"{int(ticket.updated_at.timestamp())}"'


def sql(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def w3c(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
