"""`bugbridge promises`, and what people say of promises by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bugbridge import app as wiring
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.promise_rules import PromiseRules
from bugbridge.core.promises import PromiseEvent, SaidPromise
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene


def finds(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:  # noqa: ARG001 - a finder's signature
    """A finder that knows two sentences."""
    if text == "Until tomorrow.":
        return (SaidPromise(0, len(text), said_at + timedelta(days=1)),)
    return (SaidPromise(0, len(text), event=PromiseEvent.RELEASED),) if text == "Once it is out." else ()


@pytest.fixture
def reading(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A team whose agents' promises are read."""
    rules = PromiseRules(finds)
    monkeypatch.setattr(wiring.App, "references", property(lambda app: replace(app._references, promises=rules)))
    return scene


def promised(scene: Scene, *said: str) -> str:
    """Have an agent answer today; give the ticket's reference."""
    ticket = scene.reported_bug()
    for hours, text in enumerate(said):
        at = START - timedelta(hours=9 - hours)
        scene.helpdesk.write(ticket.partition(":")[2], AGENT, text, at, public=True)
    scene.read()
    return ticket


def test_promises_are_listed_with_who_is_to_keep_them(reading: Scene) -> None:
    """The ticket, its bug, whose it is, when it was said and by when it is due, or what it waits for."""
    ticket = promised(reading, "Until tomorrow.", "Once it is out.")
    late = reading.reported_bug(ANOTHER_CUSTOMER)
    reading.read()
    reading.say("promise", "add", late, "2026-06-16 10:00")
    lines = [line.split() for line in reading.say("promises").splitlines() if "support:" in line]
    assert [(line[0], line[1]) for line in lines] == [(late, BUG), (ticket, BUG)]
    said = " ".join(reading.say("promises").split())
    assert "2026-06-16 10:00" in said
    assert "when it is released" in said
    assert "`bugbridge promise dismiss TICKET`" in said


def test_a_program_reads_a_list_of_promises(reading: Scene) -> None:
    """All that the table shows, in fields."""
    ticket = promised(reading, "Once it is out.")
    (one,) = reading.facts("promises")
    assert one == {
        "ticket": ticket,
        "bug": BUG,
        "for": {"queue": "agent", "name": "Ada Agent", "why": "assigned", "absent": ""},
        "said_by": AGENT.name,
        "said_at": "2026-06-15T00:00:00.000000Z",
        "waits_for": "released",
        "due_at": None,
        "state": "open",
    }


def test_open_and_missed_promises_can_be_listed_apart(reading: Scene) -> None:
    """What is still to be kept is another list than what wasn't."""
    ticket = promised(reading, "Until tomorrow.")
    assert [one["ticket"] for one in reading.facts("promises", "--open")] == [ticket]
    assert reading.facts("promises", "--missed") == []
    reading.clock.at += timedelta(days=2)
    assert reading.facts("promises", "--open") == []
    assert [one["state"] for one in reading.facts("promises", "--missed")] == ["missed"]
    assert [one["state"] for one in reading.facts("promises")] == ["missed"]
    assert "A message was promised by 2026-06-16 00:00 UTC: missed." in reading.say("show", ticket)
    result = reading.run("promises", "--open", "--missed")
    assert (result.exit_code, result.stderr) == (
        2,
        "Choose one of --open and --missed; without either both are listed.\n",
    )


def test_an_empty_list_says_what_to_do_next(reading: Scene) -> None:
    """Where none was found yet, and where all were kept."""
    assert reading.say("promises", "--missed") == (
        "No promise is missed: none was found yet. Promises are read in agents' public replies on tickets that are "
        "linked to a bug; `bugbridge promise add TICKET DATE` records one that was made elsewhere.\n"
    )
    promised(reading, "Until tomorrow.", "Here I am.")
    assert reading.say("promises") == "No promise is open or missed. Kept in time: 1; late: 0.\n"
    promised(reading, "Once it is out.")
    assert reading.say("promises", "--missed").endswith("`bugbridge promises` lists the others.\n")


def test_a_ticket_is_shown_with_what_its_customer_waits_for(reading: Scene) -> None:
    """Also a promise that has no date."""
    ticket = promised(reading, "Once it is out.")
    assert "A message is promised when it is released." in reading.say("show", ticket)
    (link,) = reading.facts("show", ticket)["links"]
    assert link["promises"] == [{"due_at": None, "waits_for": "released", "state": "open"}]


def test_a_promise_is_dismissed_by_hand(reading: Scene) -> None:
    """Read again, it doesn't come back; on a ticket without a bug there is nothing to say."""
    ticket = promised(reading, "Until tomorrow.")
    assert reading.say("promise", "dismiss", ticket) == f"Kept: nothing is promised on {ticket}.\n"
    reading.helpdesk.write(ticket.partition(":")[2], AGENT, "ping", reading.clock.now(), public=False)
    reading.read()
    assert reading.facts("promises") == []
    number = reading.helpdesk.add_ticket(START)
    reading.read()
    result = reading.run("promise", "dismiss", number)
    assert (result.exit_code, result.stderr) == (2, f"support:{number} isn't linked to any bug: link it first.\n")


def test_a_promise_is_corrected_by_hand(reading: Scene) -> None:
    """One date stands for all that was read or recorded so far."""
    ticket = promised(reading, "Until tomorrow.", "Once it is out.")
    said = reading.say("promise", "correct", ticket, "2026-06-20")
    assert said == f"Kept: {ticket} hears from us by 2026-06-20 23:59 UTC.\n"
    assert [one["due_at"] for one in reading.facts("promises")] == ["2026-06-20T23:59:00.000000Z"]
    assert reading.run("promise", "correct", ticket, "2026-06-01").exit_code == 2
    assert len(reading.facts("promises")) == 1
