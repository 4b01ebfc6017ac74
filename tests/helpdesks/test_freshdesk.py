"""How Freshdesk shows tickets, people and messages, each from a payload that its documentation or an answer shows.

Sections meant by [name] are those of https://developers.freshdesk.com/api; [recorded] are the answers that
rapid7/insightconnect-plugins keeps below plugins/freshdesk/unit_test/responses. Traps have the design notes' numbers.
"""

import json
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import responses
from pydantic import ValidationError

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount
from bugbridge.helpdesks import freshdesk_zones
from bugbridge.helpdesks.freshdesk_settings import FreshdeskSettings
from tests.helpdesks.freshdesk_answers import (
    AGENT,
    API,
    BASE,
    COMPANY,
    CUSTOMER,
    OWN,
    STAMP,
    START,
    agent,
    asked,
    company,
    contact,
    conversation,
    freshdesk,
    serve_people,
    serve_ticket,
    ticket,
)


@responses.activate
def test_a_ticket_is_put_into_our_words() -> None:
    """Numbers become names, and the version is `updated_at` as Freshdesk wrote it ([Tickets], [Ticket Fields])."""
    fields = {"cf_version": "4.1", "cf_plan": None, "cf_beta": True, "cf_old": False, "cf_seats": 12}
    serve_ticket(group_id=601, product_id=701, custom_fields=fields, tags=["vip", "eu"])
    responses.get(f"{API}/groups", json=[{"id": 601, "name": "First line"}])
    responses.get(f"{API}/products", json=[{"id": 701, "name": "Acme Cloud"}])
    nested = [{"name": "cf_seats", "label": "Seats"}]
    named = {"name": "cf_version", "label": "Product version", "nested_ticket_fields": nested}
    responses.get(f"{API}/ticket_fields", json=[named])

    found = freshdesk().ticket("4711")

    assert (found.subject, found.status, found.version) == ("Export fails", TicketStatus.OPEN, STAMP)
    assert (found.group, found.brand, found.tags) == ("First line", "Acme Cloud", ("vip", "eu"))
    assert found.fields == (("Product version", "4.1"), ("cf_beta", "true"), ("Seats", "12"))
    assert found.requester.account == RemoteAccount(str(COMPANY), "Acme", "gold")
    assert (found.requester.locale, found.requester.zone) == ("pt-BR", "America/Sao_Paulo")
    assert found.assignee is not None
    assert (found.assignee.kind, found.assignee.name) == (AuthorKind.AGENT, f"Agent {AGENT}")


@responses.activate
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (2, TicketStatus.OPEN),
        (3, TicketStatus.PENDING),
        (4, TicketStatus.SOLVED),
        (5, TicketStatus.CLOSED),
        (6, TicketStatus.PENDING),
        (7, TicketStatus.PENDING),
        (8, TicketStatus.OPEN),
    ],
)
def test_statuses_become_four(status: int, expected: TicketStatus) -> None:
    """Waiting on customer or third party are pending; a status of the team's own counts as open ([recorded] 8)."""
    serve_ticket(status=status)
    assert freshdesk().ticket("4711").status is expected


@responses.activate
@pytest.mark.parametrize(
    ("field", "answered", "expected"),
    [
        ("tier", company(custom_fields={"tier": "gold"}), "gold"),
        ("tier", company(custom_fields={"cf_tier": "gold"}), "gold"),
        ("account_tier", company(custom_fields={}, account_tier="Premium"), "Premium"),
        ("tier", company(custom_fields=None), ""),
        ("", company(custom_fields={"tier": "gold"}), ""),
    ],
)
def test_the_plan_is_a_field_of_the_company(field: str, answered: dict[str, object], expected: str) -> None:
    """One of the team's own, with or without `cf_`, or one that Freshdesk gives each company ([Companies])."""
    serve_people(company=answered)
    responses.get(f"{API}/tickets/4711", json=ticket())
    account = freshdesk(tier_field=field).ticket("4711").requester.account
    assert account is not None
    assert (account.name, account.tier) == ("Acme", expected)


@responses.activate
def test_a_customer_without_company_is_an_account_of_one_if_they_have_a_plan() -> None:
    """Some teams sell to people: then the field stands on contacts ([Contacts], `custom_fields`)."""
    serve_people(contact=contact(company_id=None, custom_fields={"tier": "plus"}))
    responses.get(f"{API}/tickets/4711", json=ticket(company_id=None))
    assert freshdesk().ticket("4711").requester.account == RemoteAccount(f"contact-{CUSTOMER}", tier="plus")
    assert freshdesk(tier_field="").ticket("4711").requester.account is None


@responses.activate
def test_the_company_that_a_ticket_was_written_for_comes_before_the_requesters_own() -> None:
    """A contact may belong to several ([Contacts], `other_companies`)."""
    serve_people(contact=contact(company_id=999))
    responses.get(f"{API}/tickets/4711", json=ticket())
    account = freshdesk().ticket("4711").requester.account
    assert (account and account.remote_id, asked("companies/999")) == (str(COMPANY), 0)


@responses.activate
@pytest.mark.parametrize("number", [None, 999])
def test_a_requester_who_was_erased_is_still_a_customer(number: int | None) -> None:
    """Their ticket is kept, and one ticket without a person never stops a whole reading."""
    serve_people()
    responses.get(f"{API}/tickets/4711", json=ticket(requester_id=number, company_id=None))
    responses.get(f"{API}/contacts/999", status=404)
    responses.get(f"{API}/agents/999", status=404)
    found = freshdesk().ticket("4711").requester
    assert (found.remote_id, found.kind, found.account) == (str(number or 0), AuthorKind.CUSTOMER, None)


@responses.activate
def test_an_agent_who_asks_is_no_customer() -> None:
    """Agents are no contacts: [Contacts] answers 404 for them."""
    serve_people()
    responses.get(f"{API}/contacts/{AGENT}", status=404)
    responses.get(f"{API}/tickets/4711", json=ticket(requester_id=AGENT))
    assert freshdesk().ticket("4711").requester.kind is AuthorKind.AGENT


@responses.activate
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"user_id": AGENT}, AuthorKind.AGENT),
        ({"user_id": AGENT, "private": False, "source": 0}, AuthorKind.AGENT),
        ({"user_id": AGENT, "private": True, "source": 8}, AuthorKind.AGENT),
        ({"user_id": OWN}, AuthorKind.SELF),
        ({"user_id": CUSTOMER, "incoming": True, "private": False, "source": 0}, AuthorKind.CUSTOMER),
        ({"user_id": CUSTOMER, "incoming": False, "private": False, "source": 2}, AuthorKind.CUSTOMER),
        ({"user_id": AGENT, "incoming": True, "private": False}, AuthorKind.CUSTOMER),
        ({"user_id": 777}, AuthorKind.AGENT),
        ({"user_id": 777, "private": False, "source": 0}, AuthorKind.AGENT),
        ({"user_id": 103}, AuthorKind.BOT),
        ({"user_id": 104}, AuthorKind.BOT),
        ({"user_id": AGENT, "auto_response": True}, AuthorKind.BOT),
        ({"user_id": AGENT, "automation_id": 12}, AuthorKind.BOT),
        ({"user_id": None}, AuthorKind.BOT),
        ({"user_id": None, "incoming": True, "private": False}, AuthorKind.CUSTOMER),
    ],
)
def test_authors_are_judged_by_their_account_and_by_how_it_came(
    written: dict[str, object], expected: AuthorKind
) -> None:
    """[Conversations]: 777 was an agent once and is none now; 103's type and 104's address say they are programs."""
    serve_ticket(conversation(**written))
    responses.get(f"{API}/agents/{CUSTOMER}", status=404)
    responses.get(f"{API}/agents/777", status=404)
    responses.get(f"{API}/contacts/777", json=contact(777))
    responses.get(f"{API}/contacts/{AGENT}", status=404)
    responses.get(f"{API}/agents/103", json=agent(103, type="ai_agent"))
    responses.get(f"{API}/agents/104", json=agent(104))
    messages = freshdesk(bots=("A104@acme.example",)).messages("4711")
    assert [message.author.kind for message in messages] == [AuthorKind.CUSTOMER, expected]


@responses.activate
def test_the_first_message_is_the_tickets_own_description() -> None:
    """It is none of the conversations, which are HTML and come in any order ([Conversations])."""
    html = "<p>see&nbsp;<code>x &lt; 1</code></p><blockquote>acme/app#3</blockquote>"
    serve_ticket(
        conversation(9, body=html, created_at="2026-06-01T10:00:00Z"),
        conversation(8, created_at="2026-06-01T11:00:00+05:30", private=False, source=0),
    )
    first, second, third = freshdesk().messages("4711")
    assert (first.remote_id, first.author.name, first.public, first.body) == (
        "description-4711",
        "Carla",
        True,
        "It fails.",
    )
    assert (second.remote_id, second.public, second.created_at) == ("8", True, START - timedelta(hours=3.5))
    assert third.body == "see <code>x < 1</code>\n\n<blockquote>acme/app#3\n</blockquote>"


@responses.activate
@pytest.mark.parametrize(
    ("responder", "kind"), [(AGENT, AuthorKind.AGENT), (None, AuthorKind.BOT)], ids=["assigned", "nobody"]
)
def test_an_outbound_email_was_not_written_by_its_requester(responder: int | None, kind: AuthorKind) -> None:
    """[Tickets], source 10: who sent it isn't shown, so it is the assignee's, or nobody's words that count."""
    serve_ticket(source=10, responder_id=responder, tags=["followup-of-"])
    assert freshdesk().messages("4711")[0].author.kind is kind


@responses.activate
def test_nulls_in_places_of_lists_and_texts_are_nothing() -> None:
    """[recorded] shows null for tags, fields and texts of tickets that came in by other channels."""
    serve_ticket(
        subject=None, tags=None, custom_fields=None, description=None, associated_tickets_list=None, source=None
    )
    found = freshdesk().ticket("4711")
    assert (found.subject, found.tags, found.fields, found.incident_of) == ("", (), (), "")
    assert freshdesk().messages("4711")[0].body == ""


@responses.activate
@pytest.mark.parametrize(("kind", "expected"), [(1, ""), (2, ""), (3, ""), (4, "4700"), ("4", "4700")])
def test_only_a_related_ticket_is_an_incident(kind: int | str, expected: str) -> None:
    """[Tickets], `association_type`: 1 parent, 2 child, 3 tracker, 4 related; each lists others ([recorded])."""
    serve_ticket(association_type=kind, associated_tickets_list=[4700])
    assert freshdesk().ticket("4711").incident_of == expected


@responses.activate
def test_customers_are_not_looked_for_among_agents() -> None:
    """What came in was written by no agent: to ask would cost a request for each customer."""
    serve_ticket(conversation(user_id=CUSTOMER, incoming=True, private=False))
    assert [message.author.name for message in freshdesk().messages("4711")] == ["Carla", "Carla"]
    assert (asked(f"agents/{CUSTOMER}"), asked(f"contacts/{CUSTOMER}")) == (0, 1)


@responses.activate
@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ({"body_text": "This ticket is closed and merged into ticket 4712"}, "4712"),
        ({"body_text": "this ticket is CLOSED AND MERGED into ticket #4712."}, "4712"),
        ({"body_text": "This ticket is closed and merged into ticket 4711"}, ""),
        ({"body_text": "closed and merged into ticket 4712", "user_id": CUSTOMER, "incoming": True}, ""),
        ({"body_text": "please see ticket 4712"}, ""),
    ],
)
def test_a_merge_is_seen_in_the_note_that_it_leaves(note: dict[str, object], expected: str) -> None:
    """Freshdesk has no field for it ([Tickets], "Merge Tickets": a default note is added); customers merge nothing."""
    serve_ticket(conversation(**note), status=5)
    assert freshdesk().ticket("4711").merged_into == expected


@responses.activate
def test_a_merge_is_seen_in_the_teams_own_language() -> None:
    """The note is in the account's language, and agents may reword it: `merge_note` says how it reads."""
    text = "Dieses Ticket wurde in Ticket 4712 zusammengeführt"
    serve_ticket(conversation(body_text=text), status=5)
    assert freshdesk(merge_note=r"in Ticket (\d+) zusammengeführt").ticket("4711").merged_into == "4712"


@responses.activate
def test_only_closed_tickets_are_searched_for_a_merge() -> None:
    """A merge closes; to read every ticket's messages twice would cost half of the limit."""
    serve_ticket(conversation(body_text="closed and merged into ticket 4712"), status=4)
    assert freshdesk().ticket("4711").merged_into == ""
    assert asked("tickets/4711/conversations") == 0


def test_every_zone_that_freshdesk_names_is_known() -> None:
    """Its names are those of Ruby on Rails; a zone that nobody knows is none."""
    zones = {freshdesk_zones.iana_zone(name) for names in freshdesk_zones._BY_ZONE.values() for name in names}
    assert zones == set(freshdesk_zones._BY_ZONE)
    assert {str(ZoneInfo(zone)) for zone in zones} == zones
    assert [freshdesk_zones.iana_zone(name) for name in ("Berlin", "Europe/Berlin", "Atlantis", "")] == [
        "Europe/Berlin",
        "Europe/Berlin",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("/a/tickets/4711", "4711"),
        ("/helpdesk/tickets/4711#note1", "4711"),
        ("/support/tickets/4711", "4711"),
        ("/de/support/tickets/4711", "4711"),
        ("/a/tickets/archived/4711?x=1", "4711"),
        ("/a/tickets/4711x", None),
        ("/a/contacts/4711", None),
    ],
)
def test_addresses_of_tickets_are_recognised(address: str, number: str | None) -> None:
    """Agents paste what stands in their browser, or what a customer sent."""
    match = re.match(FreshdeskSettings.ticket_path, address)
    assert (match["number"] if match else None) == number
    assert freshdesk().web_url("4711") == f"{BASE}/a/tickets/4711"


@pytest.mark.parametrize("pattern", ["merged into", r"(\w+) (\d+)", "("])
def test_a_merge_note_needs_one_group(pattern: str) -> None:
    """Else nobody could say which of them is the number."""
    with pytest.raises(ValidationError):
        FreshdeskSettings(kind="freshdesk", url=BASE, merge_note=pattern)


def test_the_body_that_people_paste_is_what_is_read() -> None:
    """A rule's request is made by hand: what we tell people to write must be what we look for."""
    webhook = FreshdeskSettings.webhook
    document = json.loads(webhook.body.replace("{{ticket.id}}", "4711"))
    assert (document, webhook.ticket_paths[0]) == ({"ticket_id": "4711"}, "ticket_id")
    assert (webhook.signature_header, FreshdeskSettings(kind="freshdesk", url=BASE).secrets) == ("", ("token",))
