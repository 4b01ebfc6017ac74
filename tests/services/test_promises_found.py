"""Promises in the agents' own words, by the shipped rules: from the reply over the list to the reminder and its end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.promise_finding import finder
from bugbridge.core.promise_rules import PromiseRules
from bugbridge.core.promises import SaidPromise
from bugbridge.services.backfilling import backfill, plan_backfill
from bugbridge.services.importing_links import FoundLink, import_links
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.promising import listed_promises
from bugbridge.settings import shipped_folder
from bugbridge.wordings import read_wordings
from tests.services.scene import CARLA, ISSUE, RULES, Scene, day
from tests.services.test_note_lines import answers

OFFICE = WorkCalendar(ZoneInfo("UTC"), time(9), time(17), frozenset({5, 6}))
WORDINGS = read_wordings(shipped_folder())
FRIDAY = day(8).replace(hour=17)  # the 9th of January 2026


def team() -> Scene:
    """A scene on Friday, 2 January, that reads promises in agents' own words."""
    scene = Scene().on(1)
    scene.reference_rules = replace(RULES, promises=PromiseRules(finder(lambda: WORDINGS), lambda: OFFICE))
    return scene


def answered(scene: Scene, reply: str) -> str:
    """A ticket whose bug was noted, and whose customer got a reply an hour later."""
    ticket = scene.reported()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, reply)
    scene.decide()
    return ticket


def fared(scene: Scene) -> list[str]:
    return [str(one.fared) for one in listed_promises(scene.store, scene.clock, ALWAYS_OPEN)]


@pytest.mark.parametrize(
    "reply",
    [
        "Hello Carla,\n\nwe are still looking. I'll write to you by Friday 9 January.\n\nKind regards,\nAda Agent",
        "Guten Tag,\n\nich melde mich bis Freitag, den 9. Januar, wieder bei Ihnen.\n\nViele Grüße\nAda",
    ],
)
def test_a_message_promised_by_friday_is_called_for_and_kept(reply: str) -> None:
    """It is listed at once, a reminder comes a business day ahead, and a public reply ends both."""
    scene = team()
    ticket = answered(scene, reply)
    (one,) = listed_promises(scene.store, scene.clock, ALWAYS_OPEN)
    assert (one.promise.due_at, str(one.fared), scene.updates(ticket)) == (FRIDAY, "open", [])
    scene.on(7.5).decide()
    scene.send()
    assert (scene.updates(ticket), scene.reminders(ticket)) == ([("promised", "posted")], 1)
    scene.replies(ticket, "There is no news yet.")
    scene.decide()
    assert (scene.updates(ticket), fared(scene)) == ([("promised", "told")], ["kept"])


def test_a_customer_who_was_told_of_any_change_hears_how_it_ended() -> None:
    """The sentence that stands for a timeline is a promise, too, which the news itself keeps."""
    scene = team()
    ticket = answered(scene, "We don't have a timeline right now, but if that changes I'll let you know.")
    assert (fared(scene), scene.updates(ticket)) == (["open"], [])
    scene.on(20).is_released()
    scene.decide()
    scene.send()
    assert (scene.updates(ticket), scene.reminders(ticket)) == ([("released", "posted")], 1)
    scene.on(20.5).replies(ticket, "It's out, in 4.2.")
    scene.decide()
    assert fared(scene) == ["kept"]


def test_a_customer_is_answered_in_the_language_of_the_reply() -> None:
    """Whatever their own is."""
    scene = team()
    ticket = scene.writes_in(replace(CARLA, locale="de"))
    scene.notes(ticket, "This is github:acme/app#12")
    scene.read()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "I'll write to you by Friday 9 January.")
    scene.decide()
    assert fared(scene) == ["open"]


@pytest.mark.parametrize("typed", ["Friday 9 January", "9 January.", "the 9th"])
def test_a_line_corrects_the_date_in_words(typed: str) -> None:
    """As agents write dates in replies."""
    scene = team()
    ticket = answered(scene, "I'll write to you by the end of the month.")
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, f"bug: promised by {typed}")
    scene.decide()
    promises = listed_promises(scene.store, scene.clock, ALWAYS_OPEN)
    assert ([one.promise.due_at for one in promises], answers(scene, ticket)) == ([FRIDAY], [])


def links(scene: Scene, _: str) -> None:
    scene.link()


def refreshes(scene: Scene, ticket: str) -> None:
    refresh_ticket(scene.helpdesk, scene.store, scene.clock, scene.reference_rules, ticket)


def backfills(scene: Scene, _: str) -> None:
    scene.link()
    plan = plan_backfill(scene.helpdesk, scene.store, day(0), again=True)
    backfill(scene.helpdesk, scene.store, scene.clock, scene.reference_rules, plan, lambda _: None)


def imports(scene: Scene, ticket: str) -> None:
    found = [FoundLink(ticket, ISSUE, "list")]
    import_links(scene.helpdesk, scene.store, scene.clock, scene.reference_rules, found)


@pytest.mark.parametrize("reads", [links, refreshes, backfills, imports])
def test_nobody_waits_for_the_store_while_promises_are_found(reads: Callable[[Scene, str], None]) -> None:
    """Reading a page of long conversations takes seconds, in which another process may want to write."""
    scene = team()
    find, held = finder(lambda: WORDINGS), []

    def watched(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:
        held.append(scene.store._connection().in_transaction)
        return find(text, said_at, calendar, language)

    scene.reference_rules = replace(RULES, promises=PromiseRules(watched, lambda: OFFICE))
    ticket = scene.writes_in()
    scene.notes(ticket, f"This is {ISSUE}")
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "I'll write to you by Friday 9 January.")
    reads(scene, ticket)
    scene.read()
    assert (set(held), fared(scene)) == ({False}, ["open"])
