"""The week on the sandbox: it holds what it must, reads as it was kept, and its checks see what would be wrong."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, time
from pathlib import Path

import pytest

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, World
from scripts.week import checks
from scripts.week.__main__ import difference
from scripts.week.desk import Desk
from scripts.week.habits import ROUND
from scripts.week.people import ADA, FRIDAY, TEAM_ZONE, THURSDAY, WEDNESDAY
from scripts.week.record import reminders, told
from scripts.week.reports import CALENDAR, EXPORT, SIGN_IN, at
from scripts.week.script import EARLIER_RELEASE, PARTS, RELEASE, REPORTS, script
from scripts.week.transcript import transcript

KEPT = Path(checks.__file__).with_name("transcript.txt")
REMINDER = "Due by Wednesday 10 June 10:00: this customer hasn't been told."


@contextmanager
def written(world: World, ticket: int, body: str, when: datetime, author: int = SELF_ID) -> Iterator[None]:
    """A ticket with one more comment, for a while: a note of BugBridge's, or an agent's answer."""
    comments = world.tickets[ticket].comments
    comments.append(Comment(0, author, body, author != SELF_ID, when, "web"))
    try:
        yield
    finally:
        comments.pop()


def tickets_on(bug: str) -> list[int]:
    """The numbers of the tickets on a bug."""
    return [report.number for report in REPORTS if report.bug == bug and not report.wrong]


def test_the_week_holds_what_it_must(week: Desk) -> None:
    """Few reminders, none outside the hours, nobody told twice, nobody forgotten: by the helpdesk's own record."""
    assert checks.problems_of(week.world) == []


def test_the_database_is_sound_after_the_week(week: Desk) -> None:
    """Every invariant holds, and all that is derived is what the events say."""
    assert week.unsound() == []


def test_the_transcript_is_the_one_that_was_kept(week: Desk) -> None:
    """Byte for byte; where it is meant to differ, `scripts/play-week` writes it anew."""
    assert difference(transcript(week.world, week.heard(), script()), KEPT) == ""


def test_the_week_has_sixty_tickets_of_one_bug_and_thirty_others(week: Desk) -> None:
    """Twenty of the sixty for each agent, and one customer with two of them."""
    assert (len(week.world.tickets), len(tickets_on(EXPORT))) == (90, 60)
    assert {
        sum(one.agent is agent for one in REPORTS if one.bug == EXPORT) for agent in {r.agent for r in REPORTS}
    } == {20}
    assert len({one.customer.id for one in REPORTS if one.bug == EXPORT}) == 59


def test_a_ninth_reminder_is_seen(week: Desk) -> None:
    """Nine on one day are too many."""
    before = reminders(week.world)[ADA, WEDNESDAY]
    with ExitStack() as nine:
        for report in [report for report in REPORTS if report.agent is ADA][: 9 - before]:
            nine.enter_context(written(week.world, report.number, REMINDER, at(WEDNESDAY, "10:00")))
        assert list(checks.few_reminders(week.world)) == ["Ada got 9 reminders on 2026-06-10, more than 8."]


@pytest.mark.parametrize("hour", [time(7, 59), time(18, 1)])
def test_a_note_outside_the_hours_is_seen(week: Desk, hour: time) -> None:
    """Before eight and after six nobody works."""
    with written(week.world, 1001, REMINDER, datetime.combine(FRIDAY, hour, TEAM_ZONE)):
        (problem,) = checks.no_note_outside_hours(week.world)
    assert problem == f"#1001 got a note at Friday {hour:%H:%M}, when nobody works."


def test_a_release_told_twice_is_seen(week: Desk) -> None:
    """Once more on a ticket whose customer knows."""
    with written(week.world, tickets_on(CALENDAR)[0], f"It is in {EARLIER_RELEASE}.", at(FRIDAY, "09:00"), ADA.id):
        (problem,) = checks.nothing_told_twice(week.world)
    assert problem.endswith(f"was told of {EARLIER_RELEASE} 2 times.")


def test_another_version_is_not_the_release(week: Desk) -> None:
    """4.2 is named neither by 4.20 nor by 4.2.1 nor by 14.2."""
    before = told(week.world, EXPORT, RELEASE)
    with written(week.world, tickets_on(EXPORT)[0], "See 4.20, 4.2.1 and 14.2.", at(FRIDAY, "09:00"), ADA.id):
        assert told(week.world, EXPORT, RELEASE) == before


def test_a_forgotten_customer_is_seen(week: Desk) -> None:
    """One to whom nobody wrote of the earlier release."""
    ticket = week.world.tickets[tickets_on(CALENDAR)[0]]
    kept, ticket.comments = ticket.comments, [one for one in ticket.comments if EARLIER_RELEASE not in one.body]
    try:
        (problem,) = checks.earlier_release_told(week.world)
    finally:
        ticket.comments = kept
    assert problem == f"The customer of #{ticket.id} was never told of {EARLIER_RELEASE}."


def test_a_note_on_the_wrong_link_is_seen(week: Desk) -> None:
    """Whatever is said of a bug after its link was taken back."""
    number, note = PARTS.wrong.number, f"github:{EXPORT} is released."
    with written(week.world, number, note, at(THURSDAY, "11:00")):
        problems = list(checks.nothing_on_the_wrong_link(week.world))
    assert f"#{number} got a note on {EXPORT} after the link was taken back." in problems


@pytest.mark.parametrize(
    ("check", "ticket", "author"),
    [
        (checks.misspelt_line_answered, PARTS.phoned.number, SELF_ID),
        (checks.clear_no_once, tickets_on(SIGN_IN)[0], ADA.id),
        (checks.error_owned_once, tickets_on(CALENDAR)[0], ADA.id),
    ],
)
def test_what_is_said_twice_is_seen(week: Desk, check: checks.Check, ticket: int, author: int) -> None:
    """An answer to a line, a no, a correction: each is for once."""
    words = "About tolld."
    with written(week.world, ticket, words, at(FRIDAY, "11:00"), author):
        once = set(check(week.world))
        with written(week.world, ticket, words, at(FRIDAY, "11:05"), author):
            twice = set(check(week.world))
    assert [problem for problem in twice - once if problem.startswith((f"#{ticket} ", "The misspelt line"))]


def test_a_second_ping_is_seen(week: Desk) -> None:
    """The same round asks an agent once."""
    ping, moment = f"{RELEASE} is out. Nothing {ROUND}", at(THURSDAY, "10:10")
    ours = [report.number for report in REPORTS if report.agent is ADA][:2]
    with written(week.world, ours[0], ping, moment), written(week.world, ours[1], ping, moment):
        assert any(problem.startswith("Ada was asked ") for problem in checks.one_ping_each(week.world))


def test_a_sentence_that_nobody_saw_is_missed(week: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name."""
    monkeypatch.setattr(checks, "SENTENCES", {"farewell": "Goodbye"})
    assert list(checks.sentences_said(week.world)) == ["Nobody saw the sentence 'farewell'."]
