"""What keeping a database in order finds: invariants that don't hold, projections that are off."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be: which invariant, in one sentence, and what breaks it, by our own ids alone."""

    id: str
    sentence: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfold:
    """A projection that differs from what the events say; `key` is an id, or a link's ticket and bug as `7-12`.

    `kept` and `folded` are as the column holds them.
    """

    id: str
    table: str
    key: str
    column: str
    kept: str | int | None
    folded: str | int | None

    @property
    def what(self) -> str:
        """The place, with what stands there and what belongs there."""
        return f"{self.table} {self.key}: {self.column} is {_shown(self.kept)}, its events say {_shown(self.folded)}"


def _shown(value: str | int | None) -> str:
    return "nothing" if value in (None, "") else str(value)
