"""The tables of the first migration, as SQL.

Event tables share their first columns and are append-only by trigger; the others are operational, or projections of
the events. What a person could be known by lives in `private_value` alone; `remote_id` columns may become null so that
a person can be forgotten. Partial indexes serve the questions that the daemon asks every few seconds.
"""

EVENT_COLUMNS = """
    seq INTEGER PRIMARY KEY,
    occurred_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    source_key TEXT NOT NULL UNIQUE,
"""

MUTABLE_TABLES = (
    """CREATE TABLE sequence (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        seq INTEGER NOT NULL
    ) STRICT""",
    "INSERT INTO sequence (id, seq) VALUES (1, 0)",
    """CREATE TABLE source (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('helpdesk', 'tracker')),
        cursor TEXT NOT NULL DEFAULT '',
        etag TEXT NOT NULL DEFAULT '',
        live_from TEXT,
        last_ok_at TEXT,
        paused_until TEXT
    ) STRICT""",
    """CREATE TABLE party (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('customer', 'account', 'agent', 'bot', 'self')),
        source_id INTEGER NOT NULL REFERENCES source (id),
        remote_id TEXT,
        erased_key TEXT,
        merged_into INTEGER REFERENCES party (id),
        UNIQUE (source_id, kind, remote_id)
    ) STRICT""",
    """CREATE TABLE private_value (
        party_id INTEGER REFERENCES party (id),
        owner TEXT NOT NULL,
        owner_id INTEGER NOT NULL,
        field TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (owner, owner_id, field)
    ) STRICT""",
    "CREATE INDEX private_value_of_party ON private_value (party_id)",
    """CREATE TABLE ticket (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES source (id),
        remote_id TEXT,
        brand TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        requester_id INTEGER REFERENCES party (id),
        merged_into INTEGER REFERENCES ticket (id),
        followup_of INTEGER REFERENCES ticket (id),
        UNIQUE (source_id, remote_id)
    ) STRICT""",
    "CREATE INDEX ticket_of_requester ON ticket (requester_id)",
    """CREATE TABLE bug (
        id INTEGER PRIMARY KEY,
        canonical_id INTEGER NOT NULL REFERENCES bug (id),
        stage TEXT NOT NULL DEFAULT 'open',
        frequency TEXT NOT NULL DEFAULT 'unknown',
        resolved_at TEXT,
        check_at TEXT
    ) STRICT""",
    "CREATE INDEX bug_of_canonical ON bug (canonical_id)",
    "CREATE INDEX bug_to_check ON bug (check_at) WHERE check_at IS NOT NULL AND canonical_id = id",
    "CREATE INDEX bug_resolved ON bug (resolved_at) WHERE resolved_at IS NOT NULL AND canonical_id = id",
    """CREATE TABLE issue (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES source (id),
        remote_id TEXT,
        created_at TEXT,
        reference TEXT NOT NULL,
        bug_id INTEGER NOT NULL REFERENCES bug (id),
        gone INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE INDEX issue_of_bug ON issue (bug_id)",
    "CREATE INDEX issue_of_source ON issue (source_id)",
    """CREATE TABLE link (
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        bug_id INTEGER NOT NULL REFERENCES bug (id),
        state TEXT NOT NULL CHECK (state IN ('linked', 'suggested', 'unlinked')),
        touched_seq INTEGER NOT NULL DEFAULT 0,
        decided_seq INTEGER NOT NULL DEFAULT 0,
        valid_until TEXT,
        PRIMARY KEY (ticket_id, bug_id)
    ) STRICT""",
    "CREATE INDEX link_of_bug ON link (bug_id)",
    "CREATE INDEX link_touched ON link (touched_seq) WHERE state = 'linked' AND touched_seq > decided_seq",
    "CREATE INDEX link_expiring ON link (valid_until) WHERE state = 'linked' AND valid_until IS NOT NULL",
    """CREATE TABLE delivery (
        id INTEGER PRIMARY KEY,
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        channel TEXT NOT NULL,
        marker TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        not_before TEXT NOT NULL,
        owner TEXT NOT NULL,
        lease_until TEXT NOT NULL,
        fence INTEGER NOT NULL
    ) STRICT""",
    """CREATE INDEX delivery_unfinished ON delivery (lease_until)
        WHERE state IN ('claimed', 'posting', 'unknown')""",
    """CREATE TABLE update_item (
        id INTEGER PRIMARY KEY,
        party_id INTEGER REFERENCES party (id),
        bug_id INTEGER NOT NULL REFERENCES bug (id),
        ticket_id INTEGER NOT NULL,
        link_bug_id INTEGER NOT NULL,
        news_seq INTEGER,
        ordinal INTEGER,
        reason TEXT NOT NULL,
        due_at TEXT NOT NULL,
        wall_time TEXT NOT NULL,
        zone TEXT NOT NULL,
        state TEXT NOT NULL,
        state_reason TEXT NOT NULL,
        decision_seq INTEGER NOT NULL,
        delivery_id INTEGER REFERENCES delivery (id),
        key TEXT NOT NULL UNIQUE,
        FOREIGN KEY (ticket_id, link_bug_id) REFERENCES link (ticket_id, bug_id)
    ) STRICT""",
    "CREATE INDEX update_of_link ON update_item (ticket_id, link_bug_id)",
    "CREATE INDEX update_of_delivery ON update_item (delivery_id)",
    "CREATE INDEX update_due ON update_item (due_at) WHERE state = 'planned'",
    """CREATE INDEX update_open ON update_item (due_at)
        WHERE state IN ('planned', 'claimed', 'posted', 'dead')""",
    """CREATE TABLE inbox (
        delivery_key TEXT PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES source (id),
        subject_ref TEXT NOT NULL,
        received_at TEXT NOT NULL,
        handled_at TEXT
    ) STRICT""",
    """CREATE TABLE lease (
        name TEXT PRIMARY KEY,
        holder TEXT NOT NULL,
        fence INTEGER NOT NULL,
        until TEXT NOT NULL,
        last_ok_at TEXT
    ) STRICT""",
)

EVENT_TABLES = {
    "alias": """
        source_id INTEGER NOT NULL REFERENCES source (id),
        reference TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id INTEGER NOT NULL""",
    "fact_event": """
        entity TEXT NOT NULL,
        entity_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        assumed INTEGER NOT NULL""",
    "message": """
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        remote_id TEXT,
        author_id INTEGER NOT NULL REFERENCES party (id),
        author_kind TEXT NOT NULL,
        public INTEGER NOT NULL""",
    "finding": """
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        message_id INTEGER REFERENCES message (seq),
        extractor TEXT NOT NULL,
        version INTEGER NOT NULL,
        kind TEXT NOT NULL,
        bug_id INTEGER REFERENCES bug (id),
        due_at TEXT,
        value TEXT NOT NULL""",
    "bug_event": """
        bug_id INTEGER NOT NULL REFERENCES bug (id),
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        expires_at TEXT""",
    "link_event": """
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        bug_id INTEGER NOT NULL REFERENCES bug (id),
        kind TEXT NOT NULL,
        how TEXT NOT NULL,
        value TEXT NOT NULL,
        expires_at TEXT""",
    "usage_day": """
        account_id INTEGER NOT NULL REFERENCES party (id),
        flow TEXT NOT NULL,
        day TEXT NOT NULL,
        uses INTEGER NOT NULL""",
    "ruleset": """
        hash TEXT NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        in_force_from TEXT NOT NULL""",
    "decision": """
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        bug_id INTEGER NOT NULL REFERENCES bug (id),
        upto_seq INTEGER NOT NULL,
        ruleset_hash TEXT NOT NULL,
        rule_id TEXT NOT NULL,
        output TEXT NOT NULL CHECK (json_valid(output)),
        facts TEXT NOT NULL CHECK (json_valid(facts)),
        valid_until TEXT""",
    "delivery_event": """
        delivery_id INTEGER NOT NULL REFERENCES delivery (id),
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        kind TEXT NOT NULL,
        remote_id TEXT,
        detail_code TEXT NOT NULL""",
}

EVENT_INDEXES = (
    "CREATE INDEX alias_reference ON alias (reference)",
    "CREATE INDEX alias_of_entity ON alias (entity, entity_id)",
    "CREATE INDEX fact_of_entity ON fact_event (entity, entity_id, occurred_at)",
    "CREATE INDEX fact_pointing_at ON fact_event (kind, value) WHERE kind IN ('account', 'requester')",
    "CREATE INDEX message_of_ticket ON message (ticket_id, occurred_at)",
    "CREATE INDEX finding_of_ticket ON finding (ticket_id, occurred_at)",
    "CREATE INDEX finding_of_bug ON finding (bug_id, occurred_at) WHERE bug_id IS NOT NULL",
    "CREATE INDEX bug_event_of_bug ON bug_event (bug_id, occurred_at)",
    "CREATE INDEX bug_merged ON bug_event (bug_id) WHERE kind = 'merged'",
    "CREATE INDEX bug_merged_into ON bug_event (value) WHERE kind = 'merged'",
    "CREATE INDEX link_event_of_link ON link_event (ticket_id, bug_id, occurred_at)",
    "CREATE INDEX link_event_of_bug ON link_event (bug_id, occurred_at)",
    "CREATE INDEX decision_of_link ON decision (ticket_id, bug_id, occurred_at)",
    "CREATE INDEX decision_asking ON decision (bug_id, occurred_at) WHERE json_extract(output, '$.person') <> ''",
    "CREATE INDEX delivery_event_of_delivery ON delivery_event (delivery_id)",
    "CREATE INDEX delivery_event_of_ticket ON delivery_event (ticket_id, occurred_at)",
)

CONVERSATIONS_AND_BACKFILL = (
    "CREATE INDEX fact_continuing ON fact_event (kind, value) WHERE kind IN ('followup_of', 'merged') AND value <> ''",
    "CREATE INDEX fact_of_due_tag ON fact_event (entity_id, occurred_at) WHERE kind = 'due_tag'",
    "ALTER TABLE source ADD COLUMN read_from TEXT",
    "ALTER TABLE source ADD COLUMN backfill_from TEXT",
    "ALTER TABLE source ADD COLUMN backfill_cursor TEXT NOT NULL DEFAULT ''",
)

# Usage is asked for by day; everything that the answer needs stands in the index.
USAGE = ("CREATE INDEX usage_day_of_day ON usage_day (day, flow, account_id, seq, uses, occurred_at)",)

# A pilot: groups of a helpdesk that are live since an instant of their own; and old news that waits for a person.
LIVE_GROUPS = (
    "ALTER TABLE update_item ADD COLUMN review TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE ticket ADD COLUMN support_group TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE live_group (
        source_id INTEGER NOT NULL REFERENCES source (id),
        name TEXT NOT NULL,
        live_from TEXT NOT NULL,
        PRIMARY KEY (source_id, name)
    ) STRICT, WITHOUT ROWID""",
)

# How the daemon's jobs fare, and counts that are asked for every few seconds whatever has piled up.
JOBS = (
    """CREATE TABLE job_run (
        name TEXT PRIMARY KEY,
        runs INTEGER NOT NULL DEFAULT 0,
        failed_runs INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        last_failed_at TEXT,
        retry_at TEXT,
        problem TEXT NOT NULL DEFAULT '',
        seconds REAL NOT NULL DEFAULT 0
    ) STRICT""",
    "INSERT INTO job_run (name) SELECT substr(name, 5) FROM lease WHERE name LIKE 'job:%'",
    "CREATE INDEX update_that_died ON update_item (id) WHERE state = 'dead'",
    "CREATE INDEX delivery_finished ON delivery (state) WHERE state IN ('posted', 'withdrawn', 'dead')",
)

# How far each recipient of notifications was told; what there is to tell stands in the events.
NOTIFICATIONS = (
    """CREATE TABLE notification (
        name TEXT PRIMARY KEY,
        upto_seq INTEGER NOT NULL,
        looked_at TEXT NOT NULL,
        sent_at TEXT,
        failures INTEGER NOT NULL,
        not_before TEXT,
        counted_seq INTEGER NOT NULL
    ) STRICT""",
)

# Notes that tell no update: a link's confirmation, the answer to a line in a note, a question, the ping of a round.
ANSWERS = (
    """CREATE TABLE answer (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        ticket_id INTEGER NOT NULL REFERENCES ticket (id),
        bug_id INTEGER REFERENCES bug (id),
        kind TEXT NOT NULL,
        subject TEXT NOT NULL CHECK (json_valid(subject)),
        due_at TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'planned',
        delivery_id INTEGER REFERENCES delivery (id)
    ) STRICT""",
    "CREATE INDEX answer_due ON answer (due_at) WHERE state = 'planned'",
    "CREATE INDEX answer_of_ticket ON answer (ticket_id)",
    "CREATE INDEX update_posted ON update_item (id) WHERE state = 'posted'",
    """CREATE INDEX link_made_at_work ON link_event (occurred_at)
        WHERE kind = 'linked' AND how IN ('note', 'field', 'line') AND value = ''""",
    """CREATE INDEX finding_by_line ON finding (occurred_at)
        WHERE kind = 'reference' AND value = 'line'""",
    "CREATE INDEX answer_of_delivery ON answer (delivery_id) WHERE delivery_id IS NOT NULL",
)

# What an audit compares fixed bugs with. A declined bug's primary issue is declined, whatever its parts are.
BUG_ENDS = (
    "ALTER TABLE bug ADD COLUMN declined_at TEXT",
    """UPDATE bug SET declined_at = (
        SELECT said.occurred_at FROM fact_event AS said
        WHERE said.entity = 'issue' AND said.kind = 'stage' AND said.value = 'declined'
            AND said.entity_id = (SELECT id FROM issue WHERE issue.bug_id = bug.id ORDER BY id LIMIT 1)
            AND NOT EXISTS (
                SELECT 1 FROM fact_event AS later WHERE later.entity = 'issue' AND later.entity_id = said.entity_id
                    AND later.kind = 'stage' AND later.value <> 'declined'
                    AND (later.occurred_at, later.seq) > (said.occurred_at, said.seq)
            )
        ORDER BY said.occurred_at, said.seq LIMIT 1
    ) WHERE stage = 'declined' AND canonical_id = id""",
    "CREATE INDEX bug_declined ON bug (declined_at) WHERE declined_at IS NOT NULL AND canonical_id = id",
    "CREATE INDEX bug_unended ON bug (id) WHERE resolved_at IS NULL AND declined_at IS NULL AND canonical_id = id",
)

_TABLE = "CREATE TABLE [TABLE] ([EVENT_COLUMNS][COLUMNS]) STRICT"
_REFUSALS = (
    """CREATE TRIGGER [TABLE]_keeps_rows BEFORE DELETE ON [TABLE]
        BEGIN SELECT RAISE(ABORT, '[TABLE] is append-only'); END""",
    """CREATE TRIGGER [TABLE]_keeps_values BEFORE UPDATE ON [TABLE]
        BEGIN SELECT RAISE(ABORT, '[TABLE] is append-only'); END""",
)


def first_tables() -> tuple[str, ...]:
    """Give the statements of the first migration, in order."""
    return (*MUTABLE_TABLES, *(text for name in EVENT_TABLES for text in _event_table(name)), *EVENT_INDEXES)


def _event_table(name: str) -> tuple[str, ...]:
    table = _TABLE.replace("[EVENT_COLUMNS]", EVENT_COLUMNS).replace("[COLUMNS]", EVENT_TABLES[name])
    return tuple(text.replace("[TABLE]", name) for text in (table, *_REFUSALS))


# What may be done to events of people and tickets that were erased, and nothing else: their ids at the helpdesk go, and
# keys that hold such ids. A fact that names a ticket by its id there names it by ours: conversations stay whole.
_SAME_BUT = """NEW.seq IS OLD.seq AND NEW.occurred_at IS OLD.occurred_at AND NEW.recorded_at IS OLD.recorded_at
            AND NEW.actor IS OLD.actor AND NEW.via IS OLD.via AND """
_ALLOWED_ERASURES = {
    "message": """NEW.ticket_id IS OLD.ticket_id AND NEW.author_id IS OLD.author_id
            AND NEW.author_kind IS OLD.author_kind AND NEW.public IS OLD.public
            AND NEW.remote_id IS NULL AND NEW.source_key = 'erased:' || OLD.seq
            AND (
                EXISTS (SELECT 1 FROM ticket WHERE id = OLD.ticket_id AND erased_key IS NOT NULL)
                OR EXISTS (SELECT 1 FROM party WHERE id = OLD.author_id AND erased_key IS NOT NULL)
            )""",
    "delivery_event": """NEW.delivery_id IS OLD.delivery_id AND NEW.ticket_id IS OLD.ticket_id
            AND NEW.kind IS OLD.kind AND NEW.detail_code IS OLD.detail_code AND NEW.source_key IS OLD.source_key
            AND NEW.remote_id IS NULL
            AND EXISTS (SELECT 1 FROM ticket WHERE id = OLD.ticket_id AND erased_key IS NOT NULL)""",
    "fact_event": """NEW.entity IS OLD.entity AND NEW.entity_id IS OLD.entity_id AND NEW.kind IS OLD.kind
            AND NEW.assumed IS OLD.assumed
            AND OLD.entity = 'ticket' AND OLD.kind IN ('merged', 'followup_of')
            AND NEW.source_key = 'erased:' || OLD.seq
            AND EXISTS (SELECT 1 FROM ticket WHERE NEW.value = 'erased:' || id AND erased_key IS NOT NULL)""",
}
_REFUSAL_BUT_ERASING = """CREATE TRIGGER [TABLE]_keeps_values BEFORE UPDATE ON [TABLE]
        WHEN NOT (
            [ALLOWED]
        )
        BEGIN SELECT RAISE(ABORT, '[TABLE] is append-only'); END"""

ERASING = (
    "ALTER TABLE party ADD COLUMN erased_at TEXT",
    "ALTER TABLE ticket ADD COLUMN erased_key TEXT",
    "ALTER TABLE ticket ADD COLUMN erased_at TEXT",
    "ALTER TABLE link ADD COLUMN erased INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX party_erased ON party (erased_key) WHERE erased_key IS NOT NULL",
    "CREATE INDEX ticket_erased ON ticket (erased_key) WHERE erased_key IS NOT NULL",
    "CREATE INDEX message_of_author ON message (author_id)",
    # What ids of erased people and tickets are hashed with, so that they can't be guessed from a part of the data.
    "CREATE TABLE erasing_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL) STRICT",
    "INSERT INTO erasing_key (id, key) VALUES (1, randomblob(32))",
    "DROP INDEX link_touched",
    """CREATE INDEX link_touched ON link (touched_seq)
        WHERE state = 'linked' AND touched_seq > decided_seq AND NOT erased""",
    "DROP INDEX link_expiring",
    """CREATE INDEX link_expiring ON link (valid_until)
        WHERE state = 'linked' AND valid_until IS NOT NULL AND NOT erased""",
    *(f"DROP TRIGGER {table}_keeps_values" for table in _ALLOWED_ERASURES),
    *(
        _REFUSAL_BUT_ERASING.replace("[TABLE]", table).replace("[ALLOWED]", _SAME_BUT + allowed)
        for table, allowed in _ALLOWED_ERASURES.items()
    ),
)
