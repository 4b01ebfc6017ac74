"""Whatever a plain CSV holds, nothing of it runs, and no row disappears."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugbridge.core.audit_model import Audit, Exclusion, LeftOut, Question
from bugbridge.entry.audit_file import FileAudit
from bugbridge.entry.audit_sentences import notes_on, why_nothing
from bugbridge.render.audits import Form, written_audit
from tests.entry.audited_file import FIVE, HEADER, NOW, left_out, read, run, write


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where nothing is configured."""
    monkeypatch.chdir(tmp_path)


HOSTILE = (
    f"{HEADER},subject",
    '=HYPERLINK("http://a"),2026-03-01,2026-03-02,a',
    "\x1b]0;owned\x07\x1b[31m1,2026-03-01,2026-03-02,a",
    "<script>alert(1)</script>,2026-03-01,2026-03-02,<img src=x onerror=alert(1)>",
    "{{ 7*7 }},2026-03-01,2026-03-02,{% raw %}",
    "nul\0,2026-03-01,2026-03-02,\0",
    "2,0000-01-01,2026-03-02,a",
    "3,2026-03-01,9999-12-31,a",
    "4,2026-03-02,2026-03-01,a",
    "5,2026-03-01",
    "6,2026-03-01,2026-03-02,a,b,c",
    ",2026-03-01,2026-03-02,a",
    "7,2026-03-01,2026-03-02,a",
    "7,2026-03-01,2026-03-02,a",
)


def test_hostile_rows_are_counted_and_nothing_of_them_runs() -> None:
    """In no form does an escape reach the terminal, nor a formula a spreadsheet."""
    path = write(*HOSTILE)
    made = read(path)
    assert left_out(made.audit) == {
        LeftOut.FIXED_BEFORE_REPORTED: 1,
        LeftOut.NO_ID: 1,
        LeftOut.REPEATED_ID: 1,
        LeftOut.UNREADABLE_DATE: 2,
        LeftOut.WRONG_CELL_COUNT: 2,
    }
    assert made.audit.n + sum(left_out(made.audit).values()) == made.rows == len(HOSTILE) - 1
    for form in ("text", "markdown", "html", "csv", "json"):
        said = run("--csv", str(path), "--format", form)
        assert (said.exit_code, "\x1b" in said.output, "\0" in said.output) == (0, False, False), form
    dates, others = run("--csv", str(path), "--format", "csv").stderr.splitlines()
    assert dates.startswith(
        "Left out for dates that can't be read: 2 of 13 rows; line 7, reported_at: '0000-01-01' is no"
    )
    assert others == "Left out of the CSV: 7; the other forms say why."
    rows = csv.reader(io.StringIO(run("--csv", str(path), "--format", "csv").stdout))
    assert not [cell for cells in rows for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_markup_in_an_id_stays_text_on_a_page() -> None:
    """The page shows it."""
    page = run("--csv", str(write(*HOSTILE)), "--format", "html").stdout
    assert "<script>alert(1)</script>" not in page


def test_a_cell_of_ten_megabytes_is_counted_and_the_rest_is_read() -> None:
    """Quoted or not, whatever rows it seems to hold."""
    ten = "x" * 10_000_000
    rows = (f"1,2026-03-01,2026-03-02,{ten}", f'2,2026-03-01,2026-03-02,"{ten}', '8,2026-03-01,2026-03-02,"')
    audit = read(write(f"{HEADER},subject", *rows, *(f"{line},short" for line in FIVE[1:]))).audit
    assert [bug.reference for bug in audit.bugs] == ["13", "12", "11", "10", "9"]
    assert audit.excluded == (
        Exclusion(LeftOut.NOT_FIXED, 1, ("line 10",)),
        Exclusion(LeftOut.OVERLONG_CELL, 2, ("line 2", "line 3")),
    )


def test_cells_that_werent_understood_are_named() -> None:
    """Their bugs count; what nobody could read is unknown."""
    rows = [f"{number},2026-03-01,2026-03-02,often,many" for number in range(4)]
    made = read(write(f"{HEADER},frequency,status_updates", *rows))
    assert made.audit.n == 4
    lines = "line 2, line 3, line 4, …"
    assert list(notes_on(made)) == [
        f"Counted as unknown: 4 cells in frequency ({lines}); write frequent, infrequent, spiking or unknown.",
        f"Counted as unknown: 4 cells in status_updates ({lines}); write a whole number.",
    ]
    assert "Counted as unknown" in run("--csv", "bugs.csv", "--json").stderr


@pytest.mark.parametrize("reason", LeftOut)
def test_every_reason_can_be_said(reason: LeftOut) -> None:
    """In every form, and where nothing was measured for it."""
    audit = Audit(NOW, Question(), excluded=(Exclusion(reason, 1, ("line 2",)),), origin="bugs.csv")
    assert why_nothing(FileAudit(audit, 1, {})).startswith("No row of bugs.csv is a bug with a fix to measure (1 read)")
    for form in Form:
        assert written_audit(audit, form, "UTC")


CELLS = st.sampled_from(
    ["", "1", "2", "2026-03-01", "2026-03-02T09:00:00Z", "2026-03-29 02:30", "0000-01-01", "9999-12-31", "no",
     "wontfix", "fixed", '"a, b"', '"a\n1,2026-03-01,2026-03-02"', "\0", "=1"]
)  # fmt: skip
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=5).map(",".join), max_size=15)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, st.sampled_from(["UTC", "Europe/Berlin"]))
def test_rows_measured_and_left_out_add_up(lines: list[str], zone: str) -> None:
    """No row disappears: it is measured, or counted with its reason and some lines."""
    made = read(write(f"{HEADER},resolution", *lines), zone=zone)
    assert made.audit.n + sum(left_out(made.audit).values()) == made.rows
    assert made.rows == sum(any(cell.strip() for cell in line.split(",")) for line in lines)
    assert all(exclusion.examples for exclusion in made.audit.excluded)
