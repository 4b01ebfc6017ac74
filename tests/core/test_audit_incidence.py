"""The share of bugs that wait for a fix, from columns: the same as from lists, with limits that two oracles know."""

from collections.abc import Sequence

import numpy as np
import pytest

from bugbridge.core.incidence import Watched, column, falls, median_wait, risk_sets
from bugbridge.core.survival import Observation, Quantile, cumulative_incidence, kaplan_meier, quantile
from tests.core.test_survival import SIX_MP, sample
from tests.core.test_survival_oracles import CAUSES, SEEDS, drawn, lifelines

# What limits lose to rounding, in columns and in lists.
NEAR = 1e-9


def columns(observations: Sequence[Observation]) -> Watched:
    """The same bugs as columns."""
    return Watched(
        column(each.entry for each in observations if each.entry),
        *(column(each.exit for each in observations if each.cause == cause) for cause in (*CAUSES, None)),
    )


def only_fixes(observations: Sequence[Observation]) -> list[Observation]:
    """The same bugs with every end a fix: nothing competes."""
    return [Observation(each.exit, each.cause and "fixed", each.entry) for each in observations]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_declined_bugs_it_is_the_kaplan_meier_estimate_with_its_limits(seed: int) -> None:
    """Every step, its bugs at risk, its share and its limits, and the median's."""
    observations = only_fixes(drawn(seed, ties=True, late=True))
    found, expected = list(falls(risk_sets(columns(observations)))), kaplan_meier(observations)
    assert [(fall.days, fall.at_risk) for fall in found] == [(step.days, step.at_risk) for step in expected]
    assert [fall.open for fall in found] == pytest.approx([step.survival for step in expected])
    assert [fall.waiting for fall in found] == pytest.approx([step.survival for step in expected], abs=NEAR)
    limits = [(fall.lower, fall.upper) for fall in found if fall.lower is not None and fall.upper is not None]
    known = [(step.lower, step.upper) for step in expected if step.lower is not None and step.upper is not None]
    assert np.array(limits) == pytest.approx(np.array(known), abs=NEAR)
    assert median_wait(columns(observations)) == quantile(expected, 0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_declined_bugs_it_is_one_minus_the_incidence_of_fixes(seed: int) -> None:
    """The share at each fix, whatever ties; what isn't open any more was fixed or declined."""
    observations = drawn(seed, ties=True, late=True)
    found = {fall.days: fall for fall in falls(risk_sets(columns(observations)))}
    fixed, declined = (cumulative_incidence(observations, cause) for cause in CAUSES)
    assert [1 - found[each.days].waiting for each in fixed] == pytest.approx([each.share for each in fixed], abs=NEAR)
    shares = [found[each.days].waiting - found[each.days].open for each in declined]
    assert shares == pytest.approx([each.share for each in declined], abs=NEAR)


@pytest.mark.parametrize("seed", range(60))
def test_the_variance_is_that_of_lifelines(seed: int) -> None:
    """Its variance at each fix makes our limits by the log-log transformation of what waits."""
    observations = drawn(seed, ties=False, late=True)
    fitter = lifelines().AalenJohansenFitter()
    fitter.fit(
        np.array([each.exit for each in observations]),
        np.array([CAUSES.index(each.cause) + 1 if each.cause else 0 for each in observations]),
        event_of_interest=1,
        entry=np.array([each.entry for each in observations]),
    )
    for fall in falls(risk_sets(columns(observations))):
        waiting = 1 - fitter.cumulative_density_["CIF_1"].loc[fall.days]
        if fall.lower is not None:
            spread = 1.959963984540054 * fitter.variance_.loc[fall.days] ** 0.5 / (waiting * -np.log(waiting))
            expected = (waiting ** np.exp(spread), waiting ** np.exp(-spread))
            assert (fall.lower, fall.upper) == pytest.approx(expected, abs=NEAR)


def test_the_median_counts_the_declined_as_never_fixed() -> None:
    """Ten bugs, the first two declined: half of the ten are fixed by day 7, half of the other eight by day 6."""
    observations = sample("1,2,3,4,5,6,7,8,9,10", declined=(1, 2))
    assert median_wait(columns(observations)).days == 7
    others = [Observation(each.exit, each.cause if each.cause == "fixed" else None) for each in observations]
    assert quantile(kaplan_meier(others), 0.5).days == 6


def test_the_median_of_the_6_mp_sample() -> None:
    """A textbook's answer, by columns."""
    assert median_wait(columns(sample(SIX_MP))) == Quantile(23, 13, None)


def test_where_nothing_ended_nothing_falls() -> None:
    """No bug, or open ones alone."""
    assert [*falls(risk_sets(Watched())), *falls(risk_sets(columns([Observation(5, None)])))] == []


def test_a_share_without_spread_has_no_limits() -> None:
    """A first bug alone at risk takes all down: declined, nothing will ever be fixed; fixed, nothing waits."""
    for cause, waiting in (("declined", 1), ("fixed", 0)):
        found = list(falls(risk_sets(columns([Observation(5, cause), Observation(20, "fixed", 10)]))))
        assert [(fall.waiting, fall.lower, fall.upper) for fall in found] == [(waiting, None, None)] * 2
