"""What facts are folded from, as of a moment: of bugs, and of one link or many."""

from collections.abc import Collection, Mapping
from typing import Protocol

from bugbridge.core.records import BugHistory, LinkHistory, LinkKey, Moment, Report


class HistoryStore(Protocol):
    """What was known up to a seq, or had happened by an instant."""

    def bug_history(self, bug_id: int, moment: Moment) -> BugHistory:
        """Read the canonical bug behind this one, merges followed as of the moment."""
        ...

    def bug_course(self, bug_id: int, moment: Moment) -> BugHistory:
        """Read a bug as `bug_history` does but for its links, which can be thousands and say nothing of its stage."""
        ...

    def link_history(self, key: LinkKey, moment: Moment, bug: BugHistory | None = None) -> LinkHistory:
        """Read all that the facts of a link are folded from; `bug` is its bug's history as of the moment, if read."""
        ...

    def link_histories(
        self, keys: Collection[LinkKey], moment: Moment, bug: BugHistory | None = None
    ) -> Mapping[LinkKey, LinkHistory]:
        """Read the same of many links, in as many queries for each 500 of them as for one, in the order of the keys;
        `bug` is the history as of the moment of the one bug that they are of, if read."""
        ...

    def reports(self, bug_id: int, moment: Moment) -> tuple[Report, ...]:
        """Give the tickets linked (not unlinked) to the canonical bug as of the moment."""
        ...
