"""How promises fared, counted."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class PromiseCounts:
    """How promises fared; `pending` are those that are open: nobody has met them, and they aren't past due."""

    kept: int = 0
    late: int = 0
    missed: int = 0
    pending: int = 0

    @property
    def kept_share(self) -> float | None:
        """The kept ones among those that were due."""
        due = self.kept + self.late + self.missed
        return self.kept / due if due else None


NO_PROMISES = PromiseCounts()


def added_up(counts: Iterable[PromiseCounts]) -> PromiseCounts:
    """Add up how the promises of several links fared."""
    every = tuple(counts)
    return PromiseCounts(*(sum(getattr(one, part.name) for one in every) for part in fields(PromiseCounts)))
