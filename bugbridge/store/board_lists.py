"""Rounds that wait, the lead's questions and links with promises, a page at a time."""

from bugbridge.core.access import Visitor
from bugbridge.core.board import MOST_COUNTED, BoardQuestion, BoardRound, Counted, counted_to
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.model import TERMINAL_STAGES
from bugbridge.core.places import Place, place_text
from bugbridge.core.records import LinkKey
from bugbridge.store.board import FIRST_ISSUE, TICKET
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.promises import CONCERNED
from bugbridge.store.rows import from_text
from bugbridge.store.sight import IN_SIGHT, sight_of

_WAITING = f"""
    FROM update_item INDEXED BY update_in_review
    CROSS JOIN ticket ON ticket.id = update_item.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE update_item.state = 'planned' AND update_item.review = 'waiting' AND {IN_SIGHT}
"""
_ROUNDS = f"""
    SELECT update_item.bug_id, update_item.reason, count(DISTINCT update_item.ticket_id) AS tickets,
        min(update_item.due_at) AS since, {FIRST_ISSUE.replace("[BUG]", "update_item.bug_id")} AS bug
    {_WAITING} AND (update_item.bug_id, update_item.reason) > (:after_bug, :after_reason)
    GROUP BY update_item.bug_id, update_item.reason
    ORDER BY update_item.bug_id, update_item.reason LIMIT :limit
"""
_COUNT_ROUNDS = f"""
    SELECT count(*) FROM (SELECT 1 {_WAITING} GROUP BY update_item.bug_id, update_item.reason LIMIT :limit)
"""  # noqa: S608 - the same

# Of several decisions that ask the same of a bug the first one stands; what merged bugs were asked is the survivor's.
_ENDED = ", ".join(f"'{stage}'" for stage in sorted(TERMINAL_STAGES))
_ASKED = f"""
    FROM bug CROSS JOIN bug AS member ON member.canonical_id = bug.id
    CROSS JOIN decision INDEXED BY decision_asking ON decision.bug_id = member.id
        AND json_extract(decision.output, '$.person') <> ''
    CROSS JOIN ticket ON ticket.id = decision.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE bug.canonical_id = bug.id AND bug.stage NOT IN ({_ENDED})
        AND substr(json_extract(decision.output, '$.person'), 1, 5) = 'lead:' AND {IN_SIGHT}
"""
_QUESTIONS = f"""
    SELECT min(decision.seq), bug.id AS bug_id, decision.rule_id, decision.occurred_at, {TICKET} AS ticket,
        {FIRST_ISSUE.replace("[BUG]", "bug.id")} AS bug,
        trim(substr(json_extract(decision.output, '$.person'), 6)) AS question,
        coalesce(json_extract(decision.output, '$.because'), '') AS because
    {_ASKED} AND bug.id >= :after_bug AND (bug.id, decision.rule_id) > (:after_bug, :after_rule)
    GROUP BY bug.id, decision.rule_id ORDER BY bug.id, decision.rule_id LIMIT :limit
"""
_COUNT_QUESTIONS = f"""
    SELECT count(*) FROM (SELECT 1 {_ASKED} GROUP BY bug.id, decision.rule_id LIMIT :limit)
"""  # noqa: S608 - the same

_PROMISED_LINKS = f"""
    {CONCERNED}
    SELECT link.ticket_id, link.bug_id FROM concerned
    CROSS JOIN link ON link.ticket_id = concerned.id
    CROSS JOIN ticket ON ticket.id = link.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE link.state = 'linked' AND NOT link.erased
        AND concerned.id <= :ticket AND (concerned.id < :ticket OR link.bug_id <= :bug) AND {IN_SIGHT}
    ORDER BY link.ticket_id DESC, link.bug_id DESC LIMIT :limit
"""  # noqa: S608 - the same


class BoardListStore(SqliteDatabase):
    """What waits for somebody's word, as far as somebody may see it."""

    def board_rounds(self, visitor: Visitor, after: Place) -> Slice[BoardRound]:
        """Give news that waits for its review, by bug, behind a bug and a reason."""
        bug_id, reason = after
        place = {"after_bug": bug_id, "after_reason": reason, "limit": PAGE_ROWS + 1}
        rows = self._rows(_ROUNDS, {**sight_of(visitor), **place})
        found = [
            BoardRound(one["bug_id"], one["bug"], one["reason"], one["tickets"], from_text(one["since"]))
            for one in rows
        ]
        last = found[PAGE_ROWS - 1] if len(found) > PAGE_ROWS else None
        return Slice(tuple(found[:PAGE_ROWS]), place_text(last.bug_id, last.reason) if last else "")

    def count_rounds(self, visitor: Visitor) -> Counted:
        """Count them, up to a thousand."""
        return counted_to(self._value(_COUNT_ROUNDS, {**sight_of(visitor), "limit": MOST_COUNTED + 1}))

    def board_questions(self, visitor: Visitor, after: Place) -> Slice[BoardQuestion]:
        """Give the lead's questions about bugs that haven't ended, each once, by bug, behind a bug and a rule."""
        bug_id, rule_id = after
        place = {"after_bug": bug_id, "after_rule": rule_id, "limit": PAGE_ROWS + 1}
        rows = self._rows(_QUESTIONS, {**sight_of(visitor), **place})
        found = [_question(row) for row in rows]
        last = found[PAGE_ROWS - 1] if len(found) > PAGE_ROWS else None
        return Slice(tuple(found[:PAGE_ROWS]), place_text(last.bug_id, last.rule_id) if last else "")

    def count_questions(self, visitor: Visitor) -> Counted:
        """Count them, up to a thousand."""
        return counted_to(self._value(_COUNT_QUESTIONS, {**sight_of(visitor), "limit": MOST_COUNTED + 1}))

    def board_promised_links(self, visitor: Visitor, begin: LinkKey, limit: int) -> tuple[LinkKey, ...]:
        """Give links that stand on tickets on which anything was ever promised, from this one on to earlier tickets."""
        place = {"ticket": begin.ticket_id, "bug": begin.bug_id, "limit": limit}
        rows = self._rows(_PROMISED_LINKS, {**sight_of(visitor), **place})
        return tuple(LinkKey(row["ticket_id"], row["bug_id"]) for row in rows)


def _question(row: Row) -> BoardQuestion:
    return BoardQuestion(
        bug_id=row["bug_id"],
        bug=row["bug"],
        ticket=row["ticket"],
        rule_id=row["rule_id"],
        question=row["question"],
        because=row["because"],
        asked_at=from_text(row["occurred_at"]),
    )
