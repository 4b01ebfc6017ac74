"""Audited bugs as CSV."""

import csv
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given

from bugbridge.core.audit_model import ResolvedBug, Waiting
from bugbridge.render.audit_csv import HEADER, audit_csv, csv_header, csv_row
from bugbridge.render.cells import FORMULA_STARTS, from_cell
from bugbridge.render.plain import clean_line
from tests.core.builders import day
from tests.render.audit_samples import from_csv, hostile, rich
from tests.render.audit_strategies import bugs

KNOWN_LITTLE = ResolvedBug("30017", day(0), day(4.1564))


def cells(text: str) -> list[list[str]]:
    """What a reader of CSV finds."""
    return list(csv.reader(StringIO(text, newline=""), strict=True))


def of(bug: ResolvedBug) -> dict[str, str]:
    """A bug's row by column."""
    return dict(zip(HEADER, cells(csv_row(bug))[0], strict=True))


def test_there_is_a_row_for_each_bug() -> None:
    """Below the names of the columns; lines end as RFC 4180 says."""
    text = audit_csv(rich())
    assert text.startswith(csv_header())
    assert len(cells(text)) == 101
    assert text.count("\r\n") == 101


def test_what_is_not_known_is_empty() -> None:
    """A nought would be a claim."""
    known = {name: cell for name, cell in of(KNOWN_LITTLE).items() if cell}
    assert known == {
        "bug": "30017",
        "reported_at": "2026-01-01T09:00:00.000000Z",
        "fixed_at": "2026-01-05T12:45:12.960000Z",
        "days": "4.1564",
        "frequency": "unknown",
        "links": "0",
    }


def test_what_a_policy_called_for_is_empty_where_none_was_in_force() -> None:
    """What was heard then is known all the same."""
    heard = of(replace(KNOWN_LITTLE, waiting=Waiting(links=1, replies=3, updates=2)))
    called_for = ("updates_required", "updates_late", "updates_missed")
    assert [heard[name] for name in (*called_for, "replies", "updates")] == ["", "", "", "3", "2"]


def test_what_a_file_says_was_sent_is_there() -> None:
    """Though nothing else of its conversations is known."""
    assert [of(bug)["updates"] for bug in from_csv().bugs[9:11]] == ["2", ""]
    assert of(from_csv().bugs[0])["replies"] == ""


def test_a_bug_has_all_that_is_known() -> None:
    """Days to each end, names, and the counts of the wait."""
    row = of(rich().bugs[0])
    assert (row["bug"], row["days"], row["closes"], row["tiers"]) == ("github:acme/app#1", "1.5968", "2", "enterprise")
    assert (row["days_to_first_close"], row["days_to_release"]) == ("0.9581", "1.9968")
    counts = (
        "replies",
        "replies_asked_for",
        "replies_proactive",
        "updates",
        "updates_with_news",
        "updates_without_news",
    )
    assert [row[name] for name in counts] == ["3", "0", "3", "3", "0", "3"]
    assert row["longest_silence_days"] == "0.7984"


@pytest.mark.parametrize("start", sorted(FORMULA_STARTS))
def test_no_cell_is_a_formula(start: str) -> None:
    """A quote before it makes it text."""
    name = f"{start}cmd|' /C calc'!A0"
    row = of(replace(KNOWN_LITTLE, reference=name, tiers=(name,), tracker=name, brands=(name,), labels=(name,)))
    found = [row[column] for column in ("bug", "tiers", "tracker", "brands", "labels")]
    assert not [cell for cell in found if cell[:1] in FORMULA_STARTS]
    assert {from_cell(cell) for cell in found} == {clean_line(name)}


@given(bugs())
def test_any_bug_is_one_line_of_harmless_cells(bug: ResolvedBug) -> None:
    """Whatever stands in its names: quotes, separators, line ends, control characters."""
    (row,) = cells(csv_row(bug))
    assert len(row) == len(HEADER)
    assert csv_row(bug).count("\n") == 1
    assert not [cell for cell in row if cell[:1] in FORMULA_STARTS]


def test_a_hostile_sample_keeps_its_shape() -> None:
    """As many cells in every row."""
    assert {len(row) for row in cells(audit_csv(hostile()))} == {len(HEADER)}
