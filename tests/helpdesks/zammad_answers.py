"""What a Zammad answers, cut to what is read.

Shapes and names are those of docs.zammad.org: api/ticket/index.rst (tickets and assets), api/user.rst, api/intro.rst
(`expand`), api/ticket/articles.rst, api/ticket/states.rst, api/ticket/links.rst. The form of a search's answer is that
of app/controllers/application_controller/renders_models.rb, `model_search_render_result_full`.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import responses
from responses import matchers

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount, RemotePerson, RemoteTicket
from bugbridge.helpdesks.zammad import Zammad

ROOT = "https://zammad.example/api/v1"
TOKEN = "3Gx4-a-token-of-bugbridge"
CLOCK = {"Date": "Mon, 08 Nov 2021 14:00:00 GMT"}

# api/user.rst, "Me Request", with ?expand=true as in api/intro.rst
OWN: dict[str, Any] = {
    "id": 9,
    "login": "bugbridge@chrispresso.com",
    "firstname": "BugBridge",
    "lastname": "",
    "email": "bugbridge@chrispresso.com",
    "organization_id": None,
    "preferences": {"locale": "en-us"},
    "group_ids": {"2": ["read", "change"]},
    "roles": ["Agent"],
    "groups": {"2nd Level": ["read", "change"]},
}
# api/ticket/index.rst, assets of a search
CHRIS: dict[str, Any] = {
    "id": 3,
    "organization_id": 2,
    "login": "chris@chrispresso.com",
    "firstname": "Christopher",
    "lastname": "Miller",
    "email": "chris@chrispresso.com",
    "preferences": {"locale": "en-us", "intro": True},
    "role_ids": [1, 2],
}
DAVID: dict[str, Any] = {
    "id": 10,
    "organization_id": 7,
    "login": "david@example.com",
    "firstname": "David",
    "lastname": "Bell",
    "email": "david@example.com",
    "note": "did order viennese melange, ask next time if the flavor was as expected",
    "preferences": {"tickets_closed": 1, "tickets_open": 3, "locale": "de-de"},
    "role_ids": [3],
}
# api/organization.rst; `plan` is an attribute that a team added (Admin > System > Objects)
GOLD: dict[str, Any] = {"id": 7, "name": "Golden Beans", "shared": True, "vip": False, "plan": "enterprise"}
# api/ticket/index.rst; the last keys are attributes that a team added, and what GitHub's sidebar keeps
# (app/controllers/integration/github_controller.rb, `update`)
TICKET: dict[str, Any] = {
    "id": 9,
    "group_id": 2,
    "priority_id": 3,
    "state_id": 2,
    "organization_id": 7,
    "number": "22009",
    "title": "Need more information!",
    "owner_id": 3,
    "customer_id": 10,
    "note": None,
    "first_response_at": None,
    "close_diff_in_min": None,
    "last_contact_at": "2021-11-03T05:42:19.141Z",
    "create_article_type_id": 1,
    "article_count": 4,
    "type": None,
    "time_unit": None,
    "updated_by_id": 3,
    "created_by_id": 10,
    "created_at": "2021-11-03T02:57:19.141Z",
    "updated_at": "2021-11-03T17:48:52.849Z",
    "article_ids": [19, 18],
    "ticket_time_accounting_ids": [],
    "preferences": {"github": {"issue_links": ["https://github.com/acme/app/issues/12"]}},
    "severity": "high",
    "beta": True,
    "gamma": False,
    "products": ["app", "api"],
    "device": {"value": "17", "label": "Printer 17"},
    "hours": 3,
    "nothing": None,
}
# api/ticket/states.rst with ?expand=true; the names are a team's own
STATES: list[dict[str, Any]] = [
    {"id": 1, "name": "neu", "state_type": "new"},
    {"id": 2, "name": "offen", "state_type": "open"},
    {"id": 3, "name": "wartet", "state_type": "pending reminder"},
    {"id": 4, "name": "zu", "state_type": "closed"},
    {"id": 5, "name": "merged", "state_type": "merged"},
    {"id": 6, "name": "removed", "state_type": "removed"},
    {"id": 7, "name": "pending close", "state_type": "pending action"},
]
# api/ticket/articles.rst
MAIL: dict[str, Any] = {
    "id": 19,
    "ticket_id": 9,
    "type_id": 1,
    "sender_id": 2,
    "from": "David Bell <david@example.com>",
    "to": "order@chrispresso.com",
    "subject": None,
    "content_type": "text/html",
    "body": "Hi,<br>\n<u>please send me:</u><br><pre>acme/app#12</pre><blockquote>old</blockquote>",
    "internal": False,
    "preferences": {},
    "updated_by_id": 10,
    "created_by_id": 10,
    "origin_by_id": None,
    "created_at": "2021-08-02T11:57:18.068Z",
    "updated_at": "2021-08-02T11:57:18.068Z",
    "attachments": [],
    "type": "email",
    "sender": "Customer",
    "created_by": "david@example.com",
}


def assets(*tickets: dict[str, Any]) -> dict[str, Any]:
    """People and organisations that tickets name."""
    return {
        "Ticket": {str(ticket["id"]): ticket for ticket in tickets},
        "User": {"3": CHRIS, "10": DAVID},
        "Organization": {"7": GOLD},
    }


def found(*tickets: dict[str, Any]) -> dict[str, Any]:
    """One page of a search."""
    return {
        "record_ids": [ticket["id"] for ticket in tickets],
        "assets": assets(*tickets),
        "total_count": len(tickets),
    }


def changed(number: int, at: str) -> dict[str, Any]:
    """A ticket that was changed then."""
    return {**TICKET, "id": number, "updated_at": at}


MARKER = "BB-7K3F9Q2M"
GROUP_NAME = re.compile(rf"{ROOT}/tickets/\d+\?expand=true")
CUSTOMER = RemotePerson(
    remote_id="10",
    kind=AuthorKind.CUSTOMER,
    name="David Bell",
    address="david@example.com",
    account=RemoteAccount("7", "Golden Beans", "enterprise"),
    locale="de-DE",
)
AGENT = RemotePerson("3", AuthorKind.AGENT, "Christopher Miller", "chris@chrispresso.com", locale="en-US")
SEEN = RemoteTicket(
    remote_id="9",
    created_at=datetime(2021, 11, 3, 2, 57, 19, 141000, UTC),
    updated_at=datetime(2021, 11, 3, 17, 48, 52, 849000, UTC),
    status=TicketStatus.OPEN,
    requester=CUSTOMER,
    subject="Need more information!",
    assignee=AGENT,
    group="2nd Level",
    version="2021-11-03T17:48:52.849Z",
    tags=("americano", "complaint"),
    fields=(
        ("beta", "true"),
        ("device", "Printer 17"),
        ("hours", "3"),
        ("products", "app, api"),
        ("severity", "high"),
    ),
    reference_fields=("https://github.com/acme/app/issues/12",),
)


@contextmanager
def answering() -> Iterator[responses.RequestsMock]:
    """A Zammad that knows its states, groups, tags and us."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{ROOT}/users/me", json=OWN)
        mock.get(f"{ROOT}/ticket_states", json=STATES)
        mock.get(f"{ROOT}/tags", json={"tags": ["americano", "complaint"]})
        mock.get(GROUP_NAME, json={"group": "2nd Level"})
        yield mock


def helpdesk(**options: Any) -> Zammad:
    """The helpdesk under test."""
    options = {"tier_field": "plan", "secret_hint": "BUGBRIDGE_SUPPORT_TOKEN", "sleep": lambda _: None, **options}
    return Zammad("support", "https://zammad.example/", TOKEN, **options)


def shows(zammad: responses.RequestsMock, *pages: dict[str, Any], headers: dict[str, str] = CLOCK) -> None:
    """Searches are answered with these pages, one after another."""
    for page in pages:
        zammad.get(f"{ROOT}/tickets/search", json=page, headers=headers)


def reads(zammad: responses.RequestsMock, ticket: dict[str, Any], **others: Any) -> None:
    """A ticket is shown in full, and plainly as it is compared before posting."""
    match = [matchers.query_param_matcher({"full": "true"})]
    zammad.get(
        f"{ROOT}/tickets/{ticket['id']}", json={"id": ticket["id"], "assets": {**assets(ticket), **others}}, match=match
    )
    zammad.get(f"{ROOT}/tickets/{ticket['id']}", json=ticket, match=[matchers.query_param_matcher({})])


def lets_write(zammad: responses.RequestsMock, ticket: dict[str, Any] = TICKET) -> None:
    """A ticket is as it was, in a group in which we are an agent."""
    reads(zammad, ticket)
    zammad.get(f"{ROOT}/ticket_history/9", json={"history": [], "assets": {}})


def searched(zammad: responses.RequestsMock) -> list[dict[str, str]]:
    """What searches asked for."""
    urls = [str(call.request.url) for call in zammad.calls]
    return [dict(parse_qsl(urlsplit(url).query)) for url in urls if "/tickets/search" in url]


def posted(zammad: responses.RequestsMock) -> list[dict[str, Any]]:
    """What was written."""
    return [json.loads(call.request.body or "") for call in zammad.calls if call.request.method != "GET"]
