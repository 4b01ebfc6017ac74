"""What would change what a customer hears: the single changes that can really come about, and what would hold then.

A change is what the fold makes of one deed or event: a public reply answers the customer, keeps the promise and tells
of the news at once. Nothing is offered that is so already, or that nobody can bring about or wait for.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import Any

from bugbridge.core.model import (
    TERMINAL_NEWS,
    TERMINAL_STAGES,
    Frequency,
    News,
    OptOut,
    Stage,
    TicketStatus,
    Workaround,
)
from bugbridge.core.outlook import NO_OUTLOOK, Outlook
from bugbridge.core.policy import ENTERPRISE, chain, decide
from bugbridge.core.policy_model import AnyOf, LinkFacts, Policy, PolicyRule, Ruling
from bugbridge.core.workarounds import HAS_ONE


class By(StrEnum):
    """Who brings a change about, whoever helps most first."""

    AGENT = "agent"
    CUSTOMER = "customer"
    TEAM = "team"
    TRACKER = "tracker"
    TIME = "time"


PEOPLE = frozenset({By.AGENT, By.CUSTOMER})
# These change it for nearly everyone, so that others are still looked for where nothing but they would.
ALWAYS_THERE = frozenset({"promise-made", "opted-out"})
# What a stage that is yet to come follows from, each with its news.
NEXT_STAGES = {
    Stage.OPEN: (Stage.IN_PROGRESS, Stage.FIXED, Stage.RELEASED, Stage.DECLINED),
    Stage.IN_PROGRESS: (Stage.FIXED, Stage.RELEASED, Stage.DECLINED),
    Stage.FIXED: (Stage.RELEASED,),
    Stage.RELEASED: (),
    Stage.DECLINED: (),
}
FOUND = {
    Frequency.UNKNOWN: (Frequency.FREQUENT, Frequency.INFREQUENT, Frequency.SPIKING),
    Frequency.INFREQUENT: (Frequency.FREQUENT, Frequency.SPIKING),
    Frequency.SPIKING: (Frequency.FREQUENT, Frequency.INFREQUENT),
    Frequency.FREQUENT: (Frequency.INFREQUENT,),
}
"""What further evidence can make of a bug's frequency."""
OPT_OUT_IDS = {OptOut.NONE: "opt-out-ended", OptOut.NO_PERIODIC: "no-periodic-wanted", OptOut.ALL: "opted-out"}
READ_BY: Mapping[str, tuple[str, ...]] = {
    "ticket-gone": ("ticket_gone",),
    "canonical": ("duplicate",),
    "opted-out": ("opt_out",),
    "promised": ("promise_due",),
    "reply-first": ("unanswered",),
    "done": ("stage", "untold"),
    "wrongly-told": ("reopened_after_told",),
    "clear-no": ("stage", "untold"),
    "closed-unknown": ("closed_unknown",),
    "no-periodic": ("opt_out",),
    "stalled": ("stage", "silent_days"),
    "grid-1": ("stage", "tier"),
    **{f"grid-{cell}": ("stage", "frequency", "workaround") for cell in range(2, 6)},
}
"""Which facts the rules look at that are in no file."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact, what it is and what it would be."""

    fact: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Hearing:
    """What comes of a decision for the customer; equal ones sound the same, whichever rule they come from.

    `id` is a message id: `hold`, `promise`, or what lasts: `every`, `news`, `release`, `nothing`. `tell` is news to
    tell at once, `listens_to` news they would be told when it comes (none of an ended bug), `every_days` the least and
    most days between periodic updates, `asks` the questions to people, each as the policy puts it (`lead: …`).
    """

    id: str
    rule_id: str = field(compare=False)
    tell: frozenset[News] = frozenset()
    listens_to: frozenset[News] = frozenset()
    every_days: tuple[int, int] | None = None
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change that would have the customer hear something else.

    `ids` are message ids, one, or two where no single deed does; `changes` all facts that would differ, and `at` when
    it comes about by itself.
    """

    ids: tuple[str, ...]
    by: By
    changes: tuple[Change, ...]
    before: Hearing
    after: Hearing
    at: datetime | None = None

    def apply(self, facts: LinkFacts) -> LinkFacts:
        """Give the facts as they would be."""
        return replace(facts, **{change.fact: change.after for change in self.changes})


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that can happen, and the facts that it would set."""

    id: str
    by: By
    values: Mapping[str, Any]
    at: datetime | None = None


def hearing(facts: LinkFacts, policy: Policy) -> Hearing:
    """Say what comes of these facts for the customer."""
    rulings = list(chain(decide(facts, policy)))
    last = rulings[-1]
    listens_to = frozenset() if facts.stage in TERMINAL_STAGES else last.listens_to
    return Hearing(
        id=_hearing_id(last, listens_to),
        rule_id=last.rule_id,
        tell=frozenset(news for ruling in rulings if not ruling.hold for news in ruling.tell),
        listens_to=listens_to,
        every_days=last.every_days,
        asks=tuple(ruling.person for ruling in rulings[:-1]),
    )


def _hearing_id(ruling: Ruling, listens_to: frozenset[News]) -> str:
    if ruling.hold or ruling.now:
        return "hold" if ruling.hold else "promise"
    if ruling.every_days:
        return "every"
    if not listens_to:
        return "nothing"
    return "release" if listens_to <= TERMINAL_NEWS else "news"


def what_ifs(facts: LinkFacts, policy: Policy, outlook: Outlook = NO_OUTLOOK) -> tuple[WhatIf, ...]:
    """Give what would change what this customer hears, agents' own deeds first.

    One change at a time; two together where no deed of an agent or the customer does it alone.
    """
    before = hearing(facts, policy)
    events = [*_events(facts, policy, outlook)]
    found = [*_telling(facts, policy, before, ((event,) for event in events))]
    if not any(one.by in PEOPLE and one.ids[0] not in ALWAYS_THERE for one in found):
        deeds = [event for event in events if event.by in PEOPLE and event.id not in ALWAYS_THERE]
        found += _telling(facts, policy, before, (two for two in combinations(deeds, 2) if _go_together(*two)))
    return tuple(sorted(found, key=lambda one: list(By).index(one.by)))


def _go_together(first: _Event, second: _Event) -> bool:
    return not first.values.keys() & second.values.keys()


def _telling(facts: LinkFacts, policy: Policy, before: Hearing, each: Iterable[tuple[_Event, ...]]) -> Iterator[WhatIf]:
    for events in each:
        values = {fact: value for event in events for fact, value in event.values.items()}
        after = hearing(replace(facts, **values), policy)
        if after != before:
            changes = tuple(Change(fact, getattr(facts, fact), value) for fact, value in values.items())
            by = max((event.by for event in events), key=list(By).index)
            yield WhatIf(tuple(event.id for event in events), by, changes, before, after, events[0].at)


def _events(facts: LinkFacts, policy: Policy, outlook: Outlook) -> Iterator[_Event]:
    """Give what can happen, in order of what helps most, each with those facts alone that would differ."""
    everything = (
        *_replies(facts),
        *_workaround(facts),
        *_answers(outlook),
        *_ticket(facts),
        *_opt_outs(),
        *_tiers(facts, policy),
        *_stages(facts, outlook),
        *_frequencies(facts, outlook),
        *_in_time(facts, policy, outlook),
    )
    for event in everything:
        values = {fact: value for fact, value in event.values.items() if value != getattr(facts, fact)}
        if values:
            yield replace(event, values=values)


def _replies(facts: LinkFacts) -> Iterator[_Event]:
    """A public reply answers, keeps the promise and may tell all but how it ended; an agent's word tells everything."""
    heard: dict[str, Any] = {"reopened_after_told": False}
    if facts.untold:
        heard["days_since_update"] = 0.0
    kept = {"promise_open": False, "promise_due": False}
    if facts.unanswered or facts.promise_open or facts.promise_due:
        told = {"unanswered": False, "untold": facts.untold & TERMINAL_NEWS}
        yield _Event("answered" if facts.unanswered else "promise-kept", By.AGENT, {**heard, **kept, **told})
    if facts.untold or facts.reopened_after_told:
        yield _Event("told", By.AGENT, {**heard, "untold": frozenset[News]()})


def _workaround(facts: LinkFacts) -> Iterator[_Event]:
    """A workaround found anew is news for those without one; where one failed, it is tried afresh."""
    told_of = {"untold": facts.untold | {News.WORKAROUND}, "workaround": Workaround.KNOWN}
    if facts.workaround is Workaround.NONE:
        yield _Event("workaround-found", By.TEAM, told_of)
        return
    has_it = {"untold": facts.untold - {News.WORKAROUND}}
    if facts.workaround is Workaround.KNOWN:
        yield _Event("workaround-told", By.AGENT, {"workaround": Workaround.TOLD, **has_it})
    yield _Event("workaround-confirmed", By.AGENT, {"workaround": Workaround.CONFIRMED, **has_it})
    yield _Event("workaround-failed", By.AGENT, {"workaround": Workaround.FAILED, **has_it})
    if facts.workaround not in HAS_ONE:
        yield _Event("another-workaround-found", By.TEAM, told_of)


def _answers(outlook: Outlook) -> Iterator[_Event]:
    """What the customer says outranks all evidence, and only an override outranks them."""
    if outlook.frequency_by != "override":
        yield _Event("meets-daily", By.AGENT, {"frequency": Frequency.FREQUENT})
        yield _Event("meets-sometimes", By.AGENT, {"frequency": Frequency.INFREQUENT})


def _ticket(facts: LinkFacts) -> Iterator[_Event]:
    """A closed ticket can't be opened again in many helpdesks: what comes in its stead is another ticket."""
    if facts.ticket_status in (TicketStatus.OPEN, TicketStatus.PENDING):
        yield _Event("ticket-solved", By.AGENT, {"ticket_status": TicketStatus.SOLVED, "unanswered": False})
    elif facts.ticket_status is TicketStatus.SOLVED:
        yield _Event("ticket-reopened", By.CUSTOMER, {"ticket_status": TicketStatus.OPEN})
    ended = facts.stage in TERMINAL_STAGES and not facts.untold
    if facts.opt_out is not OptOut.ALL and not facts.promise_open and not ended:
        yield _Event("promise-made", By.AGENT, {"promise_open": True, "promise_due": True})


def _opt_outs() -> Iterator[_Event]:
    for wish, event_id in OPT_OUT_IDS.items():
        yield _Event(event_id, By.CUSTOMER, {"opt_out": wish})


def _tiers(facts: LinkFacts, policy: Policy) -> Iterator[_Event]:
    """A customer's plan may change, to one that the policy knows of or to none of these."""
    conditions = [condition for rule in policy.rules for condition in rule.when if condition.fact == "tier"]
    named = {value for condition in conditions if isinstance(condition, AnyOf) for value in condition.values}
    for tier in sorted(named | {ENTERPRISE}):
        yield _Event("tier", By.TEAM, {"tier": tier})
    if facts.tier in named | {ENTERPRISE}:
        yield _Event("tier", By.TEAM, {"tier": ""})


def _stages(facts: LinkFacts, outlook: Outlook) -> Iterator[_Event]:
    """The bug moves on, which is news; what was planned is planned no more once it is out."""
    for stage in NEXT_STAGES[facts.stage]:
        moved = {"stage": stage, "untold": facts.untold | {News(stage)}, "release_planned": False}
        yield _Event(f"stage-{stage}", By.TRACKER, {**moved, "closed_unknown": False, "silent_days": 0.0})
    if facts.stage is Stage.FIXED and not facts.release_planned:
        planned = {"release_planned": True, "untold": facts.untold | {News.RELEASE_PLANNED}}
        yield _Event("release-planned", By.TRACKER, planned)
    if outlook.reopened is not None:
        yield _Event("reopened", By.TRACKER, _all(outlook.reopened))


def _frequencies(facts: LinkFacts, outlook: Outlook) -> Iterator[_Event]:
    """Evidence counts only where nothing outranks it."""
    if outlook.frequency_by == "bug":
        for frequency in FOUND[facts.frequency]:
            yield _Event(f"found-{frequency}", By.TRACKER, {"frequency": frequency})


def _in_time(facts: LinkFacts, policy: Policy, outlook: Outlook) -> Iterator[_Event]:
    """Each instant at which they begin to hear something else than just before."""
    before = hearing(facts, policy)
    for later in outlook.foreseen:
        then = hearing(later.facts, policy)
        if then != before:
            yield _Event("time", By.TIME, _all(later.facts), later.at)
        before = then


def _all(facts: LinkFacts) -> dict[str, Any]:
    return {each.name: getattr(facts, each.name) for each in fields(facts)}


def facts_behind(rule_id: str, under: Collection[str], rules: Iterable[PolicyRule]) -> tuple[str, ...]:
    """Name the facts that a rule looked at, those of the unchangeable rules that shaped the decision first."""
    conditions = [condition.fact for rule in rules if rule.id == rule_id for condition in rule.when]
    read = [fact for name in (*under, rule_id) for fact in READ_BY.get(name, ())]
    return tuple(dict.fromkeys([*read, *conditions]))
