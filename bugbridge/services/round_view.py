"""Gather a round as a person reviews it: where each ticket stands, why a draft needs an eye, and the words."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bugbridge.core.errors import UsageError
from bugbridge.core.model import AuthorKind, DeliveryState, UpdateState, Workaround
from bugbridge.core.policy_model import Intention
from bugbridge.core.records import BugHistory, Delivery, KnownUpTo, LinkKey
from bugbridge.core.replies import language_of
from bugbridge.core.round_view import WAITING, DraftKnown, Eye, RoundRow, RoundView, Standing, eye_of
from bugbridge.core.rounds import approval_of, approval_stands, round_decided
from bugbridge.core.stages import NewsEvent, timeline
from bugbridge.services.claiming import Sender, draft_on_link
from bugbridge.services.drafting import Common, Draft
from bugbridge.services.reviewing import kept_words_of
from bugbridge.services.round_members import Member, members

UNFINISHED = (DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Outline:
    """A round before its drafts are worded, which takes longest: only what was approved has its text here, and whether
    another needs an eye is known from drafts that are worded alike."""

    view: RoundView
    members: Mapping[LinkKey, Member]
    common: Common


def open_round(
    sender: Sender, bug_id: int, *, news_seq: int | None = None, among: Collection[int] | None = None
) -> RoundView:
    """Give a bug's round, of its latest news that is one, or of this piece of news; of these tickets alone where
    `among` names any.

    Raises UsageError where there is none.
    """
    outline = outline_round(sender, bug_id, news_seq=news_seq, among=among)
    return replace(outline.view, rows=worded_rows(sender, outline, outline.view.rows))


def outline_round(
    sender: Sender, bug_id: int, *, news_seq: int | None = None, among: Collection[int] | None = None
) -> Outline:
    """Give the same before its drafts are worded. Raises UsageError where there is none."""
    store = sender.store
    bug = store.bug_course(store.canonical_bug(bug_id), KnownUpTo(store.head()))
    found = [news for news in _rounds(sender, bug) if news_seq in (None, news.seq)]
    if not found:
        raise UsageError(f"No round waits for {bug.primary_reference}: `bugbridge round list` shows those that do.")
    return _outline(sender, bug, found[-1], among)


def _rounds(sender: Sender, bug: BugHistory) -> list[NewsEvent]:
    """Give the news that people review together, the latest last: what waits for it, and what was found to be a round
    while it is what is to be told."""
    waiting = sender.store.news_in_review(bug.bug_id)
    news = timeline(bug).news
    return [event for event in news if event.seq in waiting or (event is news[-1] and _is_round(bug, event))]


def _is_round(bug: BugHistory, event: NewsEvent) -> bool:
    return bool(round_decided(bug.bug_events, event.seq))


def _outline(sender: Sender, bug: BugHistory, news: NewsEvent, among: Collection[int] | None) -> Outline:
    common = Common(sender.store, bug)
    concerned = members(
        sender.store, sender.policies, sender.clock, sender.calendar, common.curves, bug.bug_id, news, among
    )
    under_way = {one.id: one for state in UNFINISHED for one in sender.store.deliveries(state)}
    tickets = sender.store.concerned_tickets({member.history.key.ticket_id for member in concerned})
    agents = {ticket.id: ticket.agent for ticket in tickets}
    alike = _Alike(sender, common)
    words = kept_words_of(sender.store, {ticket.id for ticket in tickets}, news.seq)
    rows = tuple(_row(sender, member, news, agents, under_way, words, alike) for member in concerned)
    by_key = {member.history.key: member for member in concerned}
    return Outline(RoundView(bug.bug_id, bug.primary_reference, news, rows), by_key, common)


def _row(
    sender: Sender,
    member: Member,
    news: NewsEvent,
    agents: Mapping[int, str],
    under_way: Mapping[int, Delivery],
    words: Mapping[int, str],
    alike: "_Alike",
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
    approved = words.get(history.key.ticket_id, "") if row.standing is Standing.APPROVED else ""
    if approved:
        return replace(row, text=approved)
    if member.intention is None or member.standing not in (Standing.READY, Standing.APPROVED):
        return row
    return _judged(member, member.intention, row, news, alike.known(member, member.intention, row.language))


class _Alike:
    """What is known of drafts by one of each kind: those for the same reason, in the same language and state of the
    workaround, differ in dates alone."""

    def __init__(self, sender: Sender, common: Common) -> None:
        self._sender = sender
        self._common = common
        self._known: dict[tuple[str, Workaround, str], DraftKnown] = {}

    def known(self, member: Member, intention: Intention, language: str) -> DraftKnown:
        """Word the first of a kind, and say of the others what is known of it."""
        kind = (intention.reason, member.state.facts.workaround, language)
        if kind not in self._known:
            draft = draft_on_link(self._sender, self._common, member.history, member.state, intention)
            self._known[kind] = _known_of(draft, security=self._common.security)
        return self._known[kind]


def _known_of(draft: Draft, *, security: bool) -> DraftKnown:
    return DraftKnown(
        exists=bool(draft.text),
        in_language=not draft.customer_language,
        security=security,
        workaround_in_language=not draft.workaround_language,
    )


def _judged(member: Member, intention: Intention, row: RoundRow, news: NewsEvent, known: DraftKnown) -> RoundRow:
    """Say whether a draft is ready."""
    doubts = tuple(_doubts(member, news))
    eye = (*eye_of(member.state.facts, intention.reason, known, assigned=bool(row.agent)), *doubts)
    return replace(row, standing=Standing.EYE if eye else Standing.READY, eye=eye)


def worded_rows(sender: Sender, outline: Outline, rows: Iterable[RoundRow]) -> tuple[RoundRow, ...]:
    """Give some rows of a round with their drafts; of one that was approved and is no more, the words are what was
    approved."""
    asked = tuple(rows)
    waiting = {row.key.ticket_id for row in asked if row.standing in WAITING}
    approved = kept_words_of(sender.store, waiting, outline.view.news.seq) if waiting else {}
    return tuple(_worded(sender, outline, row, approved.get(row.key.ticket_id, "")) for row in asked)


def _worded(sender: Sender, outline: Outline, row: RoundRow, approved: str) -> RoundRow:
    member, news = outline.members[row.key], outline.view.news
    if row.standing not in WAITING or member.intention is None:
        return row
    draft = draft_on_link(sender, outline.common, member.history, member.state, member.intention)
    judged = _judged(member, member.intention, row, news, _known_of(draft, security=outline.common.security))
    if approved in ("", draft.text):
        return replace(judged, text=draft.text)
    return replace(judged, text=approved, draft=draft.text)


def draft_now(sender: Sender, outline: Outline, row: RoundRow) -> str:
    """Word a ticket's draft as it is now, whatever was approved; "" where it has none."""
    member = outline.members[row.key]
    if member.intention is None:
        return ""
    return draft_on_link(sender, outline.common, member.history, member.state, member.intention).text


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
