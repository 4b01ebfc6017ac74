"""What rows hold beside what is audited, so that people can be told which words and columns they may have meant."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.audit_rows import AuditRow, Layout, UnreadableDate
from bugbridge.core.imported_bugs import RESOLUTIONS
from bugbridge.core.imports import LONGEST_WORD, plain_name, plain_word
from bugbridge.core.model import ClosedAs

MOST_VALUES = 8  # of a column that are named
# So many rows, and columns, are looked at for what an unread column holds.
SAMPLE, WIDEST = 100, 1_000
OUTCOME_WORDS = ("resolution", "status", "state", "outcome")  # in headers of what says how a bug ended, or stands
RESOLUTION = OUTCOME_WORDS[0]


class Values:
    """The first few values of a column, each once as `plain_name` compares them, as they were written first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._seen: dict[str, str] = {}

    def add(self, cell: str) -> None:
        """Take a cell."""
        if len(self._seen) <= MOST_VALUES:
            self._seen.setdefault(plain_name(cell), cell.strip())

    @property
    def first(self) -> tuple[str, ...]:
        """So many as are named."""
        return tuple(self._seen.values())[:MOST_VALUES]

    @property
    def are_all(self) -> bool:
        """Whether there are no others."""
        return len(self._seen) <= MOST_VALUES


class Notices:
    """What was noticed in the rows of one file."""

    def __init__(self, layout: Layout) -> None:
        """Begin without rows."""
        self.others: Mapping[int, Values] = {place: Values() for place, _ in layout.chosen}
        """By the place of a column that rows are chosen by: the values that weren't wanted."""
        self.met: set[int] = set()
        """The places of such columns that held what was wanted, in some row."""
        self.unknown_words = Values()
        """What `resolution` says in words that aren't known here."""
        self._layout = layout
        self._sample: list[Sequence[str]] = []

    def take(self, cells: Sequence[str] | None, row: AuditRow | LeftOut | UnreadableDate) -> None:
        """Take a row, and what was read of it."""
        if cells is None or len(cells) != self._layout.width:
            return
        for place, words in self._layout.chosen:
            if plain_name(cells[place]) in words:
                self.met.add(place)
            else:
                self.others[place].add(cells[place])
        if _has_unknown_end(row):
            self.unknown_words.add(cells[self._layout.columns["resolution"]])
        if len(self._sample) < SAMPLE:
            self._sample.append([cell[:LONGEST_WORD] for cell in cells[:WIDEST]])

    def outcomes(self, header: Sequence[str]) -> tuple[str, ...]:
        """Name unread columns that may say how a bug ended, the likeliest first, up to one by which rows are chosen.

        Those called a resolution come before all others; one that is read, or holds figures or dates, is none.
        """
        read = set(self._layout.columns.values())
        likely = [
            place
            for place, name in enumerate(header[:WIDEST])
            if place not in read and self._may_be_outcome(place, name)
        ]
        ranked = sorted(likely, key=lambda place: RESOLUTION not in plain_name(header[place]))
        return tuple(header[place] for place in takewhile(lambda place: place not in self.others, ranked))

    def _may_be_outcome(self, place: int, name: str) -> bool:
        cells = [cells[place].strip() for cells in self._sample if cells[place].strip()]
        if not cells or any(cell[0].isdecimal() for cell in cells):
            return False
        return any(word in plain_name(name) for word in OUTCOME_WORDS) or _are_resolutions(cells)


def _has_unknown_end(row: AuditRow | LeftOut | UnreadableDate) -> bool:
    return row is LeftOut.UNKNOWN_RESOLUTION or (isinstance(row, AuditRow) and row.ended_as is ClosedAs.UNKNOWN)


def _are_resolutions(cells: Sequence[str]) -> bool:
    """Whether most of them are words for how a bug ended, or that it hasn't, and some that it has."""
    meant = [RESOLUTIONS[word] for word in map(plain_word, cells) if word in RESOLUTIONS]
    return any(meant) and len(meant) * 2 > len(cells)
