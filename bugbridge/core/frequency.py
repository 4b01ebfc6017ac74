"""How often customers meet a bug, decided from their reports or, better, from their usage.

A rate is a number of accounts per week that report a bug for the first time; an instant is aware UTC.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bugbridge.core.model import Frequency
from bugbridge.core.normal import NORMAL_95

# Under two weeks there is too little to judge: a younger bug is unknown, and its rate is not inflated by its youth.
LEAST_DAYS = 14
DAYS_PER_WEEK = 7
WEEK = timedelta(days=DAYS_PER_WEEK)
# Each one-sided: the team is 90 % sure that the true rate is at least the lower (at most the upper) bound.
LOWER_PROBABILITY = 0.10
UPPER_PROBABILITY = 0.90

ANSWERS = {"daily": Frequency.FREQUENT, "sometimes": Frequency.INFREQUENT, "once": Frequency.INFREQUENT}


@dataclass(frozen=True, slots=True)
class FrequencyRules:
    """The policy's [frequency] table; in each pair the first value is to enter `frequent`, the second to stay."""

    window_days: int = 56
    minimum_accounts: int = 5
    minimum_weeks: int = 3
    rate_per_week: float = 0.25
    share_of_active_accounts: float = 0.0005
    leave_after_low_checks: int = 4
    usage_minimum_accounts: int = 30
    usage_breadth: tuple[float, float] = (0.10, 0.05)
    usage_days_per_week: tuple[float, float] = (1.0, 0.5)


@dataclass(frozen=True, slots=True)
class TicketEvidence:
    """What the linked tickets say: accounts new in the window, weeks of it with a report, and the bug's age in days.

    `active_accounts` is the size of the customer base, None where it isn't known.
    """

    accounts: int
    weeks_with_reports: int
    bug_age_days: float
    active_accounts: int | None


@dataclass(frozen=True, slots=True)
class UsageEvidence:
    """Of `active` accounts in the last 28 days, `using` met the flow, on a median of `days_per_week` days a week."""

    using: int
    active: int
    days_per_week: float

    def __post_init__(self) -> None:
        if not 0 <= self.using <= self.active:
            raise ValueError(f"{self.using} accounts using a flow of {self.active} active ones is impossible.")


@dataclass(frozen=True, slots=True)
class FrequencyCheck:
    """A weekly check from tickets: the verdict, and everything it was derived from.

    Rate, bounds and threshold are per week; `weeks` is how long was watched, the bug's age within the window.
    """

    frequency: Frequency
    low_checks: int
    rate: float
    lower: float
    upper: float
    threshold: float
    evidence: TicketEvidence
    weeks: float


@dataclass(frozen=True, slots=True)
class UsageCheck:
    """A check from usage: breadth is the share of active accounts, with its 95 % interval. `unknown`: ask tickets."""

    frequency: Frequency
    breadth: float
    lower: float
    upper: float
    evidence: UsageEvidence


def gather_reports(
    first_reports: Mapping[int, datetime] | Mapping[str, datetime],
    now: datetime,
    reported_at: Collection[datetime],
    rules: FrequencyRules,
    active_accounts: int | None,
) -> TicketEvidence:
    """Count what the reports up to `now` say.

    `first_reports` holds, for each account, when its earliest linked ticket was created; `reported_at` holds the
    creation of every linked ticket. The window is open at its far end: a report exactly `window_days` old has left it.
    """
    window = timedelta(days=rules.window_days)
    ages = [now - moment for moment in reported_at if moment <= now]
    oldest = max((now - moment for moment in (*first_reports.values(), *reported_at)), default=timedelta(0))
    return TicketEvidence(
        accounts=sum(timedelta(0) <= now - first < window for first in first_reports.values()),
        weeks_with_reports=len({age // WEEK for age in ages if age < window}),
        bug_age_days=max(oldest, timedelta(0)) / timedelta(days=1),
        active_accounts=active_accounts,
    )


def judge_tickets(
    evidence: TicketEvidence, current: Frequency, low_checks_before: int, rules: FrequencyRules
) -> FrequencyCheck:
    """Judge a bug from its tickets; `low_checks` is meant to be counted once a week.

    A bug leaves `frequent` only after enough consecutive checks at half the threshold or less, so that one quiet week
    changes nothing.
    """
    weeks = _weeks_watched(evidence, rules)
    rate = evidence.accounts / weeks
    lower, upper = (bound / weeks for bound in poisson_bounds(evidence.accounts))
    threshold = _threshold(evidence, rules)
    frequency, low_checks = _verdict(evidence, lower, threshold, rules), 0
    if current is Frequency.FREQUENT:
        low_checks = low_checks_before + 1 if rate <= threshold / 2 else 0
        if low_checks < rules.leave_after_low_checks:
            frequency = Frequency.FREQUENT
    return FrequencyCheck(frequency, low_checks, rate, lower, upper, threshold, evidence, weeks)


def _weeks_watched(evidence: TicketEvidence, rules: FrequencyRules) -> float:
    return min(max(evidence.bug_age_days, LEAST_DAYS), rules.window_days) / DAYS_PER_WEEK


def _threshold(evidence: TicketEvidence, rules: FrequencyRules) -> float:
    return max(rules.rate_per_week, rules.share_of_active_accounts * (evidence.active_accounts or 0))


def _verdict(evidence: TicketEvidence, lower: float, threshold: float, rules: FrequencyRules) -> Frequency:
    if evidence.accounts >= rules.minimum_accounts and lower >= threshold:
        return Frequency.FREQUENT if evidence.weeks_with_reports >= rules.minimum_weeks else Frequency.SPIKING
    return Frequency.UNKNOWN if evidence.bug_age_days < LEAST_DAYS else Frequency.INFREQUENT


def judge(
    tickets: TicketEvidence,
    usage: UsageEvidence | None,
    current: Frequency,
    low_checks_before: int,
    rules: FrequencyRules,
) -> FrequencyCheck | UsageCheck:
    """Judge a bug from usage where enough accounts are active to say, else from its tickets."""
    if usage is not None:
        check = judge_usage(usage, current, rules)
        if check.frequency is not Frequency.UNKNOWN:
            return check
    return judge_tickets(tickets, current, low_checks_before, rules)


def judge_usage(evidence: UsageEvidence, current: Frequency, rules: FrequencyRules) -> UsageCheck:
    """Judge a bug from the usage of the flow it sits in; `unknown` where too few accounts are active to say."""
    lower, upper = wilson_interval(evidence.using, evidence.active)
    breadth = evidence.using / evidence.active if evidence.active else 0.0
    return UsageCheck(_usage_verdict(evidence, lower, upper, current, rules), breadth, lower, upper, evidence)


def _usage_verdict(
    evidence: UsageEvidence, lower: float, upper: float, current: Frequency, rules: FrequencyRules
) -> Frequency:
    if evidence.active < rules.usage_minimum_accounts:
        return Frequency.UNKNOWN
    enter_breadth, stay_breadth = rules.usage_breadth
    enter_days, stay_days = rules.usage_days_per_week
    enters = lower >= enter_breadth and evidence.days_per_week >= enter_days
    stays = current is Frequency.FREQUENT and upper >= stay_breadth and evidence.days_per_week >= stay_days
    return Frequency.FREQUENT if enters or stays else Frequency.INFREQUENT


def own_frequency(
    answer: str | None,
    own_days_per_week: float | None,
    bug: Frequency,
    override: Frequency | None,
    rules: FrequencyRules,
) -> tuple[Frequency, str]:
    """How often one customer meets the bug, and which fact said so: `override`, `answer`, `own-usage` or `bug`.

    Their own usage, where there is any data, speaks both ways: below the policy's days per week it is infrequent for
    them, however often others meet it. Raises ValueError for an answer other than daily, sometimes or once.
    """
    if override is not None:
        return override, "override"
    if answer is not None:
        return _frequency_of_answer(answer), "answer"
    if own_days_per_week is not None:
        often = own_days_per_week >= rules.usage_days_per_week[0]
        return (Frequency.FREQUENT if often else Frequency.INFREQUENT), "own-usage"
    return bug, "bug"


def _frequency_of_answer(answer: str) -> Frequency:
    if answer not in ANSWERS:
        raise ValueError(f"A customer meets a bug daily, sometimes or once, not {answer!r}.")
    return ANSWERS[answer]


def sentence(check: FrequencyCheck | UsageCheck) -> str:
    """What agents see of a check; the bounds stay out of it."""
    if isinstance(check, UsageCheck):
        using = f"{check.evidence.using} of {_counted(check.evidence.active, 'active account')}"
        return f"{using}, {check.evidence.days_per_week:g} days a week"
    customers = _counted(check.evidence.accounts, "customer") if check.evidence.accounts else "no customers"
    return f"{customers} in {_span(check)}"


def certainty(lower: float, upper: float, frequency: Frequency) -> str:
    """Say what the 90 % bounds on new customers a week come to: at least so many where it is frequent, else at most.

    Weeks and customers are rounded to what the bound still holds for.
    """
    if frequency in (Frequency.FREQUENT, Frequency.SPIKING) and lower > 0:
        pace = f"at least {_pace(math.floor(lower), math.ceil(1 / lower))}"
    else:
        pace = f"at most {_pace(math.ceil(upper), math.floor(1 / upper))}"
    return f"We are 90 % sure that {pace} report{'s' if ' customer ' in pace else ''} this."


def _pace(a_week: int, weeks: int) -> str:
    """Word a rate as customers a week, or where it is slower than that as weeks per customer."""
    if weeks > 1:
        return f"one new customer per {weeks} weeks"
    return "one new customer a week" if a_week <= 1 else f"{a_week:,} new customers a week"


def _span(check: FrequencyCheck) -> str:
    if check.evidence.bug_age_days < LEAST_DAYS:
        return _counted(max(1, math.ceil(check.evidence.bug_age_days)), "day")
    weeks, with_reports = math.ceil(check.weeks), check.evidence.weeks_with_reports
    return f"{with_reports} of the last {weeks} weeks" if 0 < with_reports < weeks else f"{weeks} weeks"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def poisson_bounds(count: int) -> tuple[float, float]:
    """The exact one-sided 90 % bounds on the mean of a Poisson count: GammaInv(.10; n) and GammaInv(.90; n + 1).

    Garwood 1936, "Fiducial limits for the Poisson distribution"; the lower bound of no events is 0.
    """
    lower = gamma_quantile(LOWER_PROBABILITY, count) if count else 0.0
    return lower, gamma_quantile(UPPER_PROBABILITY, count + 1)


def gamma_quantile(probability: float, shape: int) -> float:
    """The quantile of the Gamma distribution with an integer shape and scale 1, by bisection to the last bits.

    Cantelli's inequality bounds it from above: no more than sqrt(p / (1 - p)) deviations over the mean.
    """
    low, high = 0.0, shape + math.sqrt(shape * probability / (1 - probability))
    for _ in range(60):
        middle = (low + high) / 2
        if _gamma_probability(middle, shape) < probability:
            low = middle
        else:
            high = middle
    return high


def _gamma_probability(value: float, shape: int) -> float:
    """P(a, x) = x^a e^-x / Γ(a+1) · Σ x^k / ((a+1)…(a+k)), all of whose terms are positive.

    Source: https://dlmf.nist.gov/8.11#E4
    """
    term = total = 1.0
    divisor = shape
    while term > total * 1e-17:
        divisor += 1
        term *= value / divisor
        total += term
    return total * math.exp(shape * math.log(value) - value - math.lgamma(shape + 1))


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927): (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, NORMAL_95**2 / trials
    centre = share + square / 2
    margin = NORMAL_95 * math.sqrt(share * (1 - share) / trials + square / (4 * trials))
    return max(0.0, (centre - margin) / (1 + square)), min(1.0, (centre + margin) / (1 + square))
