"""Look whether what is kept is sound, and make projections again that aren't."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.instants import instant_to_text
from bugbridge.core.records import KnownUpTo
from bugbridge.core.stages import timeline
from bugbridge.core.upkeep import Misfold, Violation
from bugbridge.ports import Store

PROJECTION = "What is derived from the events is what they say."
# Steps of a check beside the store's invariants: the projections, and the bugs' stages.
MORE_STEPS = 2

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found: what must never be, and the projections that are off. `checked` counts what was looked at.

    `events` counts those that are kept.
    """

    violations: tuple[Violation, ...]
    misfolds: tuple[Misfold, ...]
    checked: int
    events: int

    @property
    def clean(self) -> bool:
        """Whether there is nothing to complain of."""
        return not self.violations and not self.misfolds

    @property
    def all(self) -> tuple[Violation, ...]:
        """Everything, projections last."""
        return (*self.violations, *(Violation(one.id, PROJECTION, one.what) for one in self.misfolds))


def steps(store: Store) -> int:
    """Count what `check` looks at, as its progress is told."""
    return len(store.invariants()) + MORE_STEPS


def check(store: Store, checked: Progress = lambda _: None) -> Findings:
    """Look at everything within one snapshot, while others may go on writing. Nothing is changed."""
    with store.snapshot():
        violations = tuple(store.violations(checked))
        if any(one.id == "database-intact" for one in violations):
            return Findings(violations, (), steps(store), 0)
        misfolds = list(store.misfolds())
        checked(1)
        misfolds += _stages(store)
        checked(1)
        return Findings(violations, tuple(misfolds), steps(store), store.rows_kept())


def repair(store: Store, checked: Progress = lambda _: None) -> Findings:
    """Make every projection again that is off, in one transaction; gives what was found before."""
    with store.write():
        found = check(store, checked)
        first = [one for one in found.misfolds if one.id != "bug-stage"]
        store.mend(first)
        store.mend(list(_stages(store)))  # a bug's stage depends on which bugs are one
    return found


def _stages(store: Store) -> Iterator[Misfold]:
    """Fold every bug's stage, and since when it is fixed or declined, by the rules."""
    for bug_id, kept in store.canonical_bugs():
        folded = timeline(store.bug_course(bug_id, KnownUpTo(store.head())))
        right = {"stage": str(folded.stage), "resolved_at": folded.fixed_at, "declined_at": folded.declined_at}
        for column, value in right.items():
            text = instant_to_text(value) if isinstance(value, datetime) else value
            if kept[column] != text:
                yield _misfold(bug_id, column, kept[column], text)


def _misfold(bug_id: int, column: str, kept: str | None, folded: str | None) -> Misfold:
    return Misfold(id="bug-stage", table="bug", key=str(bug_id), column=column, kept=kept, folded=folded)
