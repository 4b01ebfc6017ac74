"""Everything that BugBridge remembers, in SQLite."""
