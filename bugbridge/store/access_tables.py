"""Who may use the web: tokens, sessions, and what they did there."""

# Of tokens and sessions only a hash is kept: whoever reads the database can't sign in with it.
ACCESS = (
    """
    CREATE TABLE web_token (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
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
    # Signed in by a token, of which the hash is here, or as an agent of the list of people: whether that token still
    # opens anything, and that agent is still listed, is looked up at each request.
    """
    CREATE TABLE web_session (
        hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
        token_hash TEXT NOT NULL DEFAULT '',
        agent TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        CHECK ((token_hash = '') <> (agent = ''))
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX web_session_expiring ON web_session (expires_at)",
    "CREATE INDEX web_session_of_token ON web_session (token_hash)",
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
    "CREATE INDEX web_trail_subject ON web_trail (subject)",
    "CREATE INDEX web_trail_who ON web_trail (who)",
)
