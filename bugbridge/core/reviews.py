"""What a person last said of a piece of news on a link: that it waits, may go out, is approved, or is let be."""

from datetime import datetime

from bugbridge.core.events import LinkEvent
from bugbridge.core.model import LinkEventKind, Review
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import NewsEvent, in_order


def last_said(history: LinkHistory, news_seq: int | None, happened_at: datetime) -> LinkEvent | None:
    """Give the last word about what happened at an instant, none where nobody said any; an approval is of one piece of
    news alone."""
    for event in reversed(in_order(history.link_events)):
        if event.kind is not LinkEventKind.REVIEWED:
            continue
        if review_of_word(event) is Review.APPROVED:
            if event.value.partition(":")[2] == str(news_seq):
                return event
        elif _was_news_by(event, news_seq, happened_at):
            return event
    return None


def review_of_word(said: LinkEvent) -> Review:
    """Give what a word says."""
    return Review(said.value.partition(":")[0])


def is_let_be(history: LinkHistory, news: NewsEvent) -> bool:
    """Tell whether a person said that this customer needn't hear of a piece of news."""
    said = last_said(history, news.seq, news.at)
    return said is not None and review_of_word(said) is Review.DROPPED


def _was_news_by(said: LinkEvent, news_seq: int | None, happened_at: datetime) -> bool:
    """What was known when it was said was news by then too, whatever a tracker's clock shows."""
    return (news_seq is not None and news_seq < said.seq) or happened_at <= said.occurred_at
