"""What is written to Help Scout, and what never is; pages are named as in help_scout_answers.py."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import responses
from responses.matchers import query_param_matcher

from bugbridge.core.errors import (
    ConflictError,
    LockedError,
    MovedError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from tests.helpdesks.help_scout_answers import (
    ADDED,
    ADDRESS,
    AGENT,
    CONVERSATIONS,
    CUSTOMER,
    HELP_SCOUT_ITSELF,
    MARKER,
    OWN,
    by_user,
    conversation,
    help_scout,
    listing,
    person,
    read,
    sent,
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


def test_a_note_names_no_status_and_no_user() -> None:
    """[note]: the status stays by itself, and it is written as ourselves; hostile text stays text."""
    ticket = read()
    responses.post(f"{ADDRESS}/notes", **ADDED)
    note = help_scout().add_note(ticket, "Due by Thursday:\n<b>acme/app#12</b> & more\n", MARKER)
    text = f"Due by Thursday:<br>&lt;b&gt;acme/app#12&lt;/b&gt; &amp; more<br><br>Ref {MARKER}"
    assert (note, sent("POST", f"{ADDRESS}/notes")) == ("950", [{"text": text}])


@pytest.mark.parametrize(
    ("assignee", "expected"),
    [
        (person(AGENT, "user", "Ada"), {"assignTo": AGENT, "user": AGENT}),
        (person(77, "team", "Tier Two"), {"assignTo": 77}),
        (HELP_SCOUT_ITSELF, {"assignTo": None}),
        (None, {"assignTo": None}),
    ],
)
def test_trap_a_reply_without_a_status_reopens_and_without_an_assignee_assigns(
    assignee: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    """[reply]: both are sent as they are, the customer whom it is for, and that it is no draft."""
    ticket = read(status="pending", assignee=assignee)
    responses.post(f"{ADDRESS}/reply", **ADDED)
    posted = help_scout().add_reply(ticket, "It is fixed.", MARKER)
    kept = {"customer": {"id": CUSTOMER}, "status": "pending", "draft": False}
    text = {"text": f"It is fixed.<br><br>Ref {MARKER}"}
    assert (posted.ticket_id, posted.message_id) == ("4711", "950")
    assert sent("POST", f"{ADDRESS}/reply") == [{**kept, **text, **expected}]


def test_without_a_customer_nobody_is_answered() -> None:
    """The number of a user must never be taken for a customer's: another person would get the reply."""
    ticket = read(primaryCustomer=None, createdBy=person(AGENT, "user", "Ada"))
    with pytest.raises(LockedError, match="support:4711 has no customer"):
        help_scout().add_reply(ticket, "It is fixed.", MARKER)


@pytest.mark.parametrize("change", [{"threads": 2}, {"status": "closed"}, {"userUpdatedAt": "2026-06-01T09:00:01Z"}])
def test_a_ticket_that_changed_gets_nothing(change: dict[str, Any]) -> None:
    """A message, a status, or whatever a user did since; nothing is posted then, not even tried."""
    ticket = read()
    responses.replace("GET", ADDRESS, json=conversation(**change))
    for post in (help_scout().add_note, help_scout().add_reply):
        with pytest.raises(ConflictError, match="support:4711 was changed meanwhile; nothing was posted"):
            post(ticket, "Due", MARKER)


def test_trap_a_merged_conversation_answers_301_with_its_survivor() -> None:
    """[get], "Moved or merged conversations"; a chain is followed, and a note for the merged one is a conflict."""
    ticket = read()
    responses.replace("GET", ADDRESS, status=301, headers={"Location": f"{CONVERSATIONS}/12"})
    responses.get(f"{CONVERSATIONS}/12", status=301, headers={"Location": f"{CONVERSATIONS}/13"})
    responses.get(f"{CONVERSATIONS}/13", json=conversation(13, subject="Both"))
    merged = help_scout().ticket("4711")
    assert (merged.remote_id, merged.merged_into, merged.subject) == ("4711", "13", "Both")
    with pytest.raises(ConflictError):
        help_scout().add_note(ticket, "Due", MARKER)


def test_merges_in_a_circle_end() -> None:
    """What can't be is one sentence."""
    responses.get(ADDRESS, status=301, headers={"Location": f"{CONVERSATIONS}/12"})
    responses.get(f"{CONVERSATIONS}/12", status=301, headers={"Location": ADDRESS})
    with pytest.raises(RemoteError, match="support:4711 was merged over and over"):
        help_scout().ticket("4711")


def test_a_redirect_elsewhere_is_not_a_merge() -> None:
    """A proxy that sends everybody to its own page gets no credentials; the sentence names the url."""
    responses.get(ADDRESS, status=301, headers={"Location": "https://login.example/"})
    with pytest.raises(MovedError, match=r"sends GET /v2/conversations/4711 on to login\.example"):
        help_scout().ticket("4711")


@pytest.mark.parametrize("number", ["", "0", "4711/../12", "x", "٤", "1" * 19])
def test_what_isnt_an_id_never_gets_into_an_address(number: str) -> None:
    """It is a ticket that there isn't."""
    for ask in (help_scout().ticket, help_scout().messages):
        with pytest.raises(NotFoundError, match="There is no conversation support:"):
            ask(number)


def test_trap_tags_are_replaced_so_they_are_read_just_before() -> None:
    """[tags]: what isn't sent is removed; the ticket in hand may be old, so its own tags aren't trusted."""
    ticket = replace(read(tags=[{"tag": "vip"}, {"tag": "Bug"}]), tags=("long", "gone"))
    responses.put(f"{ADDRESS}/tags", status=204)
    help_scout().set_tag(ticket, "bugbridge_due", on=True)
    assert sent("PUT", f"{ADDRESS}/tags") == [{"tags": ["vip", "Bug", "bugbridge_due"]}]


@pytest.mark.parametrize(("carried", "on"), [("bugbridge_due", True), ("Bugbridge_Due", True), ("vip", False)])
def test_a_tag_that_is_as_wanted_is_not_written(carried: str, *, on: bool) -> None:
    """Repeating costs no write, which counts twice; Help Scout writes tags in lower case."""
    help_scout().set_tag(read(tags=[{"tag": carried}]), "bugbridge_due", on=on)
    assert sent("PUT", f"{ADDRESS}/tags") == []


@pytest.mark.parametrize("answer", [{"status": 201}, {"status": 201, "headers": {"Resource-ID": "?"}}, {"status": 202}])
def test_an_answer_without_an_id_leaves_the_outcome_unknown(answer: dict[str, Any]) -> None:
    """[note] answers 201 with the header Resource-ID, and nothing else."""
    ticket = read()
    responses.post(f"{ADDRESS}/notes", **answer)
    with pytest.raises(UnknownOutcomeError, match="support didn't say what became of POST"):
        help_scout().add_note(ticket, "Due", MARKER)
    assert len(sent("POST", f"{ADDRESS}/notes")) == 1


def test_a_conversation_merged_at_the_last_moment_is_not_found() -> None:
    """[note] answers 404 then, and nothing was written."""
    ticket = read()
    responses.post(f"{ADDRESS}/notes", status=404)
    with pytest.raises(NotFoundError, match="There is no conversation support:4711"):
        help_scout().add_note(ticket, "Due", MARKER)


def test_a_reply_in_a_new_conversation_that_isnt_seen_there_is_unknown() -> None:
    """[create] gives the conversation's id alone; without the reply's own, a person has to look, at a place named."""
    ticket = read()
    responses.post(f"{ADDRESS}/reply", status=412, json={"message": "locked"})
    responses.post(CONVERSATIONS, status=201, headers={"Resource-ID": "5000"})
    responses.get(f"{CONVERSATIONS}/5000/threads", status=500)
    with pytest.raises(UnknownOutcomeError, match="as a new conversation, support:5000"):
        help_scout().add_reply(ticket, "It is fixed.", MARKER)


def test_a_hidden_note_of_ours_is_found() -> None:
    """An agent who hid a reminder doesn't want it twice."""
    body = f"Due<br>Ref {MARKER}"
    serve_threads(thread(7, "note", body, state="hidden", **by_user(OWN, "api")))
    assert help_scout().find_note("4711", MARKER) == "7"


def test_threads_that_shift_while_they_are_read_come_once() -> None:
    """[threads] is newest first: one that is added pushes the last of a page onto the next."""
    first, second = [thread(3), thread(2)], [thread(2), thread(1)]
    for number, items in ((1, first), (2, second)):
        page = listing("threads", items, 3, number, 2)
        asked = [query_param_matcher({"page": number})]
        responses.get(f"{ADDRESS}/threads", json=page, match=asked)
    assert [message.remote_id for message in help_scout().messages("4711")] == ["1", "2", "3"]
