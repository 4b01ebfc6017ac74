"""However long a file is, importing it takes the same memory."""

import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bugbridge.entry.cli import cli

FEW, MANY = 10_000, 100_000
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


def peak_of_importing(folder: Path, count: int) -> int:
    """Import so many tickets into a new database, and give the most bytes that were in use at once."""
    folder.mkdir()
    config, tickets = folder / "bugbridge.toml", folder / "tickets.csv"
    config.write_text('database = "bugbridge.sqlite"\n', encoding="utf-8")
    write_tickets(tickets, count)
    tracemalloc.start()
    try:
        result = CliRunner().invoke(cli, ["--config", str(config), "import", "tickets", str(tickets), "--json"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert f'"new": {count}' in result.output, result.output
    return peak


def test_a_hundred_thousand_tickets_take_the_memory_of_ten_thousand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the real file store. What is loaded once, and what Python keeps to use again, is there before measuring."""
    monkeypatch.setenv("BUGBRIDGE_CLOCK", "2026-07-01T00:00:00Z")
    peak_of_importing(tmp_path / "first", 5_000)
    few = peak_of_importing(tmp_path / "few", FEW)
    many = peak_of_importing(tmp_path / "many", MANY)
    assert many <= few * MOST_MORE, f"{few:,} bytes at {FEW:,} tickets, {many:,} at {MANY:,}"
