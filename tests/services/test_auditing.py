"""Auditing: which bugs are read, and what each one's history says, in small histories that one can work out by hand."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest

from bugbridge.core.audit_model import Audit, Exclusion, LeftOut, Question, ResolvedBug, Waiting
from bugbridge.core.model import ClosedAs, Frequency
from bugbridge.core.survival import BugLife
from bugbridge.services import auditing
from bugbridge.services.auditing import run_audit
from tests.services.scene import CARLA, EVE, ISSUE, OTHER_ISSUE, VERSION, Scene, customer, day

DAYS_TO_FIX = (1, 2, 3, 4, 10)
ALL = Question(last=None)


def history() -> Scene:
    """Five bugs reported on day 1 and fixed so many days later, and a sixth that is declined."""
    scene = Scene().on(1)
    for number in range(101, 107):
        scene.tracker.add(f"github:acme/app#{number}", day(0))
        scene.reported(customer(f"customer of {number}"), f"github:acme/app#{number}")
    for number, days in enumerate(DAYS_TO_FIX, start=101):
        scene.tracker.close(f"github:acme/app#{number}", day(1 + days))
    scene.tracker.close("github:acme/app#106", day(12), ClosedAs.DECLINED)
    scene.on(12).decide()
    return scene


def unlinks(scene: Scene, reference: str) -> None:
    """A person takes the only link of a bug back."""
    bug_id = scene.issue(reference).bug_id
    (key,) = (link.key for link in scene.store.links() if link.key.bug_id == bug_id)
    scene.unlinks(scene.store.ticket(key.ticket_id).remote_id, reference)


def audited(scene: Scene, question: Question = ALL, **options: Any) -> list[ResolvedBug]:
    """The bugs that are measured, the latest fix first."""
    bugs: list[ResolvedBug] = []
    audit = run_audit(scene.store, scene.clock, question, sink=bugs.append, **options)
    assert audit.n == len(bugs)
    return bugs


def days(scene: Scene, question: Question = ALL) -> list[float]:
    """How long each took."""
    return [bug.days for bug in audited(scene, question)]


def the_bug(scene: Scene) -> ResolvedBug:
    """The only bug that is measured."""
    (bug,) = audited(scene)
    return bug


def heard(scene: Scene) -> Waiting:
    """What its customers heard."""
    waiting = the_bug(scene).waiting
    assert waiting is not None
    return waiting


def left_out(scene: Scene, question: Question = ALL) -> tuple[Exclusion, ...]:
    """What is in no figure."""
    return run_audit(scene.store, scene.clock, question).excluded


def test_bugs_are_measured_in_elapsed_days_from_report_to_fix() -> None:
    """The latest fix first; a decline is no fix."""
    assert days(history()) == [10, 4, 3, 2, 1]


def test_the_last_so_many_are_read_and_no_others() -> None:
    """Two of five, and progress hears of as many."""
    heard_of: list[int] = []
    measured = audited(history(), Question(last=2), progress=heard_of.append)
    assert [(bug.reference, bug.days) for bug in measured] == [("github:acme/app#105", 10), ("github:acme/app#104", 4)]
    assert heard_of == [1, 2]


def test_bugs_fixed_at_or_after_an_instant_are_read() -> None:
    """All of them, or the last so many of those."""
    scene = history()
    assert days(scene, Question(last=None, since=day(4))) == [10, 4, 3]
    assert days(scene, Question(last=2, since=day(4))) == [10, 4]
    assert days(scene, Question(last=100, since=day(4))) == [10, 4, 3]


def test_bugs_are_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, those fixed at the same instant too."""
    monkeypatch.setattr(auditing, "PAGE", 2)
    scene = Scene().on(1)
    numbers = range(101, 108)
    for number in numbers:
        scene.tracker.add(f"github:acme/app#{number}", day(0))
        scene.reported(CARLA, f"github:acme/app#{number}")
        scene.tracker.close(f"github:acme/app#{number}", day(2))
    scene.on(3).sync()
    assert [bug.reference for bug in audited(scene)] == [f"github:acme/app#{number}" for number in reversed(numbers)]


def test_a_fix_that_was_taken_back_is_none() -> None:
    """The bug is open again."""
    scene = history()
    scene.tracker.reopen("github:acme/app#105", day(13))
    scene.on(13).sync()
    assert days(scene) == [4, 3, 2, 1]


def test_the_fix_that_holds_counts_and_the_first_is_kept() -> None:
    """It was closed as fixed twice."""
    scene = history()
    scene.tracker.reopen("github:acme/app#101", day(13))
    scene.tracker.close("github:acme/app#101", day(14))
    scene.on(14).sync()
    newest = audited(scene)[0]
    assert (newest.reference, newest.days, newest.closes) == ("github:acme/app#101", 13, 2)
    assert (newest.first_fixed_at, newest.fixed_at, newest.released_at) == (day(2), day(14), None)


def test_the_release_is_dated() -> None:
    """It may come after the fix."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(3))
    scene.tracker.release(ISSUE, VERSION, day(5))
    scene.on(6).sync()
    bug = the_bug(scene)
    assert (bug.fixed_at, bug.released_at, bug.closes) == (day(3), day(5), 1)


def test_the_first_of_several_reports_counts() -> None:
    """The earliest customer waited longest."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.on(4).reported(EVE)
    scene.tracker.close(ISSUE, day(6))
    scene.on(6).sync()
    bug = the_bug(scene)
    assert (bug.links, bug.reported_at, bug.days) == (2, day(1), 5)


def test_a_bug_is_known_by_its_customers_its_tracker_and_its_labels() -> None:
    """Each plan, brand and label once, in order; who has no plan adds none."""
    scene = Scene().on(1)
    scene.tracker.add("github:acme/app#50", day(0), labels=("ui", "export"))
    for who, brand in ((EVE, "shop"), (CARLA, "bank"), (customer("otto", "business"), "shop")):
        ticket = scene.helpdesk.add_ticket(scene.clock.at, "It is broken.", who, brand=brand)
        scene.notes(ticket, "This is acme/app#50")
    scene.read()
    scene.tracker.close("github:acme/app#50", day(2))
    scene.on(2).sync()
    bug = the_bug(scene)
    assert (bug.tracker, bug.labels) == ("github", ("export", "ui"))
    assert (bug.tiers, bug.brands, bug.links) == (("business", "enterprise"), ("bank", "shop"), 3)


def test_bugs_are_known_by_how_often_they_are_met() -> None:
    """Six accounts in four weeks make a frequent bug, one makes none."""
    scene = Scene().on(1)
    for week in range(4):
        scene.on(1 + 7 * week).reported(customer(f"first of week {week}"))
        scene.reported(customer(f"second of week {week}"))
    scene.reported(CARLA, OTHER_ISSUE)
    scene.on(40).plan()
    for reference in (ISSUE, OTHER_ISSUE):
        scene.tracker.close(reference, day(40))
    scene.sync()
    found = {bug.reference: bug.frequency for bug in audited(scene)}
    assert found == {ISSUE: Frequency.FREQUENT, OTHER_ISSUE: Frequency.INFREQUENT}


def test_a_bug_that_no_ticket_reports_any_more_is_left_out() -> None:
    """A wrong link says nothing about customers; the fix is counted and named."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    scene.unlinks(ticket)
    assert (audited(scene), left_out(scene)) == ([], (Exclusion(LeftOut.NO_TICKET, 1, (ISSUE,)),))


def test_fixes_without_a_ticket_count_among_the_last_that_are_read() -> None:
    """Those before aren't looked at, nor those before the instant that was asked for."""
    scene = history()
    unlinks(scene, "github:acme/app#102")
    without = (Exclusion(LeftOut.NO_TICKET, 1, ("github:acme/app#102",)),)
    questions = (Question(last=3), Question(last=4), Question(last=100, since=day(4)), ALL)
    assert [left_out(scene, question) for question in questions] == [(), without, (), without]


def test_a_fix_that_is_dated_ahead_is_not_one_yet() -> None:
    """As of now it hasn't happened."""
    scene = history()
    assert days(scene.on(5)) == [4, 3, 2, 1]
    assert left_out(scene) == (Exclusion(LeftOut.NOT_YET, 1, ("github:acme/app#105",)),)


def test_a_bug_fixed_before_it_was_reported_is_counted_and_another_takes_its_place() -> None:
    """A person linked a ticket of later on."""
    scene = history()
    unlinks(scene, "github:acme/app#105")
    late = scene.on(13).writes_in(EVE)
    scene.read()
    scene.links_by_hand(late, "github:acme/app#105")
    audit = run_audit(scene.store, scene.clock, Question(last=2))
    assert (audit.n, [bug.days for bug in audited(scene, Question(last=2))]) == (2, [4, 3])
    assert audit.excluded == (Exclusion(LeftOut.FIXED_BEFORE_REPORTED, 1, ("github:acme/app#105",)),)


def test_replies_are_counted_with_those_that_were_asked_for() -> None:
    """A question of ours nobody asked for; an answer to theirs; each promised nothing."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).replies(ticket, "Could you send the log?")
    scene.on(3).writes_again(ticket)
    scene.on(4).replies(ticket, "Thank you.")
    scene.on(6).is_released()
    scene.decide()
    waiting = heard(scene)
    assert (waiting.links, waiting.replies, waiting.asked_for, waiting.not_told) == (1, 2, 1, 1)


def test_updates_are_replies_in_which_a_customer_heard_something() -> None:
    """A reminder to an agent is none, nor is a reply without news; telling of the release is one, once."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA)
    scene.on(2).replies(ticket, "Could you send the log?")
    scene.on(3).is_released()
    scene.decide()
    scene.send()
    before = heard(scene)
    scene.on(4).replies(ticket, f"It is fixed in {VERSION}.")
    scene.replies(ticket, "You are welcome.")
    scene.link()
    after = heard(scene)
    assert [(one.updates, one.newsful, one.reminders) for one in (before, after)] == [(0, 0, 1), (1, 1, 1)]
    assert (after.told_certain, after.told_after, after.news_missed) == (1, (1,), 0)


def test_required_updates_are_those_that_were_planned() -> None:
    """The release was due on day 3: told a day later, five days later, or never."""
    found = []
    for told_on in (4, 8, None):
        scene = Scene().on(1)
        ticket = scene.reported(CARLA)
        scene.on(3).is_released()
        scene.decide()
        scene.send()
        if told_on is not None:
            scene.on(told_on).replies(ticket, f"It is fixed in {VERSION}.")
        scene.on(20).decide()
        waiting = heard(scene)
        found.append((waiting.required, waiting.late, waiting.missed))
    assert found == [(1, 0, 0), (1, 1, 0), (1, 0, 1)]


def test_reminders_posted_are_counted_once_each() -> None:
    """Two customers were reminded of, each once, however often sending ran."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.reported(EVE)
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    scene.send()
    assert heard(scene).reminders == 2


def test_one_note_for_two_tickets_of_a_customer_is_one_reminder() -> None:
    """It went to one of them and spoke of both."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.reported(CARLA)
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    waiting = heard(scene)
    assert (waiting.links, waiting.reminders) == (2, 1)


def test_reminders_of_a_duplicate_count_for_its_survivor() -> None:
    """The reminder went out before anybody knew that the two are one."""
    scene = Scene().on(1)
    scene.reported(CARLA, OTHER_ISSUE)
    scene.on(2).is_released(OTHER_ISSUE)
    scene.decide()
    scene.send()
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(3))
    scene.tracker.close(ISSUE, day(3))
    scene.on(3).sync()
    assert (the_bug(scene).reference, heard(scene).reminders) == (ISSUE, 1)


def test_a_ticket_that_names_a_duplicate_too_waits_once() -> None:
    """One customer, one conversation."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).notes(ticket, f"Also {OTHER_ISSUE}")
    scene.read()
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(3))
    scene.tracker.close(ISSUE, day(5))
    scene.on(4).replies(ticket)
    scene.on(5).read()
    assert (the_bug(scene).links, heard(scene).links, heard(scene).replies) == (1, 1, 1)


def test_a_reply_on_a_follow_up_with_a_link_of_its_own_counts_once() -> None:
    """It belongs to the first conversation as well."""
    scene = Scene().on(1)
    ticket = scene.reported()
    follow_up = scene.on(2).helpdesk.add_ticket(scene.clock.at, "Still broken", CARLA, followup_of=ticket)
    scene.notes(follow_up, f"This is {ISSUE}")
    scene.on(3).replies(follow_up)
    scene.tracker.close(ISSUE, day(5))
    scene.on(5).read()
    assert (heard(scene).links, heard(scene).replies) == (2, 1)


def lives_of(scene: Scene, since: datetime | None) -> list[BugLife]:
    """The lives that an audit measures by."""
    with scene.store.snapshot():
        return sorted(scene.store.lives(since), key=lambda life: (life.reported_at, life.ended_at or day(999)))


def test_the_period_has_every_bug_that_was_open_in_it() -> None:
    """Fixed, declined and open ones; those that ended by then, and those without a ticket, are in none."""
    scene = history()
    scene.on(13).reported(EVE)
    everything = [
        *(BugLife(day(1), day(1 + days), "fixed") for days in DAYS_TO_FIX),
        BugLife(day(1), day(12), "declined"),
    ]
    assert lives_of(scene, None) == [*everything, BugLife(day(13))]
    assert lives_of(scene, day(5)) == [*everything[4:], BugLife(day(13))]


def test_a_declined_bug_that_was_reopened_is_open() -> None:
    """Whatever was decided before."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    scene.on(2).sync()
    declined = lives_of(scene, None)
    scene.tracker.reopen(ISSUE, day(3))
    scene.on(3).sync()
    assert (declined, lives_of(scene, None)) == ([BugLife(day(1), day(2), "declined")], [BugLife(day(1))])


def test_nothing_is_held_while_bugs_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is handed on before the next is read."""
    order: list[str] = []

    def measure(
        question: Question, now: datetime, bugs: Iterable[ResolvedBug], _lives: Callable[..., Iterator[BugLife]]
    ) -> Audit:
        order.extend(f"measured {bug.days}" for bug in bugs)
        return Audit(now, question)

    monkeypatch.setattr(auditing, "measure", measure)
    scene = history()
    run_audit(scene.store, scene.clock, Question(2), sink=lambda bug: order.append(f"read {bug.days}"))
    assert order == ["read 10.0", "measured 10.0", "read 4.0", "measured 4.0"]
