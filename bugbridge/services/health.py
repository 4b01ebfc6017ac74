"""The health of links: issues that can't be read any more, mirrors that disagree. Nothing is closed by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bugbridge.core.model import BugEventKind, Entity, FactKind, Gone
from bugbridge.core.records import BugHistory, BugRow, KnownUpTo
from bugbridge.core.stages import timeline
from bugbridge.ports import Clock, Store

# Two trackers are seldom changed in the same hour; a longer disagreement is for a person.
DISAGREEMENT = timedelta(days=1)
GONE_SENTENCES = {
    Gone.DELETED: "was deleted",
    Gone.CONVERTED: "was made into a discussion",
    Gone.INVISIBLE: "can't be seen any more: it was deleted or hidden, or the token lost its right",
    Gone.NOT_AN_ISSUE: "is a pull request, not an issue",
}


@dataclass(frozen=True, slots=True)
class Ailment:
    """What is wrong with a bug's issue since when; its tickets keep the stage that was known."""

    reference: str
    since: datetime
    sentence: str


def link_health(store: Store, clock: Clock) -> tuple[Ailment, ...]:
    """Give what a person should look at, the oldest first."""
    found = [*_gone(store), *_disagreements(store, clock.now())]
    return tuple(sorted(found, key=lambda ailment: (ailment.since, ailment.reference)))


def _gone(store: Store) -> Iterator[Ailment]:
    for issue in store.gone_issues():
        fact = store.facts(Entity.ISSUE, issue.id)[FactKind.GONE]
        yield Ailment(issue.reference, fact.occurred_at, GONE_SENTENCES[Gone(fact.value)])


def _disagreements(store: Store, now: datetime) -> Iterator[Ailment]:
    for bug in store.bugs():
        history = store.bug_history(bug.id, KnownUpTo(store.head()))
        parts = {event.value for event in history.bug_events if event.kind is BugEventKind.PART_ADDED}
        for event in history.bug_events:
            if event.kind is BugEventKind.MIRROR_ADDED and event.value not in parts:
                yield from _disagreement(store, bug, history, int(event.value), now)


def _disagreement(store: Store, bug: BugRow, history: BugHistory, mirror_id: int, now: datetime) -> Iterator[Ailment]:
    stage = store.facts(Entity.ISSUE, mirror_id).get(FactKind.STAGE)
    own = timeline(history)
    if stage is None or stage.value == own.stage:
        return
    since = max([stage.occurred_at, *(news.at for news in own.news)])
    if now - since > DISAGREEMENT:
        sentence = (
            f"is {own.stage.replace('_', ' ')}, but its mirror is {stage.value.replace('_', ' ')}; the first decides"
        )
        yield Ailment(bug.reference, since, sentence)
