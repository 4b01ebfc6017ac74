"""Gather a round as a person reviews it: where each ticket stands, why a draft needs an eye, and the words."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bugbridge.core.errors import UsageError
from bugbridge.core.model import AuthorKind, DeliveryState, Review, UpdateState
from bugbridge.core.policy_model import Intention
from bugbridge.core.records import BugHistory, Delivery, KnownUpTo
from bugbridge.core.replies import language_of
from bugbridge.core.round_view import DraftKnown, Eye, RoundRow, RoundView, Standing, eye_of
from bugbridge.core.rounds import approval_of, approval_stands, round_decided
from bugbridge.core.stages import NewsEvent, timeline
from bugbridge.services.claiming import Sender, draft_on_link
from bugbridge.services.drafting import labelled_security
from bugbridge.services.reviewing import kept_words
from bugbridge.services.round_members import Member, members

UNFINISHED = (DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.UNKNOWN)
IN_REVIEW = frozenset({UpdateState.PLANNED, UpdateState.CLAIMED, UpdateState.DEAD})


def open_round(sender: Sender, bug_id: int, *, news_seq: int | None = None) -> RoundView:
    """Give a bug's round, of its latest news that is one, or of this piece of news.

    Raises UsageError where there is none.
    """
    store = sender.store
    bug = store.bug_course(store.canonical_bug(bug_id), KnownUpTo(store.head()))
    found = [news for news in _rounds(sender, bug) if news_seq in (None, news.seq)]
    if not found:
        raise UsageError(f"No round waits for {bug.primary_reference}: `bugbridge round list` shows those that do.")
    return _view(sender, bug, found[-1])


def _rounds(sender: Sender, bug: BugHistory) -> list[NewsEvent]:
    """Give the news that people review together, the latest last: what waits for it, and what was found to be a round
    while it is what is to be told."""
    items = [item for item in sender.store.open_updates() if item.bug_id == bug.bug_id and item.state in IN_REVIEW]
    waiting = {item.news_seq for item in items if item.review in (Review.WAITING, Review.APPROVED)}
    news = timeline(bug).news
    return [event for event in news if event.seq in waiting or (event is news[-1] and _is_round(bug, event))]


def _is_round(bug: BugHistory, event: NewsEvent) -> bool:
    return bool(round_decided(bug.bug_events, event.seq))


def _view(sender: Sender, bug: BugHistory, news: NewsEvent) -> RoundView:
    concerned = members(sender.store, sender.policies, sender.clock, sender.calendar, bug.bug_id, news)
    under_way = {one.id: one for state in UNFINISHED for one in sender.store.deliveries(state)}
    tickets = sender.store.concerned_tickets({member.history.key.ticket_id for member in concerned})
    agents = {ticket.id: ticket.agent for ticket in tickets}
    rows = tuple(_row(sender, member, news, agents, under_way) for member in concerned)
    return RoundView(bug.bug_id, bug.primary_reference, news, rows)


def _row(
    sender: Sender, member: Member, news: NewsEvent, agents: Mapping[int, str], under_way: Mapping[int, Delivery]
) -> RoundRow:
    history, facts, item = member.history, member.state.facts, member.item
    delivery = under_way.get(item.delivery_id or 0) if item else None
    row = RoundRow(
        key=history.key,
        ticket=history.ticket.reference,
        standing=member.standing,
        workaround=facts.workaround,
        language=language_of(history, sender.language),
        tier=facts.tier,
        agent=agents.get(history.key.ticket_id, ""),
        why=member.why,
        update_key=item.key if item else "",
        goes_at=delivery.not_before if delivery else None,
        sending=delivery is not None and delivery.state is not DeliveryState.CLAIMED,
    )
    words = kept_words(sender.store, history.key.ticket_id, news.seq)
    if member.standing is Standing.APPROVED and words:
        return replace(row, text=words)
    if member.intention is None or member.standing not in (Standing.READY, Standing.APPROVED):
        return row
    return _judged(sender, member, member.intention, row, news, words)


def _judged(
    sender: Sender, member: Member, intention: Intention, row: RoundRow, news: NewsEvent, words: str
) -> RoundRow:
    """Say whether a draft is ready; of one that was approved and is no more, the words are what was approved."""
    draft = draft_on_link(sender, member.history, member.state, intention)
    known = DraftKnown(
        exists=bool(draft.text),
        in_language=not draft.customer_language,
        security=labelled_security(sender.store, member.history.bug),
        workaround_in_language=not draft.workaround_language,
    )
    doubts = tuple(_doubts(member, news))
    eye = (*eye_of(member.state.facts, intention.reason, known, assigned=bool(row.agent)), *doubts)
    text = words if doubts and words else draft.text
    return replace(row, standing=Standing.EYE if eye else Standing.READY, eye=eye, text=text)


def _doubts(member: Member, news: NewsEvent) -> Iterator[Eye]:
    if member.item is not None and member.item.state is UpdateState.DEAD:
        yield Eye.UNDELIVERED
    approval = approval_of(member.history, news.seq)
    if approval is None or approval_stands(member.history, approval):
        return
    written = [one for one in member.history.messages if one.author_kind is AuthorKind.CUSTOMER]
    if any(message.seq > approval.seq for message in written):
        yield Eye.WROTE_SINCE
    else:
        yield Eye.IN_DOUBT
