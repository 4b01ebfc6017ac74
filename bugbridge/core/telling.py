"""What a customer was told, how sure we are, and what is still untold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import TERMINAL_NEWS, AuthorKind, Certainty, FindingKind, LinkEventKind, News, Stage
from bugbridge.core.readings import plain_version
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import CLOSED_STAGES, NewsEvent

CLOSING_NEWS = frozenset(News(stage) for stage in CLOSED_STAGES)


@dataclass(frozen=True, slots=True)
class Telling:
    """At `at` the customer heard from us; `certain` where it names the news, else it only may have."""

    at: datetime
    certainty: Certainty


def tellings(history: LinkHistory, news: Sequence[NewsEvent]) -> tuple[Telling, ...]:
    """Collect what told this customer: an agent's word, a reply that names the version or issue, any public reply."""
    names = {plain_version(event.version) for event in news if event.version} | set(history.bug.references)
    certain = [event.occurred_at for event in history.party_link_events if event.kind is LinkEventKind.TOLD]
    certain += [
        finding.occurred_at
        for finding in history.findings
        if finding.kind is FindingKind.TOLD and finding.value in names
    ]
    probable = agent_replies(history)
    told = [Telling(at, Certainty.CERTAIN) for at in certain] + [Telling(at, Certainty.PROBABLE) for at in probable]
    return tuple(sorted(told, key=lambda telling: telling.at))


def agent_replies(history: LinkHistory) -> list[datetime]:
    """Give when agents wrote publicly on the ticket."""
    return [
        message.occurred_at
        for message in history.messages
        if message.public and message.author_kind is AuthorKind.AGENT
    ]


def still_true(news: Sequence[NewsEvent], told: Sequence[Telling]) -> tuple[NewsEvent, ...]:
    """Drop news that a later reopening took back; and the reopening itself where nobody told of the closing."""
    reopenings = [event for event in news if event.news is News.REOPENED]
    if not reopenings:
        return tuple(news)
    last = reopenings[-1]
    heard = any(_heard_closed(event, last, told) for event in news)
    return tuple(
        event for event in news if event.news is News.WORKAROUND or event.at > last.at or (event is last and heard)
    )


def _heard_closed(event: NewsEvent, reopening: NewsEvent, told: Sequence[Telling]) -> bool:
    closing = event.news in CLOSING_NEWS and event.at < reopening.at
    return closing and any(event.at <= telling.at < reopening.at for telling in told)


def untold(news: Sequence[NewsEvent], told: Sequence[Telling]) -> tuple[NewsEvent, ...]:
    """Keep what no telling cleared: a certain one clears all news before it, a probable one all but terminal news."""
    return tuple(event for event in news if not any(_clears(telling, event) for telling in told))


def _clears(telling: Telling, event: NewsEvent) -> bool:
    if telling.at < event.at:
        return False
    return telling.certainty is Certainty.CERTAIN or event.news not in TERMINAL_NEWS


def wrongly_told(news: Sequence[NewsEvent], told: Sequence[Telling]) -> NewsEvent | None:
    """Give the reopening after which nobody took back that the bug was released, or None."""
    reopenings = [event for event in news if event.news is News.REOPENED]
    if not reopenings or any(telling.at >= reopenings[-1].at for telling in told):
        return None
    released = [event for event in news if event.news is News.RELEASED and event.at < reopenings[-1].at]
    certain = [telling.at for telling in told if telling.certainty is Certainty.CERTAIN]
    claimed = any(event.at <= at < reopenings[-1].at for event in released for at in certain)
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
    recent = tuple(event for event in news if event.at >= begins)
    if recent or not by_hand or linked_at < live_from:
        return recent
    return tuple(event for event in news if event.news.value == stage.value)[-1:]
