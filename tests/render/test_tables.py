"""Tables for a terminal, and for a file."""

import pytest

from bugbridge.render.tables import print_table


def test_a_row_stays_on_its_line_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    """What a title holds can't add lines, colours or rich's own markup."""
    print_table("Due", ("ticket", "title"), [("support:1", "two\nlines \x1b[31mred [bold]loud[/bold]")])
    printed = capsys.readouterr().out
    assert "support:1   two lines red [bold]loud[/bold]" in printed
    assert "\x1b" not in printed


def test_a_long_reference_isnt_broken_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no terminal sets the width, programs such as grep find a reference whole."""
    reference = "github:" + "a" * 100 + "/app#12"
    print_table("Due", ("bug",), [(reference,)])
    assert reference in capsys.readouterr().out
