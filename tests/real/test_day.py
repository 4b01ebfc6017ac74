"""An agent's day on a real Request Tracker, through notes alone: lines, answers, a round."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.real.engineers import Engineers
from tests.real.people import People, next_second
from tests.real.program import Program, now
from tests.real.stories import VERSION

CUSTOMERS = ("ada", "bea", "cem", "dan")
# Longer than approved replies are held.
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def confirming(program: Program) -> Program:
    """BugBridge as it comes: a new link is confirmed by a note."""
    program.change_config('confirm = "none"', 'confirm = "note"')
    return program


def reported_in_a_line(people: People, issue: str, address: str = "") -> str:
    """Somebody wrote in; the agent took the ticket, answered, and linked it by a line."""
    ticket = people.ticket("The export drops the last row.", address)
    people.take(ticket)
    people.agent_replies(ticket, "Thank you for telling us; we are looking into it.")
    people.agent_notes(ticket, f"bug: {issue}")
    return ticket


def ours(people: People, ticket: str, words: str) -> list[str]:
    """Give the notes and replies of BugBridge's user that hold these words."""
    return [posted.text for posted in people.posted_by_bugbridge(ticket) if words in posted.text]


def test_a_day_by_notes_alone(people: People, engineers: Engineers, confirming: Program) -> None:
    """Linked, misspelt, taken back, a round sent by a line; by Request Tracker's record all are told once."""
    program, begun, issue = confirming, now(), engineers.open_issue()
    program.facts("sync")
    program.go_live(begun)
    tickets = [reported_in_a_line(people, issue, f"{name}@customer.example") for name in CUSTOMERS]
    wrong = reported_in_a_line(people, issue)
    with program.daemon():
        for ticket in (*tickets, wrong):
            program.until(partial(ours, people, ticket, "Linked to "))
        next_second()
        people.agent_notes(wrong, "bug: not this")
        people.agent_notes(tickets[0], "bug: words: the export problem\nbug: tolld")
        people.customer_writes(wrong, "bug: told")
        program.until(partial(ours, people, tickets[0], "Did you mean `bug: told`?"))
        program.until(lambda: program.explanation(wrong) == {})
        next_second()
        engineers.close_as_completed(issue)
        program.until(lambda: program.facts("show", f"github:{issue}")["stage"] == "fixed")
        program.facts("release", f"github:{issue}", VERSION)
        program.until(lambda: any(ours(people, ticket, "bug: send round") for ticket in tickets))
        pinged = [ticket for ticket in tickets if ours(people, ticket, "bug: send round")]
        assert len(pinged) == 1
        people.agent_notes(pinged[0], "bug: send round")
        program.until(lambda: len(held(program)) == len(tickets))
        assert [ours(people, ticket, "is fixed in version") for ticket in tickets if ticket not in pinged] == [[]] * 3
    with program.daemon(start=sent_by(program)):
        for ticket in tickets:
            program.until(lambda ticket=ticket: program.states(ticket) == [("released", "told")])  # type: ignore[misc]
    for ticket in tickets:
        sent = [one for one in people.posted_by_bugbridge(ticket) if one.kind == "Correspond"]
        assert len(sent) == 1
        assert "The export problem you wrote about" in sent[0].text
        assert f"is fixed in version {VERSION}, which is available now." in sent[0].text
    assert [one for one in people.posted_by_bugbridge(wrong) if one.kind == "Correspond"] == []
    assert len(ours(people, tickets[0], "Did you mean")) == 1


def held(program: Program) -> list[str]:
    """Give when each reply that is held goes out: at night, when customers are up again."""
    return [update["reply_at"] for update in program.facts("due")["updates"] if update["reply_at"]]


def sent_by(program: Program) -> datetime:
    """Give an instant by which the last of them is over its time."""
    return datetime.fromisoformat(max(held(program))) + A_MINUTE
