"""The audit of a plain CSV: no configuration, no database, and every row is measured or counted with its reason."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.audit_model import Audit, LeftOut, Question
from bugbridge.entry.audit_file import audit_file, file_choice
from tests.entry.audited_file import FIVE, HEADER, NOW, left_out, read, run, write

ECLIPSE = Path(__file__).parents[2].parent / "shared" / "data" / "eclipse_jdt_bugs.csv"
CHOSEN = ("final_resolution=FIXED", "final_status=RESOLVED,VERIFIED")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where nothing is configured."""
    monkeypatch.chdir(tmp_path)


def figures(audit: Audit) -> tuple[float | None, ...]:
    """Give what the goal names, rounded as there."""
    days = audit.days_to_fix
    return tuple(None if value is None else round(value, 4) for value in (days.median, days.mean, days.p90))


# The Eclipse JDT bugs of 2006 to 2011, where they lie beside the checkout.


@pytest.mark.skipif(not ECLIPSE.exists(), reason="the shared histories are not beside this checkout")
@pytest.mark.parametrize(
    ("fixed_at", "last", "n", "expected"),
    [
        ("fixed_at_last", 100, 100, (4.1564, 61.9582, 79.9287)),
        ("fixed_at_last", None, 5856, (4.9935, 61.6564, 157.3391)),
        ("fixed_at_first", 100, 100, (3.2104, 54.1424, 77.2186)),
    ],
)
def test_a_real_history_gives_the_known_figures(
    fixed_at: str, last: int | None, n: int, expected: tuple[float, ...]
) -> None:
    """Ids and reports have our names there; which date is the fix, and which rows count, is said."""
    made = read(ECLIPSE, f"fixed_at={fixed_at}", where=CHOSEN, last=last)
    assert (made.audit.n, figures(made.audit)) == (n, expected)
    assert (made.rows, left_out(made.audit)) == (10_814, {LeftOut.NOT_CHOSEN: 4_958})


@pytest.mark.skipif(not ECLIPSE.exists(), reason="the shared histories are not beside this checkout")
def test_a_real_history_comes_as_json() -> None:
    """With the figures at the top, as the goal asks for."""
    where = [part for row in CHOSEN for part in ("--where", row)]
    command = ["--csv", str(ECLIPSE), "--column", "fixed_at=fixed_at_last", *where, "--last", "100", "--format", "json"]
    facts = json.loads(run(*command).stdout)
    named = {name: round(facts[name], 4) for name in ("n", "median_days", "mean_days", "p90_days")}
    assert named == {"n": 100, "median_days": 4.1564, "mean_days": 61.9582, "p90_days": 79.9287}


@pytest.mark.skipif(not ECLIPSE.exists(), reason="the shared histories are not beside this checkout")
def test_a_real_historys_resolutions_are_understood() -> None:
    """Duplicates are left out; what was declined, or fixed, at nobody knows when, is no open bug."""
    made = read(ECLIPSE, "fixed_at=fixed_at_last", "resolution=final_resolution")
    assert made.audit.n == 5_914
    assert left_out(made.audit) == {
        LeftOut.DUPLICATE: 2_173,
        LeftOut.NO_END_DATE: 2_585,
        LeftOut.UNKNOWN_RESOLUTION: 142,
    }


# The same, restated small.


def test_the_last_so_many_are_the_latest_fixes_and_of_one_instant_the_greater_id() -> None:
    """Percentiles are linear between neighbours."""
    made = read(write(*FIVE))
    assert figures(made.audit) == (4, 9, 21.2)
    assert [bug.reference for bug in made.audit.bugs] == ["13", "12", "11", "10", "9"]
    assert left_out(made.audit) == {LeftOut.NOT_FIXED: 1}
    four = read(write(*FIVE), last=4).audit
    assert [bug.reference for bug in four.bugs] == ["13", "12", "11", "10"]


def test_the_json_has_the_figures_at_the_top() -> None:
    """By the names that the goal gives."""
    facts = json.loads(run("--csv", str(write(*FIVE)), "--json").stdout)
    named = {name: facts[name] for name in ("n", "median_days", "mean_days", "p90_days")}
    assert named == pytest.approx({"n": 5, "median_days": 4, "mean_days": 9, "p90_days": 21.2})


def test_a_file_is_audited_as_of_its_last_date() -> None:
    """Whenever it is read: what happened since isn't known to it."""
    audit = read(write(*FIVE)).audit
    assert (audit.made_at, audit.origin) == (datetime(2026, 3, 31, tzinfo=UTC), "bugs.csv")


def test_columns_are_named_and_rows_chosen_as_the_file_calls_them() -> None:
    """Case and blanks don't count; an = may stand in a value."""
    path = write("Key, Created ,Resolved,Status", "A-1,2026-03-01,2026-03-02,CLOSED ", "A-2,2026-03-01,2026-03-02,a=b")
    columns = ("id=key", "reported_at=created", "fixed_at=Resolved")
    assert [bug.reference for bug in read(path, *columns, where=("status=done, closed",)).audit.bugs] == ["A-1"]
    assert [bug.reference for bug in read(path, *columns, where=("Status=A=B",)).audit.bugs] == ["A-2"]


def test_optional_columns_are_read() -> None:
    """When it was released, how often it is met, how many updates went out, how it ended."""
    path = write(
        f"{HEADER},released_at,resolution,frequency,status_updates",
        "1,2026-03-01,2026-03-02,2026-03-05,done,frequent,3",
        "2,2026-03-01,2026-03-03,,wontfix,,",
    )
    made = read(path)
    [bug] = made.audit.bugs
    assert (bug.released_at, bug.frequency, bug.updates_sent) == (datetime(2026, 3, 5, tzinfo=UTC), "frequent", 3)
    assert left_out(made.audit) == {LeftOut.DECLINED: 1}


def test_a_column_of_our_name_that_means_something_else_is_not_read() -> None:
    """Where it is named as nothing."""
    path = write(f"{HEADER},resolution", "1,2026-03-01,2026-03-02,1920x1080")
    assert left_out(read(path).audit) == {LeftOut.UNKNOWN_RESOLUTION: 1}
    assert read(path, "resolution=").audit.n == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_spreadsheets_are_read(encoding: str, delimiter: str) -> None:
    """UTF-8 with its mark or without, UTF-16 with its mark; commas, semicolons or tabs."""
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    text = "\r\n".join(line.replace(",", delimiter) for line in (*FIVE, "Ü,2026-03-01,2026-03-31")) + "\r\n"
    Path("bugs.csv").write_bytes((mark + text).encode(encoding))
    assert [bug.reference for bug in read(Path("bugs.csv")).audit.bugs][:2] == ["Ü", "13"]


def test_times_without_a_zone_are_in_utc_unless_one_is_named() -> None:
    """A time that clocks skip there is counted, not guessed."""
    path = write(HEADER, "1,2026-03-28 09:00,2026-03-29 02:30", "2,2026-03-28 09:00,2026-03-29 12:00")
    assert [bug.fixed_at.hour for bug in read(path).audit.bugs] == [12, 2]
    berlin = read(path, zone="Europe/Berlin").audit
    assert [bug.fixed_at.hour for bug in berlin.bugs] == [10]
    assert left_out(berlin) == {LeftOut.IMPOSSIBLE_LOCAL_TIME: 1}


def test_standard_input_is_read_too() -> None:
    """A pipe is read once."""
    result = run("--csv", "-", "--format", "csv", typed=Path(write(*FIVE)).read_bytes())
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 6)


# Wrong use.


def test_all_problems_with_columns_are_said_at_once() -> None:
    """With the names that there are, and what to write."""
    result = run("--csv", str(write("number,Created,Resolved")), "--where", "State=closed")
    assert (result.exit_code, result.stdout) == (4, "")
    for said in (
        "no column id",
        "--column reported_at=NAME",
        "--column fixed_at=NAME",
        "--where State=…",
        "'Resolved'",
    ):
        assert said in result.stderr
    assert len(result.stderr.splitlines()) == 4


def test_all_that_was_typed_wrongly_is_said_at_once() -> None:
    """Before the file is looked at."""
    result = run("--csv", "absent.csv", "--column", "fixed_at", "--where", "=x", "--zone", "Mars")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 3)


def test_a_column_that_stands_there_twice_is_refused() -> None:
    """Nobody knows which is meant; where it isn't read it doesn't matter."""
    path = write(f"{HEADER},fixed_at,note,note", "1,2026-03-01,2026-03-02,,,")
    assert "2 columns called 'fixed_at'" in run("--csv", str(path)).stderr


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (None, 4, "bugs.csv can't be read: No such file"),
        (b"", 4, "bugs.csv is no CSV"),
        (b"\x7fELF\x02\x01\0\0" * 100, 4, "bugs.csv is no CSV"),
        (b"\x89PNG\r\n\x1a\n" * 100, 4, "bugs.csv, line 1: isn't UTF-8 text"),
        (b"id,reported_at,fixed_at\n1,2026-03-01,\n\xe9,,\n", 4, "bugs.csv, line 3: isn't UTF-8 text"),
        (b'id,reported_at,fixed_at\n1,"2026-03-01,\n', 4, "bugs.csv, line 2: a quote is opened"),
        (b"\xff\xfei\0d\0\n", 4, "isn't UTF-8 text"),
    ],
)
def test_what_is_no_csv_is_said_in_one_sentence(content: bytes | None, code: int, said: str) -> None:
    """Never with a traceback, and with nothing on standard output."""
    if content is not None:
        Path("bugs.csv").write_bytes(content)
    for form in ("text", "csv"):
        result = run("--csv", "bugs.csv", "--format", form)
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (code, "", 1), result.stderr
        assert said in result.stderr


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Click says so."""
    assert run("--csv", str(tmp_path)).exit_code == 2


def test_options_of_a_file_need_one() -> None:
    """They would be read over in silence otherwise."""
    result = run("--where", "a=b", "--zone", "UTC")
    assert (result.exit_code, result.stderr) == (2, "--where and --zone: only --csv FILE takes that.\n")


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ([], [], "bugs.csv has no rows below its first line"),
        (["1,2026-03-01,"], [], "is a bug with a fix to measure (1 read), mostly because fixed_at is empty"),
        (["1,1.3.2026,2.3.2026"], [], "a date can't be read: write 2026-06-01"),
        (["1,2026-03-01,2026-03-02"], ["--where", "id=2"], "--where chose others"),
        (["1,2026-03-01,2026-03-02"], ["--since", "2026-03-03"], "ask for an earlier --since"),
    ],
)
def test_where_nothing_is_measured_it_says_what_to_do(rows: list[str], options: list[str], said: str) -> None:
    """An empty audit is no error."""
    result = run("--csv", str(write(HEADER, *rows)), *options)
    assert (result.exit_code, said in result.stdout) == (0, True), result.output


def test_since_is_a_day_in_the_files_zone() -> None:
    """And then all of them are measured, unless a number is asked for."""
    path = write(HEADER, *(f"{number},2026-01-01,2026-03-{1 + number % 28:02}" for number in range(150)))
    result = run("--csv", str(path), "--since", "2026-03-01", "--format", "csv")
    assert len(result.stdout.splitlines()) == 151
    assert len(run("--csv", str(path), "--format", "csv").stdout.splitlines()) == 101
    assert run("--csv", str(path), "--since", "1.3.2026").exit_code == 2


def test_since_a_day_to_come_is_refused_in_words_of_its_own() -> None:
    """There is no cell to leave empty."""
    result = run("--csv", str(write(*FIVE)), "--since", "2199-03-01")
    assert (result.exit_code, result.stderr) == (2, "--since '2199-03-01' lies ahead: ask for an earlier day.\n")


def test_the_command_needs_nothing_but_the_file(tmp_path: Path) -> None:
    """No configuration is read, no database made, from whatever folder it is run."""
    write(*FIVE)
    command = [sys.executable, "-m", "bugbridge", "audit", "--csv", "bugs.csv", "--format", "csv", "-o", "out.csv"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(tmp_path)}
    seen = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert seen.stdout == "Wrote the audit of 5 bugs as CSV to out.csv.\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bugs.csv", "out.csv"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").count("\n") == 6


def test_a_bug_reaches_the_sink_as_it_is_measured() -> None:
    """The latest fix first."""
    seen: list[str] = []
    choice = file_choice(write(*FIVE), (), (), None)
    audit_file(choice, Question(2), NOW + timedelta(0), lambda bug: seen.append(bug.reference))
    assert (seen, choice.zone) == (["13", "12"], ZoneInfo("UTC"))
