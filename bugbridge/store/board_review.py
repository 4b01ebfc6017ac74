"""What the review of a round needs beside its links, in a query each."""

import json
from collections.abc import Collection, Mapping

from bugbridge.core.access import Visitor
from bugbridge.store.database import SqliteDatabase
from bugbridge.store.sight import IN_SIGHT, sight_of

_NEWS_IN_REVIEW = """
    SELECT DISTINCT update_item.news_seq
    FROM bug
    CROSS JOIN link ON link.bug_id = bug.id
    CROSS JOIN update_item ON update_item.ticket_id = link.ticket_id AND update_item.link_bug_id = link.bug_id
    WHERE bug.canonical_id = :bug AND update_item.bug_id = :bug AND update_item.news_seq IS NOT NULL
        AND update_item.state IN ('planned', 'claimed', 'dead') AND update_item.review IN ('waiting', 'approved')
"""

_IN_SIGHT_OF_BUG = f"""
    SELECT DISTINCT ticket.id
    FROM bug
    CROSS JOIN link ON link.bug_id = bug.id
    CROSS JOIN ticket ON ticket.id = link.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE bug.canonical_id = :bug AND {IN_SIGHT}
"""  # noqa: S608 - our own text

_CUSTOMERS = """
    SELECT ticket.id, private_value.value AS name
    FROM ticket
    JOIN private_value ON private_value.owner = 'party' AND private_value.owner_id = ticket.requester_id
        AND private_value.field = 'name'
    WHERE ticket.id IN (SELECT value FROM json_each(:tickets))
"""


class ReviewStore(SqliteDatabase):
    """Which news of a bug is reviewed, on which of its tickets somebody may see it, and whose they are."""

    def news_in_review(self, bug_id: int) -> frozenset[int]:
        """Give the news of a canonical bug of which updates wait for a person, were approved, or couldn't be posted."""
        return frozenset(row["news_seq"] for row in self._rows(_NEWS_IN_REVIEW, {"bug": bug_id}))

    def tickets_in_sight(self, visitor: Visitor, bug_id: int) -> frozenset[int]:
        """Give the tickets that are or were linked to a canonical bug and that somebody may see."""
        rows = self._rows(_IN_SIGHT_OF_BUG, {**sight_of(visitor), "bug": bug_id})
        return frozenset(row["id"] for row in rows)

    def customers(self, ticket_ids: Collection[int]) -> Mapping[int, str]:
        """Give the names of these tickets' customers, as far as they are known."""
        rows = self._rows(_CUSTOMERS, {"tickets": json.dumps(sorted(ticket_ids))})
        return {row["id"]: row["name"] for row in rows}
