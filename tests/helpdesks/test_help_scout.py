"""Help Scout's answers in our words, and what goes wrong; pages are named as in help_scout_answers.py."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bugbridge.core.errors import (
    RemoteError,
)
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount
from bugbridge.helpdesks.help_scout import HelpScout
from bugbridge.helpdesks.help_scout_settings import HelpScoutSettings
from bugbridge.registry import HELPDESKS, build
from tests.helpdesks.help_scout_answers import (
    ADDRESS,
    AGENT,
    API,
    COMPANY,
    CONVERSATIONS,
    CUSTOMER,
    HELP_SCOUT_ITSELF,
    MARKER,
    by_user,
    conversation,
    customer,
    dated,
    help_scout,
    listing,
    me,
    person,
    read,
    serve_people,
    serve_threads,
    thread,
)


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    """Everybody is known in each test."""
    with responses.mock:
        serve_people()
        yield
    responses.reset()


def kinds(*threads: dict[str, Any]) -> list[tuple[AuthorKind, bool]]:
    """Read these threads."""
    serve_threads(*threads)
    return [(message.author.kind, message.public) for message in help_scout().messages("4711")]


def test_a_ticket_is_read_with_all_that_is_known_of_it() -> None:
    """[get], [customer], [company], [mailboxes]: each name comes from where people gave it."""
    fields = [{"id": 8, "name": "Build", "value": "8518", "text": "4.2"}, {"id": 9, "name": "Area", "value": ""}]
    tags = [{"id": 1, "color": "#fff", "tag": "vip"}]
    ticket = read(customFields=fields, tags=tags, threads=3)
    requester, assignee = ticket.requester, ticket.assignee
    assert (ticket.subject, ticket.brand, ticket.group, ticket.tags) == ("Export fails", "Support", "", ("vip",))
    assert (ticket.fields, ticket.merged_into, ticket.gone) == ((("Build", "4.2"),), "", False)
    assert requester.account == RemoteAccount(str(COMPANY), "Acme", "enterprise")
    assert (requester.name, requester.address) == ("Carla Customer", f"u{CUSTOMER}@acme.example")
    assert (requester.locale, requester.zone) == ("", "")
    assert assignee
    assert (assignee.remote_id, assignee.kind, assignee.name) == (str(AGENT), AuthorKind.AGENT, "Ada Agent")
    assert ticket.version == "2026-06-01T09:00:00Z 3 active"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", TicketStatus.OPEN),
        ("open", TicketStatus.OPEN),
        ("pending", TicketStatus.PENDING),
        ("closed", TicketStatus.SOLVED),
        ("spam", TicketStatus.CLOSED),
        ("something new", TicketStatus.OPEN),
    ],
)
def test_each_status_has_a_word(status: str, expected: TicketStatus) -> None:
    """[get], `status`; closed isn't locked: it takes messages still. Nobody writes to a sender of spam."""
    ticket = read(status=status)
    assert (ticket.status, ticket.gone) == (expected, status == "spam")


def test_a_deleted_one_that_is_listed_is_gone_and_a_draft_is_nothing_yet() -> None:
    """[get], `state`: deleted, draft, published."""
    items = [conversation(1, state="deleted"), conversation(2, state="draft"), conversation(3)]
    responses.get(CONVERSATIONS, json=listing("conversations", items), headers=dated())
    (page,) = help_scout().changed_since("2026-06-01T00:00:00Z")
    assert [(ticket.remote_id, ticket.gone) for ticket in page.tickets] == [("1", True), ("3", False)]


def test_a_team_is_a_group_and_nobody_is_nobody() -> None:
    """[get], `assignee.type`; Help Scout itself, user 1, stands in for "anyone" ([sdk])."""
    of_team = read(assignee=person(77, "team", "Tier", "Two"))
    of_nobody = read(assignee=HELP_SCOUT_ITSELF)
    assert (of_team.group, of_team.assignee) == ("Tier Two", None)
    assert (of_nobody.group, of_nobody.assignee) == ("", None)


def test_nulls_and_what_is_left_out_stop_no_reading() -> None:
    """A conversation by a user may lack customer, assignee, subject and dates: the rest is read, and the next one."""
    names = ("assignee", "primaryCustomer", "subject", "closedAt", "userUpdatedAt", "customerWaitingSince")
    bare = conversation(1, createdBy=person(AGENT, "user", "Ada"), tags=None, customFields=None)
    items = [{**bare, **dict.fromkeys(names)}, conversation(2)]
    responses.get(CONVERSATIONS, json=listing("conversations", items), headers=dated())
    (page,) = help_scout().changed_since("2026-06-01T00:00:00Z")
    first, second = page.tickets
    assert (first.requester.kind, first.subject, first.updated_at) == (AuthorKind.AGENT, "", first.created_at)
    assert second.requester.account is not None


def test_an_erased_customer_is_who_the_conversation_says() -> None:
    """A 404 for the customer loses no ticket."""
    responses.replace("GET", f"{API}/v2/customers/{CUSTOMER}", status=404)
    requester = read().requester
    assert (requester.remote_id, requester.name, requester.account) == (str(CUSTOMER), "Carla Customer", None)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"organizationId": None}, RemoteAccount("Acme", "Acme", "gold")),
        ({"organizationId": None, "organization": None}, RemoteAccount(f"customer-{CUSTOMER}", "", "gold")),
        ({"organizationId": 404}, RemoteAccount("Acme", "Acme", "gold")),
    ],
)
def test_without_a_company_the_customers_own_property_holds_the_plan(
    known: dict[str, Any], expected: RemoteAccount
) -> None:
    """[customer], `properties`: by slug or name, as people see the value; it isn't lost where there is no company."""
    plan = {"type": "dropdown", "slug": "plan-2", "name": "plan", "value": "1c0ffee", "text": "gold"}
    one = customer(**known)
    one["_embedded"]["properties"] = [plan]
    responses.replace("GET", f"{API}/v2/customers/{CUSTOMER}", json=one)
    responses.get(f"{API}/v2/organizations/404", status=404)
    assert read().requester.account == expected


def test_a_customer_without_company_and_plan_has_no_account() -> None:
    """There is nothing to know."""
    one = customer(organization=None, organizationId=None)
    responses.replace("GET", f"{API}/v2/customers/{CUSTOMER}", json=one)
    assert read().requester.account is None


def test_each_customer_is_asked_for_once_a_reading() -> None:
    """A page of one customer's conversations costs one request for them, and one for the company."""
    items = [conversation(number) for number in (1, 2, 3)]
    responses.get(CONVERSATIONS, json=listing("conversations", items), headers=dated())
    list(help_scout().changed_since("2026-06-01T00:00:00Z"))
    asked = [str(call.request.url).partition("?")[0] for call in responses.calls]
    assert [asked.count(f"{API}/v2/{what}") for what in (f"customers/{CUSTOMER}", f"organizations/{COMPANY}")] == [1, 1]


@pytest.mark.parametrize("via", ["api", "workflows", "jira", "notification"])
def test_what_a_program_writes_with_an_agents_account_is_a_bots(via: str) -> None:
    """[threads], `source.type`: references by programs only suggest."""
    assert kinds(thread(1, "note", **by_user(AGENT, via)), thread(2, "message", **by_user(AGENT, via))) == [
        (AuthorKind.BOT, False),
        (AuthorKind.BOT, True),
    ]


def test_help_scout_itself_and_whoever_isnt_shown_are_bots() -> None:
    """Workflows and auto-replies come from user 1 ([sdk]); nothing follows from an author whom nobody knows."""
    by_itself = {"createdBy": HELP_SCOUT_ITSELF, "source": {"type": "web", "via": "user"}}
    by_its_number = {**by_itself, "createdBy": person(1, "user", "Help", "Scout")}
    by_its_address = {**by_itself, "createdBy": {**HELP_SCOUT_ITSELF, "id": 12}}
    by_nobody = {"createdBy": None, "source": None}
    authors = (by_itself, by_its_number, by_its_address, by_nobody)
    threads = [thread(number, "note", **author) for number, author in enumerate(authors)]
    assert kinds(*threads) == [(AuthorKind.BOT, False)] * 4


def test_a_customer_is_a_customer_even_by_the_api() -> None:
    """Contact forms post for them."""
    assert kinds(thread(1, "customer", source={"type": "api", "via": "customer"})) == [(AuthorKind.CUSTOMER, True)]


def test_only_what_was_written_and_let_go_is_a_message() -> None:
    """[threads]: line items, drafts, what is held back and what was hidden aren't; calls and forwards are internal."""
    user = by_user(AGENT, "web")
    left_out = [
        thread(1, "lineitem", **user),
        thread(2, "reply", **user, state="draft"),
        thread(3, "reply", **user, state="review"),
        thread(4, "customer", state="hidden"),
    ]
    shown = [thread(5, "phone", **user), thread(6, "forwardparent", **user), thread(7, "beaconchat")]
    assert kinds(*left_out, *shown) == [
        (AuthorKind.AGENT, False),
        (AuthorKind.AGENT, False),
        (AuthorKind.CUSTOMER, True),
    ]


def test_our_reply_under_another_name_is_ours() -> None:
    """BugBridge's own promises aren't read as an agent's; what the agent writes with the same last line is theirs."""
    body = f"It is fixed.<br><br>Ref {MARKER}"
    by_us, by_agent = by_user(AGENT, "api"), by_user(AGENT, "web")
    assert kinds(thread(1, "message", body, **by_us), thread(2, "message", body, **by_agent)) == [
        (AuthorKind.SELF, True),
        (AuthorKind.AGENT, True),
    ]


def test_a_body_is_text_in_which_code_and_quotations_are_seen() -> None:
    """[threads], `body` is HTML, and hostile: what is hidden or broken harms nobody."""
    body = "See<br><blockquote>acme/app#1</blockquote><script>acme/app#2</script><code>x</code> &lt;b&gt;<!-- "
    serve_threads(thread(1, "note", body, **by_user(AGENT, "web")))
    (message,) = help_scout().messages("4711")
    assert message.body == "See\n\n<blockquote>acme/app#1\n</blockquote>\n\n<code>x</code> <b>"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "its root"),
        ({"page": {"totalElements": "?"}}, "page.totalElements"),
        (listing("conversations", [{**conversation(), "id": None}]), "_embedded.conversations.0.id"),
        (listing("conversations", [{**conversation(), "id": "../users"}]), "_embedded.conversations.0.id"),
        (
            listing("conversations", [{**conversation(), "createdAt": "hush secret"}]),
            "_embedded.conversations.0.createdAt",
        ),
    ],
)
def test_an_unknown_shape_is_named_by_its_place_alone(document: Any, place: str) -> None:
    """Customers' words and secrets stay out of sentences."""
    responses.get(CONVERSATIONS, json=document, headers=dated())
    with pytest.raises(RemoteError) as caught:
        list(help_scout().changed_since(""))
    assert str(caught.value) == f"support answered /v2/conversations in a shape unknown to us, at {place}."


def test_what_isnt_json_is_one_sentence() -> None:
    """A proxy's page of excuses."""
    responses.get(CONVERSATIONS, body="<html>hush", headers=dated())
    with pytest.raises(RemoteError, match=r"^support answered /v2/conversations with something that isn't JSON\.$"):
        list(help_scout().changed_since(""))


def test_each_thing_that_is_lacking_has_its_line() -> None:
    """One line each: what can't be read, no inbox at all, and a property that nobody made."""
    responses.replace("GET", f"{API}/v2/mailboxes", json=listing("mailboxes", []))
    newest = [conversation(1, state="deleted"), conversation(2, state="draft"), conversation()]
    responses.get(CONVERSATIONS, json=listing("conversations", newest))
    responses.get(f"{ADDRESS}/threads", status=403)
    responses.replace("GET", f"{API}/v2/customers/{CUSTOMER}", status=403)
    for what in ("organizations/properties", "customer-properties"):
        responses.get(f"{API}/v2/{what}", json={"_links": {}})
    checks = {check.id: check for check in help_scout().check()}
    assert {name: check.well for name, check in checks.items()} == {
        "sign_in": True,
        "inboxes": False,
        "conversations": True,
        "threads": False,
        "people": False,
        "tier_field": False,
    }
    assert "/4711/threads" in checks["threads"].sentence
    assert "have a property 'plan'" in checks["tier_field"].sentence
    assert "sees no inbox" in checks["inboxes"].sentence


def test_an_empty_account_is_well() -> None:
    """There is no conversation yet to try the rest on, and no plan to be read."""
    responses.get(CONVERSATIONS, json=listing("conversations", []))
    checks = help_scout(tier_field="").check()
    assert [(check.id, check.well) for check in checks] == [
        ("sign_in", True),
        ("inboxes", True),
        ("conversations", True),
    ]
    assert checks[0].sentence == "Signed in to support as Bug Bridge (user)."


def test_a_user_who_may_not_use_the_api_is_one_line() -> None:
    """Light users can't; nothing else is tried then."""
    responses.replace("GET", f"{API}/v2/users/me", status=403, json=me())
    (check,) = help_scout().check()
    assert (check.id, check.well, "Access API" in check.sentence) == ("sign_in", False, True)


def test_a_section_of_the_configuration_makes_a_helpdesk() -> None:
    """The address is Help Scout's own unless another is set; people look elsewhere than programs do."""
    section = HelpScoutSettings.model_validate({"kind": "help_scout", "client_id": "app", "tier_field": "plan"})
    values = {"name": "support", "secret_hint": "X", **section.model_dump()}
    made = build(HELPDESKS["help_scout"], values, {name: lambda: "hush" for name in section.secrets})
    assert (type(made), section.url) == (HelpScout, API)
    assert (
        made.web_url("4711")
        == f"{section.web_url}/conversation/4711"
        == "https://secure.helpscout.net/conversation/4711"
    )


@pytest.mark.parametrize("path", ["/conversation/4711", "/conversation/4711/12", "/conversation/4711/12#thread-7"])
def test_the_address_in_a_browser_gives_the_id_and_not_the_number(path: str) -> None:
    """[get], `number`: the address names both, and the API wants the first."""
    found = re.match(HelpScoutSettings.ticket_path, path)
    assert found
    assert found["number"] == "4711"


def test_webhooks_are_told_apart_by_a_signature_of_their_body() -> None:
    """developer.helpscout.com/webhooks: X-HelpScout-Signature is base64 of HMAC-SHA1; the document a conversation."""
    form = HelpScoutSettings.webhook
    assert (form.signature_header, form.algorithm, form.encoding) == ("x-helpscout-signature", "sha1", "base64")
    assert conversation()[form.ticket_paths[0]] == 4711
