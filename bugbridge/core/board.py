"""What the board shows of updates: rows as the store hands them over. Instants are aware, in UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bugbridge.core.calendar import WorkCalendar, add_business_days
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Review, UpdateState
from bugbridge.core.noise import intended_at
from bugbridge.core.places import place_text
from bugbridge.core.planning import PROMISED
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import UpdateItem

UNTOLD = frozenset({UpdateState.PLANNED, UpdateState.CLAIMED, UpdateState.POSTED})
MOST_COUNTED = 1000


class Show(StrEnum):
    """Which updates: due until the end of the team's day, left to the lead, due within two weeks, or for a person."""

    TODAY = "today"
    OVERDUE = "overdue"
    SOON = "soon"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class DueWanted:
    """Which updates somebody asks for; "" is all. `until` bounds what is due, `now` and `repeated_before` what is
    overdue: reminded of again before then, which is none where nobody is reminded again. `reminded` is whether their
    agents were reminded and have yet to write, none for both."""

    show: Show
    now: datetime
    until: datetime
    repeated_before: datetime | None = None
    helpdesk: str = ""
    brand: str = ""
    reason: str = ""
    reminded: bool | None = None


@dataclass(frozen=True, slots=True)
class BoardUpdate:
    """An update that is open: what it is about and how far it is.

    `reply_at` is until when its reply is held, `reply_unknown` whether nobody knows what became of that. `round_at` is
    when the round began in which it waits, `repeated` whether its agent was reminded again in vain. `reminded_at` is
    when they were reminded of what they have yet to write.
    """

    item: UpdateItem
    ticket: str
    bug: str
    reply_at: datetime | None = None
    reply_unknown: bool = False
    round_at: datetime | None = None
    repeated: bool = False
    reminded_at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it stands among all, by when it is due."""
        return place_text(instant_to_text(self.item.due_at), self.item.id)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are; `more` says that there are more, which nobody counted."""

    number: int
    more: bool = False


def counted_to(number: int) -> Counted:
    """Say how many of at most MOST_COUNTED + 1 that were looked at."""
    return Counted(min(number, MOST_COUNTED), number > MOST_COUNTED)


@dataclass(frozen=True, slots=True)
class BoardRound:
    """News of a bug that waits for a person's review, on how many tickets in sight and since when."""

    bug_id: int
    bug: str
    reason: str
    tickets: int
    since: datetime


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """What the policy asks the team lead about a bug, on which ticket for example."""

    bug_id: int
    bug: str
    ticket: str
    rule_id: str
    question: str
    because: str
    asked_at: datetime


def is_overdue(one: BoardUpdate, now: datetime, policy: Policy, calendar: WorkCalendar) -> bool:
    """Whether it is the lead's to settle: not to be posted, reminded of twice in vain, a promise whose day is over, or
    in a round that nobody finished although its agents were told twice."""
    if one.item.state is UpdateState.DEAD or one.repeated:
        return True
    return is_broken(one.item, now, policy, calendar) or _round_is_overdue(one, now, policy, calendar)


def is_broken(item: UpdateItem, now: datetime, policy: Policy, calendar: WorkCalendar) -> bool:
    """Whether a promise's day is over; its agent was to be reminded so many working days before."""
    if item.reason != PROMISED or item.state not in UNTOLD:
        return False
    ahead = policy.facts.promise_ahead_business_days
    return add_business_days(intended_at(item), ahead, calendar) < now


def _round_is_overdue(one: BoardUpdate, now: datetime, policy: Policy, calendar: WorkCalendar) -> bool:
    days = policy.limits.repeat_after_business_days
    if not days or one.round_at is None or one.item.review is not Review.WAITING:
        return False
    return add_business_days(one.round_at, 2 * days, calendar) <= now
