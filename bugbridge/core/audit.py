"""How long bugs took from report to fix, and what their customers heard meanwhile, over those fixed last."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bugbridge.core.audit_model import (
    Audit,
    By,
    Exclusion,
    Group,
    LeftOut,
    Question,
    Replies,
    ResolvedBug,
)
from bugbridge.core.model import Frequency
from bugbridge.core.spread import spread_of
from bugbridge.core.survival import BugLife

# Bugs that a report lists one by one.
MOST_LISTED = 1_000

Lives = Callable[[datetime | None], Iterable[BugLife]]
"""Gives the life of every bug that was open at some time since an instant; of all bugs for None."""


def measure(
    question: Question,
    made_at: datetime,
    bugs: Iterable[ResolvedBug],
    lives: Lives,
    excluded: Sequence[Exclusion] = (),
    origin: str = "",
) -> Audit:
    """Measure bugs, the latest fix first. One that was fixed before it was reported is counted, not measured."""
    del lives
    given = list(bugs)
    measured = [bug for bug in given if bug.days >= 0]
    early = [bug.reference for bug in given if bug.days < 0]
    return Audit(
        made_at=made_at,
        question=question,
        n=len(measured),
        days_to_fix=spread_of(bug.days for bug in measured),
        groups=tuple(_by_frequency(measured)),
        replies=_replies(measured),
        bugs=tuple(measured[:MOST_LISTED]),
        excluded=(*excluded, *([_early(early)] if early else [])),
        origin=origin,
    )


def _early(references: Sequence[str]) -> Exclusion:
    return Exclusion(LeftOut.FIXED_BEFORE_REPORTED, len(references), tuple(references[:3]))


def _by_frequency(bugs: Sequence[ResolvedBug]) -> Iterable[Group]:
    for frequency in Frequency:
        those = [bug for bug in bugs if bug.frequency is frequency]
        if those:
            updates = sum(bug.updates_sent or 0 for bug in those)
            yield Group(By.FREQUENCY, frequency, spread_of(bug.days for bug in those), updates)


def _replies(bugs: Sequence[ResolvedBug]) -> Replies:
    known = [bug.waiting for bug in bugs if bug.waiting is not None]
    return Replies(
        bugs=len(known),
        unknown=len(bugs) - len(known),
        links=sum(waiting.links for waiting in known),
        updates=sum(waiting.updates for waiting in known),
        reminders=sum(waiting.reminders for waiting in known),
    )
