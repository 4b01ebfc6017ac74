"""Promises from the reply to the reminder: read once, in their author's zone, kept without their words, corrected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.audit_model import Question
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.events import Finding
from bugbridge.core.model import FindingKind
from bugbridge.core.people import People, Person
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.promise_counts import PromiseCounts, added_up
from bugbridge.core.promise_rules import PromiseRules, end_of_day
from bugbridge.core.promises import PromiseEvent, SaidPromise
from bugbridge.core.promises_made import counted
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.helpdesks.memory import AGENT
from bugbridge.services.auditing import run_audit
from bugbridge.services.checking import check
from bugbridge.services.forgetting import forget
from bugbridge.services.intake import add_promise
from bugbridge.services.promising import ListedPromise, correct_promise, listed_promises
from bugbridge.services.rounds import let_be, release, rounds_waiting
from bugbridge.services.saying import Word
from tests.services.scene import (
    ANN,
    CARLA,
    HELPDESK,
    ISSUE,
    OTHER_ISSUE,
    REPLIES,
    RULES,
    SHIPPED,
    SHIPPED_TEXT,
    Scene,
    customer,
    day,
)
from tests.services.test_note_lines import answers

OFFICE = WorkCalendar(ZoneInfo("UTC"), time(9), time(17), frozenset({5, 6}))
NOTHING = '[[rule]]\nid = "silent"\nwhen = { stage = ["open", "fixed", "released"] }\ntell = "nothing"\n'
BY, ONCE = "I'll write by day ", "I'll write once there is: "


def finds(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:  # noqa: ARG001 - a finder's signature
    """A finder that knows two sentences: a number of days from now, and what is waited for."""
    found = []
    for line in text.splitlines():
        if line.startswith(BY):
            on = said_at.astimezone(calendar.zone).date() + timedelta(days=int(line.removeprefix(BY)))
            found.append(SaidPromise(0, len(line), end_of_day(on, calendar)))
        elif line.startswith(ONCE):
            found.append(SaidPromise(0, len(line), event=PromiseEvent(line.removeprefix(ONCE))))
    return found


def team(calendar: WorkCalendar = ALWAYS_OPEN, people: People | None = None) -> Scene:
    """A scene on day 1 that reads promises."""
    scene = Scene().on(1)
    scene.reference_rules = replace(RULES, promises=PromiseRules(finds, lambda: calendar), people=people or People())
    return scene


def promised(scene: Scene, *said: str) -> str:
    """A ticket whose bug was noted and whose customer was promised something an hour later."""
    ticket = scene.reported()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "\n".join(said))
    scene.decide()
    return ticket


def found(scene: Scene, ticket: str) -> list[Finding]:
    every = scene.history(scene.key(ticket)).findings
    return [one for one in every if one.kind is FindingKind.PROMISE]


def listed(scene: Scene) -> tuple[ListedPromise, ...]:
    return listed_promises(scene.store, scene.clock, ALWAYS_OPEN)


def fared(scene: Scene) -> list[str]:
    return [str(one.fared) for one in listed(scene)]


def test_a_promise_is_kept_without_its_words() -> None:
    """When and for what, never the quote."""
    scene = team()
    ticket = promised(scene, f"{BY}9", "Secret words", f"{ONCE}released")
    dated, conditional = found(scene, ticket)
    assert (dated.due_at, dated.value) == (day(10).replace(hour=23, minute=59), "")
    assert (conditional.due_at, conditional.value) == (None, "released")
    assert "Secret" not in "\n".join(scene.store._connection().iterdump())


def test_a_day_ends_in_its_authors_own_zone() -> None:
    """By the list of people, in the team's working hours; in the team's zone where nobody knows theirs."""
    tokyo = Person(f"{HELPDESK}:{AGENT.remote_id}", "Ann", ZoneInfo("Asia/Tokyo"))
    there = promised(away := team(OFFICE, People((tokyo,))), f"{BY}3")
    here = promised(home := team(OFFICE), f"{BY}3")
    assert found(home, here)[0].due_at == day(4).replace(hour=17)
    assert found(away, there)[0].due_at == day(4).replace(hour=8)


def test_nobody_but_agents_promises() -> None:
    """Neither customers nor bots, nor agents among themselves, nor BugBridge's own notes."""
    scene = team()
    ticket = scene.reported()
    scene.writes_again(ticket, f"{BY}9")
    scene.robot_writes(ticket, f"{BY}9")
    scene.notes(ticket, f"{BY}9")
    scene.decide()
    assert (found(scene, ticket), listed(scene)) == ([], ())


def test_a_reply_is_read_once() -> None:
    """Read again, edited, or with its author in another zone by now, it promises nothing more."""
    scene = team()
    ticket = promised(scene, f"{BY}9")
    scene.reference_rules = replace(scene.reference_rules, promises=PromiseRules(finds, lambda: OFFICE))
    messages = scene.helpdesk._tickets[ticket].messages
    messages[-1] = replace(messages[-1], body=f"{BY}12")
    scene.robot_writes(ticket, "ping")
    scene.link()
    assert [one.due_at for one in found(scene, ticket)] == [day(10).replace(hour=23, minute=59)]


def test_the_agent_is_reminded_over_the_caps_and_a_reply_keeps_it() -> None:
    """A business day ahead; then the reminder ends."""
    scene = team()
    ticket = promised(scene, f"{BY}9")
    assert scene.updates(ticket) == []
    scene.on(9.7).decide()
    scene.send()
    assert (scene.updates(ticket), scene.reminders(ticket)) == ([("promised", "posted")], 1)
    scene.replies(ticket)
    scene.decide()
    assert (scene.updates(ticket), fared(scene)) == ([("promised", "told")], ["kept"])


@pytest.mark.parametrize(("rule", "reason"), [("", "released"), (NOTHING, "promised")])
def test_a_conditional_promise_is_kept_by_one_message(rule: str, reason: str) -> None:
    """As soon as its event is known: by the policy's own update, or by one of its own where that tells nothing."""
    scene = team()
    scene.policy = replace(parse_policy(SHIPPED_TEXT + rule), limits=scene.policy.limits)
    ticket = promised(scene, f"{ONCE}released")
    assert fared(scene) == ["open"]
    scene.on(20).is_released()
    scene.decide()
    scene.send()
    assert (scene.updates(ticket), scene.reminders(ticket)) == ([(reason, "posted")], 1)
    scene.on(21).replies(ticket, "It's out, in 4.2.")
    scene.decide()
    assert (scene.updates(ticket)[0], fared(scene)) == ((reason, "told"), ["kept"])


def with_a_round(said: str, count: int = 40) -> tuple[Scene, list[str]]:
    """So many customers are promised something in the first reply; then the bug is released."""
    scene = team()
    scene.policy = SHIPPED
    tickets = []
    for number in range(count):
        ticket = scene.writes_in(customer(f"customer {number}"))
        scene.notes(ticket, f"This is {ISSUE}")
        scene.replies(ticket, said)
        tickets.append(ticket)
    scene.decide()
    scene.on(2).is_released()
    scene.decide()
    return scene, tickets


def test_who_was_promised_the_release_is_in_its_round() -> None:
    """All forty, with one ping for their agent, and no reminder of a single one."""
    scene, tickets = with_a_round(f"{ONCE}released")
    sent = [scene.send() for _ in range(3)]
    assert [(one.posted, one.answered) for one in sent] == [(0, 1), (0, 0), (0, 0)]
    (one,) = rounds_waiting(scene.store)
    assert (one.reason, len(one.items)) == ("released", 40)
    assert sum(scene.reminders(ticket) for ticket in tickets) == 1
    release(scene.store, scene.clock, one.items, ANN)
    scene.plan()
    assert (scene.send().posted, fared(scene)) == (8, ["open"] * 40)


def test_who_is_left_out_of_a_round_is_still_owed_what_they_were_promised() -> None:
    """A person let that news be; the promise is another matter, and its agent's."""
    scene, tickets = with_a_round(f"{ONCE}released", 4)
    (one,) = rounds_waiting(scene.store)
    left_out = [item for item in one.items if item.ticket_id == scene.row(tickets[0]).id]
    let_be(scene.store, scene.clock, left_out, ANN)
    scene.plan()
    due = {ticket: [one for one in scene.updates(ticket) if one[1] == "planned"] for ticket in tickets}
    assert list(due.values()) == [[("promised", "planned")], *[[("released", "planned")]] * 3]


def test_a_dated_promise_is_owed_beside_a_round() -> None:
    """It never waits for one, and carries the news."""
    scene, tickets = with_a_round(f"{BY}1", 4)
    assert (scene.send().posted, [scene.updates(ticket)[-1] for ticket in tickets]) == (
        4,
        [("promised", "posted")] * 4,
    )


def test_what_was_promised_goes_out_by_itself_where_the_policy_says_so() -> None:
    """As the release's own reply, word for word as without the promise."""
    scene = team()
    scene.policy, scene.replying = replace(REPLIES, limits=scene.policy.limits), frozenset({HELPDESK})
    ticket = promised(scene, f"{ONCE}released")
    scene.on(20).is_released()
    scene.decide()
    assert scene.send().held == 1
    scene.clock.forward(REPLY_HOLD)
    assert (scene.send().replied, fared(scene), scene.reminders(ticket)) == (1, ["kept"], 0)


def test_old_promises_are_listed_and_flood_nobody() -> None:
    """A conversation that is read long after it took place."""
    scene = team()
    ticket = scene.writes_in()
    scene.notes(ticket, f"This is {ISSUE}")
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, f"{BY}3")
    scene.on(30).decide()
    scene.plan()
    scene.send()
    assert (fared(scene), scene.updates(ticket), scene.reminders(ticket)) == (["missed"], [], 0)


def test_without_a_bug_a_promise_does_nothing_until_one_is_linked() -> None:
    """Then it is the link's, if it is still owed."""
    scene = team()
    ticket = scene.writes_in()
    scene.replies(ticket, f"{BY}9")
    scene.decide()
    assert listed(scene) == ()
    scene.on(3).notes(ticket, f"This is {ISSUE}")
    scene.decide()
    scene.plan()
    assert fared(scene) == ["open"]
    scene.on(9.7).decide()
    assert scene.updates(ticket) == [("promised", "planned")]


def two_bugs(*said: str) -> tuple[Scene, str]:
    """A ticket with two linked bugs, whose customer was promised something."""
    scene = team()
    ticket = scene.reported()
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, f"And {OTHER_ISSUE}")
    scene.read()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "\n".join(said))
    scene.decide()
    return scene, ticket


def test_a_ticket_with_two_bugs_owes_one_message() -> None:
    """One reminder, one promise in every count; where its link is taken back, the other one carries it."""
    scene, ticket = two_bugs(f"{BY}9")
    scene.on(9.7).decide()
    assert (scene.updates(ticket), scene.updates(ticket, OTHER_ISSUE)) == ([], [("promised", "planned")])
    assert fared(scene) == ["open"]
    scene.unlinks(ticket, OTHER_ISSUE)
    scene.plan()
    scene.send()
    assert (scene.updates(ticket), scene.reminders(ticket), fared(scene)) == ([("promised", "posted")], 1, ["open"])


def test_a_line_takes_back_what_was_read_for_good() -> None:
    """No reminder comes, however often the reply is read again; a later reply may promise anew."""
    scene = team()
    ticket = promised(scene, f"{BY}9", f"{ONCE}released")
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: no promise")
    for _ in range(2):
        scene.decide()
        scene.robot_writes(ticket, "ping")
    scene.on(15).decide()
    assert (fared(scene), scene.updates(ticket), answers(scene, ticket)) == ([], [], [])
    scene.replies(ticket, f"{BY}9")
    scene.decide()
    assert fared(scene) == ["open"]


def test_a_line_takes_promises_back_on_all_links() -> None:
    """A promise is the ticket's, so nobody is asked which bug."""
    scene, ticket = two_bugs(f"{BY}9")
    add_promise(scene.store, scene.clock, scene.key(ticket), day(20), ANN)
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: no promise")
    scene.decide()
    assert (fared(scene), answers(scene, ticket)) == ([], [])


def test_a_line_corrects_the_date() -> None:
    """What was read is dismissed, and the day that the line names is kept, in its author's working hours."""
    scene = team(OFFICE)
    ticket = promised(scene, f"{BY}9")
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: promised by 2026-01-15.")
    scene.decide()
    assert [(one.promise.due_at, one.said_by) for one in listed(scene)] == [(day(14).replace(hour=17), "")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("promised by soon", "'soon' is no date: write 2026-06-12."),
        ("promised by 2025-12-31", "A promise lies ahead: give a moment that is still to come."),
        ("promised by 2031-01-01", "A promise lies at most 366 days ahead: '2031-01-01' is later."),
    ],
)
def test_a_date_that_cant_be_meant_is_answered(line: str, why: str) -> None:
    """And nothing is changed."""
    scene = team()
    ticket = promised(scene, f"{BY}9")
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, f"bug: {line}")
    scene.link()
    scene.send()
    assert fared(scene) == ["open"]
    assert why in scene.helpdesk.notes(ticket)[-1].body


def test_a_line_without_a_bug_is_answered() -> None:
    """There is nothing that anybody would be reminded of."""
    scene = team()
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: no promise")
    scene.read()
    assert answers(scene, ticket) == ["no-bug"]


def audited(scene: Scene) -> PromiseCounts:
    """What the audit counts."""
    bugs = []
    run_audit(scene.store, scene.clock, Question(last=None), sink=bugs.append)
    return added_up(bug.waiting.promises for bug in bugs if bug.waiting)


def a_history_of_promises() -> Scene:
    """Customers who were promised all sorts of things about a bug that was released on day 20."""
    scene = team()
    kept, late = promised(scene, f"{BY}4"), promised(scene, f"{BY}4")
    promised(scene, f"{BY}4")
    told = promised(scene, f"{ONCE}released")
    promised(scene, f"{ONCE}fixed")
    recorded = promised(scene)
    add_promise(scene.store, scene.clock, scene.key(recorded), day(9), ANN)
    dismissed = promised(scene, f"{BY}5")
    scene.on(3).notes(dismissed, "bug: no promise")
    scene.replies(kept)
    scene.on(10).replies(late)
    scene.on(20).is_released()
    scene.decide()
    scene.on(21).replies(told, f"Out in 4.2.\n{BY}60")
    scene.on(30).decide()
    return scene


def test_the_audit_counts_what_the_list_shows() -> None:
    """Kept, late, missed and open ones, read or recorded, each once."""
    scene = a_history_of_promises()
    assert audited(scene) == PromiseCounts(kept=2, late=1, missed=3, pending=1)
    assert audited(scene) == counted(one.fared for one in listed(scene))


def test_the_list_goes_by_what_is_owed_first() -> None:
    """With who said it, and what waits for something last."""
    scene = team()
    promised(scene, f"{ONCE}released", f"{BY}9", f"{BY}4")
    add_promise(scene.store, scene.clock, scene.key(promised(scene)), day(7), ANN)
    ann = AGENT.name
    shown = [(one.promise.event, one.said_by) for one in listed(scene)]
    assert shown == [(None, ann), (None, ""), (None, ann), ("released", ann)]
    assert [one.promise.owed_at for one in listed(scene)][1] == day(7)


def test_what_is_kept_agrees_with_itself() -> None:
    """Projections are what the events make of them, and no rule of the database is broken."""
    scene = a_history_of_promises()
    assert check(scene.store).all == ()


def test_a_forgotten_customers_promises_still_count() -> None:
    """In the audit; no list names their tickets, and nobody is reminded of them."""
    scene = a_history_of_promises()
    before = audited(scene)
    carla = scene.store.customer(scene.store.sources()[0].id, "carla")
    assert carla is not None
    forget(scene.store, scene.clock, [carla], ANN)
    assert (audited(scene), listed(scene), check(scene.store).all) == (before, (), ())


def test_a_promise_by_hand_corrects_what_was_read() -> None:
    """As the line does."""
    scene = team()
    ticket = promised(scene, f"{BY}9")
    scene.clock.forward(timedelta(hours=1))
    word = Word(ANN, scene.clock.now())
    correct_promise(scene.store, scene.clock, scene.key(ticket), day(5), word)
    assert [one.promise.due_at for one in listed(scene)] == [day(5)]


def test_customers_in_their_own_language_are_promised_in_it() -> None:
    """The finder is told which."""
    asked = []

    def listens(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:
        asked.append(language)
        return finds(text, said_at, calendar, language)

    scene = team()
    scene.reference_rules = replace(scene.reference_rules, promises=PromiseRules(listens))
    ticket = scene.writes_in(replace(CARLA, locale="de"))
    scene.replies(ticket)
    other = scene.writes_in()
    scene.replies(other)
    scene.link()
    assert asked == ["de", "en"]
