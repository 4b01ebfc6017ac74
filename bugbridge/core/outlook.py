"""What may come of a link that its facts alone don't tell: by time, by a reopening, and by whose word it is judged."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from sys import maxsize

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import FactEvent
from bugbridge.core.facts import (
    LinkState,
    fold_link,
    given_answer,
    judged_frequency,
    last_check,
    latest,
    standing_override,
)
from bugbridge.core.frequency import own_frequency
from bugbridge.core.model import Entity, FactKind, Frequency, Stage
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
    return Outlook(_frequency_by(history, now, policy), tuple(later), _reopened(history, state, now, policy, calendar))


def _frequency_by(history: LinkHistory, now: datetime, policy: Policy) -> str:
    check, override = last_check(history.bug), standing_override(history.bug, now)
    own_days = json.loads(check.value).get("own_days", {}) if check else {}
    return own_frequency(
        given_answer(history),
        own_days.get(latest(history.party_facts, FactKind.ACCOUNT)),
        judged_frequency(history.bug),
        Frequency(override.value) if override else None,
        policy.frequency,
    )[1]


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
