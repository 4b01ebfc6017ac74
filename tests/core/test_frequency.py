"""When a bug is frequent, infrequent, spiking, or too young to say."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, gamma  # type: ignore[import-untyped]  # scipy ships no types

from bugbridge.core.frequency import (
    FrequencyCheck,
    FrequencyRules,
    TicketEvidence,
    UsageEvidence,
    gamma_quantile,
    gather_reports,
    judge_tickets,
    judge_usage,
    own_frequency,
    sentence,
    wilson_interval,
)
from bugbridge.core.model import Frequency

DEFAULT_RULES = FrequencyRules()
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FREQUENT, INFREQUENT, UNKNOWN, SPIKING = Frequency.FREQUENT, Frequency.INFREQUENT, Frequency.UNKNOWN, Frequency.SPIKING

# why, accounts, weeks with reports, age in days, active accounts, current, low checks before,
# then what is expected: verdict, rate, lower, upper, threshold
TICKET_ROWS = [
    ("1 account, bug 2 days old", 1, 1, 2, None, UNKNOWN, 0, UNKNOWN, 0.5, 0.053, 1.945, 0.25),
    ("2 accounts", 2, 2, 200, None, UNKNOWN, 0, INFREQUENT, 0.25, 0.066, 0.665, 0.25),
    ("4 accounts, 4 weeks", 4, 4, 90, None, UNKNOWN, 0, INFREQUENT, 0.5, 0.218, 0.999, 0.25),
    ("5 accounts, 4 weeks", 5, 4, 90, None, UNKNOWN, 0, FREQUENT, 0.625, 0.304, 1.159, 0.25),
    ("5 accounts, 2 weeks", 5, 2, 90, None, UNKNOWN, 0, SPIKING, 0.625, 0.304, 1.159, 0.25),
    ("5 accounts, bug 20 days old", 5, 3, 20, None, UNKNOWN, 0, FREQUENT, 1.75, 0.851, 3.246, 0.25),
    ("burst: 12 accounts in one week", 12, 1, 90, None, UNKNOWN, 0, SPIKING, 1.5, 0.979, 2.223, 0.25),
    ("new bug, 6 accounts in 3 days", 6, 1, 3, None, UNKNOWN, 0, SPIKING, 3.0, 1.576, 5.266, 0.25),
    ("3 accounts in the first 14 days", 3, 2, 14, None, UNKNOWN, 0, INFREQUENT, 1.5, 0.551, 3.34, 0.25),
    ("9 tickets from one account", 1, 5, 90, None, UNKNOWN, 0, INFREQUENT, 0.125, 0.013, 0.486, 0.25),
    ("silent year", 0, 0, 365, None, INFREQUENT, 0, INFREQUENT, 0.0, 0.0, 0.288, 0.25),
    ("9 accounts of 2,000 active", 9, 6, 300, 2000, UNKNOWN, 0, INFREQUENT, 1.125, 0.679, 1.776, 1.0),
    ("13 accounts of 2,000 active", 13, 7, 300, 2000, UNKNOWN, 0, FREQUENT, 1.625, 1.081, 2.37, 1.0),
    ("frequent, now 2", 2, 2, 300, None, FREQUENT, 9, FREQUENT, 0.25, 0.066, 0.665, 0.25),
    ("frequent, 1 left, 3rd low check", 1, 1, 300, None, FREQUENT, 2, FREQUENT, 0.125, 0.013, 0.486, 0.25),
    ("frequent, 1 left, 4th low check", 1, 1, 300, None, FREQUENT, 3, INFREQUENT, 0.125, 0.013, 0.486, 0.25),
    ("burst that goes on for 5 weeks", 12, 5, 60, None, SPIKING, 0, FREQUENT, 1.5, 0.979, 2.223, 0.25),
]

# using, active, days per week, current, then what is expected: verdict, lower, upper
USAGE_ROWS = [
    (412, 900, 4.2, UNKNOWN, FREQUENT, 0.425, 0.49),
    (40, 900, 5.0, UNKNOWN, INFREQUENT, 0.033, 0.06),
    (110, 900, 1.4, UNKNOWN, FREQUENT, 0.102, 0.145),
    (98, 900, 1.5, INFREQUENT, INFREQUENT, 0.09, 0.131),
    (300, 900, 0.3, UNKNOWN, INFREQUENT, 0.303, 0.365),
    (6, 12, 5.0, UNKNOWN, UNKNOWN, 0.254, 0.746),
    (60, 900, 1.2, FREQUENT, FREQUENT, 0.052, 0.085),
    (30, 900, 1.2, FREQUENT, INFREQUENT, 0.023, 0.047),
]


def check_of(
    accounts: int, weeks: int, age: float, active: int | None = None, current: Frequency = UNKNOWN, low_checks: int = 0
) -> FrequencyCheck:
    """A check under the default rules."""
    return judge_tickets(TicketEvidence(accounts, weeks, age, active), current, low_checks, DEFAULT_RULES)


def days_ago(*days: float) -> list[datetime]:
    """Instants so many days before now."""
    return [NOW - timedelta(days=day) for day in days]


def gather(accounts_days: dict[str, float], reported_at: Collection[datetime]) -> TicketEvidence:
    """The evidence now, of accounts whose first report is so many days old."""
    firsts = {account: NOW - timedelta(days=day) for account, day in accounts_days.items()}
    return gather_reports(firsts, NOW, reported_at, DEFAULT_RULES, None)


@pytest.mark.parametrize("row", TICKET_ROWS, ids=[row[0] for row in TICKET_ROWS])
def test_tickets_decide_as_the_table_of_known_cases_says(
    row: tuple[str, int, int, int, int | None, Frequency, int, Frequency, float, float, float, float],
) -> None:
    """Each row names a situation, its verdict, and the rate, bounds and threshold per week to three decimals."""
    _, accounts, weeks, age, active, current, low_checks, *expected = row
    check = check_of(accounts, weeks, age, active, current, low_checks)
    numbers = [round(number, 3) for number in (check.rate, check.lower, check.upper, check.threshold)]
    assert [check.frequency, *numbers] == expected


@pytest.mark.parametrize("row", USAGE_ROWS)
def test_usage_decides_as_the_table_of_known_cases_says(
    row: tuple[int, int, float, Frequency, Frequency, float, float],
) -> None:
    """Breadth and intensity together make a bug frequent; staying asks for less than entering."""
    using, active, days_per_week, current, *expected = row
    check = judge_usage(UsageEvidence(using, active, days_per_week), current, DEFAULT_RULES)
    assert [check.frequency, round(check.lower, 3), round(check.upper, 3)] == expected


def test_low_checks_count_up_while_the_rate_is_low_and_start_over_when_it_is_not() -> None:
    """Only consecutive low checks let a bug leave frequent."""
    counts = [
        check_of(n, 1, 300, current=FREQUENT, low_checks=before).low_checks for n, before in [(1, 0), (0, 2), (2, 3)]
    ]
    assert counts == [1, 3, 0]


def test_low_checks_are_not_counted_for_a_bug_that_is_not_frequent() -> None:
    """There is nothing to leave."""
    assert check_of(0, 0, 300, current=INFREQUENT, low_checks=3).low_checks == 0


def test_a_frequent_bug_with_a_burst_stays_frequent() -> None:
    """Frequent is left for a low rate alone: a burst on top of everyday reports is no news to the lead."""
    assert check_of(12, 1, 300, current=FREQUENT).frequency == FREQUENT


def test_every_number_of_the_policy_table_is_obeyed() -> None:
    """A team that asks for two accounts in one week, or leaves at the first low check, gets that."""
    eager = FrequencyRules(minimum_accounts=2, minimum_weeks=1, rate_per_week=0.05, leave_after_low_checks=1)
    entered = judge_tickets(TicketEvidence(2, 1, 200, None), UNKNOWN, 0, eager)
    left = judge_tickets(TicketEvidence(0, 0, 200, None), FREQUENT, 0, eager)
    wider = judge_tickets(TicketEvidence(4, 4, 200, None), UNKNOWN, 0, FrequencyRules(window_days=112))
    assert (entered.frequency, left.frequency, wider.rate) == (FREQUENT, INFREQUENT, 0.25)


def test_an_account_counts_once_and_only_by_its_first_report_in_the_window() -> None:
    """An old customer's tenth ticket is no new account; nine tickets from one account are one account in five weeks."""
    tickets = days_ago(1, 8, 9, 15, 22, 23, 29, 30, 34)
    evidence = [gather({"acme": 34}, tickets), gather({"old": 90}, days_ago(3, 90))]
    assert evidence == [TicketEvidence(1, 5, 34, None), TicketEvidence(0, 1, 90, None)]


def test_the_window_holds_eight_weeks_counted_back_from_now() -> None:
    """A report exactly eight weeks old has left the window; one a moment younger is in the eighth week."""
    evidence = gather({"left": 56, "last": 55.999, "now": 0}, days_ago(56, 55.999, 0))
    assert evidence == TicketEvidence(2, 2, 56, None)


def test_reports_after_now_are_not_known_yet() -> None:
    """History read as of a moment ignores what came later."""
    assert gather({"later": -1}, days_ago(-1)) == TicketEvidence(0, 0, 0, None)


def test_without_reports_there_is_an_age_of_zero() -> None:
    """A bug that nobody reported yet is unknown, not an error."""
    assert gather({}, []) == TicketEvidence(0, 0, 0, None)


def test_a_person_outranks_the_customer_who_outranks_their_usage_which_outranks_the_bug() -> None:
    """The precedence, each with the name of what decided."""
    decided = [
        own_frequency("daily", 0.1, INFREQUENT, INFREQUENT, DEFAULT_RULES),
        own_frequency("daily", 0.1, INFREQUENT, None, DEFAULT_RULES),
        own_frequency("sometimes", 7.0, FREQUENT, None, DEFAULT_RULES),
        own_frequency("once", None, FREQUENT, None, DEFAULT_RULES),
        own_frequency(None, 1.0, INFREQUENT, None, DEFAULT_RULES),
        own_frequency(None, 0.9, FREQUENT, None, DEFAULT_RULES),
        own_frequency(None, None, SPIKING, None, DEFAULT_RULES),
    ]
    assert decided == [
        (INFREQUENT, "override"),
        (FREQUENT, "answer"),
        (INFREQUENT, "answer"),
        (INFREQUENT, "answer"),
        (FREQUENT, "own-usage"),
        (INFREQUENT, "own-usage"),
        (SPIKING, "bug"),
    ]


def test_an_answer_that_is_none_of_the_three_is_refused() -> None:
    """A misspelt answer must not silently count as infrequent."""
    with pytest.raises(ValueError, match="daily, sometimes or once, not 'weekly'"):
        own_frequency("weekly", None, UNKNOWN, None, DEFAULT_RULES)


def test_more_using_than_active_accounts_is_refused() -> None:
    """Wrong usage data must not become a verdict."""
    with pytest.raises(ValueError, match="13 accounts using a flow of 12 active ones"):
        UsageEvidence(13, 12, 1.0)


def test_agents_read_how_many_customers_in_how_long() -> None:
    """The sentence holds counts and time; a bug younger than two weeks is counted in days."""
    sentences = [sentence(check_of(*row)) for row in [(9, 6, 300), (5, 3, 20), (1, 1, 2), (6, 1, 0.1), (0, 0, 365)]]
    assert sentences == [
        "9 customers in 6 of the last 8 weeks",
        "5 customers in 3 weeks",
        "1 customer in 2 days",
        "6 customers in 1 day",
        "no customers in 8 weeks",
    ]


def test_agents_read_the_share_of_accounts_that_use_the_flow() -> None:
    """From usage, breadth and intensity in one line."""
    check = judge_usage(UsageEvidence(412, 1900, 4.2), UNKNOWN, DEFAULT_RULES)
    assert sentence(check) == "412 of 1,900 active accounts, 4.2 days a week"


def test_no_active_account_at_all_says_nothing() -> None:
    """Usage without accounts is unknown, over the whole range."""
    check = judge_usage(UsageEvidence(0, 0, 0.0), FREQUENT, DEFAULT_RULES)
    assert (check.frequency, check.breadth, check.lower, check.upper) == (UNKNOWN, 0.0, 0.0, 1.0)


@given(st.integers(1, 20_000), st.sampled_from([0.10, 0.90]))
def test_the_gamma_quantile_agrees_with_scipy(shape: int, probability: float) -> None:
    """Exact bounds: an independent implementation gives the same number."""
    assert gamma_quantile(probability, shape) == pytest.approx(gamma.ppf(probability, shape), rel=1e-9)


@given(st.integers(0, 5_000), st.integers(1, 5_000))
def test_the_wilson_interval_agrees_with_scipy(successes: int, further: int) -> None:
    """An independent implementation gives the same interval."""
    oracle = binomtest(successes, successes + further).proportion_ci(0.95, method="wilson")
    assert wilson_interval(successes, successes + further) == pytest.approx((oracle.low, oracle.high), abs=1e-9)


@given(st.integers(0, 2_000), st.floats(0, 4_000), st.integers(0, 8), st.sampled_from(Frequency), st.integers(0, 9))
def test_the_rate_lies_between_its_bounds_and_more_accounts_never_lower_them(
    accounts: int, age: float, weeks: int, current: Frequency, low_checks: int
) -> None:
    """One more account raises the rate and both bounds, and the same evidence gives the same check."""
    check = check_of(accounts, weeks, age, None, current, low_checks)
    more = check_of(accounts + 1, weeks, age, None, current, low_checks)
    assert check.lower <= check.rate <= check.upper
    assert (check.lower, check.rate, check.upper) < (more.lower, more.rate, more.upper)
    assert check == check_of(accounts, weeks, age, None, current, low_checks)
