"""What the review of a round needs to know beside its links."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bugbridge.core.access import Visitor
from bugbridge.core.model import Entity
from bugbridge.core.records import LinkKey, UpdateItem


class ReviewStore(Protocol):
    """Which news is reviewed, on which tickets, and whose they are."""

    def news_in_review(self, bug_id: int) -> frozenset[int]:
        """Give the news of a canonical bug of which updates wait for a person, were approved, or couldn't be posted."""
        ...

    def tickets_in_sight(self, visitor: Visitor, bug_id: int) -> frozenset[int]:
        """Give the tickets that are or were linked to a canonical bug and that somebody may see."""
        ...

    def updates_of_links(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Sequence[UpdateItem]]:
        """Give every update of many links, each link's in order of due_at."""
        ...

    def private_of_many(self, owner: Entity, owner_ids: Collection[int], field: str) -> Mapping[int, str]:
        """Give one piece of personal data or free text of many, of those that have it."""
        ...

    def customers(self, ticket_ids: Collection[int]) -> Mapping[int, str]:
        """Give the names of these tickets' customers, as far as they are known."""
        ...
