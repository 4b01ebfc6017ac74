"""Auditing: the figures of a small history that one can work out by hand."""

from bugbridge.core.audit_model import Question
from bugbridge.core.model import ClosedAs
from bugbridge.services.auditing import run_audit
from tests.services.scene import CARLA, EVE, ISSUE, OTHER_ISSUE, VERSION, Scene, customer, day

DAYS_TO_FIX = (1, 2, 3, 4, 10)


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


def test_the_figures_are_elapsed_days_from_report_to_fix() -> None:
    """Of 1, 2, 3, 4 and 10: linear between neighbours (type 7) the 90th percentile is 7.6; a decline is no fix."""
    scene = history()
    figures = run_audit(scene.store, scene.clock)
    assert (figures.n, figures.median_days, figures.mean_days, figures.worst_days) == (5, 3, 4, 10)
    assert round(figures.p90_days or 0, 9) == 7.6


def test_only_the_bugs_fixed_last_are_measured() -> None:
    """The newest first."""
    scene = history()
    measured = run_audit(scene.store, scene.clock, Question(last=2)).bugs
    assert [(bug.reference, bug.days) for bug in measured] == [("github:acme/app#105", 10), ("github:acme/app#104", 4)]


def test_a_fix_that_was_taken_back_is_none() -> None:
    """The bug is open again."""
    scene = history()
    scene.tracker.reopen("github:acme/app#105", day(13))
    scene.on(13).sync()
    assert run_audit(scene.store, scene.clock).n == 4


def test_the_fix_that_holds_counts() -> None:
    """Not the first, that didn't."""
    scene = history()
    scene.tracker.reopen("github:acme/app#101", day(13))
    scene.tracker.close("github:acme/app#101", day(14))
    scene.on(14).sync()
    newest = run_audit(scene.store, scene.clock).bugs[0]
    assert (newest.reference, newest.days) == ("github:acme/app#101", 13)


def test_the_first_of_several_reports_counts() -> None:
    """The earliest customer waited longest."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.on(4).reported(EVE)
    scene.tracker.close("github:acme/app#12", day(6))
    scene.on(6).sync()
    (bug,) = run_audit(scene.store, scene.clock).bugs
    assert (bug.links, bug.days) == (2, 5)


def test_a_bug_that_no_ticket_reports_any_more_is_left_out() -> None:
    """A wrong link says nothing about customers."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.tracker.close("github:acme/app#12", day(2))
    scene.on(2).sync()
    scene.unlinks(ticket)
    assert run_audit(scene.store, scene.clock).n == 0


def test_reminders_posted_are_counted_once_each() -> None:
    """Two customers were reminded of, each once, however often sending ran."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.reported(EVE)
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    scene.send()
    assert run_audit(scene.store, scene.clock).replies.reminders == 2


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
    assert [(bug.reference, bug.reminders_posted) for bug in run_audit(scene.store, scene.clock).bugs] == [(ISSUE, 1)]


def test_bugs_are_grouped_by_how_often_they_are_met() -> None:
    """Six accounts in four weeks make a frequent bug, one makes none."""
    scene = Scene().on(1)
    for week in range(4):
        scene.on(1 + 7 * week).reported(customer(f"first of week {week}"))
        scene.reported(customer(f"second of week {week}"))
    scene.reported(CARLA, "github:acme/app#34")
    scene.on(40).plan()
    for number in ("12", "34"):
        scene.tracker.close(f"github:acme/app#{number}", day(40))
    scene.sync()
    groups = run_audit(scene.store, scene.clock).by_frequency
    assert {name: figures.n for name, figures in groups.items()} == {"frequent": 1, "infrequent": 1}


def test_few_bugs_are_listed_without_statistics() -> None:
    """Three bugs have no median worth the name."""
    scene = Scene().on(1)
    scene.reported()
    scene.on(2).is_released()
    scene.sync()
    audit = run_audit(scene.store, scene.clock)
    assert (audit.days_to_fix.median, len(audit.bugs)) == (None, 1)


def test_updates_sent_are_replies_in_which_a_customer_heard_something() -> None:
    """A reminder to an agent is no update, nor is a reply without news; telling of the release is one, once."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA)
    scene.on(2).replies(ticket, "Could you send the log?")
    scene.on(3).is_released()
    scene.decide()
    scene.send()
    before = run_audit(scene.store, scene.clock)
    scene.on(4).replies(ticket, f"It is fixed in {VERSION}.")
    scene.replies(ticket, "You are welcome.")
    scene.link()
    after = run_audit(scene.store, scene.clock)
    counts = [(one.updates_sent, one.reminders_posted) for one in (before, after)]
    assert counts == [(0, 1), (1, 1)]
