"""What agents see and say of rounds: what needs an eye, a note each, a line that sends, whose it is in the end."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import UsageError
from bugbridge.core.model import ClosedAs
from bugbridge.core.people import People, Person
from bugbridge.core.round_view import Decision, Eye, Standing, Wish
from bugbridge.helpdesks.memory import AGENT
from bugbridge.services.checking import check
from bugbridge.services.forgetting import forget
from bugbridge.services.overdue import overdue_updates
from bugbridge.services.replying import cancel_reply
from bugbridge.services.round_notes import head_line, round_text
from bugbridge.services.round_opening import SEND_FOR, rounds_overdue
from bugbridge.services.rounds import approve_own, let_be, release, review, rounds_of, waiting_updates
from tests.services.round_scene import (
    BEN,
    CEM,
    DEPUTY,
    approve,
    eyes,
    seen,
    sends_all,
    standings,
    take_back,
    told,
    with_a_round,
)
from tests.services.scene import (
    ANN,
    EVE,
    ISSUE,
    SHIPPED,
    Scene,
    customer,
    day,
)
from tests.services.test_forgetting import person


def test_a_released_round_reminds_the_agents_instead() -> None:
    """`round send` as before."""
    scene, tickets = with_a_round(3)
    release(scene.store, scene.clock, rounds_of(scene.store, ISSUE)[0].items, ANN)
    scene.plan()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (3, [1, 1, 1])


def test_what_needs_an_eye_is_apart() -> None:
    """An enterprise customer, one who waits for an answer, one of an unknown language, a ticket that nobody has."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    people = [customer("ready"), customer("also ready"), EVE, customer("waits"), customer("klingon"), customer("alone")]
    people[4] = replace(people[4], locale="tlh")
    tickets = [scene.reported(who) for who in people]
    alone = scene.helpdesk._tickets[tickets[5]]
    scene.helpdesk._show(replace(alone.shown, assignee=None, updated_at=scene.clock.at))
    scene.on(1.5).writes_again(tickets[3])
    scene.on(2).is_released()
    scene.decide()
    found = [eyes(scene, ticket) for ticket in tickets]
    assert found == [(), (), (Eye.ENTERPRISE,), (Eye.UNANSWERED,), (Eye.LANGUAGE,), (Eye.NOBODY,)]
    assert list(seen(scene).groups()) == ["none/en/-"]


def test_a_clear_no_needs_an_eye_on_every_ticket() -> None:
    """A person says it, one by one."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(3)]
    scene.on(2).tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    scene.decide()
    scene.send()
    assert [eyes(scene, ticket) for ticket in tickets] == [(Eye.CLEAR_NO,)] * 3
    assert [scene.reminders(ticket) for ticket in tickets] == [1, 0, 0]  # one ping
    (note,) = scene.helpdesk.notes(tickets[0])
    assert (note.body.count("we have decided not to fix it"), note.body.count("a no comes from a person")) == (1, 1)
    assert approve(scene, tickets[:1]) == 1
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 0, 0]


def test_a_round_pings_each_agent_once_on_the_ticket_where_somebody_wrote_last() -> None:
    """With the head line, their own tickets, a draft, and what to do."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(5)]
    for ticket in tickets[3:]:
        scene.helpdesk.change(ticket, scene.clock.at, assignee=BEN)
    scene.on(1.5).replies(tickets[1], "Still on it.")
    scene.on(2).is_released()
    scene.decide()
    answered = [scene.send().answered, scene.send().answered]
    assert (answered, [scene.reminders(ticket) for ticket in tickets]) == ([2, 0], [0, 1, 0, 1, 0])
    (note,) = scene.helpdesk.notes(tickets[1])
    assert note.body.startswith(
        "4.2 is out. 5 tickets report this bug: 5 drafts are ready. Nothing goes out until you say so.\n\n"
        f"Yours and ready: {', '.join(f'support:{ticket}' for ticket in tickets[:3])}.\n"
    )
    assert "Write `bug: send round` to send your 3" in note.body
    assert not note.public


def test_drafts_that_are_alike_stand_there_once() -> None:
    """With all of their tickets, so that a no to many is one thing to read."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(3)]
    scene.on(2).tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    scene.decide()
    scene.send()
    (note,) = scene.helpdesk.notes(tickets[0])
    line = f"- {', '.join(f'support:{ticket}' for ticket in tickets)}: a no comes from a person\n"
    assert (note.body.count("we have decided not to fix it"), line in note.body) == (1, True)


def test_whoever_is_given_a_ticket_of_a_round_is_told_of_it_alone() -> None:
    """At once, and on that ticket: nobody else would show it to them."""
    scene, tickets = with_a_round(3)
    scene.send()
    scene.helpdesk.change(scene.reported(customer("other")), scene.clock.at, assignee=BEN)
    scene.notes(tickets[1], "bug: give to support:agent-2")
    scene.decide()
    scene.send()
    notes = [note.body for note in scene.helpdesk.notes(tickets[1]) if "Yours and ready" in note.body]
    assert [f"Yours and ready: support:{tickets[1]}.\n" in body for body in notes] == [True]


def test_what_is_put_off_in_a_round_comes_back_when_it_was_to() -> None:
    """Once, on its own ticket, and not before."""
    scene, tickets = with_a_round(3)
    scene.send()
    scene.notes(tickets[1], "bug: later 2d")
    posted = []
    for number in (2.5, 3.5, 4.5, 4.6):
        scene.on(number).decide()
        posted.append(scene.send().answered)
    assert posted == [0, 0, 1, 0]
    assert f"Yours and ready: support:{tickets[1]}.\n" in scene.helpdesk.notes(tickets[1])[-1].body


def test_what_is_put_off_twice_in_a_round_comes_back_on_the_later_day() -> None:
    """Once: the day that was said first is no reason any more."""
    scene, tickets = with_a_round(3)
    scene.send()
    for line in ("bug: later 1d", "bug: later 2d"):
        scene.notes(tickets[1], line)
        scene.decide()
    posted = []
    for number in (3.5, 4.5, 4.6):
        scene.on(number).decide()
        posted.append(scene.send().answered)
    assert posted == [0, 1, 0]


def test_a_round_that_nobody_touches_pings_once_more_and_then_is_the_leads() -> None:
    """After the days after which a reminder is repeated, and after as many again."""
    scene, tickets = with_a_round(3)
    scene.send()
    days = SHIPPED.limits.repeat_after_business_days
    pings = []
    for number in range(3, 3 + 3 * days):
        scene.on(number).decide()
        pings.append(scene.send().answered)
    assert (sum(pings), pings.index(1)) == (1, days - 1)
    overdue = [
        rounds_overdue(scene.store, day(2 + number), ALWAYS_OPEN, SHIPPED.limits) for number in (2 * days - 1, 2 * days)
    ]
    assert [len(one) for one in overdue] == [0, 1]
    assert {item.ticket_id for item in overdue[1][0].items} == {scene.row(ticket).id for ticket in tickets}
    assert len(overdue_updates(scene.store, day(2 + 2 * days), SHIPPED, ALWAYS_OPEN)) == 3
    approve(scene, tickets)
    assert rounds_overdue(scene.store, day(60), ALWAYS_OPEN, SHIPPED.limits) == ()


def test_an_agent_sends_their_own_drafts_that_are_ready_by_one_line() -> None:
    """Neither another agent's, nor what needs an eye; and the answer says which."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(who) for who in (customer("one"), customer("two"), customer("three"), EVE)]
    scene.helpdesk.change(tickets[2], scene.clock.at, assignee=BEN)
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    agent = next(row.agent for row in seen(scene).rows if row.key.ticket_id == scene.row(tickets[0]).id)
    key, news_seq = scene.key(tickets[1]), seen(scene).news.seq
    line = Answer(
        "line", key.ticket_id, AnswerKind.ROUND, day(2), key.bug_id, {SEND_FOR: int(agent), "news_seq": news_seq}
    )
    texts = [round_text(scene.sender(), line), round_text(scene.sender(), line)]
    assert texts[0].startswith("2 replies of yours go out in this round of acme/app#12")
    assert texts[0] == texts[1]
    scene.plan()
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 0, 0]
    assert approve_own(scene.sender(), key, news_seq, int(agent), ANN) == 0


def test_the_templates_of_rounds_speak_german() -> None:
    """Whole sentences, with the same counts."""
    scene, _ = with_a_round(3)
    view = seen(scene)
    speaking = replace(scene.sender(), language="de")
    head = head_line(speaking, replace(view, rows=(*view.rows, replace(view.rows[0], standing=Standing.KNOWN))))
    assert head == (
        "4.2 ist da. 4 Tickets melden diesen Fehler: 3 Entwürfe sind bereit, 1 Kunde weiß es schon. "
        "Nichts geht hinaus, bis Sie es sagen."
    )


def test_a_bug_without_a_round_has_none_to_show() -> None:
    """Two tickets are none."""
    scene, _ = with_a_round(2)
    with pytest.raises(UsageError, match="No round waits for github:acme/app#12"):
        seen(scene)


def test_who_approves_has_seen_the_very_news() -> None:
    """The bug is reopened and released again between the look and the word."""
    scene, tickets = with_a_round()
    looked = seen(scene)
    scene.on(3).tracker.reopen(ISSUE, day(3))
    scene.on(4).is_released(version="4.3")
    scene.decide()
    with pytest.raises(UsageError):
        review(scene.sender(), looked, [Wish(scene.row(tickets[0]).id, Decision.APPROVE)], ANN)


def test_a_line_in_a_note_sends_the_rounds_own_drafts() -> None:
    """From the ticket on which the agent was told of it; each customer gets theirs, once, and the agent an answer."""
    scene, tickets = with_a_round(3)
    scene.send()
    (pinged,) = [ticket for ticket in tickets if scene.reminders(ticket)]
    scene.clock.forward(timedelta(minutes=5))
    scene.notes(pinged, "bug: send round")
    scene.read()
    scene.plan()
    assert scene.send().answered == 1
    assert scene.helpdesk.notes(pinged)[-1].body.startswith("3 replies of yours go out in this round")
    scene.plan()
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 1]
    assert [scene.reminders(ticket) for ticket in tickets if ticket != pinged] == [0, 0]


def test_a_line_without_a_round_sends_nothing() -> None:
    """And says so."""
    scene, tickets = with_a_round(2)
    scene.notes(tickets[0], "bug: send round")
    scene.read()
    scene.send()
    assert "None of your tickets in a round of acme/app#12" in scene.helpdesk.notes(tickets[0])[-1].body
    assert [told(scene, ticket) for ticket in tickets] == [[], []]


def test_a_line_sends_no_round_that_its_author_hadnt_seen() -> None:
    """One that begins after the line was written waits, however late the line is read."""
    scene, tickets = with_a_round(3)
    scene.helpdesk.write(tickets[0], AGENT, "bug: send round", day(1.9), public=False)
    scene.helpdesk.change(tickets[0], scene.clock.at)
    works = (scene.read, scene.plan, scene.send, scene.plan)
    for work in works:
        work()
    assert standings(scene, tickets) == [Standing.READY] * 3
    assert "None of your tickets in a round" in scene.helpdesk.notes(tickets[0])[0].body


def test_a_line_sends_the_round_that_was_open_and_not_the_next() -> None:
    """What is released anew before the line is followed has words that its author hasn't seen."""
    scene, tickets = with_a_round(3)
    scene.notes(tickets[0], "bug: send round")
    scene.link()
    scene.on(3).tracker.reopen(ISSUE, scene.clock.at)
    scene.on(3.1).is_released(version="4.3")
    scene.decide()
    scene.send()
    scene.plan()
    assert standings(scene, tickets) == [Standing.READY] * 3


def test_an_old_line_without_a_round_is_let_be() -> None:
    """As when tickets are read for the first time: nobody waits for an answer."""
    scene, tickets = with_a_round(2)
    scene.notes(tickets[0], "bug: send round")
    scene.on(9).read()
    scene.send()
    assert [note.body for note in scene.helpdesk.notes(tickets[0]) if "in a round" in note.body] == []


def words_kept(scene: Scene) -> int:
    """How many approved texts lie in the database."""
    return len(scene.store._rows("SELECT 1 FROM private_value WHERE field LIKE 'approved_reply:%'"))


def test_approved_words_are_kept_no_longer_than_they_are_needed() -> None:
    """Until they were sent, or nobody is to write to their customer; and one who is forgotten takes theirs along."""
    scene, tickets = with_a_round()
    approve(scene, tickets, "Dear customer.")
    take_back(scene, tickets[:1])
    assert words_kept(scene) == 4
    let_be(scene.store, scene.clock, waiting_updates(scene.store, seen(scene).waiting()), ANN)
    assert words_kept(scene) == 3
    scene.send()
    cancel_reply(scene.store, scene.clock, scene.row(tickets[1]), ANN)
    forgotten = person(scene, "customer 2")
    forget(scene.store, scene.clock, [forgotten], ANN)
    assert words_kept(scene) == 1
    sends_all(scene)
    assert (words_kept(scene), [len(told(scene, ticket)) for ticket in tickets]) == (0, [0, 0, 0, 1])
    assert [row.ticket for row in seen(scene).standing(Standing.READY)] == ["support:5"]
    assert check(scene.store).all == ()


def test_a_round_whose_tickets_change_hands_at_night_is_told_to_who_has_them() -> None:
    """The note was to be another agent's; whoever has the tickets in the morning gets it."""
    scene, tickets = with_a_round(3)
    for ticket in tickets:
        scene.clock.forward(timedelta(minutes=1))
        scene.helpdesk.change(ticket, scene.clock.at, assignee=BEN)
    scene.decide()
    assert scene.send().answered == 1
    assert scene.send().answered == 0


def test_a_deputy_is_told_once_of_what_is_theirs_and_of_what_isnt() -> None:
    """Of two notes the one on a ticket of their own; nobody else goes without."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(3)]
    for ticket, agent in zip(tickets[1:], (BEN, CEM), strict=True):
        scene.helpdesk.change(ticket, scene.clock.at, assignee=agent)
    scene.on(2).is_released()
    scene.decide()
    utc = ZoneInfo("UTC")
    away = Person("support:agent-1", "Ada", utc, away_from=date(2026, 1, 1), away_to=date(2026, 1, 9), deputy=DEPUTY)
    team = People((away, Person(DEPUTY, "Ben", utc), Person("support:agent-3", "Cem", utc)))
    pings = {ticket: scene.store.answers_to(scene.row(ticket).id) for ticket in tickets}
    sender = replace(scene.sender(), people=team)
    told_on = [ticket for ticket, (ping,) in pings.items() if round_text(sender, ping)]
    assert told_on == tickets[1:]


def test_a_deputy_sends_the_drafts_of_an_agent_who_is_away() -> None:
    """Somebody else who is there doesn't."""
    scene, tickets = with_a_round(3)
    for ticket, agent in zip(tickets[1:], (BEN, CEM), strict=True):
        scene.clock.forward(timedelta(minutes=1))
        scene.helpdesk.change(ticket, scene.clock.at, assignee=agent)
    scene.decide()
    utc = ZoneInfo("UTC")
    away = Person("support:agent-1", "Ada", utc, away_from=date(2026, 1, 1), away_to=date(2026, 1, 9), deputy=DEPUTY)
    others = Person(DEPUTY, "Ben", utc), Person("support:agent-3", "Cem", utc)
    sender = replace(scene.sender(), people=People((away, *others)))
    parties = {agent.remote_id: agent.id for agent in scene.store.agents()}
    key, news_seq = scene.key(tickets[0]), seen(scene).news.seq
    assert [approve_own(sender, key, news_seq, parties[name], ANN) for name in ("agent-3", "agent-2")] == [1, 2]
