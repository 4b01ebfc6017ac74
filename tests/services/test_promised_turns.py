"""Customers who get our drafts word for word: the date in each is a promise, and one message keeps both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest

from bugbridge.core.audit_model import Question, ResolvedBug, Waiting
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.promise_rules import PromiseRules, always_open, end_of_day, finds_nothing
from bugbridge.core.promises import PromiseFinder, SaidPromise
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.services.auditing import run_audit
from bugbridge.services.checking import check
from bugbridge.services.replaying import replay
from tests.core.replay_scene import in_turn
from tests.services.scene import EVE, HELPDESK, POLICY, REPLIES, RULES, SHIPPED_TEXT, Scene
from tests.services.test_promises import fared

AGAIN = re.compile(r"I'll\s+write\s+again\s+by\s+(\d+\s+\w+)")


def finds_drafts(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:  # noqa: ARG001 - a finder's signature
    """A finder that knows the one sentence of our drafts."""
    found = []
    for match in AGAIN.finditer(text):
        on = datetime.strptime(f"{' '.join(match[1].split())} {said_at.year}", "%d %B %Y").astimezone(calendar.zone)
        found.append(SaidPromise(match.start(), match.end(), end_of_day(on.date(), calendar)))
    return found


def team(find: PromiseFinder = finds_drafts) -> Scene:
    """A scene on day 1 that reads the promises of drafts, or none."""
    scene = Scene().on(1)
    scene.reference_rules = replace(RULES, promises=PromiseRules(find, always_open))
    return scene


def draft_in(scene: Scene, ticket: str) -> str:
    """The draft in the last note, as an agent copies it."""
    return scene.helpdesk.notes(ticket)[-1].body


def notes(scene: Scene, tickets: Sequence[str], first: int, last: int) -> Iterator[int]:
    """On which days a note was posted; agents send its draft at once."""
    for number in range(first, last + 1):
        before = [scene.reminders(ticket) for ticket in tickets]
        scene.on(number).decide()
        scene.send()
        for ticket, count in zip(tickets, before, strict=True):
            if scene.reminders(ticket) > count:
                yield number
                scene.on(number + 0.1).replies(ticket, draft_in(scene, ticket))
                scene.decide()


def gaps(days: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(days)]


@pytest.mark.parametrize("count", [1, 2])
def test_intervals_grow_whether_promises_are_read_or_not(count: int) -> None:
    """A business day earlier each time, and one note a turn, also for a customer with two tickets."""
    read, unread = team(), team(finds_nothing)
    days = []
    for scene in (unread, read):
        tickets = [scene.reported(EVE) for _ in range(count)]
        scene.plan()
        days.append(list(notes(scene, tickets, 2, 70)))
        assert check(scene.store).all == ()
    assert gaps(days[0]) == [12, 18, 27]
    assert gaps(days[1]) == [each - 1 for each in gaps(days[0])]
    assert set(fared(read)) == {"kept", "open"}


def heard_of(scene: Scene) -> Waiting:
    """What the audit counts, once the bug was released and that was told."""
    bugs: list[ResolvedBug] = []
    run_audit(scene.store, scene.clock, Question(last=None), sink=bugs.append)
    assert bugs[0].waiting is not None
    return bugs[0].waiting


def test_the_audit_counts_as_many_updates_and_breaks_none() -> None:
    """Each turn is one update that was called for, with or without a promise."""
    counted, sent = [], []
    for scene in (team(), team(finds_nothing)):
        ticket = scene.reported(EVE)
        scene.plan()
        list(notes(scene, [ticket], 2, 70))
        scene.on(71).is_released()
        scene.decide()
        scene.send()
        scene.on(72).replies(ticket, "It's out, in 4.2.")
        scene.on(73).decide()
        waiting = heard_of(scene)
        counted.append((waiting.updates, waiting.newsful, waiting.required, waiting.late, waiting.missed))
        replayed = replay(scene.store, {"in force": scene.policy}, scene.clock, ALWAYS_OPEN, in_turn)
        sent.append([one.metrics.sent for one in replayed.policies])
    assert counted[0] == counted[1] == (5, 1, 5, 0, 0)
    assert sent == [[5], [5]]


def test_nobody_is_reminded_twice_of_a_turn_on_another_ticket() -> None:
    """The agent is slow; the customer's other ticket knows that the message is owed already."""
    scene = team()
    scene.policy = replace(scene.policy, limits=replace(scene.policy.limits, batch_business_days=0))
    tickets = [scene.reported(EVE), scene.reported(EVE)]
    scene.plan()
    posted = notes(scene, tickets, 2, 70)
    assert (next(posted), next(posted)) == (8, 19)
    for number in range(20, 40):
        scene.on(number).decide()
        scene.send()
    assert sum(scene.reminders(ticket) for ticket in tickets) == 2
    assert [one for ticket in tickets for one in scene.updates(ticket) if one[1] == "posted"] == [
        ("promised", "posted")
    ]


WEEKLY = '[[rule]]\nid = "weekly"\nwhen = { stage = ["open"] }\nevery_days = [7, 28]\ndeliver = "reply"\n'


def by_reply(find: PromiseFinder = finds_drafts) -> tuple[Scene, str]:
    """A customer whom BugBridge itself writes to each time."""
    scene = team(find)
    scene.policy, scene.replying = (
        replace(parse_policy(SHIPPED_TEXT + WEEKLY), limits=POLICY.limits),
        frozenset({HELPDESK}),
    )
    ticket = scene.reported()
    scene.plan()
    return scene, ticket


def replied(scene: Scene, first: int, last: int) -> list[int]:
    """On which days replies of our own went out."""
    days = []
    for number in range(first, last + 1):
        scene.on(number).decide()
        sent = scene.send().replied
        scene.clock.forward(REPLY_HOLD)
        if sent + scene.send().replied:
            days.append(number)
    return days


def test_what_our_own_replies_promise_is_kept_by_replies() -> None:
    """A business day ahead, with the same growing intervals, and nobody is reminded of anything."""
    scene, ticket = by_reply()
    assert gaps(replied(scene, 2, 64)) == [11, 17, 26]
    assert (scene.reminders(ticket), set(fared(scene))) == (0, {"kept", "open"})
    assert check(scene.store).all == ()


@pytest.mark.parametrize(("find", "days"), [(finds_drafts, [8, 19, 36]), (finds_nothing, [8])])
def test_a_date_in_our_own_reply_is_held_over_the_caps(find: PromiseFinder, days: list[int]) -> None:
    """Who has seen what they may see unasked waits for all else."""
    scene, _ = by_reply(find)
    scene.policy = replace(scene.policy, limits=replace(scene.policy.limits, per_contact_days=60))
    assert replied(scene, 2, 40) == days


def test_a_reply_of_our_own_that_names_no_day_promises_nothing() -> None:
    """As one about a release."""
    scene, _ = by_reply()
    scene.policy = replace(REPLIES, limits=POLICY.limits)
    scene.on(2).is_released()
    assert (replied(scene, 2, 3), fared(scene)) == ([2], [])
