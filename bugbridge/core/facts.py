"""The facts of a link, folded from its events; the same function serves both axes of time.

A history read up to `seq` gives what was known, one read up to an instant gives what had happened.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite

from bugbridge.core.cadence import Heard
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import BugEvent, FactEvent, LinkEvent
from bugbridge.core.frequency import own_frequency
from bugbridge.core.heard import linked_event, tells_from, what_was_heard
from bugbridge.core.instants import JUST_AFTER, elapsed_days
from bugbridge.core.live import live_since
from bugbridge.core.model import (
    AuthorKind,
    BugEventKind,
    FactKind,
    Frequency,
    LinkEventKind,
    LinkHow,
    News,
    OptOut,
    Stage,
    TicketStatus,
    Workaround,
)
from bugbridge.core.open_promises import Called, OpenPromise, open_promise
from bugbridge.core.policy_model import LinkFacts, Policy, Within
from bugbridge.core.records import BugHistory, LinkHistory
from bugbridge.core.reminders import Delay, last_delay, last_dismissal
from bugbridge.core.stages import NewsEvent, Timeline, in_order, latest, timeline
from bugbridge.core.telling import Telling, news_in_view, still_true, tellings, untold, wrongly_told
from bugbridge.core.usage import days_per_week
from bugbridge.core.workarounds import ForCustomer, assumed_at, for_customer

# What takes back how often a customer meets a bug: nobody knows after all.
UNSAID = "unknown"
# How far the instant that a tracker gives our own comment may lie from the one that we kept.
ECHO = timedelta(minutes=10)
# What is told no more once the plan behind it was taken back.
PLAN_NEWS = frozenset({News.RELEASE_PLANNED, News.RELEASE_MOVED})


@dataclass(frozen=True, slots=True)
class LinkState:
    """The facts, and what planning needs beside them.

    `changes_at` is when time alone will next change a fact; `periodic_told` counts periodic updates told so far, `run`
    is what the customer heard since the last news, from which the intervals grow, and `reported_at` the bug's first
    report, from which its age counts. `unheard` names the news, by its event, that nobody told this customer,
    background included. What happened up to `dismissed_at` needn't be told, and what was due when an agent put it off
    waits for the `delay`. `asked_elsewhere` are the bug's questions that were put through another of its links, and so
    don't stand for this one.
    """

    facts: LinkFacts
    timeline: Timeline
    untold: tuple[NewsEvent, ...]
    linked_at: datetime
    live_from: datetime | None
    last_update_at: datetime
    periodic_told: int
    run: tuple[Heard, ...]
    reported_at: datetime
    changes_at: tuple[datetime, ...] = ()
    unheard: frozenset[int] = frozenset()
    promise: OpenPromise | None = None
    wrongly_told: NewsEvent | None = None
    asked_elsewhere: frozenset[str] = frozenset()
    dismissed_at: datetime | None = None
    delay: Delay | None = None

    def happened_at(self, news_seq: int | None) -> datetime | None:
        """Give when a piece of news happened, by its event; none where there is none."""
        return next((event.at for event in self.timeline.news if event.seq == news_seq), None)


def ticket_tags(history: LinkHistory) -> frozenset[str]:
    """Give those of a ticket's tags that are kept: no others than policies name."""
    return frozenset(json.loads(latest(history.ticket_facts, FactKind.TAGS) or "[]"))


def fold_link(history: LinkHistory, now: datetime, policy: Policy, calendar: WorkCalendar) -> LinkState:
    """Fold a link's history into its facts as of `now`. Raises ValueError if it was never linked."""
    bug = timeline(history.bug)
    told = tellings(history, bug.news)
    linked = linked_event(history)
    linked_at = tells_from(linked)
    live_from = live_since(history.source_facts, history.ticket_facts)
    dismissed = last_dismissal(history)
    workaround = for_customer(history, bug)
    news = _since(_news(bug, told, linked_at, live_from, workaround, linked.how), dismissed)
    updates = what_was_heard(history, told, bug, linked_at, live_from)
    works_at = _works_at(history, workaround, policy)
    wrong = next(iter(_since(_wrongly_told(bug, told, linked_at, live_from), dismissed)), None)
    since = _counted_since(history, bug, linked_at, updates.last_at)
    own_questions, bug_questions = _asked(history, bug)
    bare = LinkFacts(
        stage=bug.stage,
        untold=frozenset(event.news for event in news),
        frequency=frequency_for(history, now, policy)[0],
        workaround=_workaround(workaround, works_at, now),
        tier=tier_of(history),
        opt_out=OptOut(latest(history.party_facts, FactKind.OPT_OUT) or OptOut.NONE),
        ticket_status=TicketStatus(latest(history.ticket_facts, FactKind.STATUS) or TicketStatus.OPEN),
        unanswered=_unanswered(history),
        closed_unknown=bug.closed_unknown,
        ticket_gone=any(latest(history.ticket_facts, kind) for kind in (FactKind.GONE, FactKind.MERGED)),
        release_planned=bug.stage is Stage.FIXED and bool(bug.planned_version),
        reopened_after_told=wrong is not None,
        silent_days=elapsed_days(since["silent_days"], now),
        age_days=elapsed_days(since["age_days"], now),
        days_since_update=elapsed_days(updates.last_at, now),
        brand=history.ticket.brand,
        language=latest(history.party_facts, FactKind.LOCALE),
        labels=frozenset(json.loads(latest(history.bug.issue_facts, FactKind.LABELS) or "[]")),
        helpdesk=history.ticket.source_name,
        tracker=history.bug.primary_reference.partition(":")[0],
        duplicate=history.key.bug_id != history.bug.bug_id,
        asked=own_questions | bug_questions,
    )
    called = Called(replace(bare, asked=bug_questions - own_questions), news)
    promise = open_promise(history, bug, called, policy, calendar, max(linked_at, live_from or linked_at))
    return LinkState(
        facts=_with_promise(bare, promise, now),
        timeline=bug,
        untold=news,
        linked_at=linked_at,
        live_from=live_from,
        last_update_at=updates.last_at,
        periodic_told=updates.periodic_told,
        run=updates.run,
        reported_at=history.bug.reported_at or history.ticket.created_at,
        changes_at=_changes_at((works_at, live_from, *_expiries(history), *_crossings(policy, since)), promise, now),
        unheard=frozenset(event.seq for event in untold(still_true(bug.news, told), told)),
        promise=promise,
        wrongly_told=wrong,
        asked_elsewhere=bug_questions - own_questions,
        dismissed_at=dismissed.occurred_at if dismissed else None,
        delay=last_delay(history),
    )


def _with_promise(facts: LinkFacts, promise: OpenPromise | None, now: datetime) -> LinkFacts:
    return replace(
        facts, promise_due=promise is not None and promise.notice_at <= now, promise_open=promise is not None
    )


def _counted_since(
    history: LinkHistory, bug: Timeline, linked_at: datetime, last_update_at: datetime
) -> Mapping[str, datetime]:
    """Say from when on the days of each fact count that counts days."""
    return {
        "silent_days": _silent_since(history, linked_at),
        "age_days": bug.opened_at or linked_at,
        "days_since_update": last_update_at,
    }


def _changes_at(
    instants: Iterable[datetime | None], promise: OpenPromise | None, now: datetime
) -> tuple[datetime, ...]:
    due = (*instants, promise.notice_at if promise else None)
    return tuple(sorted(at for at in due if at is not None and at > now))


def _since(news: Iterable[NewsEvent], dismissed: LinkEvent | None) -> tuple[NewsEvent, ...]:
    """Nobody can have meant what wasn't known yet when they said that nothing is needed."""
    if dismissed is None:
        return tuple(news)
    return tuple(event for event in news if event.at > dismissed.occurred_at or event.seq > dismissed.seq)


def tier_of(history: LinkHistory) -> str:
    """Give the customer's own tier, else their account's."""
    own = [fact for fact in history.party_facts if fact.entity_id == history.ticket.requester_id]
    return latest(own, FactKind.TIER) or latest(history.party_facts, FactKind.TIER)


def _wrongly_told(
    bug: Timeline, told: tuple[Telling, ...], linked_at: datetime, live_from: datetime | None
) -> tuple[NewsEvent, ...]:
    """A reopening that is background, as any old news, is nobody's error to own now."""
    wrong = wrongly_told(bug.news, told)
    return (wrong,) if wrong is not None and live_from is not None and wrong.at >= max(linked_at, live_from) else ()


def _news(
    bug: Timeline,
    told: tuple[Telling, ...],
    linked_at: datetime,
    live_from: datetime | None,
    workaround: ForCustomer,
    how: str,
) -> tuple[NewsEvent, ...]:
    in_view = news_in_view(
        still_true(bug.news, told),
        bug.stage,
        linked_at=linked_at,
        live_from=live_from,
        by_hand=how in (LinkHow.HAND, LinkHow.LINE),
    )
    standing = [event for event in in_view if bug.planned_version or event.news not in PLAN_NEWS]
    helpful = [event for event in standing if event.news is not News.WORKAROUND or event in workaround.news]
    return untold(helpful, told)


def _workaround(folded: ForCustomer, assumed: datetime | None, now: datetime) -> Workaround:
    return Workaround.CONFIRMED if assumed is not None and assumed <= now else folded.state


def _works_at(history: LinkHistory, workaround: ForCustomer, policy: Policy) -> datetime | None:
    """Give when the customer's silence makes a workaround a confirmed one, none where it doesn't."""
    theirs = [message.occurred_at for message in history.messages if message.author_kind is AuthorKind.CUSTOMER]
    return assumed_at(workaround, theirs, timedelta(days=policy.facts.workaround_assumed_after_days))


def last_check(history: BugHistory) -> BugEvent | None:
    """Give the latest frequency check; its value is the JSON object that planning kept."""
    checks = [event for event in in_order(history.bug_events) if event.kind is BugEventKind.FREQUENCY_CHECK]
    return checks[-1] if checks else None


def judged_frequency(history: BugHistory) -> Frequency:
    """Give what the latest check made of a bug, unknown before the first."""
    check = last_check(history)
    return Frequency(json.loads(check.value)["frequency"]) if check else Frequency.UNKNOWN


def standing_override(history: BugHistory, now: datetime) -> BugEvent | None:
    """Give the override that holds at an instant: the last one, unless it was taken back or has expired."""
    said = [event for event in in_order(history.bug_events) if event.kind is BugEventKind.OVERRIDE]
    if not said or not said[-1].value:
        return None
    return said[-1] if said[-1].expires_at is None or said[-1].expires_at > now else None


def given_answer(history: LinkHistory) -> str | None:
    """Give what this customer said last of how often they meet the bug, none if they were never asked."""
    return next(reversed(given_answers(history)), None)


def given_answers(history: LinkHistory) -> list[str]:
    """Give all that they said of it, in order, since nobody knew."""
    said: list[str] = []
    for event in in_order(history.link_events):
        if event.kind is LinkEventKind.MEETS_IT:
            said = [] if event.value == UNSAID else [*said, event.value]
    return said


def frequency_for(history: LinkHistory, now: datetime, policy: Policy) -> tuple[Frequency, str]:
    """How often this customer meets the bug, and what said so: `override`, `answer`, `own-usage` or `bug`."""
    override = standing_override(history.bug, now)
    return own_frequency(
        given_answer(history),
        _own_days_per_week(history),
        judged_frequency(history.bug),
        Frequency(override.value) if override else None,
        policy.frequency,
    )


def _own_days_per_week(history: LinkHistory) -> float | None:
    """Give how often the customer's account uses the bug's flow, as the latest check found; none without any usage."""
    check, account_id = last_check(history.bug), latest(history.party_facts, FactKind.ACCOUNT)
    days = json.loads(check.value).get("own_days", {}).get(account_id) if check else None
    return None if days is None else days_per_week(days)


def _unanswered(history: LinkHistory) -> bool:
    if latest(history.ticket_facts, FactKind.STATUS) in (TicketStatus.SOLVED, TicketStatus.CLOSED):
        return False
    people = (AuthorKind.CUSTOMER, AuthorKind.AGENT)
    public = [message for message in in_order(history.messages) if message.public and message.author_kind in people]
    return bool(public) and public[-1].author_kind is AuthorKind.CUSTOMER


def _silent_since(history: LinkHistory, linked_at: datetime) -> datetime:
    """Find the last sign of life of the issue; a comment of our own is none."""
    kinds = (FactKind.STAGE, FactKind.RELEASE, FactKind.ASSIGNEE, FactKind.ACTIVITY)
    ours = [event.occurred_at for event in history.bug.bug_events if event.kind is BugEventKind.WRITTEN_BACK]
    signs = [fact for fact in history.bug.issue_facts if fact.kind in kinds and not _our_echo(fact, ours)]
    return max((fact.occurred_at for fact in signs), default=linked_at)


def _our_echo(fact: FactEvent, ours: Iterable[datetime]) -> bool:
    return fact.kind is FactKind.ACTIVITY and any(abs(fact.occurred_at - at) < ECHO for at in ours)


def _asked(history: LinkHistory, bug: Timeline) -> tuple[frozenset[str], frozenset[str]]:
    """Name the questions put to a person since the bug was last reopened: for this link, and once for the bug."""
    reopened = max((event.seq for event in bug.news if event.news == "reopened"), default=0)
    own = [decision for decision in history.decisions if decision.upto_seq >= reopened]
    shared = [decision for decision in history.bug_decisions if decision.upto_seq >= reopened]
    return (
        frozenset(decision.rule_id for decision in own if json.loads(decision.output)["person"]),
        frozenset(decision.rule_id for decision in shared if json.loads(decision.output)["once_per"] == "bug"),
    )


def _expiries(history: LinkHistory) -> list[datetime | None]:
    return [event.expires_at for event in history.bug.bug_events if event.kind is BugEventKind.OVERRIDE]


def _crossings(policy: Policy, since: Mapping[str, datetime]) -> Iterator[datetime]:
    """Give when counted days enter or leave what the policy compares them with; a range still holds at its most."""
    yield since["silent_days"] + timedelta(days=policy.facts.stalled_after_days)
    for condition in (condition for rule in policy.rules for condition in rule.when):
        if isinstance(condition, Within) and condition.fact in since:
            for days in (condition.least, condition.most):
                if isfinite(days):
                    yield since[condition.fact] + timedelta(days=days) + JUST_AFTER
