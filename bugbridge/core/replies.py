"""Whether an update may reach the customer directly, as a public reply, or goes to the agent as a reminder.

Both the policy and the helpdesk's settings have to say so, and some things are never said by a machine: a no, a
correction, anything to an enterprise customer, anything in a language that nobody wrote a template for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.facts import LinkState
from bugbridge.core.model import FactKind, LinkEventKind, News, Stage
from bugbridge.core.noise import reply_moment
from bugbridge.core.policy import ENTERPRISE
from bugbridge.core.policy_model import REPLY, Intention, LinkFacts
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import latest

# Long enough to see it in a list or a notification and to stop it; short enough that news is still news.
REPLY_HOLD = timedelta(minutes=10)
# The least that a helpdesk allows is Zendesk's 100 updates a minute, for the whole account: a fifth of it is ours.
REPLIES_A_MINUTE = 20
MINUTE = timedelta(minutes=1)
REPLY_SPACING = MINUTE / REPLIES_A_MINUTE
NEVER_BY_REPLY = frozenset({News.DECLINED, News.REOPENED})


@dataclass(frozen=True, slots=True)
class ReplyConditions:
    """What beside the facts decides: the helpdesk's settings, the draft, and who has the ticket.

    `alone` says that the message would tell this update and no other, on the update's own ticket.
    """

    allowed: bool
    draft: str
    has_template: bool
    assigned: bool
    alone: bool


def may_be_a_reply(intention: Intention, facts: LinkFacts, conditions: ReplyConditions) -> bool:
    """Say whether an update may be sent to the customer directly; everything else reminds the agent."""
    return (
        intention.deliver == REPLY
        and conditions.allowed
        and conditions.alone
        and conditions.assigned
        and bool(conditions.draft)
        and conditions.has_template
        and facts.tier != ENTERPRISE
        and facts.stage is not Stage.DECLINED
        and not facts.reopened_after_told
        and not NEVER_BY_REPLY & (facts.untold | {conditions.draft})
    )


def is_the_agents(history: LinkHistory, state: LinkState, intention: Intention) -> bool:
    """Tell whether what an update tells was taken out of our hands since it happened: a reply about it was stopped, or
    nobody knows whether it arrived. That holds for the customer and bug, through whichever ticket and key.

    Where no news is behind it, what counts is since when the customer last heard.
    """
    taken = [event.occurred_at for event in history.party_link_events if event.kind is LinkEventKind.TO_AGENT]
    since = state.happened_at(intention.news_seq) or state.last_update_at
    return any(at >= since for at in taken)


def language_of(history: LinkHistory, otherwise: str) -> str:
    """Give the language that the customer reads, the team's where nobody knows it."""
    return latest(history.party_facts, FactKind.LOCALE) or otherwise


def same_language(one: str, other: str) -> bool:
    """Whether two tags, such as `de` and `de-AT`, are of one language, whatever the region."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


def zone_of(history: LinkHistory, otherwise: ZoneInfo) -> ZoneInfo:
    """Give the customer's time zone, the team's where it isn't known or isn't one."""
    told = latest(history.party_facts, FactKind.ZONE)
    try:
        return ZoneInfo(told) if told else otherwise
    except (KeyError, ValueError, OSError):
        return otherwise


def held_reply_at(
    now: datetime, calendar: WorkCalendar, reader: ZoneInfo, promised_by: datetime | None = None
) -> datetime:
    """Give when a reply that was decided on now goes out: after the hold, and in the hours of team and customer."""
    return reply_opens(now + REPLY_HOLD, calendar, reader, promised_by)


def reply_opens(
    earliest: datetime, calendar: WorkCalendar, reader: ZoneInfo, promised_by: datetime | None = None
) -> datetime:
    """Give the first instant that suits team and customer; what was promised by an instant doesn't wait beyond it."""
    suits = reply_moment(earliest, calendar, reader)
    return earliest if promised_by is not None and suits > promised_by else suits


def spaced(earliest: datetime, taken: Iterable[datetime]) -> datetime:
    """Give the first instant from `earliest` on that lies far enough from those at which other replies go out."""
    at = earliest
    for other in sorted(taken):
        if abs(other - at) < REPLY_SPACING:
            at = other + REPLY_SPACING
    return at


def next_reply_at(now: datetime, sent: Sequence[datetime]) -> datetime:
    """Give when a helpdesk takes one more reply: now, or a minute after the twentieth last that was sent there."""
    lately = sorted(at for at in sent if at > now - MINUTE)
    return lately[-REPLIES_A_MINUTE] + MINUTE if len(lately) >= REPLIES_A_MINUTE else now
