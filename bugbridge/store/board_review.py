"""What the review of a round needs beside its links, in a query each."""

import json
from collections.abc import Collection, Mapping, Sequence

from bugbridge.core.access import Visitor
from bugbridge.core.model import Entity
from bugbridge.core.records import LinkKey, UpdateItem
from bugbridge.store.database import SqliteDatabase
from bugbridge.store.rows import read_update
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

_UPDATES = """
    SELECT update_item.* FROM json_each(:links) AS link
    CROSS JOIN update_item ON ticket_id = json_extract(link.value, '$[0]')
        AND link_bug_id = json_extract(link.value, '$[1]')
    ORDER BY due_at, id
"""

_PRIVATE = """
    SELECT owner_id, value FROM private_value
    WHERE owner = :owner AND owner_id IN (SELECT value FROM json_each(:ids)) AND field = :field
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

    def updates_of_links(self, keys: Collection[LinkKey]) -> Mapping[LinkKey, Sequence[UpdateItem]]:
        """Give every update of many links, each link's in order of due_at."""
        rows = self._rows(_UPDATES, {"links": json.dumps([(key.ticket_id, key.bug_id) for key in keys])})
        found: dict[LinkKey, list[UpdateItem]] = {key: [] for key in keys}
        for row in rows:
            found[LinkKey(row["ticket_id"], row["link_bug_id"])].append(read_update(row))
        return found

    def private_of_many(self, owner: Entity, owner_ids: Collection[int], field: str) -> Mapping[int, str]:
        """Give one piece of personal data or free text of many, of those that have it."""
        rows = self._rows(_PRIVATE, {"owner": owner, "ids": json.dumps(list(owner_ids)), "field": field})
        return {row["owner_id"]: row["value"] for row in rows}

    def customers(self, ticket_ids: Collection[int]) -> Mapping[int, str]:
        """Give the names of these tickets' customers, as far as they are known."""
        rows = self._rows(_CUSTOMERS, {"tickets": json.dumps(sorted(ticket_ids))})
        return {row["id"]: row["name"] for row in rows}
