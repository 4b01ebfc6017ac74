"""What a real RT 5.0.3 answered on loopback, cut to what is read.

Added by hand: a language and a zone for Carl, a link in a reply, a log file.
"""

import copy
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import responses

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount, RemotePerson, RemoteTicket
from bugbridge.helpdesks.request_tracker import RequestTracker

ROOT = "https://rt.example/REST/2.0"
TOKEN = "1-35-7a58a2dcbffecc644280c9cddbffafd6"
CLOCK = {"Date": "Sat, 21 Nov 2026 21:28:42 GMT"}
SELF = {
    "Name": "bugbridge",
    "Privileged": 1,
    "RealName": "BugBridge",
    "Timezone": "UTC",
    "_hyperlinks": [{"id": "2", "name": "Tier", "ref": "customfield", "type": "customfield"}],
    "id": 35,
}
ADA = {"EmailAddress": "ada@support.example", "Name": "ada", "Privileged": 1, "RealName": "Ada Agent"}
CARL = {"EmailAddress": "carl@acme.example", "Name": "carl@acme.example", "Privileged": 0, "RealName": "Carl Customer"}
NOBODY = {
    "CustomFields": "",
    "EmailAddress": "",
    "Organization": "",
    "RealName": "Nobody in particular",
    "id": "Nobody",
}
AUTHOR_ADA = {"EmailAddress": "ada@support.example", "Organization": "", "RealName": "Ada Agent", "id": "ada"}
AUTHOR_CARL = {
    "CustomFields": [{"id": "2", "name": "Tier", "type": "customfield", "values": ["enterprise"]}],
    "EmailAddress": "carl@acme.example",
    "Lang": "de",
    "Organization": "Acme",
    "RealName": "Carl Customer",
    "Timezone": "Europe/Berlin",
    "id": "carl@acme.example",
    "type": "user",
}
AUTHOR_SELF = {
    "EmailAddress": "bugbridge@support.example",
    "Organization": "",
    "RealName": "BugBridge",
    "id": "bugbridge",
}
COMMENT_LINK = {"_url": f"{ROOT}/ticket/4/comment", "ref": "comment"}
CORRESPOND_LINK = {"_url": f"{ROOT}/ticket/4/correspond", "ref": "correspond"}
TAGS = {"id": "3", "name": "Tags", "type": "customfield"}
FOUND: dict[str, Any] = {
    "Created": "2026-11-21T21:28:30Z",
    "Creator": AUTHOR_CARL,
    "CustomFields": "",
    "EffectiveId": "4",
    "LastUpdated": "2026-11-21T21:20:41Z",
    "Owner": AUTHOR_ADA,
    "Queue": {"Name": "Support", "id": "3", "type": "queue"},
    "Requestor": [AUTHOR_CARL],
    "Status": "open",
    "Subject": "Ünï 4",
    "_hyperlinks": [
        {"_url": f"{ROOT}/ticket/4", "id": 4, "ref": "self", "type": "ticket"},
        {"_url": "https://github.com/acme/app/issues/12", "ref": "refers-to", "type": "external"},
        COMMENT_LINK,
        CORRESPOND_LINK,
    ],
    "id": "4",
    "type": "ticket",
}
READ: dict[str, Any] = {
    **FOUND,
    "CustomFields": [],
    "Creator": {"id": "carl@acme.example", "type": "user"},
    "EffectiveId": {"id": "4", "type": "ticket"},
    "Owner": {"id": "Nobody", "type": "user"},
    "Queue": {"id": "3", "type": "queue"},
    "Requestor": [{"id": "carl@acme.example", "type": "user"}],
    "id": 4,
}
HISTORY = [
    {"Created": "2026-11-21T21:28:30Z", "Creator": AUTHOR_CARL, "Type": "Create", "id": "59", "type": "transaction"},
    {"Created": "2026-11-21T21:28:34Z", "Creator": AUTHOR_ADA, "Type": "Comment", "id": "61", "type": "transaction"},
    {"Created": "2026-11-21T21:28:34Z", "Creator": AUTHOR_ADA, "Type": "Correspond", "id": "62", "type": "transaction"},
    {"Created": "2026-11-21T21:28:34Z", "Creator": AUTHOR_SELF, "Type": "Comment", "id": "65", "type": "transaction"},
]
OUR_TEXT = {
    "Content": "Due by Thursday\n\nRef BB-7K3F9Q",
    "ContentType": "text/plain",
    "Filename": "",
    "TransactionId": "65",
    "id": "24",
}
TEXTS = [
    {
        "Content": "<p>Hello &amp; goodbye</p><blockquote>old</blockquote>",
        "ContentType": "text/html",
        "Filename": "",
        "TransactionId": "59",
        "id": "13",
    },
    {
        "Content": "internal <b>note</b>\nsecond line",
        "ContentType": "text/plain",
        "Filename": "",
        "TransactionId": "61",
        "id": "17",
    },
    {
        "Content": "<p>Fixed in <a href='https://acme.example/4.2'>4.2</a></p>",
        "ContentType": "text/html",
        "Filename": "",
        "TransactionId": "62",
        "id": "19",
    },
    {"Content": "a log", "ContentType": "text/plain", "Filename": "a.log", "TransactionId": "62", "id": "20"},
    OUR_TEXT,
]

CUSTOMER = RemotePerson(
    remote_id="carl@acme.example",
    kind=AuthorKind.CUSTOMER,
    name="Carl Customer",
    address="carl@acme.example",
    account=RemoteAccount(remote_id="Acme", name="Acme", tier="enterprise"),
    locale="de",
    zone="Europe/Berlin",
)
AGENT = RemotePerson(remote_id="ada", kind=AuthorKind.AGENT, name="Ada Agent", address="ada@support.example")
TICKET = RemoteTicket(
    remote_id="4",
    created_at=datetime(2026, 11, 21, 21, 28, 30, tzinfo=UTC),
    updated_at=datetime(2026, 11, 21, 21, 20, 41, tzinfo=UTC),
    status=TicketStatus.OPEN,
    requester=CUSTOMER,
    subject="Ünï 4",
    assignee=AGENT,
    brand="Support",
    version='"74"',
    reference_fields=("https://github.com/acme/app/issues/12",),
)


def helpdesk(**options: Any) -> RequestTracker:
    """The helpdesk under test."""
    options = {"tier_field": "Tier", "secret_hint": "BUGBRIDGE_SUPPORT_TOKEN", "sleep": lambda _: None, **options}
    return RequestTracker("support", "https://rt.example/", options.pop("token", TOKEN), **options)


def page(*items: object, total: int | None = 4711) -> dict[str, object]:
    """A list as RT answers it; `total` is null wherever RT checks rights row by row."""
    return {"count": len(items), "items": list(items), "page": 1, "pages": None, "per_page": 100, "total": total}


def found(number: int, updated: str, **changes: object) -> dict[str, object]:
    """A ticket in a search's answer."""
    return {**copy.deepcopy(FOUND), "id": str(number), "EffectiveId": str(number), "LastUpdated": updated, **changes}


def asked(rt: responses.RequestsMock, call: int) -> str:
    """The query of a request."""
    return parse_qs(urlsplit(str(rt.calls[call].request.url)).query)["query"][0]


def signs_in(rt: responses.RequestsMock, **changes: object) -> None:
    """RT tells who we are."""
    rt.get(f"{ROOT}/user/35", json={**SELF, **changes})
