"""However long a file is, importing it takes the same memory."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

WARM, FEW, MANY = 20_000, 10_000, 100_000
MOST_MORE = 1.2  # the goal: the peak at ten times the rows is at most a fifth higher
BEGIN = datetime(2024, 1, 1)  # noqa: DTZ001 - the file's dates have no zone


def write_tickets(path: Path, count: int) -> None:
    """Write tickets of a fifth as many customers, each with a reply; one in twenty reports one of very many bugs."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id,created_at,requester,bugs,replies\n")
        for number in range(count):
            at = BEGIN + timedelta(minutes=7 * number)
            bug = f"B-{number // 100}" if number % 20 == 0 else ""
            reply = f"{at + timedelta(hours=5):%Y-%m-%dT%H:%M}"
            file.write(f"{number},{at:%Y-%m-%d %H:%M},customer-{number * 7919 % (count // 5)},{bug},{reply}\n")


MEASURE = """
import sys, tracemalloc
from click.testing import CliRunner
from bugbridge.entry.cli import cli

def imported(folder):
    command = ["--config", f"{folder}/bugbridge.toml", "import", "tickets", f"{folder}/tickets.csv", "--json"]
    return CliRunner().invoke(cli, command).output

imported(sys.argv[1])
tracemalloc.start()
output = imported(sys.argv[2])
print(tracemalloc.get_traced_memory()[1])
print(output)
"""


def folder_with(folder: Path, count: int) -> Path:
    """Prepare a new database and so many tickets to import."""
    folder.mkdir()
    (folder / "bugbridge.toml").write_text('database = "bugbridge.sqlite"\n', encoding="utf-8")
    write_tickets(folder / "tickets.csv", count)
    return folder


def peak_of_importing(folder: Path, count: int) -> int:
    """Import so many tickets in a process of its own, and give the most bytes that were in use at once.

    What is loaded once, and what Python keeps to use again (up to 2,000 tuples of each length), is there before
    measuring: some are imported first.
    """
    folder.mkdir()
    folders = [str(folder_with(folder / "first", WARM)), str(folder_with(folder / "measured", count))]
    environment = {**os.environ, "BUGBRIDGE_CLOCK": "2026-07-01T00:00:00Z"}
    command = [sys.executable, "-c", MEASURE, *folders]
    seen = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=Path.cwd())
    peak, _, output = seen.stdout.partition("\n")
    assert f'"new": {count}' in output, output
    return int(peak)


def test_a_hundred_thousand_tickets_take_the_memory_of_ten_thousand(tmp_path: Path) -> None:
    """Over the real file store."""
    few = peak_of_importing(tmp_path / "few", FEW)
    many = peak_of_importing(tmp_path / "many", MANY)
    assert many <= few * MOST_MORE, f"{few:,} bytes at {FEW:,} tickets, {many:,} at {MANY:,}"
