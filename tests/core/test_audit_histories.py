"""What is said of a real tracker's history, where it lies beside the checkout."""

import csv
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from bugbridge.core.audit import measure
from bugbridge.core.audit_model import Audit, Difference, Question, ResolvedBug, Trust
from bugbridge.core.survival import FIXED, BugLife

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "eclipse_jdt_bugs.csv"
UNFIXED = {"WONTFIX", "WORKSFORME", "INVALID", "NOT_ECLIPSE", "DUPLICATE"}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the shared histories are not beside this checkout")


@cache
def lives() -> list[tuple[str, BugLife]]:
    """Each bug of five years with its resolution; only fixes have a date."""
    with FILE.open(newline="") as lines:
        return [(row["final_resolution"], _life(row)) for row in csv.DictReader(lines)]


def _life(row: Mapping[str, str]) -> BugLife:
    reported_at = datetime.fromisoformat(row["reported_at"])
    fixed = row["fixed_at_last"]
    return BugLife(reported_at, datetime.fromisoformat(fixed), FIXED) if fixed else BugLife(reported_at)


def audit(last: int | None, without: Collection[str] = ()) -> Audit:
    """The audit at the end of the file, of bugs with some resolutions left out."""
    chosen = [life for resolution, life in lives() if resolution not in without]
    fixed = sorted(((life.ended_at, life.reported_at) for life in chosen if life.ended_at), reverse=True)
    end = fixed[0][0]

    def since(opens_at: datetime | None) -> Iterator[BugLife]:
        return (life for life in chosen if not (opens_at and life.ended_at and life.ended_at < opens_at))

    resolved = (ResolvedBug("JDT-1", reported_at, fixed_at) for fixed_at, reported_at in fixed[:last])
    return measure(Question(last=last, by=()), end, resolved, since)


@pytest.mark.parametrize("last", [None, 1000])
@pytest.mark.parametrize("without", [(), {"DUPLICATE"}, {"DUPLICATE", "INVALID"}])
def test_five_years_are_no_short_history(last: int | None, without: Collection[str]) -> None:
    """However many of the bugs are asked for, and whichever of the unfixed are left out: many stay open."""
    found = audit(last, without)
    assert (found.trust, found.differences) == (Trust.PERIOD, (Difference.NEVER_FIXED,))


@pytest.mark.parametrize("last", [20, 30, 50, 100, 200])
@pytest.mark.parametrize("without", [(), {"DUPLICATE"}, {"DUPLICATE", "INVALID"}])
def test_no_part_of_the_bugs_makes_them_so_either(last: int, without: Collection[str]) -> None:
    """Nor are more bugs reported at the end of this file than before."""
    assert not {Difference.YOUNG_HISTORY, Difference.GROWTH}.intersection(audit(last, without).differences)


def test_with_fixed_bugs_alone_there_is_nothing_to_tell_apart() -> None:
    """Of the whole history: all that were reported were fixed, and both medians are the same."""
    found = audit(None, UNFIXED)
    assert (found.trust, found.differences) == (Trust.BOTH, ())


def test_the_last_five_bugs_have_four_fixes_since() -> None:
    """The period opens with the fifth latest fix: four are a list, and nothing is trusted or explained."""
    found = audit(5)
    assert found.period is not None
    assert (found.period.fixed, found.trust, found.differences) == (4, Trust.NEITHER, ())
