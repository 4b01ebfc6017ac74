"""A database with very many tickets, written by SQL: what pages and queries cost is seen where there is much.

Of every 18 tickets one is only suggested for its bug, of every 15 one was unlinked from it. Ten tickets report each
bug, on two helpdesks and in three brands; updates are due in every hour for weeks, several at the same instant.
"""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bugbridge.store.rows import to_text
from bugbridge.store.sqlite import open_store

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
AGENTS, CUSTOMERS = 50, 10_000  # 1 to 50, and from 51 on
TICKETS_A_BUG = 10
SUPPORT, SHOP, TRACKER = 1, 2, 3
EVENT = "occurred_at, recorded_at, actor, via, source_key"

NUMBERS = "WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < [COUNT])"
COUNTS = (":parties", ":tickets", ":bugs")

STATEMENTS = (
    """[NUMBERS :parties]
    INSERT INTO party (id, kind, source_id, remote_id)
    SELECT i, iif(i <= :agents, 'agent', 'customer'), :support, iif(i <= :agents, 'a', 'c') || i FROM number""",
    """INSERT INTO private_value (party_id, owner, owner_id, field, value)
    SELECT id, 'party', id, 'name', 'Agent ' || id FROM party WHERE kind = 'agent'""",
    """[NUMBERS :tickets]
    INSERT INTO ticket (id, source_id, remote_id, brand, created_at, requester_id)
    SELECT i, iif(i % 10, :support, :shop), CAST(i AS TEXT),
        CASE i % 3 WHEN 0 THEN '' WHEN 1 THEN 'acme' ELSE 'globex' END, :at, :agents + 1 + i % :customers
    FROM number""",
    """[NUMBERS :bugs]
    INSERT INTO bug (id, canonical_id, stage) SELECT i, i, iif(i % 4, 'open', 'released') FROM number""",
    """INSERT INTO issue (id, source_id, remote_id, created_at, reference, bug_id, gone)
    SELECT id, :tracker, 'i' || id, :at, 'github:acme/app#' || id, id, id % 10 = 0 FROM bug""",
    """INSERT INTO private_value (owner, owner_id, field, value)
    SELECT 'bug', id, 'words', 'export problem' FROM bug WHERE id % 5 = 0""",
    """INSERT INTO alias (seq, [EVENT], source_id, reference, entity, entity_id)
    SELECT :seq + id, :at, :at, 'bot:daemon', 'daemon', 'alias:' || id, :tracker, reference, 'issue', id
    FROM issue""",
    """INSERT INTO bug_event (seq, [EVENT], bug_id, kind, value)
    SELECT :seq + id, :at, :at, 'bot:daemon', 'daemon', 'added:' || id, bug_id, 'issue_added', CAST(id AS TEXT)
    FROM issue""",
    """INSERT INTO fact_event (seq, [EVENT], entity, entity_id, kind, value, assumed)
    SELECT :seq + id, :at, :at, 'bot:daemon', 'daemon', 'gone:' || id, 'issue', id, 'gone', 'deleted', 0
    FROM issue WHERE gone""",
    """INSERT INTO fact_event (seq, [EVENT], entity, entity_id, kind, value, assumed)
    SELECT :seq + id, :at, :at, 'bot:daemon', 'daemon', 'assignee:' || id, 'ticket', id, 'assignee',
        CAST(1 + id % :agents AS TEXT), 0
    FROM ticket WHERE id % 7""",
    """INSERT INTO link (ticket_id, bug_id, state)
    SELECT id, 1 + id % :bugs, CASE WHEN id % 18 = 1 THEN 'suggested' WHEN id % 15 = 2 THEN 'unlinked' ELSE 'linked' END
    FROM ticket""",
    """INSERT INTO link_event (seq, [EVENT], ticket_id, bug_id, kind, how, value)
    SELECT :seq + ticket_id, :at, :at, 'agent:a1', 'cli', 'link:' || ticket_id, ticket_id, bug_id,
        iif(state = 'suggested', 'suggested', 'linked'), iif(state = 'suggested', 'customer', 'note'), ''
    FROM link""",
    """INSERT INTO link_event (seq, [EVENT], ticket_id, bug_id, kind, how, value)
    SELECT :seq + ticket_id, :yesterday, :yesterday, 'agent:a1', 'cli', 'unlink:' || ticket_id, ticket_id, bug_id,
        'unlinked', 'hand', ''
    FROM link WHERE state = 'unlinked'""",
    """INSERT INTO message (seq, [EVENT], ticket_id, remote_id, author_id, author_kind, public)
    SELECT :seq + id, :at, :at, 'bot:daemon', 'daemon', 'message:' || id, id, 'm' || id, 1 + id % :agents, 'agent', 1
    FROM ticket""",
    """INSERT INTO finding (seq, [EVENT], ticket_id, message_id, extractor, version, kind, bug_id, due_at, value)
    SELECT :seq + ticket_id, occurred_at, occurred_at, actor, via, 'promise:' || ticket_id, ticket_id, seq, 'promises',
        1, 'promise', NULL, iif(ticket_id % 200, :yesterday, :tomorrow), ''
    FROM message WHERE ticket_id % 100 = 0""",
    """INSERT INTO decision (
        seq, [EVENT], ticket_id, bug_id, upto_seq, ruleset_hash, rule_id, output, facts, valid_until
    )
    SELECT :seq + ticket_id, :at, :at, 'bot:daemon', 'daemon', 'decision:' || ticket_id, ticket_id, bug_id, 1, 'h',
        'many', '{"person": "lead: tell the public?", "because": "10 report it"}', '{}', NULL
    FROM link WHERE ticket_id % 25 = 0""",
    """INSERT INTO update_item (
        id, party_id, bug_id, ticket_id, link_bug_id, news_seq, reason, due_at, wall_time, zone, state, state_reason,
        decision_seq, review, key
    )
    SELECT ticket_id, ticket.requester_id, bug_id, ticket_id, bug_id, 1,
        CASE ticket_id % 5 WHEN 0 THEN 'promised' WHEN 1 THEN 'released' ELSE 'fixed' END,
        strftime('%Y-%m-%dT%H:00:00.000000Z', :now, (ticket_id % 1000 - 500) || ' hours'), '', '',
        CASE ticket_id % 11 WHEN 0 THEN 'posted' WHEN 1 THEN 'dead' WHEN 2 THEN 'told' ELSE 'planned' END, '', 1,
        iif(ticket_id % 6 = 5, 'waiting', ''), 'update:' || ticket_id
    FROM link JOIN ticket ON ticket.id = link.ticket_id WHERE link.state = 'linked'""",
    """INSERT INTO private_value (party_id, owner, owner_id, field, value)
    SELECT requester_id, 'ticket', id, 'subject', iif(id % 5, 'Checkout sends ', 'Export hangs with ') || id
    FROM ticket""",
)


def fill(path: Path, tickets: int) -> Path:
    """Write a database with so many tickets, a tenth as many bugs, and what goes with them."""
    store = open_store(path)
    for name, kind, role in (("support", "zendesk", "helpdesk"), ("shop", "zendesk", "helpdesk")):
        store.declare_source(name, kind, role)
    store.declare_source("github", "github", "tracker")
    store.close()
    asked = {
        "support": SUPPORT,
        "shop": SHOP,
        "tracker": TRACKER,
        "agents": AGENTS,
        "customers": CUSTOMERS,
        "parties": AGENTS + CUSTOMERS,
        "tickets": tickets,
        "bugs": max(1, tickets // TICKETS_A_BUG),
        "now": f"{NOW:%Y-%m-%d %H:%M:%S}",
        "at": to_text(NOW - timedelta(days=60)),
        "yesterday": to_text(NOW - timedelta(days=1)),
        "tomorrow": to_text(NOW + timedelta(days=1)),
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for number, statement in enumerate(STATEMENTS):
            connection.execute(_written(statement), {**asked, "seq": number * (tickets + 1)})
        connection.execute("UPDATE sequence SET seq = ?", (len(STATEMENTS) * (tickets + 1),))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def _written(statement: str) -> str:
    for count in COUNTS:
        statement = statement.replace(f"[NUMBERS {count}]", NUMBERS.replace("[COUNT]", count))
    return statement.replace("[EVENT]", EVENT)
