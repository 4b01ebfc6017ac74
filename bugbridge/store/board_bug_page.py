"""What stands on one bug's page, as far as a visitor may see its tickets; each question is one query."""

from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import (
    BugIssue,
    BugPromise,
    BugSight,
    BugTicket,
    Entry,
    IssueRole,
    Lane,
    SentNote,
)
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.model import Channel, DeliveryState
from bugbridge.core.places import LATEST_TEXT, place_text, read_place
from bugbridge.core.promises import PromiseEvent
from bugbridge.core.records import TicketRow
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import from_text, optional_instant, read_ticket, to_text
from bugbridge.store.sight import IN_SIGHT, sight_of

_TICKET = "source.name || ':' || coalesce(ticket.remote_id, 'erased')"
_MEMBERS = "(SELECT id FROM bug WHERE canonical_id = :bug)"
_SEEN = f"""
    seen AS MATERIALIZED (
        SELECT link.ticket_id, link.bug_id, link.state, ticket.created_at, {_TICKET} AS ticket,
            coalesce(ticket.requester_id, -ticket.id) AS customer
        FROM link JOIN ticket ON ticket.id = link.ticket_id JOIN source ON source.id = ticket.source_id
        WHERE link.bug_id IN {_MEMBERS} AND {IN_SIGHT}
    )
"""  # noqa: S608 - our own text

_SIGHT = f"""
    WITH {_SEEN},
    linked AS (SELECT * FROM seen WHERE state = 'linked'),
    said AS (
        SELECT linked.customer, event.value,
            row_number() OVER (PARTITION BY linked.customer ORDER BY event.occurred_at DESC, event.seq DESC) AS place
        FROM linked JOIN link_event AS event ON event.ticket_id = linked.ticket_id AND event.bug_id = linked.bug_id
        WHERE event.kind = 'workaround'
    )
    SELECT (SELECT count(DISTINCT customer) FROM linked) AS customers,
        (SELECT count(DISTINCT ticket_id) FROM linked) AS tickets,
        count(*) FILTER (WHERE value = 'told') AS told,
        count(*) FILTER (WHERE value = 'confirmed') AS confirmed,
        count(*) FILTER (WHERE value = 'failed') AS failed,
        EXISTS (
            SELECT 1 FROM linked JOIN update_item AS item
                ON item.ticket_id = linked.ticket_id AND item.link_bug_id = linked.bug_id
            WHERE item.review IN ('waiting', 'approved') AND item.state IN ('planned', 'claimed', 'dead')
        ) AS round_waits
    FROM said WHERE place = 1
"""  # noqa: S608 - the same

_ISSUES = f"""
    SELECT issue.reference, issue.gone, source.name AS tracker,
        CASE
            WHEN issue.bug_id = :bug THEN 'primary'
            WHEN EXISTS (SELECT 1 FROM bug_event WHERE bug_id IN {_MEMBERS} AND kind = 'part_added'
                AND value = CAST(issue.id AS TEXT)) THEN 'part'
            WHEN EXISTS (SELECT 1 FROM bug_event WHERE bug_id IN {_MEMBERS} AND kind = 'mirror_added'
                AND value = CAST(issue.id AS TEXT)) THEN 'mirror'
            ELSE 'duplicate'
        END AS role
    FROM issue JOIN source ON source.id = issue.source_id
    WHERE issue.bug_id IN {_MEMBERS}
    ORDER BY issue.bug_id <> :bug, issue.id LIMIT :limit
"""  # noqa: S608 - the same

_TICKETS = f"""
    WITH {_SEEN}
    SELECT ticket_id, ticket, created_at, min(state) AS state,
        coalesce((SELECT event.value FROM link_event AS event
            WHERE event.ticket_id = seen.ticket_id AND event.bug_id IN {_MEMBERS} AND event.kind = 'workaround'
            ORDER BY event.occurred_at DESC, event.seq DESC LIMIT 1), '') AS workaround
    FROM seen
    WHERE state IN ('linked', 'suggested') AND (created_at, ticket_id) < (:after_at, :after_id)
    GROUP BY ticket_id ORDER BY created_at DESC, ticket_id DESC LIMIT :limit
"""  # noqa: S608 - the same

# What a later reading of a reply found takes the place of what an earlier one did; what an agent took back is none.
_PROMISES = f"""
    WITH {_SEEN},
    made AS (
        SELECT seen.ticket_id, seen.ticket, found.occurred_at AS made_at, found.due_at, found.value AS event
        FROM seen JOIN finding AS found ON found.ticket_id = seen.ticket_id AND found.kind = 'promise'
        WHERE seen.state = 'linked' AND found.version = (
            SELECT max(version) FROM finding AS read
            WHERE read.ticket_id = found.ticket_id AND read.kind = 'promise' AND read.message_id IS found.message_id
        )
        UNION
        SELECT seen.ticket_id, seen.ticket, event.occurred_at, event.value, ''
        FROM seen JOIN link_event AS event ON event.ticket_id = seen.ticket_id AND event.bug_id = seen.bug_id
        WHERE seen.state = 'linked' AND event.kind = 'promise_made'
    )
    SELECT made.*, (
            SELECT min(occurred_at) FROM message WHERE message.ticket_id = made.ticket_id
                AND message.occurred_at > made.made_at AND public AND author_kind IN ('agent', 'self')
        ) AS answered_at
    FROM made
    WHERE NOT EXISTS (
        SELECT 1 FROM link_event AS back WHERE back.ticket_id = made.ticket_id AND back.kind = 'promise_dismissed'
            AND back.occurred_at >= made.made_at
    )
    ORDER BY made_at DESC, ticket_id LIMIT :limit
"""  # noqa: S608 - the same

_ENTRIES = f"""
    WITH {_SEEN},
    entries AS (
        SELECT event.occurred_at AS at, 'said:' || event.seq AS key,
            CASE event.kind WHEN 'told' THEN 'update' ELSE 'link' END AS lane, event.kind, seen.ticket,
            CASE event.kind WHEN 'promise_made' THEN '' WHEN 'linked' THEN event.how WHEN 'told' THEN event.how
                ELSE event.value END AS detail
        FROM seen JOIN link_event AS event ON event.ticket_id = seen.ticket_id AND event.bug_id = seen.bug_id
        WHERE event.kind IN ('linked', 'unlinked', 'suggested', 'workaround', 'meets_it', 'promise_made', 'told')
        UNION ALL
        SELECT item.due_at, 'due:' || item.id, 'update', 'due', seen.ticket, item.reason
        FROM seen JOIN update_item AS item ON item.ticket_id = seen.ticket_id AND item.link_bug_id = seen.bug_id
        WHERE item.state <> 'withdrawn'
        UNION ALL
        SELECT event.occurred_at, 'sent:' || event.seq || ':' || item.id, 'update',
            CASE delivery.channel WHEN 'reply' THEN 'sent' ELSE 'reminded' END, seen.ticket, item.reason
        FROM seen JOIN update_item AS item ON item.ticket_id = seen.ticket_id AND item.link_bug_id = seen.bug_id
        JOIN delivery ON delivery.id = item.delivery_id
        JOIN delivery_event AS event ON event.delivery_id = delivery.id AND event.ticket_id = item.ticket_id
        WHERE event.kind IN ('posted', 'found')
    )
"""  # noqa: S608 - the same
_PAGE_OF_ENTRIES = f"""
    {_ENTRIES} SELECT * FROM entries WHERE (at, key) < (:before_at, :before_key) ORDER BY at DESC, key DESC LIMIT :limit
"""  # noqa: S608 - the same
_COUNTED_ENTRIES = f"{_ENTRIES} SELECT count(*) FROM entries"  # noqa: S608 - the same

# A customer waits from the ticket's beginning, and after each public word from us.
_SILENCES = f"""
    WITH {_SEEN},
    spoken AS (
        SELECT DISTINCT ticket_id, ticket, created_at AS at FROM seen WHERE state = 'linked'
        UNION ALL
        SELECT message.ticket_id, seen.ticket, message.occurred_at FROM seen
        JOIN message ON message.ticket_id = seen.ticket_id
        WHERE seen.state = 'linked' AND message.public AND message.author_kind IN ('agent', 'self')
    ),
    stretches AS (
        SELECT ticket_id, ticket, at, lead(at, 1, :until) OVER (PARTITION BY ticket_id ORDER BY at) AS until
        FROM spoken WHERE at < :until
    )
    SELECT *, julianday(until) - julianday(at) AS days FROM stretches WHERE days >= 1
    ORDER BY days DESC, ticket_id LIMIT :limit
"""  # noqa: S608 - the same

_TICKET_IN_SIGHT = f"""
    SELECT ticket.*, source.name AS source_name FROM source JOIN ticket ON ticket.source_id = source.id
    WHERE source.name = :source AND ticket.remote_id = :remote AND {IN_SIGHT}
"""  # noqa: S608 - the same

_NOTES = """
    SELECT max(event.occurred_at) AS at, delivery.channel, event.kind, event.detail_code
    FROM delivery_event AS event JOIN delivery ON delivery.id = event.delivery_id
    WHERE event.ticket_id = :ticket AND event.kind IN ('posted', 'found', 'dead')
    GROUP BY event.delivery_id, event.kind ORDER BY at DESC, event.delivery_id LIMIT :limit
"""


class BoardBugPageStore(SqliteDatabase):
    """One bug, its tickets and its time line."""

    def board_bug_sight(self, visitor: Visitor, bug_id: int) -> BugSight:
        """Give what a visitor sees of a bug at once; of each customer counts what was last said of the workaround."""
        row = self._rows(_SIGHT, _of(visitor, bug_id))[0]
        counts = (row["customers"], row["tickets"], row["told"], row["confirmed"], row["failed"])
        return BugSight(*counts, round_waits=bool(row["round_waits"]))

    def board_bug_issues(self, bug_id: int) -> tuple[BugIssue, ...]:
        """Give the issues behind a bug, the primary one first; at most a page of them."""
        rows = self._rows(_ISSUES, {"bug": bug_id, "limit": PAGE_ROWS})
        return tuple(
            BugIssue(row["reference"], row["tracker"], IssueRole(row["role"]), bool(row["gone"])) for row in rows
        )

    def board_bug_tickets(self, visitor: Visitor, bug_id: int, after: str) -> Slice[BugTicket]:
        """Give the tickets that report a bug, or may, the latest first. Raises UsageError where `after` is no `next`
        of this list."""
        after_at, ticket_id = read_place(after, (LATEST_TEXT, 0))
        place = {"after_at": after_at, "after_id": ticket_id}
        rows = self._rows(_TICKETS, {**_of(visitor, bug_id), **place, "limit": PAGE_ROWS + 1})
        last = rows[PAGE_ROWS - 1] if len(rows) > PAGE_ROWS else None
        following = place_text(last["created_at"], last["ticket_id"]) if last else ""
        return Slice(tuple(map(_ticket, rows[:PAGE_ROWS])), following)

    def board_bug_promises(self, visitor: Visitor, bug_id: int) -> tuple[BugPromise, ...]:
        """Give the latest promises that stand on tickets that report a bug; at most a page of them."""
        return tuple(map(_promise, self._rows(_PROMISES, {**_of(visitor, bug_id), "limit": PAGE_ROWS})))

    def board_bug_entries(
        self, visitor: Visitor, bug_id: int, before: tuple[str, str], limit: int
    ) -> tuple[Entry, ...]:
        """Give links and updates of a bug's time line before a place, the latest first; ("", "") begins at the end."""
        place = {"before_at": before[0] or LATEST_TEXT, "before_key": before[1]}
        return tuple(map(_entry, self._rows(_PAGE_OF_ENTRIES, {**_of(visitor, bug_id), **place, "limit": limit})))

    def board_bug_entry_count(self, visitor: Visitor, bug_id: int) -> int:
        """Count the links and updates of a bug's time line."""
        return int(self._value(_COUNTED_ENTRIES, _of(visitor, bug_id)))

    def board_bug_silences(self, visitor: Visitor, bug_id: int, until: datetime, limit: int) -> tuple[Entry, ...]:
        """Give the longest stretches of a day or more, up to an instant, in which a bug's customers waited without a
        word."""
        values = {**_of(visitor, bug_id), "until": to_text(until), "limit": limit}
        return tuple(map(_silence, self._rows(_SILENCES, values)))

    def board_ticket(self, visitor: Visitor, source_name: str, remote_id: str) -> TicketRow | None:
        """Give a ticket that a visitor may see, by its reference's halves."""
        row = self._row(_TICKET_IN_SIGHT, {**sight_of(visitor), "source": source_name, "remote": remote_id})
        return None if row is None else read_ticket(row)

    def board_ticket_notes(self, ticket_id: int) -> tuple[SentNote, ...]:
        """Give what was posted on a ticket, or couldn't be, the latest first; at most a page of it."""
        return tuple(map(_note, self._rows(_NOTES, {"ticket": ticket_id, "limit": PAGE_ROWS})))


def _note(row: Row) -> SentNote:
    at, channel = from_text(row["at"]), Channel(row["channel"])
    is_posted = row["kind"] != DeliveryState.DEAD
    return SentNote(at, channel, is_posted, "" if is_posted else row["detail_code"])


def _of(visitor: Visitor, bug_id: int) -> dict[str, object]:
    return {**sight_of(visitor), "bug": bug_id}


def _ticket(row: Row) -> BugTicket:
    return BugTicket(row["ticket"], row["state"], from_text(row["created_at"]), row["workaround"])


def _promise(row: Row) -> BugPromise:
    return BugPromise(
        ticket=row["ticket"],
        made_at=from_text(row["made_at"]),
        due_at=optional_instant(row["due_at"]),
        event=PromiseEvent(row["event"]) if row["due_at"] is None else None,
        answered_at=optional_instant(row["answered_at"]),
    )


def _entry(row: Row) -> Entry:
    return Entry(from_text(row["at"]), row["key"], Lane(row["lane"]), row["kind"], row["ticket"], row["detail"])


def _silence(row: Row) -> Entry:
    key, until = f"wait:{row['ticket_id']}", from_text(row["until"])
    return Entry(from_text(row["at"]), key, Lane.SILENCE, "waited", row["ticket"], until=until)
