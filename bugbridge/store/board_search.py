"""Finding bugs by what agents type: a part of an issue's reference, or words that customers have for it."""

import json

from bugbridge.core.model import Stage
from bugbridge.core.sidebar import KnownBug
from bugbridge.store.database import SqliteDatabase

MOST_WORDS = 8

# One pass over the issues: a part of a word is looked for, which no index helps with.
_SEARCH = """
    SELECT issue.bug_id, issue.reference, coalesce(words.value, '') AS words, bug.stage
    FROM issue
    JOIN bug AS member ON member.id = issue.bug_id
    JOIN bug ON bug.id = member.canonical_id
    LEFT JOIN private_value AS words ON words.owner = 'bug' AND words.owner_id = bug.id AND words.field = 'words'
    WHERE issue.created_at IS NOT NULL AND NOT issue.gone AND NOT EXISTS (
        SELECT 1 FROM json_each(:wanted) AS wanted
        WHERE issue.reference || ' ' || coalesce(words.value, '') NOT LIKE wanted.value ESCAPE '\\'
    )
    ORDER BY issue.id DESC LIMIT :limit
"""


class SearchStore(SqliteDatabase):
    """What is found among the issues that were read."""

    def search_bugs(self, text: str, limit: int) -> tuple[KnownBug, ...]:
        """Give those whose reference or words hold every word of a text, the latest first; none for no words."""
        wanted = [_pattern(word) for word in text.split()[:MOST_WORDS]]
        if not wanted:
            return ()
        rows = self._rows(_SEARCH, {"wanted": json.dumps(wanted), "limit": limit})
        return tuple(KnownBug(row["bug_id"], row["reference"], row["words"], Stage(row["stage"])) for row in rows)


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
