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
    assert "A message was promised by the end of 2026-06-15 UTC: missed." in reading.say("show", ticket)
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
    assert said == f"Kept: {ticket} hears from us by the end of 2026-06-20 UTC.\n"
    assert [one["due_at"] for one in reading.facts("promises")] == ["2026-06-20T23:59:00.000000Z"]
    assert reading.run("promise", "correct", ticket, "2026-06-01").exit_code == 2
    assert len(reading.facts("promises")) == 1


def in_office_hours(scene: Scene) -> Scene:
    """A team at work from 8 to 20 on weekdays; a Monday has begun."""
    scene.config.write_text(scene.config.read_text("utf-8").replace("always_open = true", ""), encoding="utf-8")
    return scene


@pytest.mark.parametrize(
    ("typed", "due"),
    [
        ("2026-06-20", "2026-06-19 20:00"),  # a Saturday
        ("Saturday", "2026-06-19 20:00"),
        ("2026-06-20 11:00", "2026-06-19 20:00"),
        ("2026-06-20T11:00+02:00", "2026-06-19 20:00"),
        ("2026-06-18", "2026-06-18 20:00"),
        ("18 June", "2026-06-18 20:00"),
        ("by Thursday.", "2026-06-18 20:00"),
        ("2026-06-18 11:00", "2026-06-18 11:00"),
        ("2026-06-18T11:00+02:00", "2026-06-18 09:00"),
    ],
)
def test_a_date_by_hand_follows_the_rules_of_dates_in_replies(reading: Scene, typed: str, due: str) -> None:
    """In figures or in words; what falls on a closed day is due on the open one before, said and listed alike."""
    ticket = promised(in_office_hours(reading))
    for command in ("add", "correct"):
        said = reading.say("promise", command, ticket, typed)
        assert said == f"Kept: {ticket} hears from us by {due} UTC.\n"
        (listed,) = reading.facts("promises")
        assert listed["due_at"] == f"{due.replace(' ', 'T')}:00.000000Z"
        reading.say("promise", "dismiss", ticket)


def test_a_closed_day_counts_where_no_open_one_is_left(reading: Scene) -> None:
    """On a Sunday for Sunday: nobody means the Friday before."""
    ticket = promised(in_office_hours(reading))
    reading.clock.at += timedelta(days=6)
    assert "by 2026-06-21 20:00 UTC" in reading.say("promise", "add", ticket, "2026-06-21")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("soon", "'soon' is no date: write 2026-06-12, '2026-06-12 16:00', Friday or '12 June', ahead of now.\n"),
        ("1 June", "'1 June' is no date: write 2026-06-12, '2026-06-12 16:00', Friday or '12 June', ahead of now.\n"),
        ("2026-06-01", "A promise lies ahead: give a moment that is still to come.\n"),
        ("0001-01-01", "A promise lies ahead: give a moment that is still to come.\n"),
        ("2027-12-31", "A promise lies at most 366 days ahead: '2027-12-31' is later.\n"),
        ("9999-12-31", "'9999-12-31' is out of reach: a date lies in the years 1970 to 2200.\n"),
    ],
)
def test_a_date_that_cant_be_meant_is_refused_by_hand(reading: Scene, typed: str, why: str) -> None:
    """In one sentence, and nothing is kept."""
    ticket = promised(reading)
    result = reading.run("promise", "add", ticket, typed)
    assert (result.exit_code, result.stderr) == (2, why)
    assert reading.facts("promises") == []


def test_a_promise_is_added_once(reading: Scene) -> None:
    """A second time it is said to be there; another date stands beside it, and that is said, too."""
    ticket = promised(reading, "Once it is out.")
    reading.say("promise", "correct", ticket, "2026-06-19")
    again = reading.facts("promise", "add", ticket, "Friday")
    assert again == {"ticket": ticket, "promised_by": "2026-06-19T23:59:00.000000Z", "added": False}
    assert reading.say("promise", "add", ticket, "19 June") == (
        f"It is there already: {ticket} hears from us by the end of 2026-06-19 UTC.\n"
    )
    assert len(reading.facts("promises")) == 1
    assert reading.say("promise", "add", ticket, "2026-06-22") == (
        f"Kept: {ticket} hears from us by the end of 2026-06-22 UTC. Promised besides: by the end of 2026-06-19 UTC; "
        "`bugbridge promise correct` leaves one date alone.\n"
    )
    assert len(reading.facts("promises")) == 2


def test_what_waits_for_something_is_named_beside_a_new_date(reading: Scene) -> None:
    """It has no date to be compared with."""
    ticket = promised(reading, "Once it is out.")
    assert "Promised besides: when it is released; " in reading.say("promise", "add", ticket, "2026-06-22")


def test_a_ticket_that_no_file_had_is_no_matter_of_the_configuration(reading: Scene) -> None:
    """Its helpdesk is known from what was read from files, and nobody can ask it."""
    ticket = promised(reading, "Once it is out.")
    before, _, rest = reading.config.read_text("utf-8").partition("[helpdesks.support]")
    reading.config.write_text(before + rest[rest.index("[trackers") :], encoding="utf-8")
    result = reading.run("promise", "add", "support:99", "Friday")
    assert (result.exit_code, result.stderr) == (
        2,
        "There is no ticket support:99: what was read from files has none such.\n",
    )
    assert reading.facts("promises")[0]["ticket"] == ticket


def test_what_an_agent_writes_is_read_by_the_shipped_rules(scene: Scene) -> None:
    """No setting is needed: a reply's own words are listed with their date, until the next reply has kept them."""
    ticket = promised(scene, "I'll write to you by Friday 19 June.")
    (one,) = scene.facts("promises", "--open")
    assert (one["ticket"], one["due_at"], one["state"]) == (ticket, "2026-06-20T00:00:00.000000Z", "open")
    scene.helpdesk.write(ticket.partition(":")[2], AGENT, "There is no news yet.", START, public=True)
    scene.read()
    assert scene.say("promises") == "No promise is open or missed. Kept in time: 1; late: 0.\n"


def test_a_teams_own_frames_add_to_the_shipped_ones(scene: Scene) -> None:
    """Its file of wording is read; one that is wrong is said before anything is kept."""
    own = scene.config.parent / "own.toml"
    own.write_text('version = 1\nlanguage = "en"\n[promises]\ndated = ["smoke signals"]\n', encoding="utf-8")
    scene.config.write_text('wording = "own.toml"\n' + scene.config.read_text("utf-8"), encoding="utf-8")
    promised(scene, "Smoke signals by Friday 19 June.")
    assert [one["due_at"] for one in scene.facts("promises")] == ["2026-06-20T00:00:00.000000Z"]
    own.write_text('version = 1\nlanguage = "en"\n[promises]\ndated = [""]\n', encoding="utf-8")
    promised_again = scene.reported_bug(ANOTHER_CUSTOMER)
    result = scene.run("sync")
    assert (result.exit_code, "own.toml" in result.stderr) == (2, True)
    assert promised_again not in [one["ticket"] for one in scene.facts("promises")]
