"""Say once which news is a round, tell each agent with tickets in it once, and once more if nothing comes of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.calendar import WorkCalendar, add_business_days
from bugbridge.core.events import BugEvent
from bugbridge.core.model import BugEventKind, UpdateState
from bugbridge.core.noise import ConcernedTicket
from bugbridge.core.policy_model import LimitRules
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import KnownUpTo, LinkKey, UpdateItem
from bugbridge.core.round_view import Standing
from bugbridge.core.rounds import latest_round, round_decided, round_event, round_value, was_said
from bugbridge.ports import Clock, Store
from bugbridge.services.curves import curve_book
from bugbridge.services.round_members import Member, members, news_of
from bugbridge.services.settling import DAEMON

AGAIN = "again"
# Of a note about a round: it is about its own ticket and no other.
ALONE = "alone"
# Of an answer to a line: the party of the agent who wrote it, whose own drafts are to be sent.
SEND_FOR = "send_for"


def settle_rounds(store: Store, policies: Policies, clock: Clock, calendar: WorkCalendar) -> bool:
    """Decide of each piece of news that waits whether it is a round; tells whether anything was decided.

    What is none is to be planned again, ticket by ticket. Of a round that opens each agent is told on one ticket.
    """
    decided = False
    for (bug_id, news_seq), items in waiting_news(store).items():
        event = _event(store, bug_id, news_seq)
        if event is None:
            decided |= _decide(store, policies, clock, calendar, bug_id, news_seq)
        elif round_decided([event], news_seq) and _is_to_be_told_again(event, policies, clock, calendar):
            tickets = {item.ticket_id for item in items}
            store.request_answers(_pings(store, bug_id, news_seq, tickets, clock.now(), AGAIN))
    return decided


def waiting_news(store: Store) -> Mapping[tuple[int, int], Sequence[UpdateItem]]:
    """Give the updates that wait for a person, by their bug and piece of news."""
    found: dict[tuple[int, int], list[UpdateItem]] = {}
    for item in store.updates_in_review():
        if item.news_seq is not None:
            found.setdefault((item.bug_id, item.news_seq), []).append(item)
    return found


def _event(store: Store, bug_id: int, news_seq: int) -> BugEvent | None:
    return round_event(store.bug_course(bug_id, KnownUpTo(store.head())).bug_events, news_seq)


def _is_to_be_told_again(event: BugEvent, policies: Policies, clock: Clock, calendar: WorkCalendar) -> bool:
    days = policies.everybody.policy.limits.repeat_after_business_days
    return bool(days) and add_business_days(event.occurred_at, days, calendar) <= clock.now()


def _decide(store: Store, policies: Policies, clock: Clock, calendar: WorkCalendar, bug_id: int, news_seq: int) -> bool:
    limit = policies.everybody.policy.limits.round_from_tickets
    with store.write():  # who plans at the same time decides before or after
        news = news_of(store, bug_id, news_seq)
        if news is None or _event(store, bug_id, news_seq) is not None:
            return False
        concerned = [
            one
            for one in members(store, policies, clock, calendar, curve_book(store), bug_id, news)
            if one.standing is Standing.READY and not _was_said(one)
        ]
        is_round = 0 < limit <= sum(_is_planned(one) for one in concerned)
        store.append([_round(bug_id, news_seq, clock.now(), is_round=is_round)], actor=DAEMON, recorded_at=clock.now())
        if is_round:
            tickets = {one.history.key.ticket_id for one in concerned}
            store.request_answers(_pings(store, bug_id, news_seq, tickets, clock.now()))
    return True


def _was_said(member: Member) -> bool:
    return member.intention is not None and was_said(member.history, member.state, member.intention)


def _is_planned(member: Member) -> bool:
    return member.item is not None and member.item.state is UpdateState.PLANNED


def _round(bug_id: int, news_seq: int, now: datetime, *, is_round: bool) -> BugEvent:
    return BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.ROUND,
        value=round_value(news_seq, is_round=is_round),
        occurred_at=now,
        source_key=f"bug:{bug_id}:round:{news_seq}",
    )


def _pings(
    store: Store, bug_id: int, news_seq: int, ticket_ids: Collection[int], now: datetime, again: str = ""
) -> list[Answer]:
    """Give one note for each agent, on the ticket of theirs on which somebody wrote last."""
    tickets: dict[str, list[ConcernedTicket]] = {}
    for ticket in store.concerned_tickets(ticket_ids):
        tickets.setdefault(ticket.agent, []).append(ticket)
    return [
        Answer(
            key=":".join(filter(None, ("round", str(bug_id), str(news_seq), agent, again))),
            ticket_id=max(own, key=lambda one: (one.takes_notes, one.active_at, -one.id)).id,
            kind=AnswerKind.ROUND,
            due_at=now,
            bug_id=bug_id,
            subject={"news_seq": news_seq, "agent": agent},
        )
        for agent, own in sorted(tickets.items())
    ]


def is_repeated(ping: Answer) -> bool:
    """Whether it tells an agent of a round once more."""
    return ping.key.endswith(f":{AGAIN}")


def ping_of_one(item: UpdateItem, news_seq: int, at: datetime, occasion: str) -> Answer:
    """Give the note about one ticket of a round, for whoever receives what is due there by then."""
    subject = {"news_seq": news_seq, ALONE: True}
    key = f"round:{item.bug_id}:{news_seq}:{item.ticket_id}:{occasion}"
    return Answer(key, item.ticket_id, AnswerKind.ROUND, at, item.bug_id, subject)


def ask_to_send(store: Store, key: LinkKey, agent_id: int, at: datetime, source_key: str) -> None:
    """Plan that an agent's own drafts that are ready are sent, and that they are told, in the round that a link's bug
    had when they asked for it: what came after that they haven't seen."""
    bug = store.bug_course(key.bug_id, KnownUpTo(store.head()))
    subject = {SEND_FOR: agent_id, "news_seq": latest_round(bug.bug_events, at)}
    store.request_answers([Answer(f"{source_key}:round", key.ticket_id, AnswerKind.ROUND, at, key.bug_id, subject)])


def found_no_round(answer: Answer) -> bool:
    """Whether a line was to send drafts of a round where none had begun."""
    return SEND_FOR in answer.subject and answer.subject["news_seq"] is None


@dataclass(frozen=True, slots=True)
class OverdueRound:
    """A round of which updates still wait although their agents were told twice; `items` are those."""

    bug_id: int
    news_seq: int
    opened_at: datetime
    items: tuple[UpdateItem, ...]


def rounds_overdue(store: Store, now: datetime, calendar: WorkCalendar, limits: LimitRules) -> tuple[OverdueRound, ...]:
    """Give the rounds that nobody finished in twice the days after which agents are told again, the oldest first; none
    where nobody is told again."""
    found = _overdue(store, now, calendar, limits) if limits.repeat_after_business_days else ()
    return tuple(sorted(found, key=lambda one: (one.opened_at, one.bug_id, one.news_seq)))


def _overdue(store: Store, now: datetime, calendar: WorkCalendar, limits: LimitRules) -> Iterator[OverdueRound]:
    for (bug_id, news_seq), items in waiting_news(store).items():
        event = _event(store, bug_id, news_seq)
        if event is None or not round_decided([event], news_seq):
            continue
        if add_business_days(event.occurred_at, 2 * limits.repeat_after_business_days, calendar) <= now:
            yield OverdueRound(bug_id, news_seq, event.occurred_at, tuple(items))
