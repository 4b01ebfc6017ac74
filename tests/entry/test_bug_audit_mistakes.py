"""A plain CSV as people really export it: what stops an audit is said first, with what to type instead."""

from pathlib import Path

import pytest

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.errors import DataError
from bugbridge.entry.audit_sentences import notes_on, refuse_unusable, unreadable_note
from tests.entry.audited_file import FIVE, HEADER, left_out, read, run, write

GERMAN = (
    "Nummer;Gemeldet am;Behoben am;Status;Lösung",
    "1;28.10.2025;30.10.2025 15:21;Geschlossen;Behoben",
    "2;1.10.2025;;Offen;",
    "3;1.9.2025;5.9.2025;Geschlossen;Abgelehnt",
)
COLUMNS = ("id=Nummer", "reported_at=Gemeldet am", "fixed_at=Behoben am")
NAMED = [part for column in COLUMNS for part in ("--column", column)]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where nothing is configured."""
    monkeypatch.chdir(tmp_path)


def refused(*arguments: str, lines: tuple[str, ...]) -> str:
    """Audit these lines into a file, which isn't written, and give why."""
    result = run("--csv", str(write(*lines)), "-o", "audit.html", *arguments)
    assert (result.exit_code, result.stdout, Path("audit.html").exists()) == (4, "", False), result.output
    return result.stderr


def test_a_spreadsheets_dates_are_refused_with_the_option_that_reads_them() -> None:
    """With the place and the cell, and before all else."""
    assert refused(*NAMED, lines=GERMAN) == (
        "bugs.csv, line 2, Gemeldet am: '28.10.2025' is no date like 2026-03-31; --dates d.m.y reads such. "
        "No row counts as fixed; left out for such dates: 3 of 3 rows.\n"
    )
    american = refused(lines=(HEADER, "1,4/2/2026 3:21 PM,4/3/2026 3:21 PM"))
    assert "--dates m/d/y or d/m/y reads such" in american
    assert "is no date like 3/31/2026." in refused("--dates", "m/d/y", lines=(HEADER, "1,soon,soon"))


def test_a_spreadsheets_dates_are_read_where_their_form_is_said() -> None:
    """In the zone, with the day's time where it has one."""
    made = read(write(*GERMAN), *COLUMNS, dates="d.m.y", zone="Europe/Berlin")
    assert [f"{bug.fixed_at:%d %H:%M}" for bug in made.audit.bugs] == ["30 14:21", "04 22:00"]
    assert left_out(made.audit) == {LeftOut.NOT_FIXED: 1}


def test_a_hostile_cell_is_shown_cut_and_steers_nothing() -> None:
    """Neither does the header above it."""
    cell = "\x1b[31m" + "x" * 500
    said = refused("--column", "reported_at=\x1b[1mWhen", lines=("id,\x1b[1mWhen,fixed_at", f"1,{cell},"))
    assert ("\x1b" in said, "x" * 60 in said, r"'\x1b[31mxxx" in said) == (False, False, True)
    assert len(said) < 300


def test_some_dates_that_cant_be_read_are_one_line_for_people() -> None:
    """A program finds them among what was left out."""
    path = write(*FIVE, "15,2026-03-01,later", "16,9999-12-31,")
    said = "Left out for dates that can't be read: 2 of 8 rows; line 8, fixed_at: 'later' is no date like 2026-03-31."
    for form in ("text", "markdown", "html"):
        assert run("--csv", str(path), "--format", form).stderr == f"{said}\n"
    assert run("--csv", str(path), "--json").stderr == ""
    far = unreadable_note(read(write(*FIVE, "16,9999-12-31,")))
    assert far.endswith("'9999-12-31' is out of reach: a date lies in the years 1970 to 2200.")


def test_unreadable_dates_hide_every_fix_or_none() -> None:
    """Where only open bugs could be read nobody knows what was fixed; one fix, whenever it was, is an audit."""
    with pytest.raises(DataError, match=r"^bugs\.csv, line 3, fixed_at: 'later' is no date"):
        refuse_unusable(read(write(HEADER, "1,2026-03-01,", "2,2026-03-01,later")))
    refuse_unusable(read(write(HEADER, "1,2026-03-01,2026-03-02", "2,2026-03-01,later")))
    refuse_unusable(read(write(HEADER, "1,2026-03-01,")))


@pytest.mark.parametrize(
    ("row", "because"),
    [
        ("1,2026-03-01", "they have more or fewer cells"),
        (",2026-03-01,2026-03-02", "they have no id"),
        ("1,,2026-03-02", "reported_at is empty"),
    ],
)
def test_a_file_of_broken_rows_alone_is_an_error(row: str, because: str) -> None:
    """Whatever form was asked for."""
    assert because in refused("--json", lines=(HEADER, row, row))


def test_a_file_without_rows_is_an_error() -> None:
    """An export that went wrong is no quiet month."""
    said = "bugs.csv holds no row below its first line: there is nothing to audit.\n"
    assert refused(lines=(HEADER,)) == refused("--json", lines=(HEADER,)) == said


def test_where_no_row_is_chosen_the_values_that_there_are_are_named() -> None:
    """At most eight, each once; where every value is in some row, that no row holds all."""
    chosen = [*NAMED, "--dates", "d.m.y", "--where"]
    said = "--where chooses no row of bugs.csv: Status has 'Geschlossen', 'Offen'.\n"
    assert refused(*chosen, "status=Erledigt", lines=GERMAN) == said
    both = refused(*chosen, "Status=Offen", "--where", "Lösung=Behoben", lines=GERMAN)
    assert "each value is there, but in no row all that is asked for" in both
    many = refused("--where", "id=x", lines=(HEADER, *(f"{number},2026-03-01," for number in range(9))))
    assert many.endswith("id has '0', '1', '2', '3', '4', '5', '6', '7', ….\n")
    assert run("--csv", str(write(HEADER, "1,2026-03-01,")), "--where", "id=1").exit_code == 0


def test_a_teams_own_words_count_as_what_they_mean() -> None:
    """Written as for an import, or without the column, of which there is but one."""
    own = ("resolution:Behoben=fixed", "Abgelehnt=declined")
    made = read(write(*GERMAN), *COLUMNS, "resolution=Lösung", dates="d.m.y", meanings=own)
    assert (made.audit.n, left_out(made.audit)) == (1, {LeftOut.NOT_FIXED: 1, LeftOut.DECLINED: 1})
    assert list(notes_on(made)) == []
    plain = "say what your words mean, as in --meaning resolution:Fertig=fixed."
    unknown = read(write(*GERMAN), *COLUMNS, "resolution=Lösung", dates="d.m.y")
    assert list(notes_on(unknown)) == [f"Resolutions that aren't known here: 'Behoben', 'Abgelehnt'; {plain}"]
    said = run("--csv", "bugs.csv", *NAMED, "--column", "resolution=Lösung", "--dates", "d.m.y").stdout
    assert " ".join(said.split()).endswith(f"their resolution isn't known here: {plain}")


def test_a_meaning_needs_a_column_and_a_known_word() -> None:
    """Nothing typed is read over."""
    typed = [*NAMED, "--dates", "d.m.y", "--meaning"]
    assert refused(*typed, "Behoben=fixed", lines=GERMAN) == (
        "--meaning: no column is read as the resolution: name yours with --column resolution=NAME.\n"
    )
    result = run("--csv", "bugs.csv", *typed, "Behoben=good")
    assert (result.exit_code, "give one of fixed, declined, duplicate, open" in result.stderr) == (2, True)


def test_a_column_that_may_say_how_a_bug_ended_is_named() -> None:
    """Unless a resolution is read, or is said not to be; as it is typed."""
    lines = (f"{HEADER},final_resolution,The status", "1,2026-03-01,2026-03-02,FIXED,CLOSED")
    [said] = notes_on(read(write(*lines)))
    assert said.startswith("final_resolution and The status weren't read; if one says how a bug ended, add")
    assert said.endswith(" --column resolution=final_resolution.")
    assert list(notes_on(read(write(*lines), where=("final_resolution=FIXED",)))) == []
    assert list(notes_on(read(write(*lines), "resolution=final_resolution"))) == []
    assert list(notes_on(read(write(*lines), "resolution="))) == []
    [hostile] = notes_on(read(write(f"{HEADER},$(reboot) status", "1,2026-03-01,2026-03-02,CLOSED")))
    assert hostile.endswith("it says how a bug ended, add --column 'resolution=$(reboot) status'.")


@pytest.mark.parametrize("title", ["Bugs of 2025;;;;", "Bugs of 2025"])
def test_a_title_above_the_headers_is_suspected(title: str) -> None:
    """Where columns are missing; headers of which few are empty are none."""
    hint = "bugs.csv, line 1, names hardly a column: is there a title line above the headers?\n"
    assert refused(*NAMED, lines=(title, *GERMAN)).endswith(hint)
    assert hint not in refused(lines=("number,Created,", "1,2026-03-01,"))
