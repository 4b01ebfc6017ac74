"""What may come of a link that its facts alone don't tell: by time, by a reopening, and by whose word it is judged."""

from dataclasses import dataclass, replace
from datetime import datetime
from sys import maxsize

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import FactEvent
from bugbridge.core.facts import LinkState, fold_link, frequency_for
from bugbridge.core.model import Entity, FactKind, Stage
from bugbridge.core.policy_model import LinkFacts, Policy
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import CLOSED_STAGES


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The facts as they will be at an instant if nothing happens before."""

    at: datetime
    facts: LinkFacts


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the facts alone don't tell of what may come.

    `frequency_by` is what said how often this customer meets the bug (`override`, `answer`, `own-usage`, `bug`);
    `reopened` the facts if a closed bug came back, none where it isn't closed.
    """

    frequency_by: str = "bug"
    foreseen: tuple[Foreseen, ...] = ()
    reopened: LinkFacts | None = None


NO_OUTLOOK = Outlook()


def decided_facts(state: LinkState) -> LinkFacts:
    """Give the facts as planning decides on them: a link's own questions stand until they are met."""
    return replace(state.facts, asked=state.asked_elsewhere)


def outlook(history: LinkHistory, now: datetime, policy: Policy, calendar: WorkCalendar) -> Outlook:
    """Fold what time alone will bring, and what a reopening would. Raises ValueError if it was never linked."""
    state = fold_link(history, now, policy, calendar)
    later = [Foreseen(at, decided_facts(fold_link(history, at, policy, calendar))) for at in state.changes_at]
    by = frequency_for(history, now, policy)[1]
    return Outlook(by, tuple(later), _reopened(history, state, now, policy, calendar))


def _reopened(
    history: LinkHistory, state: LinkState, now: datetime, policy: Policy, calendar: WorkCalendar
) -> LinkFacts | None:
    """Fold a reopening that hasn't happened: what it means depends on what this customer was told."""
    if state.facts.stage not in CLOSED_STAGES or not history.bug.issue_facts:
        return None
    imagined = FactEvent(
        entity=Entity.ISSUE,
        entity_id=history.bug.issue_facts[0].entity_id,
        kind=FactKind.STAGE,
        value=Stage.OPEN,
        occurred_at=now,
        source_key="as-if-reopened",
        seq=maxsize,
    )
    bug = replace(history.bug, issue_facts=(*history.bug.issue_facts, imagined))
    return decided_facts(fold_link(replace(history, bug=bug), now, policy, calendar))
