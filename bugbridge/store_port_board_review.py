"""What the review of a round needs to know beside its links."""

from collections.abc import Collection, Mapping
from typing import Protocol

from bugbridge.core.access import Visitor


class ReviewStore(Protocol):
    """Which news is reviewed, on which tickets, and whose they are."""

    def news_in_review(self, bug_id: int) -> frozenset[int]:
        """Give the news of a canonical bug of which updates wait for a person, were approved, or couldn't be posted."""
        ...

    def tickets_in_sight(self, visitor: Visitor, bug_id: int) -> frozenset[int]:
        """Give the tickets that are or were linked to a canonical bug and that somebody may see."""
        ...

    def customers(self, ticket_ids: Collection[int]) -> Mapping[int, str]:
        """Give the names of these tickets' customers, as far as they are known."""
        ...
