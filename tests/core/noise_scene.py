"""Short ways to a customer's planned updates, tickets and notes, for the tests of the noise rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.model import TicketStatus
from bugbridge.core.noise import ConcernedTicket, SentNote, Situation, Verdict, judge
from bugbridge.core.policy_model import LimitRules
from bugbridge.core.records import UpdateItem

BERLIN = ZoneInfo("Europe/Berlin")
# Easter 2026: Good Friday is 3 April, Easter Monday 6 April.
TEAM = WorkCalendar(BERLIN, time(8), time(20), frozenset({5, 6}), frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
LIMITS = LimitRules()
NO_BATCHES = replace(LIMITS, batch_business_days=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def berlin(text: str) -> datetime:
    """The instant of a time on the wall in Berlin, none of them ambiguous."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def update(reason: str, due_at: datetime, *, key: str = "", ticket: int = 1, party: int = 7) -> UpdateItem:
    """A planned update whose intention is its due time."""
    wall = due_at.astimezone(BERLIN).replace(tzinfo=None).isoformat(timespec="seconds")
    return UpdateItem(key or reason, party, 1, ticket, reason, due_at, wall, BERLIN.key)


def ticket(number: int = 1, agent: str = "ann", active: str = "2026-03-01T10:00", **how: object) -> ConcernedTicket:
    """An open ticket of an agent's unless said otherwise."""
    made = ConcernedTicket(number, agent, TicketStatus.OPEN, berlin(active))
    return replace(made, **how)  # type: ignore[arg-type]  # the fields of a ticket


def note(*reasons: str, posted: str = "", met: str = "") -> SentNote:
    """A note about the customer."""
    return SentNote(frozenset(reasons), berlin(posted) if posted else None, berlin(met) if met else None)


def judged(
    items: list[UpdateItem],
    at: str,
    *notes: SentNote,
    tickets: tuple[ConcernedTicket, ...] = (ticket(),),
    limits: LimitRules = LIMITS,
    enterprise: bool = False,
    today: dict[str, int] | None = None,
) -> Verdict:
    """What may go out at a time on the wall in Berlin."""
    situation = Situation(items, tickets, notes, enterprise, today or {})
    return judge(situation, berlin(at), limits, TEAM)


def sent(verdict: Verdict) -> list[str]:
    """The keys of the updates in the note, in its order."""
    return [item.key for item in verdict.together]


def waits(verdict: Verdict) -> dict[str, datetime]:
    """Until when each update is put off."""
    return {item.key: until for item, until in verdict.put_off}
