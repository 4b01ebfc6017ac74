"""Replies are spaced, and no minute sees more of them than a helpdesk can bear."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.replies import MINUTE, REPLIES_A_MINUTE, REPLY_SPACING, next_reply_at, spaced
from tests.core.builders import day

SECONDS = st.lists(st.integers(-600, 600).map(lambda seconds: day(1) + timedelta(seconds=seconds)), max_size=60)


@given(SECONDS)
def test_a_reply_keeps_its_distance_from_all_others(taken: list[datetime]) -> None:
    """And goes out no earlier than it may."""
    at = spaced(day(1), taken)
    assert at >= day(1)
    assert all(abs(other - at) >= REPLY_SPACING for other in taken)


@given(st.integers(1, 100))
def test_replies_spaced_one_after_another_wait_no_longer_than_they_must(count: int) -> None:
    """Each takes the first place that is free."""
    taken: list[datetime] = []
    for _ in range(count):
        taken.append(spaced(day(1), taken))
    assert taken == [day(1) + number * REPLY_SPACING for number in range(count)]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=120))
def test_no_minute_sees_more_than_its_share(waits: list[int]) -> None:
    """Whenever somebody comes to send, and however many wait."""
    now, sent = day(1), []
    for seconds in waits:
        now += timedelta(seconds=seconds)
        if next_reply_at(now, sent) <= now:
            sent.append(now)
    assert all(sum(start <= at < start + MINUTE for at in sent) <= REPLIES_A_MINUTE for start in sent)


def test_a_full_minute_is_over_a_minute_after_its_first_reply() -> None:
    """Not a moment later."""
    sent = [day(1) + number * timedelta(seconds=1) for number in range(REPLIES_A_MINUTE)]
    assert next_reply_at(sent[-1], sent) == day(1) + MINUTE
    assert next_reply_at(day(1) + MINUTE, sent) == day(1) + MINUTE
