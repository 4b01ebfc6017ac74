"""What is asked of an audit: read as it was meant, or refused in a sentence that repeats nothing."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit_model import By, Question
from bugbridge.core.audit_question import read_question
from bugbridge.core.errors import UsageError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)


def test_nothing_said_is_the_usual_question() -> None:
    """The last 100, by frequency and tier."""
    assert read_question(None, None, (), BERLIN, NOW) == Question()


def test_each_part_is_read() -> None:
    """A day begins where the team lives; a group named twice is one."""
    asked = read_question("20", "2026-06-01", ["brand", "quarter", "brand"], BERLIN, NOW)
    assert asked == Question(20, datetime(2026, 5, 31, 22, tzinfo=UTC), (By.BRAND, By.QUARTER))
    assert read_question("all", None, (), BERLIN, NOW).last is None


@pytest.mark.parametrize("last", ["", "0", "-1", "1.5", "ALL", " 100", "1e3", "٣", "1_000", "9" * 5000, "100;", "None"])
def test_a_number_of_bugs_is_a_number(last: str) -> None:
    """Of digits, from one on."""
    with pytest.raises(UsageError, match=r"^last is a number of bugs, such as 100, or all\.$"):
        read_question(last, None, (), BERLIN, NOW)


@pytest.mark.parametrize(
    "since",
    [
        "",
        "yesterday",
        "2026-02-30",
        "2026-1-1",
        "20260101",
        "2026-W01-1",
        "0001-01-01",
        "0000-01-01",
        "2026-01-01T09:00",
    ],
)
def test_a_day_is_a_day(since: str) -> None:
    """Written in one way; one that begins before all that can be told is none."""
    with pytest.raises(UsageError, match=r"^since is a day, such as 2026-01-31\.$"):
        read_question(None, since, (), BERLIN, NOW)


def test_a_day_to_come_is_refused() -> None:
    """No bug was fixed since; the present day is one that bugs can be asked since, in the team's zone."""
    late = datetime(2026, 6, 15, 22, 30, tzinfo=UTC)
    assert read_question(None, "2026-06-16", (), BERLIN, late).since == datetime(2026, 6, 15, 22, tzinfo=UTC)
    with pytest.raises(UsageError, match=r"^since lies ahead: ask for an earlier day\.$"):
        read_question(None, "2026-06-17", (), BERLIN, late)


def test_a_day_that_clocks_skipped_is_refused() -> None:
    """There was no 30 December 2011 in Apia."""
    with pytest.raises(UsageError):
        read_question(None, "2011-12-30", (), ZoneInfo("Pacific/Apia"), NOW)


def test_groups_are_those_of_an_audit() -> None:
    """The sentence names them all."""
    with pytest.raises(UsageError, match=r"^by is one of frequency, tier, tracker, brand, label, quarter\.$"):
        read_question(None, None, ["tier", "customer"], BERLIN, NOW)


@given(
    st.none() | st.text() | st.integers().map(str),
    st.none() | st.text() | st.dates().map(str),
    st.lists(st.text() | st.sampled_from(By)),
    st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Niue", "America/St_Johns"]).map(ZoneInfo),
)
def test_whatever_is_typed_is_a_question_or_one_sentence(
    last: str | None, since: str | None, by: list[str], zone: ZoneInfo
) -> None:
    """Never anything else."""
    with suppress(UsageError):
        asked = read_question(last, since, by, zone, NOW)
        assert asked.last is None or asked.last > 0
        assert asked.by
