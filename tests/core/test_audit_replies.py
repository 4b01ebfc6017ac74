"""What the customers of an audit's bugs heard while they waited, and whether it paid."""

import pytest

from bugbridge.core.audit_model import FollowUps, NewsCell, Replies, Waiting
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.spread import spread_of
from tests.core.test_audit import audit, bug

WAITED = Waiting(
    links=2,
    replies=9,
    asked_for=5,
    under_policy=1,
    required=6,
    late=1,
    missed=2,
    updates=7,
    newsful=3,
    news=4,
    news_missed=1,
    reminders=3,
    silences=(10, 20),
    news_delays=(1, 2, 3),
    told_after=(4, 5),
    told_certain=1,
    told_probable=1,
    not_told=0,
    promises=PromiseCounts(1, 2, 3, 4),
)


def test_what_customers_heard_is_added_up() -> None:
    """Over the bugs of which it is known; silences, delays and waits over all their links."""
    assert audit([bug(5, waiting=WAITED)] * 3).replies == Replies(
        bugs=3,
        links=6,
        replies=27,
        asked_for=15,
        proactive=12,
        under_policy=3,
        required=18,
        late=3,
        missed=6,
        updates=21,
        newsful=9,
        wasted=12,
        news=12,
        news_missed=3,
        reminders=9,
        silence=spread_of([10, 20] * 3),
        news_delay=spread_of([1, 2, 3] * 3),
        told_after=spread_of([4, 5] * 3),
        told_certain=3,
        told_probable=3,
        promises=PromiseCounts(3, 6, 9, 12),
    )


def test_what_a_file_says_was_sent_counts_among_the_updates_alone() -> None:
    """Nobody knows whether these carried news, so that none of them is called wasted."""
    replies = audit([bug(5, waiting=WAITED), bug(5, updates=4), bug(5)]).replies
    assert (replies.bugs, replies.unknown, replies.updates, replies.wasted) == (1, 2, 11, 4)


@pytest.mark.parametrize(
    ("updates", "newsful", "expected"),
    [
        (20, 10, FollowUps.PAID),
        (20, 9, FollowUps.PARTLY),
        (20, 5, FollowUps.PARTLY),
        (20, 4, FollowUps.HARDLY),
        (260, 48, FollowUps.HARDLY),
        (19, 19, FollowUps.TOO_FEW),
        (0, 0, FollowUps.TOO_FEW),
    ],
)
def test_follow_ups_paid_where_half_of_them_carried_news(updates: int, newsful: int, expected: FollowUps) -> None:
    """And hardly where not even one in four did; few say nothing."""
    assert audit([bug(5, waiting=Waiting(1, updates=updates, newsful=newsful))]).follow_ups is expected


def test_without_conversations_nobody_knows_whether_follow_ups_paid() -> None:
    """A count of updates isn't enough."""
    assert audit([bug(5, updates=200)]).follow_ups is FollowUps.UNKNOWN


def test_news_and_updates_a_link_are_counted_by_bug() -> None:
    """Rounded, halves up; twenty stands for all that is more; a bug without a link has none."""
    waits = [(2, 3, 5), (2, 4, 5), (1, 2, 3), (1, 99, 1), (0, 5, 5)]
    given_bugs = [bug(5, waiting=Waiting(links, news=news, updates=updates)) for links, news, updates in waits]
    assert audit(given_bugs).news_cells == (NewsCell(2, 3, 3), NewsCell(20, 1, 1))
