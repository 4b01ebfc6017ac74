"""What a file of usage says, row by row, and what usage says of a bug."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.frequency import FrequencyRules, TicketEvidence, UsageEvidence, certainty, judge, judge_usage
from bugbridge.core.model import BugEventKind, Entity, FactKind, Frequency
from bugbridge.core.usage import (
    Account,
    AccountBook,
    Problem,
    UsageRow,
    days_per_week,
    end_of_day,
    flow_name,
    flows_of,
    own_days,
    read_usage,
    usage_evidence,
    window_at,
)
from tests.core.builders import bug_event, bug_history, fact

DEFAULT_RULES = FrequencyRules()
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
HEADER = b"account,flow,day,uses\n"
FREQUENT, INFREQUENT, UNKNOWN = Frequency.FREQUENT, Frequency.INFREQUENT, Frequency.UNKNOWN


def read(*lines: bytes, header: bytes = HEADER) -> list[UsageRow | Problem]:
    """Read a file's lines."""
    return list(read_usage([header, *lines], NOW))


def problems(*lines: bytes, header: bytes = HEADER) -> list[tuple[int, str]]:
    """What is wrong with a file, each with its line."""
    return [(one.line, one.sentence) for one in read(*lines, header=header) if isinstance(one, Problem)]


def test_a_row_is_an_account_a_flow_a_day_and_a_number() -> None:
    """Blanks around them and capitals of the flow don't count; blank lines are passed over."""
    assert read(b" Acme , Export,2026-06-12, 3\r\n", b"\n", b"17,import,2026-06-15,0\n") == [
        UsageRow(2, "Acme", "export", date(2026, 6, 12), 3),
        UsageRow(4, "17", "import", date(2026, 6, 15), 0),
    ]


def test_columns_may_come_in_any_order_with_others_between_and_after_a_byte_order_mark() -> None:
    """Spreadsheets write the mark, and exports have more columns than we need."""
    rows = read(b'3,x,2026-06-12,"Acme, Inc.",export\n', header=b"\xef\xbb\xbfUses,team,Day,Account,flow\n")
    assert rows == [UsageRow(2, "Acme, Inc.", "export", date(2026, 6, 12), 3)]


@pytest.mark.parametrize("header", [b"", b"Acme,export,2026-06-12,3\n", b"account;flow;day;uses\n", b"\xff\xfea\x00"])
def test_a_file_that_does_not_name_its_columns_is_refused_as_a_whole(header: bytes) -> None:
    """One problem on its first line says which columns those are, not one for each row."""
    found = problems(b"Acme,export,2026-06-12,3\n" if header else b"", header=header)
    assert found == [
        (1, "the first line must name the columns account, flow, day and uses, separated by commas, in UTF-8.")
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (b",export,2026-06-12,3", ["column account: it is empty."]),
        (b"A\x1b[2J,export,2026-06-12,3", ["column account: it holds what can't be read"]),
        (b"M\xfcller,export,2026-06-12,3", ["column account: it holds what can't be read"]),
        (b"a" * 201 + b",export,2026-06-12,3", ["column account: it is longer than 200 characters."]),
        (b"Acme, ,2026-06-12,3", ["column flow: it is empty."]),
        (b"Acme,export,12.6.2026,3", ["column day: '12.6.2026' is no day: write 2026-06-12."]),
        (b"Acme,export,20260612,3", ["column day: '20260612' is no day"]),
        (b"Acme,export,2026-06-16,3", ["column day: 2026-06-16 lies ahead."]),
        (b"Acme,export,1969-12-31,3", ["column day: 1969-12-31 is too long ago."]),
        (b"Acme,export,2026-06-12,-1", ["column uses: '-1' is no whole number from 0"]),
        (b"Acme,export,2026-06-12,1.5", ["column uses: '1.5' is no whole number"]),
        (
            b"Acme,export,2026-06-12,1000000001",
            ["column uses: '1000000001' is no whole number from 0 to 1,000,000,000"],
        ),
        ("Acme,export,2026-06-12,³".encode(), ["column uses: '³' is no whole number"]),
        (b"Acme,export,2026-06-12", ["it has 3 columns, fewer than the first line names."]),
        (b",,yesterday,many", ["column account", "column flow", "column day", "column uses"]),
    ],
)
def test_each_problem_of_a_row_is_named_with_its_line_and_column(row: bytes, expected: list[str]) -> None:
    """All of them at once, and the rows around it are read."""
    found = problems(b"Acme,export,2026-06-11,1\n", row + b"\n", b"Acme,export,2026-06-13,1\n")
    assert [line for line, _ in found] == [3] * len(expected)
    assert all(sentence.startswith(start) for (_, sentence), start in zip(found, expected, strict=True))


def test_today_counts_where_it_has_begun_anywhere() -> None:
    """A team in Kiribati exports a day that has not begun in UTC."""
    late = datetime(2026, 6, 15, 11, tzinfo=UTC)
    rows = list(read_usage([HEADER, b"Acme,export,2026-06-16,1\n"], late))
    assert [type(row) for row in rows] == [UsageRow]


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_whatever_a_file_holds_it_is_rows_or_problems(lines: list[bytes]) -> None:
    """No bytes make reading fail, and no row comes from a line that isn't there."""
    answers = read(*lines)
    count = sum(line.count(b"\n") + line.count(b"\r") + 1 for line in lines) + 1
    assert all(1 <= answer.line <= count for answer in answers)


def test_an_account_is_meant_by_its_id_before_its_name() -> None:
    """A name is looked for where no helpdesk's account has that id."""
    book = AccountBook([Account(1, "17", "Acme", seen=True), Account(2, "18", "17", seen=True)])
    assert [book.find("17"), book.find("Acme"), book.new] == [1, 1, {}]


def test_an_account_known_by_usage_alone_gives_way_to_the_one_with_its_name() -> None:
    """Once the helpdesk showed an account of this name, the file means that one."""
    alone, shown = Account(1, "Acme", "", seen=False), Account(2, "18", "Acme", seen=True)
    assert [AccountBook([alone]).find("Acme"), AccountBook([alone, shown]).find("Acme")] == [1, 2]


def test_an_unknown_account_is_an_account_of_its_own() -> None:
    """The same one however often it is named."""
    book = AccountBook([])
    assert [book.find("Acme"), book.find("Bolt"), book.find("Acme"), book.new] == [-1, -2, -1, {"Acme": -1, "Bolt": -2}]


def test_a_name_that_several_accounts_have_is_refused() -> None:
    """Counting the wrong customer's usage is worse than asking."""
    book = AccountBook([Account(1, "17", "Acme", seen=True), Account(2, "18", "Acme", seen=True)])
    with pytest.raises(ValueError, match="2 accounts are called 'Acme': write the id"):
        book.find("Acme")


def test_the_window_is_the_28_days_that_are_over() -> None:
    """A day still running looks quieter than it is; at midnight the day before has just ended."""
    window, midnight = window_at(NOW), window_at(datetime(2026, 6, 15, tzinfo=UTC))
    assert (window.first, window.last, window) == (date(2026, 5, 18), date(2026, 6, 14), midnight)
    assert end_of_day(window.last) <= NOW < end_of_day(window.last + timedelta(days=1))


def test_a_bug_sits_in_the_flow_that_a_person_named_or_else_in_those_of_its_labels() -> None:
    """Taken off by hand, the labels count again; a label that was removed names none."""
    labels = fact(1, Entity.ISSUE, FactKind.LABELS, '["bug", "Flow: Export", "flow:import", "flow:"]')
    by_hand, taken_off = bug_event(2, BugEventKind.FLOW, "search"), bug_event(3, BugEventKind.FLOW, "")
    removed = fact(4, Entity.ISSUE, FactKind.LABELS, '["bug"]')
    histories = [(), (labels,), (labels, by_hand), (labels, by_hand, taken_off), (labels, removed)]
    assert [flows_of(bug_history(*events)) for events in histories] == [
        (),
        ("export", "import"),
        ("search",),
        ("export", "import"),
        (),
    ]


def test_a_flow_is_named_on_one_line() -> None:
    """It is shown and compared, so what can't be read is no name."""
    assert flow_name("  CSV Export ") == "csv export"
    with pytest.raises(ValueError, match="must be one line"):
        flow_name("a\nb")


def test_intensity_is_the_median_over_the_accounts_that_use_the_flow() -> None:
    """In days a week: four weeks are looked at. Accounts that don't use it count for breadth alone."""
    evidence = usage_evidence({1, 2, 3, 4, 5}, {1: 2, 2: 8, 3: 28})
    assert evidence == UsageEvidence(using=3, active=5, days_per_week=2.0)


def test_a_flow_that_nobody_used_says_nothing() -> None:
    """It may go by another name in the usage; tickets decide then, and no customer's own usage does."""
    assert (usage_evidence({1, 2}, {}), own_days([1, 2], {1, 2}, {})) == (None, None)


def test_own_usage_is_known_of_accounts_with_any_usage() -> None:
    """Active without using the flow is an answer; no usage at all is none."""
    assert own_days([3, 1, 2, 1], {1, 2}, {2: 9}) == {1: 0, 2: 9}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (UsageEvidence(412, 900, 4.2), FREQUENT),
        (UsageEvidence(40, 900, 5.0), INFREQUENT),
        (UsageEvidence(6, 12, 5.0), UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_usage_outranks_tickets_where_enough_accounts_are_active(
    usage: UsageEvidence | None, expected: Frequency
) -> None:
    """With fewer, or none, the tickets say: here that the bug is too young."""
    assert judge(TicketEvidence(1, 1, 2, None), usage, UNKNOWN, 0, DEFAULT_RULES).frequency == expected


def test_a_bug_that_loses_its_usage_leaves_frequent_as_slowly_as_by_tickets() -> None:
    """That the export of usage stopped is no reason to go silent."""
    checks = [judge(TicketEvidence(0, 0, 300, 900), None, FREQUENT, low, DEFAULT_RULES).frequency for low in range(4)]
    assert checks == [FREQUENT, FREQUENT, FREQUENT, INFREQUENT]


@pytest.mark.parametrize(
    ("lower", "upper", "frequency", "expected"),
    [
        (0.304, 1.159, FREQUENT, "at least one new customer per 4 weeks reports this."),
        (0.25, 1.0, FREQUENT, "at least one new customer per 4 weeks reports this."),
        (1.081, 2.37, FREQUENT, "at least one new customer a week reports this."),
        (2.3, 4.0, Frequency.SPIKING, "at least 2 new customers a week report this."),
        (0.0, 0.288, INFREQUENT, "at most one new customer per 3 weeks reports this."),
        (0.066, 0.665, INFREQUENT, "at most one new customer a week reports this."),
        (0.053, 1.945, UNKNOWN, "at most 2 new customers a week report this."),
        (0.0, 0.288, FREQUENT, "at most one new customer per 3 weeks reports this."),
    ],
)
def test_what_we_are_sure_of_is_said_in_customers_and_weeks(
    lower: float, upper: float, frequency: Frequency, expected: str
) -> None:
    """Where a bug is frequent that it is at least so, elsewhere that it is at most so; rounded to the safe side."""
    assert certainty(lower, upper, frequency) == f"We are 90 % sure that {expected}"


def median_of(days: Sequence[int], further_active: int) -> UsageEvidence:
    """Usage of a flow on so many days by each account, and some that are active without it."""
    using = dict(enumerate(days))
    found = usage_evidence(range(len(days) + further_active), using)
    assert found is not None
    return found


@given(st.lists(st.integers(1, 28), min_size=1, max_size=300), st.integers(0, 300), st.integers(1, 28))
def test_a_further_account_that_uses_it_as_often_never_ends_frequent(
    days: list[int], further_active: int, more: int
) -> None:
    """More evidence of the same kind, more certainty: breadth and its bounds grow, and intensity doesn't fall."""
    before = median_of(days, further_active)
    as_often = max(more, *days)
    after = median_of([*days, as_often], further_active)
    first = judge_usage(before, UNKNOWN, DEFAULT_RULES).frequency
    assert days_per_week(as_often) >= before.days_per_week
    if first is FREQUENT:
        assert judge_usage(after, UNKNOWN, DEFAULT_RULES).frequency is FREQUENT


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 8), st.floats(0, 400), st.integers(0, 9))
def test_more_reporting_accounts_never_turn_frequent_into_infrequent_at_once(
    accounts: int, more: int, weeks: int, age: float, low_checks: int
) -> None:
    """What the evidence kept frequent, more of it keeps frequent."""
    before = judge(TicketEvidence(accounts, weeks, age, None), None, FREQUENT, low_checks, DEFAULT_RULES)
    after = judge(TicketEvidence(accounts + more, weeks, age, None), None, FREQUENT, low_checks, DEFAULT_RULES)
    assert not (before.frequency is FREQUENT and after.frequency is INFREQUENT)


@given(st.integers(1, 2_000), st.integers(0, 2_000), st.floats(0, 7))
def test_what_makes_a_bug_frequent_also_keeps_it_so(using: int, not_using: int, days: float) -> None:
    """Staying asks for less than entering: no verdict flips to and fro on the same usage."""
    evidence = UsageEvidence(using, using + not_using, days)
    verdicts = [judge_usage(evidence, current, DEFAULT_RULES).frequency for current in (INFREQUENT, FREQUENT)]
    assert verdicts in ([FREQUENT, FREQUENT], [INFREQUENT, FREQUENT], [INFREQUENT, INFREQUENT], [UNKNOWN, UNKNOWN])
