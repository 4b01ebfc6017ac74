"""All that is kept, row by row, for other programs."""

from collections.abc import Iterator, Mapping

from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.tables import EVENT_TABLES

# What the events name, and what became of updates, come first; what is operational or secret isn't exported.
READ_WITH = ("source", "party", "ticket", "issue", "bug", "link", "update_item", "answer", "delivery")
_PERSONAL = "private_value"
# Ids at a helpdesk lead to people, and so do keys and places made of them.
_LEADING_TO_PEOPLE = {
    "source": frozenset({"cursor", "etag", "backfill_cursor"}),
    "party": frozenset({"remote_id"}),
    "ticket": frozenset({"remote_id"}),
    "message": frozenset({"remote_id", "source_key"}),
    "delivery_event": frozenset({"remote_id"}),
}
_SECRET = frozenset({"erased_key"})
_NAMING_TICKETS = frozenset({"merged", "followup_of"})
_MIGRATIONS = "SELECT name FROM _sqlite_migrations ORDER BY name"


class ExportStore(SqliteDatabase):
    """Everything as rows, in constant memory."""

    def export(self, *, personal: bool) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Give each row as it was at one moment, with its table's name; personal data only if asked for.

        Without it private values aren't given, and what leads to people at a helpdesk is null.
        """
        tables = (*READ_WITH, *((_PERSONAL,) if personal else ()), *EVENT_TABLES)
        with self._snapshot():
            for table in tables:
                for row in self._each("SELECT * FROM [TABLE] ORDER BY rowid".replace("[TABLE]", table)):
                    yield table, _shown(table, row, personal=personal)

    def schema_version(self) -> str:
        """Name the last migration that made this database what it is."""
        return str(self._rows(_MIGRATIONS)[-1]["name"])


def _shown(table: str, row: Row, *, personal: bool) -> Mapping[str, object]:
    values = {name: row[name] for name in row.keys() if name not in _SECRET}  # noqa: SIM118 - a row iterates over values
    if personal:
        return values
    hidden = _LEADING_TO_PEOPLE.get(table, frozenset())
    if table == "fact_event" and row["entity"] == "ticket" and row["kind"] in _NAMING_TICKETS:
        hidden = frozenset({"value", "source_key"})
    return {name: None if name in hidden else value for name, value in values.items()}
