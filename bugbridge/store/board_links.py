"""Links that somebody should look at, a page at a time."""

from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board_links import BoardIssue, BoardLink, WordlessBug
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.model import TERMINAL_STAGES, Gone, LinkHow
from bugbridge.core.places import Place, place_text
from bugbridge.store.board import FIRST_ISSUE, TICKET
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import from_text, to_text
from bugbridge.store.sight import IN_SIGHT, TICKETS_ON, sight_of

_LINK_COLUMNS = f"""link_event.ticket_id, link_event.bug_id, link_event.how, link_event.occurred_at, link_event.seq,
        {TICKET} AS ticket, {FIRST_ISSUE.replace("[BUG]", "link_event.bug_id")} AS bug"""

# A suggestion may have been made several times: its first time says since when it waits.
_SUGGESTED = f"""
    SELECT {_LINK_COLUMNS}
    FROM link INDEXED BY link_suggested
    CROSS JOIN ticket ON ticket.id = link.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    CROSS JOIN link_event ON link_event.seq = (
        SELECT seq FROM link_event AS first
        WHERE first.ticket_id = link.ticket_id AND first.bug_id = link.bug_id AND first.kind = 'suggested'
        ORDER BY first.occurred_at, first.seq LIMIT 1
    )
    WHERE link.state = 'suggested' AND NOT link.erased
        AND (link.ticket_id, link.bug_id) < (:after_ticket, :after_bug) AND {IN_SIGHT}
    ORDER BY link.ticket_id DESC, link.bug_id DESC LIMIT :limit
"""  # noqa: S608 - our own text

# The last word alone counts, where it was linked again and taken away again.
_UNLINKED = f"""
    SELECT {_LINK_COLUMNS}
    FROM link_event INDEXED BY link_taken_away
    CROSS JOIN link ON link.ticket_id = link_event.ticket_id AND link.bug_id = link_event.bug_id
    CROSS JOIN ticket ON ticket.id = link.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE link_event.kind = 'unlinked' AND link_event.occurred_at >= :since
        AND (link_event.occurred_at, link_event.seq) < (:after_at, :after_seq)
        AND link.state = 'unlinked' AND NOT link.erased AND {IN_SIGHT}
        AND NOT EXISTS (
            SELECT 1 FROM link_event AS later
            WHERE later.ticket_id = link.ticket_id AND later.bug_id = link.bug_id AND later.kind = 'unlinked'
                AND (later.occurred_at, later.seq) > (link_event.occurred_at, link_event.seq)
        )
    ORDER BY link_event.occurred_at DESC, link_event.seq DESC LIMIT :limit
"""  # noqa: S608 - the same

_GONE = f"""
    SELECT * FROM (
        SELECT issue.id, issue.reference, said.value, said.occurred_at,
            {TICKETS_ON.replace("[BUG]", "(SELECT canonical_id FROM bug WHERE bug.id = issue.bug_id)")} AS tickets
        FROM issue INDEXED BY issue_gone
        CROSS JOIN fact_event AS said ON said.seq = (
            SELECT seq FROM fact_event AS fact
            WHERE fact.entity = 'issue' AND fact.entity_id = issue.id AND fact.kind = 'gone'
            ORDER BY fact.occurred_at DESC, fact.seq DESC LIMIT 1
        )
        WHERE issue.gone AND issue.id > :after_id
    )
    WHERE tickets > 0 ORDER BY id LIMIT :limit
"""  # noqa: S608 - the same

_ENDED = ", ".join(f"'{stage}'" for stage in sorted(TERMINAL_STAGES))
_WORDLESS = f"""
    SELECT * FROM (
        SELECT bug.id, {FIRST_ISSUE.replace("[BUG]", "bug.id")} AS bug,
            {TICKETS_ON.replace("[BUG]", "bug.id")} AS tickets
        FROM bug
        WHERE bug.id > :after_id AND bug.canonical_id = bug.id AND bug.stage NOT IN ({_ENDED})
            AND NOT EXISTS (
                SELECT 1 FROM private_value
                WHERE owner = 'bug' AND owner_id = bug.id AND field = 'words' AND value <> ''
            )
    )
    WHERE tickets > 0 ORDER BY id LIMIT :limit
"""  # noqa: S608 - the same


class BoardLinkStore(SqliteDatabase):
    """Links by what is to be done about them, as far as somebody may see them."""

    def board_suggestions(self, visitor: Visitor, after: Place) -> Slice[BoardLink]:
        """Give suggestions that wait, the latest tickets first, behind a ticket and a bug."""
        ticket_id, bug_id = after
        rows = self._paged(_SUGGESTED, visitor, {"after_ticket": ticket_id, "after_bug": bug_id})
        return _links(rows, ("ticket_id", "bug_id"))

    def board_unlinked(self, visitor: Visitor, since: datetime, after: Place) -> Slice[BoardLink]:
        """Give links that were taken away since then, the last first, behind an instant's text and a seq."""
        at, seq = after
        rows = self._paged(_UNLINKED, visitor, {"since": to_text(since), "after_at": at, "after_seq": seq})
        return _links(rows, ("occurred_at", "seq"))

    def board_gone_issues(self, visitor: Visitor, after: Place) -> Slice[BoardIssue]:
        """Give issues that can't be read any more and that tickets in sight are linked to, behind an issue."""
        rows = self._paged(_GONE, visitor, {"after_id": after[0]})
        found = tuple(
            BoardIssue(row["id"], row["reference"], Gone(row["value"]), from_text(row["occurred_at"]), row["tickets"])
            for row in rows[:PAGE_ROWS]
        )
        return Slice(found, _next(rows, ("id",)))

    def board_wordless(self, visitor: Visitor, after: Place) -> Slice[WordlessBug]:
        """Give bugs that haven't ended, that tickets in sight are linked to and that have no customers' words, behind a
        bug."""
        rows = self._paged(_WORDLESS, visitor, {"after_id": after[0]})
        found = tuple(WordlessBug(row["id"], row["bug"], row["tickets"]) for row in rows[:PAGE_ROWS])
        return Slice(found, _next(rows, ("id",)))

    def _paged(self, statement: str, visitor: Visitor, place: dict[str, object]) -> list[Row]:
        return self._rows(statement, {**sight_of(visitor), **place, "limit": PAGE_ROWS + 1})


def _links(rows: list[Row], place: tuple[str, ...]) -> Slice[BoardLink]:
    found = tuple(
        BoardLink(
            row["ticket_id"],
            row["bug_id"],
            row["ticket"],
            row["bug"],
            LinkHow(row["how"]),
            from_text(row["occurred_at"]),
            row["seq"],
        )
        for row in rows[:PAGE_ROWS]
    )
    return Slice(found, _next(rows, place))


def _next(rows: list[Row], place: tuple[str, ...]) -> str:
    """Give the place of the last row that is shown, "" where no other follows."""
    return place_text(*(rows[PAGE_ROWS - 1][name] for name in place)) if len(rows) > PAGE_ROWS else ""
