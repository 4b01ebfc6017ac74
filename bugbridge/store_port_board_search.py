"""What the web needs to find bugs, and to name them so that people recognise them."""

from collections.abc import Collection, Mapping
from typing import Protocol

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import BugName
from bugbridge.core.sidebar import KnownBug


class SearchStore(Protocol):
    """What is found among the issues that were read, as far as somebody may see the tickets of their bugs."""

    def search_bugs(self, visitor: Visitor, text: str, limit: int, *, by_subject: bool = False) -> tuple[KnownBug, ...]:
        """Give those in sight whose reference and words hold every word of a text, the latest first; none for none.
        Where that is asked for, together with the subject of a ticket in sight that reports the bug."""
        ...

    def sees_bug(self, visitor: Visitor, bug_id: int) -> bool:
        """Whether a canonical bug is in sight: a ticket that somebody may see is, was or may be linked to it."""
        ...

    def bug_names(self, visitor: Visitor, references: Collection[str]) -> Mapping[str, BugName]:
        """Give what the bugs behind these issues are recognised by, by the issues' references."""
        ...

    def tickets_reporting(self, visitor: Visitor, references: Collection[str]) -> Mapping[str, int]:
        """Count the tickets in sight that report the bugs behind these issues; those out of sight are left out."""
        ...
