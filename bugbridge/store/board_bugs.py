"""The list of bugs: each is counted as far as a visitor may see its tickets, all of them in one query.

Whoever sees some brands alone has those bugs in it that a ticket in sight is or was linked to.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import AgedBugs, BoardBug, BugOrder, BugsWanted
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.model import Frequency, News, Stage
from bugbridge.core.places import place_text, read_place
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import optional_instant, to_text
from bugbridge.store.sight import IN_SIGHT, SUBJECTS_OF_BUGS, sight_of

# What is counted of each bug: its customers and tickets in sight. A customer who isn't known is one for each ticket.
_AFFECTED = f"""
    affected AS MATERIALIZED (
        SELECT member.canonical_id AS bug_id, count(DISTINCT coalesce(ticket.requester_id, -ticket.id)) AS customers,
            count(DISTINCT ticket.id) AS tickets, min(ticket.created_at) AS reported_at
        FROM link
        JOIN bug AS member ON member.id = link.bug_id
        JOIN ticket ON ticket.id = link.ticket_id
        JOIN source ON source.id = ticket.source_id
        WHERE link.state = 'linked' AND {IN_SIGHT}
        GROUP BY member.canonical_id
    )
"""  # noqa: S608 - our own text

# A stage is news but where work stopped; open again after an end is, and a workaround, and a release that is marked.
_NEWS = """
    stages AS (
        SELECT issue.bug_id, fact.occurred_at AS at, fact.value,
            lag(fact.value) OVER (PARTITION BY fact.entity_id ORDER BY fact.occurred_at, fact.seq) AS before
        FROM fact_event AS fact JOIN issue ON issue.id = fact.entity_id
        WHERE fact.entity = 'issue' AND fact.kind = 'stage'
    ),
    told AS (
        SELECT bug_id, at, value AS news FROM stages WHERE value <> 'open' AND value IS NOT before
        UNION ALL
        SELECT bug_id, at, 'reopened' FROM stages WHERE value = 'open' AND before IN ('fixed', 'released', 'declined')
        UNION ALL
        SELECT member.canonical_id, event.occurred_at, 'workaround'
        FROM bug_event AS event JOIN bug AS member ON member.id = event.bug_id
        WHERE event.kind = 'workaround' AND coalesce(json_extract(event.value, '$.repeats'), 0) = 0
        UNION ALL
        SELECT bug_id, occurred_at,
            CASE WHEN json_extract(value, '$.on') <= occurred_at THEN 'released' ELSE 'release_planned' END
        FROM bug_event WHERE kind = 'release_mark'
    ),
    heard AS MATERIALIZED (SELECT bug_id, max(at) AS at, news FROM told GROUP BY bug_id)
"""

_PRIMARY = "(SELECT issue.reference FROM issue WHERE issue.bug_id = bug.id ORDER BY issue.id LIMIT 1)"
_NAMED = """EXISTS (
        SELECT 1 FROM bug AS member JOIN issue ON issue.bug_id = member.id JOIN source ON source.id = issue.source_id
        WHERE member.canonical_id = bug.id AND (:tracker = '' OR source.name = :tracker)
            AND (:project = '' OR instr(lower(issue.reference), ':' || lower(:project) || '#') > 0
                OR (instr(issue.reference, '#') = 0
                    AND instr(lower(issue.reference), ':' || lower(:project) || '-') > 0))
    )"""
_WANTED = f"""
    bug.canonical_id = bug.id
    AND EXISTS (
        SELECT 1 FROM bug AS member JOIN link ON link.bug_id = member.id
        WHERE member.canonical_id = bug.id AND link.state IN ('linked', 'unlinked') AND (:every_bug OR EXISTS (
            SELECT 1 FROM ticket JOIN source ON source.id = ticket.source_id
            WHERE ticket.id = link.ticket_id AND {IN_SIGHT}
        ))
    )
    AND (:stages = '[]' OR bug.stage IN (SELECT value FROM json_each(:stages)))
    AND (:frequency = '' OR bug.frequency = :frequency)
    AND ((:tracker = '' AND :project = '') OR {_NAMED})
    AND (:words = '' OR instr(lower(private_value.value), lower(:words)) > 0 OR bug.id IN (
        SELECT member.canonical_id {SUBJECTS_OF_BUGS} AND instr(lower(subject.value), lower(:words)) > 0
    ))
"""  # noqa: S608 - the same
_JOINED = """
    FROM bug
    LEFT JOIN affected ON affected.bug_id = bug.id
    LEFT JOIN private_value ON private_value.owner = 'bug' AND private_value.owner_id = bug.id
        AND private_value.field = 'words'
"""

# By what each order sorts, and whether it rises; bugs that nobody in sight reported, or without news, come last.
_KEYS = {
    BugOrder.CUSTOMERS: ("coalesce(affected.customers, 0)", "<", "DESC"),
    BugOrder.AGE: ("coalesce(affected.reported_at, '~')", ">", "ASC"),
    BugOrder.NEWS: ("coalesce(heard.at, '')", "<", "DESC"),
}


def _listed(order: BugOrder) -> str:
    key, beyond, way = _KEYS[order]
    return f"""
        WITH {_AFFECTED}, {_NEWS}
        SELECT bug.id, bug.stage, bug.frequency, {_PRIMARY} AS reference, private_value.value AS words,
            coalesce(affected.customers, 0) AS customers, coalesce(affected.tickets, 0) AS tickets,
            affected.reported_at, heard.news, heard.at AS news_at, {key} AS place
        {_JOINED}
        LEFT JOIN heard ON heard.bug_id = bug.id
        WHERE {_WANTED} AND (:after_id = 0 OR ({key}, bug.id) {beyond} (:after_key, :after_id))
        ORDER BY {key} {way}, bug.id {way} LIMIT :limit
    """


_AGES = f"""
    WITH {_AFFECTED}
    SELECT bug.stage, (SELECT count(*) FROM json_each(:borders) WHERE affected.reported_at < value) AS place,
        count(*) AS bugs
    {_JOINED}
    WHERE {_WANTED} AND bug.stage IN ('open', 'in_progress', 'fixed') AND affected.reported_at IS NOT NULL
    GROUP BY bug.stage, place
"""  # noqa: S608 - the same


class BoardBugStore(SqliteDatabase):
    """Bugs by how many customers they affect, by age and by news."""

    def board_bugs(self, visitor: Visitor, wanted: BugsWanted, after: str) -> Slice[BoardBug]:
        """Give bugs that have or had a link, of those in sight, in the order that is wanted. Raises UsageError where
        `after` is no `next` of this list."""
        values = {**sight_of(visitor), **_wishes(wanted), **_place(wanted.order, after), "limit": PAGE_ROWS + 1}
        rows = self._rows(_listed(wanted.order), values)
        last = rows[PAGE_ROWS - 1] if len(rows) > PAGE_ROWS else None
        return Slice(tuple(map(_bug, rows[:PAGE_ROWS])), place_text(last["place"], last["id"]) if last else "")

    def board_bug_ages(self, visitor: Visitor, wanted: BugsWanted, borders: Sequence[datetime]) -> tuple[AgedBugs, ...]:
        """Count the bugs that haven't ended by stage, and by how many of the borders they were reported before; those
        that no ticket in sight reports are left out."""
        values = {**sight_of(visitor), **_wishes(wanted), "borders": json.dumps([to_text(one) for one in borders])}
        return tuple(AgedBugs(Stage(row["stage"]), row["place"], row["bugs"]) for row in self._rows(_AGES, values))


def _wishes(wanted: BugsWanted) -> dict[str, object]:
    return {
        "stages": json.dumps(wanted.stages),
        "tracker": wanted.tracker,
        "project": wanted.project,
        "frequency": wanted.frequency,
        "words": wanted.words,
    }


def _place(order: BugOrder, after: str) -> dict[str, object]:
    """Read where the page before ended. Raises UsageError where it ended nowhere in this order."""
    key, bug_id = read_place(after, (0, 0) if order is BugOrder.CUSTOMERS else ("", 0))
    return {"after_key": key, "after_id": bug_id}


def _bug(row: Row) -> BoardBug:
    return BoardBug(
        id=row["id"],
        reference=row["reference"] or "",
        words=row["words"] or "",
        stage=Stage(row["stage"]),
        frequency=Frequency(row["frequency"]),
        customers=row["customers"],
        tickets=row["tickets"],
        reported_at=optional_instant(row["reported_at"]),
        news=News(row["news"]) if row["news"] else None,
        news_at=optional_instant(row["news_at"]),
    )
