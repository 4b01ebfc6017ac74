"""Who may use the web: tokens, sessions, and what they did there."""

# Of tokens and sessions only a hash is kept: whoever reads the database can't sign in with it.
ACCESS = (
    """
    CREATE TABLE web_token (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        hash TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL CHECK (role IN ('agent', 'lead', 'admin')),
        brands TEXT NOT NULL DEFAULT '[]',
        scopes TEXT NOT NULL DEFAULT '[]',
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL,
        expires_at TEXT,
        revoked_at TEXT,
        last_used_at TEXT
    ) STRICT
    """,
    """
    CREATE TABLE web_session (
        hash TEXT PRIMARY KEY,
        token_id INTEGER REFERENCES web_token (id),
        agent TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX web_session_expiring ON web_session (expires_at)",
    # The audit trail: ids and codes, never free text.
    """
    CREATE TABLE web_trail (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        via TEXT NOT NULL,
        did TEXT NOT NULL,
        subject TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX web_trail_at ON web_trail (at)",
)
