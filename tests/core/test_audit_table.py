"""The rows of a plain file add up, and the bugs fixed last are chosen whatever the file's order is."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit_model import Exclusion, LeftOut, Question
from bugbridge.core.audit_rows import AuditRow, UnreadableDate
from bugbridge.core.audit_table import AuditTable
from bugbridge.core.model import ClosedAs, Frequency
from bugbridge.core.survival import FIXED, BugLife

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """So many days from the start."""
    return START + timedelta(days=number)


def fixed(name: str, on: float, reported: float = 0) -> AuditRow:
    """A bug fixed on a day."""
    return AuditRow(name, day(reported), day(on), ClosedAs.FIXED)


def table_of(*rows: AuditRow | LeftOut | UnreadableDate, question: Question | None = None) -> AuditTable:
    """Take rows, the first on line 2."""
    table = AuditTable(question or Question(last=None))
    for line, row in enumerate(rows, start=2):
        table.take(line, row)
    return table


def test_the_bugs_fixed_last_come_first_and_of_one_instant_the_greater_id() -> None:
    """Ids that are numbers compare as numbers, also behind a project's key."""
    rows = [fixed("9", 5), fixed("10", 5), fixed("2", 7), fixed("APP-9", 3), fixed("APP-10", 3)]
    assert [bug.reference for bug in table_of(*rows).bugs()] == ["2", "10", "9", "APP-10", "APP-9"]
    assert [bug.reference for bug in table_of(*rows, question=Question(last=2)).bugs()] == ["2", "10"]


def test_a_bug_is_given_as_its_row_says() -> None:
    """To the microsecond."""
    moment = day(3) + timedelta(microseconds=1)
    row = AuditRow("7", day(1), moment, ClosedAs.FIXED, moment, Frequency.SPIKING, 4)
    [bug] = table_of(row).bugs()
    assert (bug.reference, bug.reported_at, bug.fixed_at, bug.released_at) == ("7", day(1), moment, moment)
    assert (bug.frequency, bug.updates_sent, bug.closes) == (Frequency.SPIKING, 4, None)
    [plain] = table_of(fixed("7", 3)).bugs()
    assert (plain.released_at, plain.updates_sent) == (None, None)


def test_bugs_that_were_not_fixed_are_counted_and_live_on_in_the_period() -> None:
    """Open ones, declined ones, and those of which nobody knows how they ended, which are no fix and no refusal."""
    declined = AuditRow("3", day(0), day(4), ClosedAs.DECLINED)
    unknown = AuditRow("4", day(0), day(5), ClosedAs.UNKNOWN)
    table = table_of(fixed("1", 2), AuditRow("2", day(1)), declined, unknown)
    assert list(table.lives(None)) == [
        BugLife(day(0), day(2), FIXED),
        BugLife(day(1)),
        BugLife(day(0), day(4), "declined"),
        BugLife(day(0), day(5)),
    ]
    assert table.excluded() == (
        Exclusion(LeftOut.NOT_FIXED, 1, ("line 3",)),
        Exclusion(LeftOut.DECLINED, 1, ("line 4",)),
        Exclusion(LeftOut.UNKNOWN_RESOLUTION, 1, ("line 5",)),
    )


def test_lives_since_an_instant_are_those_that_were_open_then_or_later() -> None:
    """They can be asked for as often as need be."""
    table = table_of(fixed("1", 2), fixed("2", 6), AuditRow("3", day(1)))
    for _ in range(2):
        assert [life.ended_at for life in table.lives(day(4))] == [day(6), None]


def test_a_file_of_fixed_bugs_alone_says_nothing_of_how_long_bugs_live() -> None:
    """Those fixed within a short period are the quick ones: an estimate by them would promise too much."""
    assert list(table_of(fixed("1", 2), fixed("2", 6), LeftOut.NOT_CHOSEN).lives(None)) == []


def test_of_rows_with_one_id_the_first_that_counts_is_read() -> None:
    """The others are counted, with the first three lines."""
    table = table_of(LeftOut.NO_REPORT_DATE, *(fixed("1", number) for number in range(5)))
    assert [bug.fixed_at for bug in table.bugs()] == [day(0)]
    assert table.excluded() == (
        Exclusion(LeftOut.REPEATED_ID, 4, ("line 4", "line 5", "line 6")),
        Exclusion(LeftOut.NO_REPORT_DATE, 1, ("line 2",)),
    )


def test_the_first_cell_that_is_no_date_is_kept_with_its_line() -> None:
    """Its row is left out and counted, as the others like it."""
    table = table_of(LeftOut.NO_ID, UnreadableDate("fixed_at", "soon"), UnreadableDate("reported_at", "later"))
    assert table.first_unreadable == (3, UnreadableDate("fixed_at", "soon"))
    assert table.excluded()[-1] == Exclusion(LeftOut.UNREADABLE_DATE, 2, ("line 3", "line 4"))
    assert table_of(LeftOut.NO_ID).first_unreadable is None


def test_a_file_has_fixes_whenever_they_were() -> None:
    """Open and declined bugs are none."""
    assert table_of(fixed("1", 2), question=Question(None, day(6))).has_fixes
    assert not table_of(AuditRow("2", day(1)), AuditRow("3", day(0), day(4), ClosedAs.DECLINED)).has_fixes


def test_bugs_fixed_before_the_instant_asked_for_are_counted() -> None:
    """They still show how long bugs live."""
    table = table_of(fixed("1", 2), fixed("2", 6), question=Question(last=None, since=day(6)))
    assert [bug.reference for bug in table.bugs()] == ["2"]
    assert table.excluded() == (Exclusion(LeftOut.BEFORE_SINCE, 1, ("line 2",)),)
    with_open = table_of(fixed("1", 2), fixed("2", 6), AuditRow("3", day(1)), question=Question(None, day(6)))
    assert len(list(with_open.lives(None))) == 3


def test_a_file_knows_what_happened_up_to_its_last_date() -> None:
    """And nothing of what came later: its open bugs may have been fixed since."""
    assert table_of().as_of is None
    assert table_of(fixed("1", 2), AuditRow("2", day(5)), LeftOut.NO_ID).as_of == day(5)


ROWS = st.one_of(
    st.sampled_from(LeftOut),
    st.builds(
        lambda name, ended_as, length: AuditRow(str(name), day(0), day(length) if ended_as else None, ended_as),
        st.integers(0, 20),
        st.sampled_from([None, ClosedAs.FIXED, ClosedAs.DECLINED, ClosedAs.UNKNOWN]),
        st.integers(0, 3),
    ),
)


@given(st.lists(ROWS, max_size=40), st.none() | st.integers(0, 3))
def test_bugs_measured_and_rows_left_out_add_up_to_the_file(rows: list[AuditRow | LeftOut], since: int | None) -> None:
    """No row is dropped in silence; the bugs come in order, whatever the file's."""
    table = table_of(*rows, question=Question(None, None if since is None else day(since)))
    bugs = list(table.bugs())
    assert len(bugs) + sum(exclusion.count for exclusion in table.excluded()) == table.rows == len(rows)
    assert all(later.fixed_at >= earlier.fixed_at for later, earlier in pairwise(bugs))
