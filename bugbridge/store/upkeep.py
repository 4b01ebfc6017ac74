"""Whether what is kept is sound: the file, the invariants, and the projections, which can be made again."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bugbridge.core.upkeep import Misfold, Violation
from bugbridge.store.erasing import ErasingStore
from bugbridge.store.invariants import INVARIANTS, Invariant, counted, instants, within_counter
from bugbridge.store.refolding import RefoldingStore

_FILE = ("database-intact", "The file is as SQLite wrote it.")
_STAYED_AWAY = ("forgotten-stay-away", "Nothing is kept of customers and tickets that were forgotten.")
_REFERENCES = ("references-intact", "Each row that another one names is there.")

_TEXT_COLUMNS = """
    SELECT [TABLE].name AS table_name, [COLUMN].name AS column_name
    FROM sqlite_schema AS [TABLE] JOIN pragma_table_info([TABLE].name) AS [COLUMN]
    WHERE [TABLE].type = 'table' AND substr([TABLE].name, 1, 1) <> '_'
    ORDER BY [TABLE].name, [COLUMN].cid
""".replace("[TABLE]", "one").replace("[COLUMN]", "part")

# Instants go by these names; what a column of another name holds isn't looked at.
_INSTANT_ENDINGS = ("_at", "_from", "_until")
_INSTANT_NAMES = frozenset({"at", "until", "not_before"})

_DROP_LINK = "DELETE FROM link WHERE ticket_id = :ticket AND bug_id = :bug"
_NEW_LINK = """
    INSERT INTO link (ticket_id, bug_id, state, touched_seq) VALUES (:ticket, :bug, :folded, (SELECT seq FROM sequence))
"""
_MEND_LINK = """
    UPDATE link SET [COLUMN] = :folded, touched_seq = (SELECT seq FROM sequence), decided_seq = 0
    WHERE ticket_id = :ticket AND bug_id = :bug
"""
_MEND = "UPDATE [TABLE] SET [COLUMN] = :folded WHERE id = :id"


class UpkeepStore(ErasingStore, RefoldingStore):
    """Checks, and mending what can be mended."""

    def rows_kept(self) -> int:
        """Count the events that are kept."""
        return int(self._value("SELECT seq FROM sequence"))

    def invariants(self) -> Mapping[str, str]:
        """Give the invariants that the store looks at by itself, each with its sentence, by id."""
        return dict((_FILE, _REFERENCES, _STAYED_AWAY)) | {one.id: one.sentence for one in self._invariants()}

    def violations(self, checked: Callable[[int], None]) -> Iterator[Violation]:
        """Give whatever breaks an invariant; `checked` is called with 1 after each of them.

        In a file that isn't as SQLite wrote it nothing else can be believed, so nothing else is looked at.
        """
        broken = [Violation(*_FILE, what) for (what,) in self._rows("PRAGMA integrity_check") if what != "ok"]
        yield from broken
        checked(1)
        if broken:
            return
        for row in self._each("PRAGMA foreign_key_check"):
            yield Violation(*_REFERENCES, f"{row['table']}, row {row['rowid']}: its {row['parent']} isn't there")
        checked(1)
        yield from (Violation(*_STAYED_AWAY, what) for what in self.came_back())
        checked(1)
        for one in self._invariants():
            for row in self._each(one.query):
                yield Violation(one.id, one.sentence, row["what"])
            checked(1)

    def _invariants(self) -> Sequence[Invariant]:
        """Give the fixed ones, and those that hold for whatever columns the tables have."""
        columns = [(row["table_name"], row["column_name"]) for row in self._rows(_TEXT_COLUMNS)]
        numbered = [table for table, column in columns if column == "seq" and (table, "source_key") in columns]
        return (
            Invariant("seq-once", "Events are numbered from 1 up to the counter, each once.", counted(numbered)),
            Invariant("seq-known", "Nothing names an event that isn't there yet.", within_counter(_pointing(columns))),
            Invariant("instant-form", "Instants are text of one form, which sorts.", instants(_instants(columns))),
            *INVARIANTS,
        )

    def mend(self, misfolds: Sequence[Misfold]) -> None:
        """Put in each projection's place what the events say, all or none; the links concerned are decided again."""
        with self.write():
            for one in misfolds:
                if one.table == "link":
                    self._mend_link(one)
                else:
                    statement = _MEND.replace("[TABLE]", one.table).replace("[COLUMN]", one.column)
                    self._run(statement, {"id": int(one.key), "folded": one.folded})

    def _mend_link(self, one: Misfold) -> None:
        ticket_id, _, bug_id = one.key.partition("-")
        values = {"ticket": int(ticket_id), "bug": int(bug_id), "folded": one.folded}
        if one.folded is None:
            self._run(_DROP_LINK, values)
        elif not self._run(_MEND_LINK.replace("[COLUMN]", one.column), values) and one.column == "state":
            self._run(_NEW_LINK, values)


def _instants(columns: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [pair for pair in columns if pair[1] in _INSTANT_NAMES or pair[1].endswith(_INSTANT_ENDINGS)]


def _pointing(columns: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [pair for pair in columns if pair[1].endswith("_seq")]
