"""Tables for a terminal, and for a file."""

import sys
from collections.abc import Sequence

import pytest

from bugbridge.render.plain import clean
from bugbridge.render.tables import print_table

TICKET, BUG = "support:4711", "github:acme/mobile-client#1234"
BECAUSE = "it is rare for them, and this is no news that the grid names, so that they hear nothing until it ends"


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Have a terminal of this width."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))


def printed(capsys: pytest.CaptureFixture[str], columns: Sequence[str], *rows: Sequence[str]) -> list[str]:
    """Print a table and give its lines."""
    print_table("Due", columns, rows)
    return clean(capsys.readouterr().out).splitlines()


def test_a_row_stays_on_its_line_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    """What a title holds can't add lines, colours or rich's own markup."""
    print_table("Due", ("ticket", "title"), [("support:1", "two\nlines \x1b[31mred [bold]loud[/bold]")])
    assert "support:1  two lines red [bold]loud[/bold]" in capsys.readouterr().out.splitlines()


def test_a_long_reference_isnt_broken_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no terminal sets the width, programs such as grep find a row whole, and no blanks at its end."""
    reference = "github:" + "a" * 100 + "/app#12"
    lines = printed(capsys, ("bug", "because", "state"), (reference, BECAUSE, "planned"), ("github:a/b#1", "-", ""))
    assert f"{reference}  {BECAUSE}  planned" in lines
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("width", [80, 100])
def test_references_stay_whole_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    """The last column takes the rest and is broken between words; references stand whole on the row's first line."""
    on_terminal(monkeypatch, width)
    lines = printed(capsys, ("ticket", "bug", "because"), (TICKET, BUG, BECAUSE))
    assert any(line.startswith(f"{TICKET}  {BUG}  it is rare") for line in lines)
    assert max(map(len, lines)) <= width
    assert " ".join(line.removeprefix(f"{TICKET}  {BUG}").strip() for line in lines).endswith(BECAUSE)


def test_a_narrow_terminal_has_rows_of_several_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the columns don't fit side by side, the references come first and the text stands below, indented."""
    on_terminal(monkeypatch, 50)
    lines = printed(capsys, ("ticket", "bug", "because"), (TICKET, BUG, BECAUSE))
    assert lines[:4] == ["Due", "ticket  bug", "    because", f"{TICKET}  {BUG}"]
    assert all(line.startswith("    ") and len(line) <= 50 for line in lines[4:])
    assert " ".join(line.strip() for line in lines[4:]) == BECAUSE


def test_a_table_of_figures_fits_as_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What has room isn't narrowed."""
    on_terminal(monkeypatch, 80)
    assert printed(capsys, ("bugs", "n"), ("all", 12))[-1].split() == ["all", "12"]  # type: ignore[arg-type]
