"""Finding bugs by what agents type, and what they are recognised by: customers' words, and tickets that report them."""

import json
from collections.abc import Collection, Mapping

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import BugName
from bugbridge.core.model import Stage
from bugbridge.core.sidebar import KnownBug
from bugbridge.store.database import SqliteDatabase
from bugbridge.store.sight import BUG_IN_SIGHT, IN_SIGHT, SUBJECTS_OF_BUGS, TICKETS_ON, sight_of

MOST_WORDS = 8

_NAME = "issue.reference || ' ' || coalesce(words.value, '')"
_HOLDS_ALL = """NOT EXISTS (
            SELECT 1 FROM json_each(:wanted) AS wanted WHERE [TEXT] NOT LIKE wanted.value ESCAPE '\\'
        )"""
# A part of a word is looked for, which no index helps with: one pass over the subjects, and one over the issues. Of the
# subjects only those are kept that hold any of the words.
_SEARCH = f"""
    WITH reporting AS MATERIALIZED (
        SELECT DISTINCT member.canonical_id AS bug_id, subject.value AS subject
        {SUBJECTS_OF_BUGS} AND :by_subject AND EXISTS (
            SELECT 1 FROM json_each(:wanted) AS wanted WHERE subject.value LIKE wanted.value ESCAPE '\\'
        )
    )
    SELECT issue.bug_id, issue.reference, coalesce(words.value, '') AS words, bug.stage
    FROM issue
    JOIN bug AS named ON named.id = issue.bug_id
    JOIN bug ON bug.id = named.canonical_id
    LEFT JOIN private_value AS words ON words.owner = 'bug' AND words.owner_id = bug.id AND words.field = 'words'
    WHERE issue.created_at IS NOT NULL AND NOT issue.gone AND (
        {_HOLDS_ALL.replace("[TEXT]", _NAME)}
        OR EXISTS (
            SELECT 1 FROM reporting
            WHERE reporting.bug_id = bug.id AND {_HOLDS_ALL.replace("[TEXT]", f"{_NAME} || ' ' || reporting.subject")}
        )
    ) AND {BUG_IN_SIGHT.replace("[BUG]", "bug.id")}
    ORDER BY issue.id DESC LIMIT :limit
"""  # noqa: S608 - our own text

_NAMED = """
    FROM json_each(:references) AS asked
    CROSS JOIN issue ON issue.id = (
        SELECT entity_id FROM alias WHERE alias.reference = asked.value AND entity = 'issue'
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    )
    CROSS JOIN bug AS named ON named.id = issue.bug_id
    CROSS JOIN bug ON bug.id = named.canonical_id
"""
# A subject is looked for only where customers have no words for the bug: that of the newest ticket that has one.
_NAMES = f"""
    SELECT asked.value AS reference, coalesce(words.value, '') AS words,
        CASE WHEN coalesce(words.value, '') = '' THEN (
            SELECT subject.value FROM bug AS member
            CROSS JOIN link ON link.bug_id = member.id
            CROSS JOIN ticket ON ticket.id = link.ticket_id
            CROSS JOIN source ON source.id = ticket.source_id
            CROSS JOIN private_value AS subject
                ON subject.owner = 'ticket' AND subject.owner_id = ticket.id AND subject.field = 'subject'
            WHERE member.canonical_id = bug.id AND link.state = 'linked' AND subject.value <> '' AND {IN_SIGHT}
            ORDER BY ticket.created_at DESC, ticket.id DESC LIMIT 1
        ) END AS example
    {_NAMED}
    LEFT JOIN private_value AS words ON words.owner = 'bug' AND words.owner_id = bug.id AND words.field = 'words'
"""  # noqa: S608 - the same
_REPORTED = f"""
    SELECT asked.value AS reference, {TICKETS_ON.replace("[BUG]", "bug.id")} AS tickets
    {_NAMED} WHERE {BUG_IN_SIGHT.replace("[BUG]", "bug.id")}
"""
_SEES = f"SELECT {BUG_IN_SIGHT.replace('[BUG]', ':bug')}"


class SearchStore(SqliteDatabase):
    """What is found among the issues that were read, as far as somebody may see the tickets of their bugs."""

    def search_bugs(self, visitor: Visitor, text: str, limit: int, *, by_subject: bool = False) -> tuple[KnownBug, ...]:
        """Give those in sight whose reference and words hold every word of a text, the latest first; none for none.
        Where that is asked for, together with the subject of a ticket in sight that reports the bug."""
        wanted = [_pattern(word) for word in text.split()[:MOST_WORDS]]
        if not wanted:
            return ()
        asked = {"wanted": json.dumps(wanted), "by_subject": by_subject, "limit": limit}
        rows = self._rows(_SEARCH, {**sight_of(visitor), **asked})
        return tuple(KnownBug(row["bug_id"], row["reference"], row["words"], Stage(row["stage"])) for row in rows)

    def sees_bug(self, visitor: Visitor, bug_id: int) -> bool:
        """Whether a canonical bug is in sight: a ticket that somebody may see is, was or may be linked to it."""
        return visitor.sees_everything or bool(self._value(_SEES, {**sight_of(visitor), "bug": bug_id}))

    def bug_names(self, visitor: Visitor, references: Collection[str]) -> Mapping[str, BugName]:
        """Give what the bugs behind these issues are recognised by, by the issues' references."""
        rows = self._rows(_NAMES, {**sight_of(visitor), "references": json.dumps(sorted(set(references)))})
        return {row["reference"]: BugName(row["words"], row["example"] or "") for row in rows}

    def tickets_reporting(self, visitor: Visitor, references: Collection[str]) -> Mapping[str, int]:
        """Count the tickets in sight that report the bugs behind these issues; those out of sight are left out."""
        rows = self._rows(_REPORTED, {**sight_of(visitor), "references": json.dumps(sorted(set(references)))})
        return {row["reference"]: row["tickets"] for row in rows}


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
