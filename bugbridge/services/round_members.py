"""Who is concerned by a round: every link of its bug, and where each stands as far as is known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.model import FindingKind, LinkEventKind, LinkHow, Review, UpdateState
from bugbridge.core.planning import plan_link
from bugbridge.core.policy_model import Intention
from bugbridge.core.policy_scope import Policies
from bugbridge.core.readings import plain_version
from bugbridge.core.records import KnownUpTo, LinkHistory, UpdateItem
from bugbridge.core.round_view import Standing
from bugbridge.core.rounds import review_of
from bugbridge.core.stages import NewsEvent, timeline
from bugbridge.ports import Clock, Store

OPEN_STATES = frozenset({UpdateState.PLANNED, UpdateState.CLAIMED, UpdateState.DEAD})


@dataclass(frozen=True, slots=True)
class Member:
    """One link of a round's bug. One that waits is `ready` here: whether it needs an eye is seen by its draft.

    `why` says how the customer knows, or why the link stands aside.
    """

    history: LinkHistory
    state: LinkState
    intention: Intention | None
    item: UpdateItem | None
    standing: Standing
    why: str = ""


def news_of(store: Store, bug_id: int, news_seq: int) -> NewsEvent | None:
    """Give a piece of news of a bug, none where it is no news any more."""
    bug = timeline(store.bug_course(bug_id, KnownUpTo(store.head())))
    return next((event for event in bug.news if event.seq == news_seq), None)


def members(
    store: Store,
    policies: Policies,
    clock: Clock,
    calendar: WorkCalendar,
    curves: CurveBook,
    bug_id: int,
    news: NewsEvent,
    among: Collection[int] | None = None,
) -> tuple[Member, ...]:
    """Give every link of a bug, or those `among` these tickets, and where it stands with a piece of its news; erased
    tickets are left out."""
    upto = KnownUpTo(store.head())
    bug = store.bug_history(bug_id, upto)
    keys = [key for key in bug.links if among is None or key.ticket_id in among]
    items = store.updates_of_links(keys)
    return tuple(
        _member(policies, clock.now(), calendar, curves, history, news, items[key])
        for key, history in store.link_histories(keys, upto, bug).items()
        if history.ticket.remote_id
    )


def _member(
    policies: Policies,
    now: datetime,
    calendar: WorkCalendar,
    curves: CurveBook,
    history: LinkHistory,
    news: NewsEvent,
    updates: Sequence[UpdateItem],
) -> Member:
    policy = policies.of(history).policy
    state = fold_link(history, now, policy, calendar)
    answered = replace(state, facts=replace(state.facts, unanswered=False))  # what would be called for but for that
    planned = plan_link(answered, now, policy, calendar, curves)
    intention = next((one for one in planned.intentions if one.news_seq == news.seq), None)
    items = [item for item in updates if item.news_seq == news.seq]
    item = next((one for one in items if one.state in OPEN_STATES), items[-1] if items else None)
    member = Member(history, state, intention, item, Standing.ASIDE, planned.decision.ruling.rule_id)
    if intention is None:
        return _told(member, news)
    return _waiting(member, review_of(history, state, intention, policies.everybody.policy.limits))


def _told(member: Member, news: NewsEvent) -> Member:
    """A customer who was told knows; else the policy has nobody tell them of it now."""
    how = how_told(member.history, news)
    if not how:
        return member
    return replace(member, standing=Standing.SENT if how == LinkHow.REPLY else Standing.KNOWN, why=how)


def how_told(history: LinkHistory, news: NewsEvent) -> str:
    """Say how a customer was told of a piece of news for certain: the kind of the event, or what a reply named; "" for
    not at all."""
    events = [event for event in history.party_link_events if event.kind is LinkEventKind.TOLD]
    told = [(event.occurred_at, event.how or LinkHow.HAND) for event in events if event.occurred_at >= news.at]
    names: Collection[str] = {plain_version(news.version), *history.bug.references}
    found = [one for one in history.findings if one.kind is FindingKind.TOLD and one.value in names]
    told += [(finding.occurred_at, finding.value) for finding in found if finding.occurred_at >= news.at]
    return str(min(told)[1]) if told else ""


def _waiting(member: Member, review: Review) -> Member:
    item = member.item
    if review not in (Review.WAITING, Review.APPROVED):
        return replace(member, why=review or "by-itself")
    if not member.state.facts.unanswered and (item is None or item.state not in OPEN_STATES):
        return replace(member, why="same-customer" if item is None else item.state.value)
    going = review is Review.APPROVED and item is not None and item.state is not UpdateState.DEAD
    return replace(member, standing=Standing.APPROVED if going else Standing.READY, why="")
