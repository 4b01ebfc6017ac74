"""Which updates may reach a customer directly, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import News, Stage
from bugbridge.core.policy_model import REPLY, Intention, LinkFacts
from bugbridge.core.replies import REPLY_HOLD, ReplyConditions, held_reply_at, may_be_a_reply

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
RELEASED = Intention("released", NOON, frozenset({News.RELEASED}), 7, deliver=REPLY)
FACTS = LinkFacts(stage=Stage.RELEASED, untold=frozenset({News.RELEASED}))
ALL_IS_WELL = ReplyConditions(allowed=True, draft="released", has_template=True, assigned=True, alone=True)


def test_a_reply_needs_a_rule_that_says_so_and_all_else_in_place() -> None:
    """The release of a bug, to a customer of an ordinary plan, in a language that there are words for."""
    assert may_be_a_reply(RELEASED, FACTS, ALL_IS_WELL)


@pytest.mark.parametrize(
    ("intention", "facts", "conditions"),
    [
        (replace(RELEASED, deliver="reminder"), FACTS, ALL_IS_WELL),
        (RELEASED, replace(FACTS, tier="enterprise"), ALL_IS_WELL),
        (RELEASED, replace(FACTS, stage=Stage.DECLINED), ALL_IS_WELL),
        (RELEASED, replace(FACTS, untold=frozenset({News.DECLINED})), ALL_IS_WELL),
        (RELEASED, replace(FACTS, untold=frozenset({News.RELEASED, News.REOPENED})), ALL_IS_WELL),
        (RELEASED, replace(FACTS, reopened_after_told=True), ALL_IS_WELL),
        (RELEASED, FACTS, replace(ALL_IS_WELL, allowed=False)),
        (RELEASED, FACTS, replace(ALL_IS_WELL, draft="")),
        (RELEASED, FACTS, replace(ALL_IS_WELL, draft="declined")),
        (RELEASED, FACTS, replace(ALL_IS_WELL, has_template=False)),
        (RELEASED, FACTS, replace(ALL_IS_WELL, assigned=False)),
        (RELEASED, FACTS, replace(ALL_IS_WELL, alone=False)),
    ],
)
def test_each_of_these_alone_sends_it_to_the_agent(
    intention: Intention, facts: LinkFacts, conditions: ReplyConditions
) -> None:
    """A no, a correction, an enterprise customer, no words, nobody responsible, several things at once, or no leave."""
    assert not may_be_a_reply(intention, facts, conditions)


def test_a_reply_is_held_ten_minutes() -> None:
    """Long enough to stop it."""
    assert held_reply_at(NOON, ALWAYS_OPEN, ZoneInfo("UTC")) == NOON + timedelta(minutes=10)


def test_a_reply_waits_for_the_customers_morning_unless_it_was_promised() -> None:
    """At 12:10 UTC it is 21:10 in Tokyo; the next morning at 8:00 there is 23:00 UTC."""
    tokyo = ZoneInfo("Asia/Tokyo")
    assert held_reply_at(NOON, ALWAYS_OPEN, tokyo) == datetime(2026, 6, 15, 23, tzinfo=UTC)
    opens = datetime(2026, 6, 15, 23, tzinfo=UTC)
    assert held_reply_at(NOON, ALWAYS_OPEN, tokyo, opens) == opens
    assert held_reply_at(NOON, ALWAYS_OPEN, tokyo, opens - timedelta(seconds=1)) == NOON + REPLY_HOLD
