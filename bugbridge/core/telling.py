"""What a customer was told, how sure we are, and what is still untold."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.events import Finding, LinkEvent
from bugbridge.core.instants import JUST_AFTER, instant_from_text
from bugbridge.core.model import TERMINAL_NEWS, AuthorKind, Certainty, FindingKind, LinkEventKind, LinkHow, News, Stage
from bugbridge.core.readings import plain_version
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import CLOSED_STAGES, NewsEvent

CLOSING_NEWS = frozenset(News(stage) for stage in CLOSED_STAGES)
# What happened is told in time up to so many business days later.
CLOSED_WITHIN_BUSINESS_DAYS = 2


@dataclass(frozen=True, slots=True)
class Telling:
    """At `at` the customer heard from us; `certain` where it names the news, else it only may have.

    `upto` is until when what they heard held: before `at` where it told of a release that had been taken back by then.
    """

    at: datetime
    certainty: Certainty
    upto: datetime


def tellings(history: LinkHistory, news: Sequence[NewsEvent]) -> tuple[Telling, ...]:
    """Collect what told this customer: an agent's word, a reply that names the version or issue, any public reply."""
    names = {plain_version(event.version) for event in news if event.version} | set(history.bug.references)
    words = [event for event in history.party_link_events if event.kind is LinkEventKind.TOLD]
    named = [one for one in history.findings if one.kind is FindingKind.TOLD and one.value in names]
    said = [(event.occurred_at, _held_upto(event, news)) for event in words]
    said += [(finding.occurred_at, _still_held(finding, news)) for finding in named]
    outdated = {at: upto for at, upto in said if upto < at}
    told = [Telling(at, Certainty.CERTAIN, upto) for at, upto in said if stands(history, at)]
    told += [Telling(at, Certainty.PROBABLE, outdated.get(at, at)) for at in agent_replies(history)]
    return tuple(sorted(told, key=lambda telling: telling.at))


def _held_upto(word: LinkEvent, news: Sequence[NewsEvent]) -> datetime:
    """Give until when a word held: a reply of ours says which news it told, and that may have been taken back."""
    told = next((event for event in news if word.how == LinkHow.REPLY and word.value == str(event.seq)), None)
    back = _taken_back(told, news) if told and told.news in CLOSING_NEWS else None
    return back.at - JUST_AFTER if back is not None and back.at <= word.occurred_at else word.occurred_at


def _still_held(finding: Finding, news: Sequence[NewsEvent]) -> datetime:
    """Give until when an agent's reply held that names a version: nobody can take back what isn't known yet, so one
    written between a reopening and our learning of it still tells of the release."""
    at = finding.occurred_at
    told = [event for event in news if plain_version(event.version) == finding.value and event.at <= at]
    back = _taken_back(told[-1], news) if told and told[-1].news in CLOSING_NEWS else None
    unknown = back is not None and back.at <= at and back.known_at is not None and at < back.known_at
    return back.at - JUST_AFTER if back is not None and unknown else at


def _taken_back(told: NewsEvent, news: Sequence[NewsEvent]) -> NewsEvent | None:
    return next((event for event in news if event.news is News.REOPENED and event.at > told.at), None)


def agent_replies(history: LinkHistory) -> list[datetime]:
    """Give when the customer was written to: publicly on the ticket, or where a note about it stood; in order."""
    own = [message for message in history.messages if message.public and message.author_kind is AuthorKind.AGENT]
    written = [message.occurred_at for message in (*own, *history.replies_elsewhere)]
    return sorted(at for at in (*written, *own_replies(history)) if stands(history, at))


def dismissals(history: LinkHistory) -> list[datetime]:
    """Give when an agent said that what is due on this link needn't be told, unless they took it back."""
    said = [event.occurred_at for event in history.link_events if event.kind is LinkEventKind.NOT_NEEDED]
    return sorted(at for at in said if stands(history, at))


def stands(history: LinkHistory, at: datetime) -> bool:
    """Whether nobody said since that the customer doesn't know after all."""
    doubts = [event for event in history.party_link_events if event.kind is LinkEventKind.STILL_DUE]
    return not any(instant_from_text(doubt.value) <= at < doubt.occurred_at for doubt in doubts)


def agent_words(history: LinkHistory) -> list[datetime]:
    """Give when an agent gave their word that this customer knows, unless that was taken back; in order."""
    words = (one for one in history.party_link_events if one.kind is LinkEventKind.TOLD and one.how != LinkHow.REPLY)
    return sorted(one.occurred_at for one in words if stands(history, one.occurred_at))


def own_replies(history: LinkHistory) -> list[datetime]:
    """Give when a reply of our own told this customer of the bug."""
    return [event.occurred_at for event in history.party_link_events if event.how == LinkHow.REPLY]


def still_true(news: Sequence[NewsEvent], told: Sequence[Telling]) -> tuple[NewsEvent, ...]:
    """Drop news that a later reopening took back; and the reopening itself where nobody told of the closing."""
    reopenings = [event for event in news if event.news is News.REOPENED]
    if not reopenings:
        return tuple(news)
    last = reopenings[-1]
    before = [telling.upto for telling in told if telling.upto < last.at]
    heard = _believed(news, CLOSING_NEWS, claimed_at=before, told_at=before)
    return tuple(
        event
        for event in news
        if event.news is News.WORKAROUND or (event.at, event.seq) > (last.at, last.seq) or (event is last and heard)
    )


def _believed(
    news: Sequence[NewsEvent], claims: Container[News], *, claimed_at: Sequence[datetime], told_at: Sequence[datetime]
) -> bool:
    """Say whether such news was told while it was true, and nothing was told since the reopening that took it back."""
    for claim in (event for event in news if event.news in claims):
        back_at = next((event.at for event in news if event.news is News.REOPENED and event.at > claim.at), None)
        if back_at is None or any(at >= back_at for at in told_at):
            continue
        if any(claim.at <= at for at in claimed_at):
            return True
    return False


def untold(news: Sequence[NewsEvent], told: Sequence[Telling]) -> tuple[NewsEvent, ...]:
    """Keep what no telling cleared: a certain one clears all news before it, a probable one all but terminal news."""
    return tuple(event for event in news if not any(_clears(telling, event) for telling in told))


def _clears(telling: Telling, event: NewsEvent) -> bool:
    if telling.upto < event.at:
        return False
    return telling.certainty is Certainty.CERTAIN or event.news not in TERMINAL_NEWS


def wrongly_told(news: Sequence[NewsEvent], told: Sequence[Telling]) -> NewsEvent | None:
    """Give the reopening after which nobody took back that the bug was released, or None."""
    reopenings = [event for event in news if event.news is News.REOPENED]
    certain = [telling.upto for telling in told if telling.certainty is Certainty.CERTAIN]
    claimed = _believed(news, {News.RELEASED}, claimed_at=certain, told_at=[telling.upto for telling in told])
    return reopenings[-1] if claimed else None


def news_in_view(
    news: Sequence[NewsEvent], stage: Stage, *, linked_at: datetime, live_from: datetime | None, by_hand: bool
) -> tuple[NewsEvent, ...]:
    """Leave out background: news older than the link and than going live, and everything in watch mode.

    A link made by hand after going live tells the current stage once, however old.
    """
    if live_from is None:
        return ()
    begins = max(linked_at, live_from)
    current = [event for event in news if event.news.value == stage.value][-1:]
    shown = current if by_hand and linked_at >= live_from else []
    return tuple(event for event in news if event.at >= begins or event in shown)
