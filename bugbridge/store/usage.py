"""Usage by account, flow and day, and the accounts that a file of it names."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from bugbridge.core.model import Actor
from bugbridge.core.records import Moment
from bugbridge.core.usage import Account, Contradiction, UsageCounts, UsageDay, Window
from bugbridge.store.identities import IdentityStore
from bugbridge.store.rows import bounds, to_text

# Rows handed to SQLite at once.
BATCH = 1000

# Nobody belongs to an account that no helpdesk ever showed, and it has no name.
_ACCOUNTS = """
    SELECT account.id, account.remote_id, coalesce(name.value, '') AS name,
        name.value IS NOT NULL OR EXISTS (
            SELECT 1 FROM fact_event
            WHERE kind IN ('account', 'requester') AND kind = 'account' AND value = CAST(account.id AS TEXT)
        ) AS seen
    FROM party AS account
    LEFT JOIN private_value AS name
        ON name.owner = 'party' AND name.owner_id = account.id AND name.field = 'name'
    WHERE account.source_id = :source AND account.kind = 'account' AND account.remote_id IS NOT NULL
    ORDER BY account.id
"""

_NAMESAKES = """
    SELECT twin.id AS twin_id, account.id AS account_id
    FROM json_each(:accounts) AS wanted
    CROSS JOIN party AS account ON account.id = wanted.value AND account.kind = 'account'
    CROSS JOIN private_value AS name
        ON name.owner = 'party' AND name.owner_id = account.id AND name.field = 'name'
    CROSS JOIN party AS twin
        ON twin.source_id = account.source_id AND twin.kind = 'account' AND twin.remote_id = trim(name.value)
    WHERE twin.id <> account.id
        AND NOT EXISTS (
            SELECT 1 FROM private_value WHERE owner = 'party' AND owner_id = twin.id AND field = 'name'
        )
        AND NOT EXISTS (
            SELECT 1 FROM fact_event
            WHERE kind IN ('account', 'requester') AND kind = 'account' AND value = CAST(twin.id AS TEXT)
        )
        AND NOT EXISTS (
            SELECT 1 FROM fact_event WHERE entity = 'party' AND entity_id = twin.id AND kind = 'merged'
        )
        AND 1 = (
            SELECT count(*) FROM private_value AS same JOIN party ON party.id = same.owner_id
            WHERE same.owner = 'party' AND same.field = 'name' AND trim(same.value) = twin.remote_id
                AND party.kind = 'account' AND party.source_id = twin.source_id
        )
"""

# A temporary table lies in a file of its own: a large file needs little memory, and nobody waits for it to be read.
_STAGING = """
    CREATE TEMP TABLE staged_usage (
        account_id INTEGER NOT NULL,
        flow TEXT NOT NULL,
        day TEXT NOT NULL,
        uses INTEGER NOT NULL,
        line INTEGER NOT NULL,
        PRIMARY KEY (account_id, flow, day, uses)
    ) WITHOUT ROWID
"""

_STAGE = """
    INSERT INTO temp.staged_usage (account_id, flow, day, uses, line) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_CONTRADICTIONS = """
    SELECT later.line, later.uses, min(earlier.line) AS other_line, earlier.uses AS other_uses
    FROM (
        SELECT account_id, flow, day FROM temp.staged_usage GROUP BY account_id, flow, day HAVING count(*) > 1
    )
    JOIN temp.staged_usage AS later USING (account_id, flow, day)
    JOIN temp.staged_usage AS earlier USING (account_id, flow, day)
    WHERE earlier.line < later.line
    GROUP BY later.line ORDER BY later.line LIMIT :limit
"""

_LATEST = """
    SELECT account_id, flow, day, uses, max(seq) FROM usage_day
    WHERE day BETWEEN (SELECT min(day) FROM temp.staged_usage) AND (SELECT max(day) FROM temp.staged_usage)
    GROUP BY account_id, flow, day
"""

_COUNTS = """
    WITH known AS ([LATEST])
    SELECT count(*) FILTER (WHERE known.uses IS NULL) AS new,
        count(*) FILTER (WHERE known.uses <> staged.uses) AS corrected,
        count(*) FILTER (WHERE known.uses = staged.uses) AS known
    FROM temp.staged_usage AS staged LEFT JOIN known USING (account_id, flow, day)
""".replace("[LATEST]", _LATEST)

# Numbered by what the rows say, so that their order in the file makes no difference.
_KEEP = """
    INSERT INTO usage_day (seq, occurred_at, recorded_at, actor, via, source_key, account_id, flow, day, uses)
    WITH known AS ([LATEST]), changed AS (
        SELECT :head + row_number() OVER (ORDER BY staged.day, staged.account_id, staged.flow) AS seq, staged.*
        FROM temp.staged_usage AS staged LEFT JOIN known USING (account_id, flow, day)
        WHERE known.uses IS NOT staged.uses
    )
    SELECT seq, date(day, '+1 day') || 'T00:00:00.000000Z', :recorded_at, :actor, :via,
        'usage:' || day || ':' || account_id || ':' || flow || ':' || seq, account_id, flow, day, uses
    FROM changed
""".replace("[LATEST]", _LATEST)

_USAGE_DAYS = """
    WITH latest AS (
        SELECT account_id, day, uses, max(seq) FROM usage_day
        WHERE day BETWEEN :first AND :last AND seq <= :seq AND occurred_at <= :at
            AND (:flows IS NULL OR flow IN (SELECT value FROM json_each(:flows)))
        GROUP BY account_id, flow, day
    ),
    used AS (SELECT DISTINCT account_id, day FROM latest WHERE uses > 0),
    joined AS (
        SELECT account_id, (
            SELECT CAST(value AS INTEGER) FROM fact_event
            WHERE entity = 'party' AND entity_id = account_id AND kind = 'merged'
                AND seq <= :seq AND occurred_at <= :at
            ORDER BY occurred_at DESC, seq DESC LIMIT 1
        ) AS into_id
        FROM (SELECT DISTINCT account_id FROM used)
    )
    SELECT coalesce(into_id, account_id) AS account, count(DISTINCT day) AS days
    FROM used JOIN joined USING (account_id)
    GROUP BY account
"""

_BUGS_IN_FLOWS = """
    SELECT id FROM bug
    WHERE check_at IS NOT NULL AND canonical_id = id AND (
        EXISTS (SELECT 1 FROM bug_event WHERE bug_id = bug.id AND kind = 'flow')
        OR EXISTS (
            SELECT 1 FROM issue JOIN fact_event ON fact_event.entity = 'issue' AND fact_event.entity_id = issue.id
            WHERE issue.bug_id = bug.id AND fact_event.kind = 'labels' AND fact_event.value LIKE '%"flow:%'
        )
    )
    ORDER BY id
"""


class UsageStore(IdentityStore):
    """Usage as it was imported: append-only, the last number of an account, flow and day counts."""

    def accounts(self, source_id: int) -> tuple[Account, ...]:
        """Give a helpdesk's accounts, and those known by their usage alone."""
        rows = self._rows(_ACCOUNTS, {"source": source_id})
        return tuple(Account(row["id"], row["remote_id"], row["name"], bool(row["seen"])) for row in rows)

    def stage_usage(self, days: Iterable[UsageDay]) -> None:
        """Put a file's days aside, in place of those of any file before; what is kept stays free for others."""
        with self._snapshot():
            self._run("DROP TABLE IF EXISTS temp.staged_usage")
            self._run(_STAGING)
            for batch in _batches(days):
                with self._turn, self._explained():
                    self._connection().executemany(_STAGE, batch)

    def contradictions(self, limit: int) -> tuple[Contradiction, ...]:
        """Give staged lines that say something else than another of the same account, flow and day, by line."""
        rows = self._rows(_CONTRADICTIONS, {"limit": limit})
        return tuple(Contradiction(row["line"], row["uses"], row["other_line"], row["other_uses"]) for row in rows)

    def staged_counts(self) -> UsageCounts:
        """Count what keeping the staged days would change."""
        row = self._rows(_COUNTS)[0]
        return UsageCounts(row["new"], row["corrected"], row["known"])

    def keep_staged_usage(self, new_accounts: Mapping[int, int], *, actor: Actor, recorded_at: datetime) -> None:
        """Keep those of the staged days that differ from what is known; `new_accounts` gives negative numbers' ids.

        A day's usage has happened when the day is over.
        """
        with self.write():
            for staged_id, account_id in new_accounts.items():
                ids = {"staged": staged_id, "account": account_id}
                self._run("UPDATE temp.staged_usage SET account_id = :account WHERE account_id = :staged", ids)
            head = self.head()
            values = {"head": head, "recorded_at": to_text(recorded_at), "actor": f"{actor.kind}:{actor.id}"}
            kept = self._run(_KEEP, {**values, "via": actor.via})
            self._run("UPDATE sequence SET seq = :seq", {"seq": head + kept})
            self._run("DROP TABLE temp.staged_usage")

    def usage_days(self, window: Window, flows: Collection[str] | None, moment: Moment) -> Mapping[int, int]:
        """Give on how many days of the window each account used one of the flows; any flow for None.

        An account that turned out to be another's twin counts as that one, from when we knew.
        """
        values = {"first": window.first.isoformat(), "last": window.last.isoformat()}
        chosen = None if flows is None else json.dumps(sorted(flows))
        rows = self._rows(_USAGE_DAYS, {**bounds(moment), **values, "flows": chosen})
        return {row["account"]: row["days"] for row in rows}

    def namesakes(self, account_ids: Collection[int]) -> Mapping[int, int]:
        """Give accounts known by their usage alone that go by the name of one of these, with that one.

        A name that several accounts have tells nothing, and one that was joined already isn't given again.
        """
        rows = self._rows(_NAMESAKES, {"accounts": json.dumps(sorted(account_ids))})
        return {row["twin_id"]: row["account_id"] for row in rows}

    def bugs_in_flows(self) -> tuple[int, ...]:
        """Give canonical bugs that are judged and that a flow was ever named for, by hand or by label."""
        return tuple(row["id"] for row in self._rows(_BUGS_IN_FLOWS))

    def author_of(self, bug_event_seq: int) -> str:
        """Give who made a bug's event, without the kind of author."""
        actor = self._value("SELECT actor FROM bug_event WHERE seq = :seq", {"seq": bug_event_seq})
        return str(actor).partition(":")[2]


def _batches(days: Iterable[UsageDay]) -> Iterator[list[tuple[int, str, str, int, int]]]:
    rows = ((day.account_id, day.flow, day.day.isoformat(), day.uses, day.line) for day in days)
    while batch := list(islice(rows, BATCH)):
        yield batch
