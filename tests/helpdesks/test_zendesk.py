"""Zendesk's traps, each from a payload that its documentation or a real report shows.

Pages meant by [name], below https://developer.zendesk.com/api-reference/ticketing/: [tickets] tickets/tickets,
[comments] tickets/ticket_comments, [audits] tickets/ticket_audits, [export] ticket-management/incremental_exports,
[grants] oauth/grant_type_tokens, [users] users/users; and [limits] introduction/rate-limits one level up.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, json_params_matcher, query_param_matcher

from bugbridge.core.errors import ConflictError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.helpdesks.zendesk import Zendesk

BASE = "https://acme.zendesk.com"
API = f"{BASE}/api/v2"
EXPORT = f"{API}/incremental/tickets/cursor.json"
TOKENS = f"{BASE}/oauth/tokens"
OWN, AGENT, CUSTOMER = 191, 101, 20978392
STAMP = "2026-06-01T09:00:00Z"


class Watch:
    """Time that passes when told so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def zendesk(**credentials: Any) -> Zendesk:
    """Give a helpdesk that signs in by API token unless told otherwise."""
    by_token = {"email": "bugbridge@acme.example", "token": "api-token"}
    return Zendesk(
        "support",
        BASE,
        tier_field="tier",
        secret_hint="BUGBRIDGE_SUPPORT_TOKEN",
        sleep=lambda _: None,
        **(credentials or by_token),
    )


def user(number: int | None, role: str, **more: object) -> dict[str, object]:
    """A user as in [users]."""
    return {
        "id": number,
        "name": f"User {number}",
        "email": f"u{number}@acme.example",
        "role": role,
        "tags": [],
        **more,
    }


def ticket(number: int = 4711, **more: object) -> dict[str, object]:
    """A ticket as in [tickets]."""
    people = {"requester_id": CUSTOMER, "assignee_id": AGENT, "organization_id": 509974}
    times = {"created_at": "2026-05-01T08:00:00Z", "updated_at": STAMP}
    return {"id": number, "status": "open", "subject": "Export fails", "brand_id": 1, **people, **times, **more}


def sideloads() -> dict[str, object]:
    """What include=users,organizations brings along, as in [tickets], "Sideloads"."""
    customer = user(CUSTOMER, "end-user", organization_id=509974, locale="de", iana_time_zone="Europe/Berlin")
    organization = {"id": 509974, "name": "Acme", "organization_fields": {"tier": "enterprise", "seats": 12}}
    return {"users": [customer, user(AGENT, "agent")], "organizations": [organization]}


def serve_me(number: int | None = OWN, role: str = "admin") -> None:
    """Answer who we are, as in [users], "Show Self"."""
    responses.get(f"{API}/users/me.json", json={"user": user(number, role)})


def serve_ticket(**more: object) -> None:
    """Answer [tickets], "Show Ticket"."""
    serve_me()
    responses.get(f"{API}/tickets/4711.json", json={"ticket": ticket(**more), **sideloads()})


def serve_grant(access_token: str, expires_in: int = 7200) -> None:
    """Answer [grants], "Client credentials"."""
    responses.post(
        TOKENS,
        json={"access_token": access_token, "token_type": "bearer", "scope": "read", "expires_in": expires_in},
    )


def sent_authorizations() -> list[str]:
    """Give the Authorization header of each request but those for a token."""
    return [str(call.request.headers["Authorization"]) for call in responses.calls if call.request.url != TOKENS]


def read_ticket(helpdesk: Zendesk) -> RemoteTicket:
    """Read the ticket that a note is to go to."""
    serve_ticket()
    return helpdesk.ticket("4711")


@responses.activate
def test_a_ticket_is_put_into_our_words() -> None:
    """The plan is a field of the organisation, the version the stamp as Zendesk wrote it."""
    serve_ticket(status="hold", via={"channel": "web", "source": {"rel": "follow_up", "from": {"ticket_id": 4000}}})

    found = zendesk().ticket("4711")

    account = found.requester.account
    assert account is not None
    assert (account.remote_id, account.name, account.tier) == ("509974", "Acme", "enterprise")
    assert (found.requester.kind, found.requester.locale, found.requester.zone) == (
        AuthorKind.CUSTOMER,
        "de",
        "Europe/Berlin",
    )
    assert (found.status, found.version, found.followup_of, found.brand) == (TicketStatus.PENDING, STAMP, "4000", "1")
    assert found.assignee is not None
    assert found.assignee.kind is AuthorKind.AGENT


@responses.activate
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("new", TicketStatus.OPEN),
        ("open", TicketStatus.OPEN),
        ("pending", TicketStatus.PENDING),
        ("hold", TicketStatus.PENDING),
        ("solved", TicketStatus.SOLVED),
        ("closed", TicketStatus.CLOSED),
    ],
)
def test_six_statuses_become_four(status: str, expected: TicketStatus) -> None:
    """New counts as open, on hold as pending ([tickets], `status`)."""
    serve_ticket(status=status)
    assert zendesk().ticket("4711").status is expected


@responses.activate
def test_people_missing_from_the_sideloads_are_asked_for() -> None:
    """[users] and organizations, "Show Many": a hundred numbers a request."""
    serve_me()
    people = sideloads()
    responses.get(f"{API}/tickets/4711.json", json={"ticket": ticket()})
    ids = {"ids": f"{AGENT},{CUSTOMER}"}
    responses.get(f"{API}/users/show_many.json", json=people, match=[query_param_matcher(ids)])
    responses.get(f"{API}/organizations/show_many.json", json=people, match=[query_param_matcher({"ids": "509974"})])

    requester = zendesk().ticket("4711").requester

    assert (requester.name, requester.account and requester.account.tier) == (f"User {CUSTOMER}", "enterprise")


@responses.activate
def test_a_requester_who_was_erased_is_still_a_customer() -> None:
    """Zendesk shows nothing of a permanently deleted user; their ticket is kept all the same."""
    serve_me()
    responses.get(f"{API}/tickets/4711.json", json={"ticket": ticket(organization_id=None, assignee_id=None)})
    responses.get(f"{API}/users/show_many.json", json={"users": []})

    found = zendesk().ticket("4711").requester

    assert (found.remote_id, found.kind, found.name, found.account) == (str(CUSTOMER), AuthorKind.CUSTOMER, "", None)


@responses.activate
def test_the_export_is_read_to_its_end_from_all_history() -> None:
    """[export], cursor-based: start_time once, then after_cursor until end_of_stream; deleted tickets are in it."""
    serve_me()
    first = {"tickets": [ticket(1)], **sideloads(), "after_cursor": "MTU3|1", "end_of_stream": False}
    last = {"tickets": [ticket(2, status="deleted")], **sideloads(), "after_cursor": "MTU3|2", "end_of_stream": True}
    include = {"include": "users,organizations"}
    responses.get(EXPORT, json=first, match=[query_param_matcher({"start_time": "1", **include})])
    responses.get(EXPORT, json=last, match=[query_param_matcher({"cursor": "MTU3|1", **include})])

    pages = list(zendesk().changed_since(""))

    assert [page.cursor for page in pages] == ["MTU3|1", "MTU3|2"]
    assert [(found.remote_id, found.gone) for page in pages for found in page.tickets] == [("1", False), ("2", True)]


@responses.activate
def test_a_quiet_export_keeps_its_cursor() -> None:
    """At the end of the stream after_cursor may be the cursor sent, or null ([export])."""
    responses.get(EXPORT, json={"tickets": [], "after_cursor": None, "end_of_stream": True})
    (page,) = zendesk().changed_since("MTU3|1")
    assert (page.tickets, page.cursor) == ((), "MTU3|1")


@responses.activate
def test_an_export_that_goes_round_in_circles_is_stopped() -> None:
    """A cursor that comes again before the end would be read for ever."""
    for after in ("b", "a"):
        responses.get(EXPORT, json={"tickets": [], "after_cursor": after, "end_of_stream": False})

    with pytest.raises(RemoteError, match="support gave the same page of its export twice"):
        list(zendesk().changed_since("a"))
    assert len(responses.calls) == 2


@responses.activate
def test_comments_that_go_round_in_circles_are_stopped() -> None:
    """The same for lists by page[after] ([comments], cursor pagination)."""
    serve_me()
    responses.get(
        f"{API}/tickets/4711/comments.json",
        json={"comments": [], "meta": {"has_more": True, "after_cursor": "x"}},
    )
    with pytest.raises(RemoteError, match="support gave the same page of support:4711 twice"):
        zendesk().messages("4711")


@responses.activate
def test_the_exports_own_limit_is_handed_on() -> None:
    """Ten requests a minute, then 429 with Retry-After ([limits]): the daemon comes back, nothing is lost."""
    responses.get(EXPORT, status=429, headers={"Retry-After": "37"}, json={"error": "APIRateLimitExceeded"})
    with pytest.raises(RemoteError) as caught:
        list(zendesk().changed_since("a"))
    assert (caught.value.retry_after, len(responses.calls)) == (timedelta(seconds=37), 1)


@responses.activate
@pytest.mark.parametrize(
    ("author", "via", "expected"),
    [
        (user(OWN, "admin"), {"channel": "api"}, AuthorKind.SELF),
        (user(AGENT, "agent"), {"channel": "web"}, AuthorKind.AGENT),
        (user(AGENT, "agent"), {"channel": "email"}, AuthorKind.AGENT),
        (user(AGENT, "agent"), {"channel": "api"}, AuthorKind.BOT),
        (user(AGENT, "agent"), {"channel": "rule", "source": {"rel": "trigger", "from": {}}}, AuthorKind.BOT),
        (user(AGENT, "agent", tags=["bot"]), {"channel": "web"}, AuthorKind.BOT),
        (user(CUSTOMER, "end-user"), {"channel": "email"}, AuthorKind.CUSTOMER),
        (user(CUSTOMER, "end-user"), {"channel": "api"}, AuthorKind.CUSTOMER),
        (None, {"channel": "system"}, AuthorKind.BOT),
    ],
)
def test_authors_are_judged_by_account_and_channel(
    author: dict[str, object] | None, via: dict[str, object], expected: AuthorKind
) -> None:
    """[comments] with include=users; channels from the "Via object reference"; Zendesk's own author is -1."""
    serve_me()
    number = author["id"] if author else -1
    comment = {"id": 7, "author_id": number, "body": "x", "public": False, "created_at": STAMP, "via": via}
    responses.get(
        f"{API}/tickets/4711/comments.json", json={"comments": [comment], "users": [author] if author else []}
    )
    (message,) = zendesk().messages("4711")
    assert message.author.kind is expected


@responses.activate
def test_a_note_is_sent_with_its_marker_on_condition_and_once() -> None:
    """[tickets], "Setting Metadata" and "Protecting against ticket update collisions"; the answer holds the audit."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    update = {
        "comment": {"body": "Due by Thursday", "public": False},
        "metadata": {"bugbridge_marker": "7K3F9Q"},
        "updated_stamp": STAMP,
        "safe_update": True,
    }
    audit = {"id": 1, "author_id": OWN, "events": [{"id": 5, "type": "Change"}, {"id": 6, "type": "Comment"}]}
    responses.put(
        f"{API}/tickets/4711.json",
        json={"ticket": ticket(), "audit": audit},
        match=[json_params_matcher({"ticket": update})],
    )
    assert helpdesk.add_note(read, "Due by Thursday", "7K3F9Q") == "6"


@responses.activate
@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (409, {"error": "UpdateConflict", "description": "Safe Update prevented the update"}, ConflictError),
        (404, {"error": "RecordNotFound", "description": "Not found"}, NotFoundError),
        (403, {"error": "Forbidden"}, RemoteError),
        (422, {"error": "RecordInvalid", "description": "Record validation errors"}, RemoteError),
        (429, {"error": "TooManyRequests"}, RemoteError),
        (500, {"error": "oops"}, UnknownOutcomeError),
        (504, None, UnknownOutcomeError),
        (200, {"ticket": {}}, UnknownOutcomeError),
        (200, None, UnknownOutcomeError),
    ],
)
def test_each_way_a_note_fails_has_its_kind(status: int, answer: object, kind: type[RemoteError]) -> None:
    """Refused, changed meanwhile, or unknown; and it is sent once whatever happens ([tickets], "Update Ticket")."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    if answer is None:
        responses.put(f"{API}/tickets/4711.json", status=status, body="<html>", content_type="text/html")
    else:
        responses.put(f"{API}/tickets/4711.json", status=status, json=answer)
    with pytest.raises(RemoteError) as caught:
        helpdesk.add_note(read, "Due", "7K3F9Q")
    puts = [call for call in responses.calls if call.request.method == "PUT"]
    assert (type(caught.value), len(puts)) == (kind, 1)


@responses.activate
def test_a_closed_ticket_is_told_from_other_refusals() -> None:
    """A real answer to an update of a closed ticket (Speedygeek/ZendeskApi_v2#59), whose description says nothing."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    details = {"status": [{"description": "Status closed prevents ticket update"}]}
    body = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    responses.put(f"{API}/tickets/4711.json", status=422, json=body)
    responses.replace(
        responses.GET, f"{API}/tickets/4711.json", json={"ticket": ticket(status="closed"), **sideloads()}
    )
    with pytest.raises(RemoteError) as caught:
        helpdesk.add_note(read, "Due", "7K3F9Q")
    assert str(caught.value) == "support:4711 is closed, and Zendesk takes no more notes on closed tickets"
    assert (type(caught.value), caught.value.permanent) == (RemoteError, True)


@responses.activate
def test_a_note_is_found_on_a_later_page_and_only_if_it_is_ours() -> None:
    """[audits]: metadata.custom, page[size] with include_boundary_indicators; a copied marker isn't ours."""
    serve_me()
    marked = {"metadata": {"custom": {"bugbridge_marker": "7K3F9Q"}, "system": {}}}
    copied = {"id": 1, "author_id": AGENT, "events": [{"id": 2, "type": "Comment"}], **marked}
    ours = {"id": 3, "author_id": OWN, "events": [{"id": 4, "type": "Comment"}], **marked}
    address, asked = f"{API}/tickets/4711/audits.json", {"page[size]": "100", "include_boundary_indicators": "true"}
    first = {"audits": [copied], "meta": {"has_more": True, "after_cursor": "x"}}
    responses.get(address, json=first, match=[query_param_matcher(asked)])
    responses.get(address, json={"audits": [ours]}, match=[query_param_matcher({**asked, "page[after]": "x"})])

    assert zendesk().find_note("4711", "7K3F9Q") == "4"


@responses.activate
def test_an_access_token_is_fetched_once_and_renewed_before_it_ends() -> None:
    """[grants]: expires_in is in seconds; the token is used by all requests, and not in its last minute."""
    watch = Watch()
    helpdesk = zendesk(client_id="bugbridge", client_secret="hush", monotonic=watch)
    serve_grant("first", 600)
    serve_grant("second", 600)
    responses.get(EXPORT, json={"tickets": [], "after_cursor": "a", "end_of_stream": True})
    for passed in (0, 530, 20):
        watch.seconds += passed
        list(helpdesk.changed_since("a"))
    assert sent_authorizations() == ["Bearer first", "Bearer first", "Bearer second"]


@responses.activate
def test_an_access_token_that_is_refused_is_renewed_once() -> None:
    """A revoked token answers 401 ([grants]); a new one is tried, for a write too, since nothing was done."""
    helpdesk = zendesk(client_id="bugbridge", client_secret="hush")
    serve_grant("first")
    serve_grant("second")
    read = read_ticket(helpdesk)
    address = f"{API}/tickets/4711.json"
    responses.put(address, status=401, match=[header_matcher({"Authorization": "Bearer first"})])
    audit = {"id": 1, "author_id": OWN, "events": []}
    responses.put(address, json={"audit": audit}, match=[header_matcher({"Authorization": "Bearer second"})])

    assert helpdesk.add_note(read, "Due", "7K3F9Q") == "1"


@responses.activate
def test_refused_twice_is_refused() -> None:
    """Where a fresh token is refused too, the secret's variable is named and nothing is tried for ever."""
    helpdesk = zendesk(client_id="bugbridge", client_secret="hush")
    serve_grant("first")
    responses.get(EXPORT, status=401)
    with pytest.raises(RemoteError, match="refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN") as caught:
        list(helpdesk.changed_since(""))
    assert (caught.value.permanent, len(sent_authorizations())) == (True, 2)


@responses.activate
@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"body": "<html>", "content_type": "text/html"}, {"json": {"token_type": "bearer"}}]
)
def test_without_an_access_token_a_note_was_not_posted(answer: dict[str, Any]) -> None:
    """An unknown outcome of the sign-in isn't one of the note: that was never sent."""
    read = read_ticket(zendesk())
    responses.post(TOKENS, **answer)
    with pytest.raises(RemoteError, match="support gave no access token") as caught:
        zendesk(client_id="bugbridge", client_secret="hush").add_note(read, "Due", "7K3F9Q")
    assert (type(caught.value), caught.value.permanent) == (RemoteError, False)


@responses.activate
def test_a_wrong_client_secret_is_named_and_not_quoted() -> None:
    """[grants], "Error responses": 401 invalid_client."""
    responses.post(TOKENS, status=401, json={"error": "invalid_client", "error_description": "hush is wrong"})
    with pytest.raises(RemoteError) as caught:
        list(zendesk(client_id="bugbridge", client_secret="hush").changed_since(""))
    expected = "support (acme.zendesk.com) refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN"
    assert (str(caught.value), caught.value.permanent) == (expected, True)


@responses.activate
def test_a_stranger_is_not_taken_for_us() -> None:
    """Show Self answers somebody who isn't signed in with a user without a number ([users], "Anonymous user")."""
    serve_me(None, "end-user")
    (check,) = zendesk().check()
    assert (check.id, check.well) == ("sign_in", False)
    assert check.sentence == "support takes us for a stranger: check BUGBRIDGE_SUPPORT_TOKEN"


@responses.activate
def test_each_right_that_is_lacking_has_its_line() -> None:
    """The export is for admins ([export]), audits want the global scope `read` ([audits]): each is told apart."""
    serve_me(role="end-user")
    serve = {"tickets": [ticket()], **sideloads(), "after_cursor": "a", "end_of_stream": True}
    responses.get(EXPORT, json=serve)
    responses.get(f"{API}/tickets/4711/comments.json", json={"comments": []})
    responses.get(f"{API}/tickets/4711/audits.json", status=403, json={"error": "Forbidden"})
    responses.get(f"{API}/organizations/show_many.json", json=sideloads())

    checks = zendesk().check()

    assert {check.id: check.well for check in checks} == {
        "sign_in": True,
        "notes": False,
        "export": True,
        "comments": True,
        "audits": False,
        "organizations": True,
    }


@responses.activate
def test_without_the_export_there_is_nothing_to_try_the_rest_on() -> None:
    """An agent who is no admin gets 403 from the export, and a sentence about it."""
    serve_me(role="agent")
    responses.get(EXPORT, status=403, json={"error": "Forbidden"})
    *_, last = zendesk().check()
    assert (last.id, last.well, "lacks the right" in last.sentence) == ("export", False, True)


@responses.activate
@pytest.mark.parametrize(
    "ask", [Zendesk.ticket, Zendesk.messages, lambda helpdesk, number: helpdesk.find_note(number, "x")]
)
@pytest.mark.parametrize("number", ["abc", "", "1/../2", "٣"])
def test_what_is_no_number_is_no_ticket(ask: Callable[[Zendesk, str], object], number: str) -> None:
    """Nothing but digits goes into an address."""
    serve_me()
    with pytest.raises(NotFoundError, match="There is no ticket support:"):
        ask(zendesk(), number)
    assert [call.request.url for call in responses.calls if "tickets" in str(call.request.url)] == []


@responses.activate
@pytest.mark.parametrize(
    "document", [[], {}, {"ticket": None}, {"ticket": {"id": "x"}}, {"ticket": ticket(created_at="?")}]
)
def test_an_unknown_shape_is_one_sentence_without_its_content(document: object) -> None:
    """A proxy's own JSON, or a changed API, is never guessed at."""
    serve_me()
    responses.get(f"{API}/tickets/4711.json", json=document)
    with pytest.raises(RemoteError, match=r"support answered /api/v2/tickets/4711\.json in a shape unknown to us, at "):
        zendesk().ticket("4711")


def test_one_write_may_take_three_calls() -> None:
    """Refused, a new token, and sent again: the sender's look-up waits for twice that."""
    assert zendesk().timeout == timedelta(seconds=120)


def test_the_address_for_people_is_the_agents_page() -> None:
    """Agents open tickets there."""
    assert zendesk().web_url("4711") == "https://acme.zendesk.com/agent/tickets/4711"
