"""What is noticed in rows beside what is audited: values that were there, and columns that may say how a bug ended."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.audit_notices import MOST_VALUES, SAMPLE, WIDEST, Notices
from bugbridge.core.audit_rows import Layout, audit_row

HEADER = ("id", "reported_at", "fixed_at", "Status", "Final Resolution", "Ende")
PLACES = {"id": 0, "reported_at": 1, "fixed_at": 2}
NOW = datetime(2026, 6, 15, tzinfo=UTC)


def row(*last: str) -> list[str]:
    """Give a row of a bug that was fixed, with these cells behind its dates."""
    return ["1", "2026-03-01", "2026-03-02", *last]


def noticed(*rows: Sequence[str] | None, chosen: tuple[tuple[int, frozenset[str]], ...] = (), **more: int) -> Notices:
    """Read rows."""
    layout = Layout(len(HEADER), {**PLACES, **more}, ZoneInfo("UTC"), NOW, chosen)
    notices = Notices(layout)
    for cells in rows:
        notices.take(cells, audit_row(cells, layout))
    return notices


def test_values_beside_those_wanted_are_named_as_written_first_up_to_a_number() -> None:
    """And whether a wanted one was met; rows that can't be parted into cells say nothing."""
    rows = [row("Offen ", "", ""), row("OFFEN", "", ""), row("done", "", ""), ["1"], None]
    notices = noticed(*rows, chosen=((3, frozenset({"done"})), (4, frozenset({"x"}))))
    assert (notices.others[3].first, notices.others[3].are_all) == (("Offen",), True)
    assert (notices.others[4].first, notices.met) == (("",), {3})
    many = noticed(*(row(f"value {number}", "", "") for number in range(20)), chosen=((3, frozenset()),)).others[3]
    assert (len(many.first), many.are_all) == (MOST_VALUES, False)


def test_resolutions_that_arent_known_are_kept() -> None:
    """Of bugs with a date of their end or without; not of those whose word is known."""
    rows = [row("", word, "") for word in ("Fertig", "fertig", "done")]
    rows.append(["2", "2026-03-01", "", "", "Nein", ""])
    assert noticed(*rows, resolution=4).unknown_words.first == ("Fertig", "Nein")


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (("Closed", "gut", "fixed"), ("Final Resolution", "Status", "Ende")),
        (("Closed", "", "Tuesday"), ("Status",)),
        (("3", "2026-03-01", "none"), ()),
    ],
)
def test_a_column_may_say_how_a_bug_ended_by_its_name_or_its_words(cells: Sequence[str], names: Sequence[str]) -> None:
    """A resolution comes first; empty columns, and those of figures and dates, are none."""
    assert noticed(row(*cells)).outcomes(HEADER) == tuple(names)


def test_a_column_that_is_read_or_chosen_by_isnt_named_nor_is_a_lesser_one() -> None:
    """Who chooses rows by their resolution knows how they ended; by their status, nobody does."""
    cells = row("Closed", "Fixed", "a")
    assert noticed(cells, resolution=4).outcomes(HEADER) == ("Status",)
    assert noticed(cells, chosen=((3, frozenset({"closed"})),)).outcomes(HEADER) == ("Final Resolution",)
    assert noticed(cells, chosen=((4, frozenset({"fixed"})),)).outcomes(HEADER) == ()


def test_only_the_first_rows_are_looked_at_for_columns() -> None:
    """What comes later costs nothing."""
    assert noticed(*[row("", "", "")] * SAMPLE, row("Closed", "Fixed", "fixed")).outcomes(HEADER) == ()


def test_a_very_wide_file_is_looked_at_in_its_first_columns() -> None:
    """However long its rows are, few of them stay in memory."""
    wide = ["Status"] * (WIDEST * 3)
    layout = Layout(len(wide), {}, ZoneInfo("UTC"), NOW)
    notices = Notices(layout)
    notices.take(["Closed"] * len(wide), LeftOut.NO_ID)
    assert len(notices.outcomes(wide)) == WIDEST
