"""Two independent libraries, and the shared cases where they lie beside the checkout, agree with core/survival.py."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf  # type: ignore[import-untyped]  # scipy ships no types

from bugbridge.core.normal import NORMAL_95
from bugbridge.core.survival import (
    Incidence,
    Observation,
    Quantile,
    Step,
    cumulative_incidence,
    curve_of,
    kaplan_meier,
    quantile,
)
from tests.core.test_survival import AML_MAINTAINED, BB15, DELAYED, sample

CASES = Path(__file__).parents[2].parent / "shared" / "data" / "survival_cases.json"
SEEDS = range(200)
CAUSES = ("fixed", "declined")
# scipy says by a warning that its log-log limits have no value where nothing survives; there ours are None.
UNDEFINED_LIMITS = "ignore:The confidence interval is undefined:RuntimeWarning"


@cache
def lifelines() -> Any:
    """Import lifelines when it is needed: it brings pandas and matplotlib, which take a second."""
    import lifelines  # type: ignore[import-untyped]  # lifelines ships no types

    return lifelines


def drawn(seed: int, *, ties: bool, late: bool) -> list[Observation]:
    """A sample with censoring and competing events; ages lie on half days where there are to be ties.

    One bug is open from the first to the last, since lifelines refuses samples whose early risk sets run empty.
    """
    chance = Random(seed)  # noqa: S311  # a seeded sample, no secret
    ages = [chance.randint(1, 60) / 2 if ties else chance.lognormvariate(3, 1.5) for _ in range(chance.randint(3, 80))]
    entries = [chance.choice([0.0, chance.randint(0, 40) / 2]) if late else 0.0 for _ in ages]
    observations = [
        Observation(age, chance.choice([*CAUSES, "fixed", None]), entry)
        for age, entry in zip(ages, entries, strict=True)
        if entry < age
    ]
    return [*observations, Observation(1e6, None)] if late else observations


def by_scipy(observations: Sequence[Observation], method: str = "log-log") -> list[Step]:
    """Each step at which something ended, as scipy has it; it knows no delayed entry and no counts."""
    ended = [each.exit for each in observations if each.cause]
    still_open = [each.exit for each in observations if not each.cause]
    survival = ecdf(CensoredData(uncensored=ended, right=still_open)).sf
    limits = survival.confidence_interval(0.95, method=method)
    return [
        Step(days, 0, 0, *(float(part.evaluate(days)) for part in (survival, limits.low, limits.high)))
        for days in sorted(set(ended))
    ]


def by_lifelines(observations: Sequence[Observation]) -> list[Step]:
    """Each step at which something ended, as lifelines has it, with delayed entry."""
    fitter = lifelines().KaplanMeierFitter(alpha=0.05)
    fitter.fit(
        [each.exit for each in observations],
        [each.cause is not None for each in observations],
        entry=[each.entry for each in observations],
    )
    table = fitter.event_table.join(fitter.survival_function_).join(fitter.confidence_interval_)
    # lifelines' table counts who enters at an age with those at risk, but its estimate leaves them out.
    table["population"] = table.at_risk - table.entrance
    counts = ["population", "observed", "KM_estimate", "KM_estimate_lower_0.95", "KM_estimate_upper_0.95"]
    return [Step(days, *row) for days, *row in table[table.observed > 0][counts].itertuples()]


def assert_same(steps: Sequence[Step], oracle: Sequence[Step]) -> None:
    """Ages are equal, shares agree to 1e-9; a limit that is None here is no number there."""
    assert [step.days for step in steps] == [step.days for step in oracle]
    assert shares(steps) == pytest.approx(shares(oracle), abs=1e-9, nan_ok=True)


def shares(steps: Sequence[Step]) -> list[float]:
    """Survival and limits, one after the other."""
    numbers = [number for step in steps for number in (step.survival, step.lower, step.upper)]
    return [float("nan") if number is None else number for number in numbers]


def share_by(incidences: Sequence[Incidence], days: float) -> float:
    """The share that ended by a cause up to an age."""
    return max((each.share for each in incidences if each.days <= days), default=0.0)


@pytest.mark.filterwarnings(UNDEFINED_LIMITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_survival_and_limits_agree_with_scipy(seed: int) -> None:
    """Samples with ties and censoring, the survival and its log-log limits at each step."""
    observations = drawn(seed, ties=True, late=False)
    assert_same(kaplan_meier(observations), by_scipy(observations))


@pytest.mark.filterwarnings(UNDEFINED_LIMITS)
@pytest.mark.parametrize("seed", SEEDS)
def test_quantiles_agree_with_scipys_curves(seed: int) -> None:
    """The first age at which scipy's curve, or its limit, has come down to the level."""
    observations = drawn(seed, ties=True, late=False)
    oracle = by_scipy(observations)
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        first = [
            next((step.days for step in oracle if getattr(step, name) <= 1 - share + 1e-12), None)
            for name in ("survival", "lower", "upper")
        ]
        assert quantile(kaplan_meier(observations), share) == Quantile(*first)


@pytest.mark.parametrize("seed", SEEDS)
def test_survival_and_limits_agree_with_lifelines_under_delayed_entry(seed: int) -> None:
    """Samples with ties, also between entries and ends, censoring and delayed entry, with the counts at risk."""
    observations = drawn(seed, ties=True, late=True)
    steps, oracle = kaplan_meier(observations), by_lifelines(observations)
    assert_same(steps, oracle)
    assert [(step.at_risk, step.ended) for step in steps] == [(step.at_risk, step.ended) for step in oracle]


@pytest.mark.parametrize("seed", SEEDS)
def test_incidence_agrees_with_lifelines_under_delayed_entry(seed: int) -> None:
    """Both causes' shares at each end; without ties, since lifelines moves tied ends about at random."""
    observations = drawn(seed, ties=False, late=True)
    for number, cause in enumerate(CAUSES, start=1):
        incidences = cumulative_incidence(observations, cause)
        fitter = lifelines().AalenJohansenFitter(calculate_variance=False)
        fitter.fit(
            np.array([each.exit for each in observations]),
            np.array([CAUSES.index(each.cause) + 1 if each.cause else 0 for each in observations]),
            event_of_interest=number,
            entry=np.array([each.entry for each in observations]),
        )
        oracle = fitter.cumulative_density_[f"CIF_{number}"]
        expected = {each.days: oracle.loc[each.days] for each in incidences}
        assert {each.days: each.share for each in incidences} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_incidence_with_ties_shares_out_what_lifelines_curve_loses(seed: int) -> None:
    """Where causes tie, each takes its part of the fall of lifelines' survival: another way to the same sum."""
    observations = drawn(seed, ties=True, late=True)
    oracle = by_lifelines(observations)
    for cause in CAUSES:
        incidences, share, before = cumulative_incidence(observations, cause), 0.0, 1.0
        for step in oracle:
            own = sum(each.exit == step.days and each.cause == cause for each in observations)
            share += (before - step.survival) * own / step.ended
            before = step.survival
            assert share_by(incidences, step.days) == pytest.approx(share, abs=1e-9)


def test_the_samples_hold_what_they_are_to_test() -> None:
    """Ties, ties between causes, censoring, late entries, entries at the age of an end: most samples have them."""
    samples = [drawn(seed, ties=True, late=True) for seed in SEEDS]
    ends = [[(each.exit, each.cause) for each in observations if each.cause] for observations in samples]
    assert sum(len(set(each)) < len(each) for each in ends) > 100
    assert sum(len({days for days, _ in each}) < len(set(each)) for each in ends) > 100
    assert sum(any(each.cause is None for each in observations[:-1]) for observations in samples) > 100
    late = [{each.entry for each in observations if each.entry} for observations in samples]
    assert sum(bool(entries & {days for days, _ in end}) for entries, end in zip(late, ends, strict=True)) > 100
    emptied = [kaplan_meier(drawn(seed, ties=True, late=False))[-1].survival == 0 for seed in SEEDS]
    assert 20 < sum(emptied) < 180


def test_scipys_default_limits_are_others() -> None:
    """Linear limits take AML maintained to 18-48 rather than 13-not reached: the method has to be named."""
    linear, log_log = (by_scipy(sample(AML_MAINTAINED), method) for method in ("linear", "log-log"))
    assert [next(step.days for step in linear if limit(step) <= 0.5) for limit in (_lower, _upper)] == [18, 48]
    assert next(step.days for step in log_log if _lower(step) <= 0.5) == 13
    assert not any(_upper(step) <= 0.5 for step in log_log)


def _lower(step: Step) -> float:
    return step.lower if step.lower is not None else 1.0


def _upper(step: Step) -> float:
    return step.upper if step.upper is not None else 1.0


def test_delayed_entry_agrees_with_lifelines_on_the_known_sample() -> None:
    """The seven bugs of the known answer."""
    assert_same(kaplan_meier(DELAYED), by_lifelines(DELAYED))


def test_the_normal_quantile_is_exact() -> None:
    """The z of all limits, to the last digit that it is written with."""
    from scipy.special import ndtri  # type: ignore[import-untyped]  # scipy ships no types

    assert pytest.approx(ndtri(0.975), abs=1e-15) == NORMAL_95


@pytest.fixture
def cases() -> Any:
    """The shared reference data; skip where the folder isn't beside the checkout."""
    if not CASES.exists():
        pytest.skip("the shared reference data isn't here")
    return json.loads(CASES.read_text("utf-8"))


def test_every_shared_sample_comes_out(cases: Any) -> None:
    """Medians, limits, survival and quantiles of each sample, to the digits that the file has."""
    for case in cases["samples"]:
        steps = kaplan_meier([Observation(row["days"], "fixed" if row["fixed"] else None) for row in case["rows"]])
        assert quantile(steps, 0.5) == Quantile(case["median"], *case["median_ci"])
        by_age = {f"{step.days:g}": step for step in steps}
        for age, survival in case.get("survival", {}).items():
            assert by_age[age].survival == pytest.approx(survival, abs=5e-5)
        for age, limits in case.get("survival_ci", {}).items():
            assert [by_age[age].lower, by_age[age].upper] == pytest.approx(limits, abs=5e-5)
        for share, expected in case.get("quantiles", {}).items():
            assert quantile(steps, float(share)) == Quantile(expected["value"], *expected["ci"])


def test_the_other_shared_cases_come_out(cases: Any) -> None:
    """Delayed entry, competing events and the waits read off the curve."""
    rows = cases["delayed_entry"]["rows"]
    delayed = [Observation(row["exit"], "fixed" if row["fixed"] else None, row["entry"]) for row in rows]
    survival = [step.survival for step in kaplan_meier(delayed)]
    assert survival == pytest.approx(cases["delayed_entry"]["survival"], abs=5e-7)
    competing = sample(BB15.replace("200+", "200"), declined=(8, 21, 200))
    shares_at_end = [share_by(cumulative_incidence(competing, cause), 233) for cause in CAUSES]
    expected = cases["competing"]
    assert shares_at_end == pytest.approx([expected["cif_fixed_at_233"], expected["cif_declined_at_233"]], abs=5e-7)
    curve = curve_of(sample(BB15))
    waits = {age: curve.wait(float(age), 0.25) for age in cases["cadence_q25"]["age_to_days"]}
    assert waits == cases["cadence_q25"]["age_to_days"]
