"""What going live would call for: shown before anything is posted, and kept nowhere."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import FactEvent
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.instants import DAY, instant_to_text
from bugbridge.core.live import group_start, groups_of
from bugbridge.core.model import Entity, FactKind
from bugbridge.core.planning import PERIODIC, pace_of, periodic_count, plan_link
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey
from bugbridge.core.stages import latest
from bugbridge.ports import Clock, Store
from bugbridge.services.curves import curve_book
from bugbridge.services.planning import key_of

# How far ahead going live looks to say how many reminders a day are to come.
HORIZON = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class OldUpdate:
    """What would be due at once: the update's key, its ticket, its bug's issue, and why."""

    key: str
    ticket: str
    issue: str
    reason: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What going live would call for: updates due at once, and reminders per agent and day to come after that.

    `links` are those that would go live; `groups` counts the links of each group of the whole helpdesk, for pilots.
    """

    updates: tuple[OldUpdate, ...]
    links: tuple[LinkKey, ...]
    agents: int
    reminders_per_agent_day: float
    groups: Mapping[str, int]

    @property
    def due(self) -> int:
        """How many updates are due at once."""
        return len(self.updates)

    @property
    def by_reason(self) -> Mapping[str, int]:
        """How many of them for which reason."""
        return Counter(update.reason for update in self.updates)


@dataclass(frozen=True, slots=True)
class Start:
    """Where and since when news would be told: on a whole helpdesk, or for these groups of it alone."""

    source_name: str
    live_from: datetime
    groups: tuple[str, ...] = ()

    def covers(self, history: LinkHistory) -> bool:
        """Tell whether a link's ticket is among those that would go live."""
        return not self.groups or bool(groups_of(history.ticket_facts) & set(self.groups))


def backlog(store: Store, policies: Policies, clock: Clock, calendar: WorkCalendar, start: Start) -> Backlog:
    """Show what would be due if a helpdesk, or groups of it, went live from an instant on."""
    now, curves = clock.now(), curve_book(store)
    due: dict[str, OldUpdate] = {}
    groups: Counter[str] = Counter()
    agents: set[str] = set()
    links: list[LinkKey] = []
    coming = 0
    for history in _histories(store, start.source_name):
        groups.update(groups_of(history.ticket_facts))
        if not start.covers(history):
            continue
        links.append(history.key)
        agents.add(latest(history.ticket_facts, FactKind.ASSIGNEE))
        policy = policies.of(history).policy
        state = _as_if_live(history, start, now, policy, calendar)
        own, periodic = _of_link(history, state, now, policy, calendar, curves)
        due |= own
        coming += periodic
    working = max(1, len(agents - {""}))
    per_day = coming / working / (HORIZON / DAY)
    return Backlog(tuple(due.values()), tuple(links), working, round(per_day, 2), dict(groups))


def _histories(store: Store, source_name: str) -> Iterator[LinkHistory]:
    upto = KnownUpTo(store.head())
    for link in store.links():
        history = store.link_history(link.key, upto)
        if history.ticket.source_name == source_name:
            yield history


def _of_link(
    history: LinkHistory, state: LinkState, now: datetime, policy: Policy, calendar: WorkCalendar, curves: CurveBook
) -> tuple[dict[str, OldUpdate], int]:
    """Give a link's updates that are due now, and how many periodic ones come after that within the horizon."""
    planned = plan_link(state, now, policy, calendar, curves)
    ticket, issue = history.ticket.reference, history.bug.primary_reference
    due = [(key_of(history, one), one.reason) for one in planned.intentions if one.due_at <= now]
    periodic = periodic_count(planned.decision.ruling, state, now, now + HORIZON, pace_of(state, policy, curves))
    begun = PERIODIC in {reason for _, reason in due}
    return {key: OldUpdate(key, ticket, issue, reason) for key, reason in due}, periodic - begun


def _as_if_live(history: LinkHistory, start: Start, now: datetime, policy: Policy, calendar: WorkCalendar) -> LinkState:
    fact = FactEvent(
        entity=Entity.SOURCE,
        entity_id=history.ticket.source_id,
        kind=FactKind.LIVE_FROM,
        value=instant_to_text(start.live_from),
        occurred_at=now,
        source_key="as-if-live",
    )
    own = [replace(fact, kind=FactKind.LIVE_GROUP, value=group_start(start.live_from, group)) for group in start.groups]
    imagined = replace(history, source_facts=(*history.source_facts, *(own or [fact])))
    return fold_link(imagined, now, policy, calendar)
