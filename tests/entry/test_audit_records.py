"""The rows of a CSV are those that the csv module reads, and one that is too long costs neither memory nor the rest."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import DataError
from bugbridge.entry import audit_records
from bugbridge.entry.audit_records import LONGEST_ROW, Records

Rows = list[tuple[int, list[str] | None]]


class Dripping(io.StringIO):
    """A text of which so few characters are read at once that a row comes in many pieces."""

    def __init__(self, text: str, most: int) -> None:
        """Keep how many."""
        super().__init__(text, newline="")
        self._most = most

    def readline(self, size: int | None = -1, /) -> str:
        """Read a piece of a line; the first one whole, since it says what parts the cells."""
        return super().readline(self._most if self.tell() else size)


def rows_of(text: str) -> Rows:
    """Read a text."""
    return list(Records(io.StringIO(text, newline=""), "bugs.csv"))


def test_rows_have_the_number_of_their_first_line() -> None:
    """Also behind a cell of several lines, and behind lines with nothing in them."""
    text = 'id,title\r\n1,"a\r\nb"\r\n\r\n,\r\n2,c\r\n'
    assert rows_of(text) == [(1, ["id", "title"]), (2, ["1", "a\r\nb"]), (6, ["2", "c"])]


@pytest.mark.parametrize("text", ["id;a,b;c\n1;2;3\n", "sep=;\nid;a,b;c\n1;2;3\n", "id\ta,b\tc\n1\t2\t3\n"])
def test_the_first_line_says_what_parts_the_cells(text: str) -> None:
    """Commas, semicolons or tabs, or what spreadsheets say in a line before it."""
    assert [cells for _, cells in rows_of(text)] == [["id", "a,b", "c"], ["1", "2", "3"]]


def test_lines_may_end_as_on_very_old_computers() -> None:
    """A carriage return alone ends one, too."""
    assert rows_of("id,title\r1,a\r2,b\r") == [(1, ["id", "title"]), (2, ["1", "a"]), (3, ["2", "b"])]


@pytest.mark.parametrize("cell", ["a" * LONGEST_ROW, f'"{"a" * 600}{chr(10) * LONGEST_ROW}"', '"' * LONGEST_ROW + '""'])
def test_a_row_that_is_too_long_is_passed_over_and_the_rest_is_read(cell: str) -> None:
    """Whether it is one long line or many: what stands inside its quotes is never taken for rows."""
    lines = cell.count("\n") + 1
    rows = rows_of(f"id,title\n1,{cell}\n2,b\n")
    assert rows == [(1, ["id", "title"]), (2, None), (2 + lines, ["2", "b"])]


def test_rows_inside_a_cell_that_is_too_long_are_no_rows() -> None:
    """Nobody can slip bugs in by a long description."""
    text = f'id,title\n1,"{"x" * LONGEST_ROW}\n7,hidden\n"\n2,b\n'
    assert [cells for _, cells in rows_of(text)] == [["id", "title"], None, ["2", "b"]]


def test_cells_may_be_longer_than_the_csv_modules_own_limit() -> None:
    """Which is as it was afterwards."""
    before = csv.field_size_limit()
    [_, (_, cells)] = rows_of(f"id,title\n1,{'a' * (before + 1)}\n")
    assert (cells or [])[1] == "a" * (before + 1)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('id,title\n1,a\n2,"b\n3,c\n', "bugs.csv, line 3: a quote is opened there and never closed."),
        ("id,title\n1,a\n2,\udcff\n", "bugs.csv, line 3: isn't UTF-8 text"),
        ("PK\0\0", "bugs.csv is no CSV"),
    ],
)
def test_what_is_no_csv_is_refused_by_its_line(text: str, said: str) -> None:
    """Which rows there would be, nobody can say."""
    with pytest.raises(DataError, match=r"^bugs\.csv") as raised:
        rows_of(text)
    assert said in str(raised.value)


@given(st.text(alphabet='a",;\n\r\0é', max_size=60), st.integers(1, 4), st.sampled_from([5, 1_000]))
def test_rows_are_those_that_the_csv_module_reads(text: str, most: int, longest: int) -> None:
    """Whatever the quotes, in whatever pieces they come; longer ones are passed over."""
    whole = f"x,y\n{text}"
    before, audit_records.LONGEST_ROW = audit_records.LONGEST_ROW, longest
    try:
        rows = [cells for _, cells in Records(Dripping(whole, most), "bugs.csv")]
    except DataError:
        assert '"' in text
        return
    finally:
        audit_records.LONGEST_ROW = before
    expected = [cells for cells in csv.reader(io.StringIO(whole, newline="")) if any(cell.strip() for cell in cells)]
    assert [cells for cells in rows if cells is not None] == expected if longest > len(text) else len(rows) >= 1
    assert all(cells in expected for cells in rows if cells is not None)
