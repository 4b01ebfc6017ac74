"""A row of a plain file is a bug that was fixed, one that wasn't, or is left out for a reason that has a name."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.audit_rows import AUDIT_COLUMNS, WORDS, AuditRow, Layout, UnreadableDate, audit_row
from bugbridge.core.date_forms import DateForm
from bugbridge.core.imports import choose_meanings
from bugbridge.core.model import ClosedAs, Frequency

COLUMNS = tuple(column.name for column in AUDIT_COLUMNS)
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
REPORTED, FIXED = "2026-03-01T09:00:00Z", "2026-03-11T21:00:00Z"


def layout(zone: str = "UTC", *chosen: tuple[str, set[str]]) -> Layout:
    """All known columns in their order."""
    places = {name: place for place, name in enumerate(COLUMNS)}
    wanted = tuple((places[name], frozenset(values)) for name, values in chosen)
    return Layout(len(COLUMNS), places, ZoneInfo(zone), NOW, wanted)


def read(zone: str = "UTC", **cells: str) -> AuditRow | LeftOut | UnreadableDate:
    """Read a row with these cells, of a bug that was fixed unless they say otherwise."""
    usual = {"id": "17", "reported_at": REPORTED, "fixed_at": FIXED}
    return audit_row([{**usual, **cells}.get(name, "") for name in COLUMNS], layout(zone))


def bug(zone: str = "UTC", **cells: str) -> AuditRow:
    """Read a row that counts."""
    row = read(zone, **cells)
    assert isinstance(row, AuditRow), row
    return row


def test_a_row_is_a_bug_with_its_dates() -> None:
    """All in UTC, whatever zone they were written in."""
    row = bug(released_at="2026-03-12T09:00:00+02:00", frequency=" Frequent ", status_updates="3")
    assert row == AuditRow(
        id="17",
        reported_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        ended_at=datetime(2026, 3, 11, 21, tzinfo=UTC),
        ended_as=ClosedAs.FIXED,
        released_at=datetime(2026, 3, 12, 7, tzinfo=UTC),
        frequency=Frequency.FREQUENT,
        updates=3,
    )


@pytest.mark.parametrize(
    ("resolution", "ended_as"),
    [
        ("", ClosedAs.FIXED),
        ("none", ClosedAs.FIXED),
        ("Fixed", ClosedAs.FIXED),
        ("DONE", ClosedAs.FIXED),
        ("completed", ClosedAs.FIXED),
        ("resolved", ClosedAs.FIXED),
        ("Won't Fix", ClosedAs.DECLINED),
        ("Won\N{RIGHT SINGLE QUOTATION MARK}t fix", ClosedAs.DECLINED),
        ("WONTFIX", ClosedAs.DECLINED),
        ("INVALID", ClosedAs.DECLINED),
        ("WORKSFORME", ClosedAs.DECLINED),
        ("not_planned", ClosedAs.DECLINED),
        ("NOT_ECLIPSE", ClosedAs.UNKNOWN),
        ("Unresolved", None),
        ("reopened", None),
    ],
)
def test_the_resolution_says_how_it_ended(resolution: str, ended_as: ClosedAs | None) -> None:
    """A word that nobody knows is no fix; a bug that is open again isn't fixed, whatever date stands there."""
    row = bug(resolution=resolution)
    assert (row.ended_as, row.ended_at is None) == (ended_as, ended_as is None)


def test_a_row_without_a_fix_is_an_open_bug() -> None:
    """Unless its resolution says that it has ended."""
    assert bug(fixed_at="").ended_as is None
    assert bug(fixed_at="", resolution="open").ended_as is None
    assert read(fixed_at="", resolution="fixed") is LeftOut.NO_END_DATE
    assert read(fixed_at="", resolution="wontfix") is LeftOut.NO_END_DATE
    assert read(fixed_at="", resolution="assigned") is LeftOut.UNKNOWN_RESOLUTION


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"id": " "}, LeftOut.NO_ID),
        ({"id": "7" * 101}, LeftOut.OVERLONG_CELL),
        ({"resolution": "Duplicate"}, LeftOut.DUPLICATE),
        ({"resolution": "Duplicate", "fixed_at": "", "reported_at": ""}, LeftOut.DUPLICATE),
        ({"reported_at": ""}, LeftOut.NO_REPORT_DATE),
        ({"fixed_at": "2026-06-15T09:00:01Z"}, LeftOut.NOT_YET),
        ({"fixed_at": "2026-02-28T09:00:00Z"}, LeftOut.FIXED_BEFORE_REPORTED),
        ({"released_at": "2026-02-28T09:00:00Z"}, LeftOut.FIXED_BEFORE_REPORTED),
        ({"fixed_at": "2026-02-28T09:00:00Z", "resolution": "invalid"}, LeftOut.FIXED_BEFORE_REPORTED),
    ],
)
def test_what_cant_be_counted_has_a_reason(cells: dict[str, str], reason: LeftOut) -> None:
    """Hostile and mistaken cells alike."""
    assert read(**cells) is reason


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("reported_at", "soon"),
        ("fixed_at", "11.3.2026"),
        ("released_at", "2026-13-01"),
        ("reported_at", "0000-01-01"),
        ("reported_at", "0001-01-01T00:00:00+14:00"),
        ("fixed_at", "9999-12-31T23:59:59-14:00"),
        ("fixed_at", "2026-03-11\0"),
    ],
)
def test_a_cell_that_is_no_date_is_named(column: str, cell: str) -> None:
    """So that people can be shown what stands there."""
    assert read(**{column: cell}) == UnreadableDate(column, cell)


def test_dates_are_read_in_the_form_that_is_said_and_in_no_other() -> None:
    """All of a row; the rest is as with ISO dates, also for a day on which it was reported and fixed."""
    usual = layout()
    dotted = Layout(usual.width, usual.columns, ZoneInfo("Europe/Berlin"), NOW, dates=DateForm.DAY_MONTH_DOTS)
    row = audit_row(["17", "1.3.2026 10:00", "1.3.2026", "", "", "", ""], dotted)
    assert isinstance(row, AuditRow)
    assert row.reported_at == row.ended_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    skipped = audit_row(["17", "29.03.2026 02:30", "", "", "", "", ""], dotted)
    assert skipped is LeftOut.IMPOSSIBLE_LOCAL_TIME
    assert audit_row(["17", "2026-03-01", "", "", "", "", ""], dotted) == UnreadableDate("reported_at", "2026-03-01")


def test_a_teams_own_words_say_how_it_ended() -> None:
    """As the words that are known here do; one that means open outranks the dates."""
    usual = layout()
    own = [("resolution", word, meant) for word, meant in [("Fertig", "fixed"), ("Nein", "declined"), ("Neu", "open")]]
    german = Layout(usual.width, usual.columns, ZoneInfo("UTC"), NOW, meanings=choose_meanings(WORDS, own))
    rows = [audit_row(["17", REPORTED, FIXED, "", word, "", ""], german) for word in ("FERTIG", "nein", "Neu", "done")]
    assert [row.ended_as for row in rows if isinstance(row, AuditRow)] == [
        ClosedAs.FIXED,
        ClosedAs.DECLINED,
        None,
        ClosedAs.FIXED,
    ]


def test_a_row_with_other_cells_than_the_first_line_is_left_out() -> None:
    """As is one that was too long to be read."""
    assert audit_row(["17", REPORTED], layout()) is LeftOut.WRONG_CELL_COUNT
    assert audit_row([""] * (len(COLUMNS) + 1), layout()) is LeftOut.WRONG_CELL_COUNT
    assert audit_row(None, layout()) is LeftOut.OVERLONG_CELL


def test_rows_are_chosen_by_whole_cells() -> None:
    """In any case, blanks around them read over; all choices must hold."""
    cells = ["17", REPORTED, FIXED, "", " Fixed ", "frequent", ""]
    assert isinstance(audit_row(cells, layout("UTC", ("resolution", {"fixed", "done"}))), AuditRow)
    assert audit_row(cells, layout("UTC", ("resolution", {"fix"}))) is LeftOut.NOT_CHOSEN
    both = ("resolution", {"fixed"}), ("frequency", {"spiking"})
    assert audit_row(cells, layout("UTC", *both)) is LeftOut.NOT_CHOSEN


def test_a_local_time_that_clocks_skipped_is_left_out() -> None:
    """In Berlin 29 March 2026 has no 02:30; with an offset, or where clocks don't change, the time is one."""
    skipped = "2026-03-29 02:30"
    assert read("Europe/Berlin", fixed_at=skipped) is LeftOut.IMPOSSIBLE_LOCAL_TIME
    assert bug(fixed_at=skipped).ended_at == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    assert bug("Europe/Berlin", fixed_at=f"{skipped}+01:00").ended_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert bug("Europe/Berlin", fixed_at="2026-03-29 03:30").ended_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_day_that_never_was_is_left_out() -> None:
    """Apia went from 29 to 31 December 2011; a midnight that clocks skip only makes a day begin later."""
    assert read("Pacific/Apia", reported_at="2011-12-30") is LeftOut.IMPOSSIBLE_LOCAL_TIME
    cairo = bug("Africa/Cairo", reported_at="2026-04-24", fixed_at="2026-04-25")
    assert cairo.reported_at == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_a_day_without_a_time_is_its_begin_or_what_came_before_on_it() -> None:
    """What was reported at nine and fixed on that day wasn't fixed before its report."""
    days = bug(reported_at="2026-03-01", fixed_at="2026-03-02")
    assert (days.reported_at, days.ended_at) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    assert bug(fixed_at="2026-03-01").ended_at == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_what_could_steer_a_terminal_is_spelled_out_in_an_id() -> None:
    """Markup and formulas stand as they are: whoever draws them makes them harmless for where they go."""
    assert bug(id="\x1b[31m17\x07").id == r"\x1b[31m17\x07"
    assert bug(id="17\0").id == r"17\x00"
    assert bug(id="<script>alert(1)</script>").id == "<script>alert(1)</script>"
    assert bug(id="=1+1").id == "=1+1"


@pytest.mark.parametrize(("written", "updates"), [("0", 0), ("3.0", 3), ("-1", None), ("3.5", None), ("9" * 7, None)])
def test_updates_are_a_whole_number_or_unknown(written: str, updates: int | None) -> None:
    """What wasn't understood is named, so that it can be said."""
    row = bug(status_updates=written)
    assert (row.updates, row.unread) == (updates, ("status_updates",) if updates is None else ())


def test_a_frequency_that_isnt_known_counts_as_unknown() -> None:
    """And is named."""
    row = bug(frequency="often")
    assert (row.frequency, row.unread) == (Frequency.UNKNOWN, ("frequency",))


ANY_CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", REPORTED, FIXED, "2026-03-29 02:30", "2026-03-29", "fixed", "wontfix", "open", "frequent", "3"]
    ),
    st.datetimes().map(str),
)


@given(st.lists(ANY_CELL, min_size=len(COLUMNS), max_size=len(COLUMNS)), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_every_row_counts_or_has_a_reason(cells: list[str], zone: str) -> None:
    """Whatever it holds, nothing is raised; a bug that counts ended no earlier than it was reported, and by now."""
    row = audit_row(cells, layout(zone))
    if isinstance(row, AuditRow):
        assert row.id.isprintable()
        assert row.reported_at <= (row.ended_at or NOW) <= NOW
        assert (row.ended_at is None) == (row.ended_as is None)
    else:
        assert isinstance(row, UnreadableDate) or row in LeftOut
