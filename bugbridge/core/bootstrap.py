"""Intervals by resampling. Chance is handed in as draws, so that the same draws give the same interval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from statistics import fmean

from bugbridge.core.spread import percentile

LOW, HIGH = 0.025, 0.975  # the middle 95 % of the draws
LEAST = 2  # one bug can't be resampled

Paired = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of differences, over the `n` pairs that can be compared, with its 95 % interval; none below two."""

    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None


def paired_differences(differences: Mapping[str, Paired], draws: Iterable[Sequence[int]]) -> Mapping[str, Difference]:
    """Give each column's mean with its percentile interval, over draws of rows with replacement.

    All columns have a row for each bug, None where it can't be compared; each draw holds as many row numbers as there
    are rows. A draw without a comparable row says nothing of that column. Efron 1979, "Bootstrap methods"; the
    percentile interval is Efron 1981's.
    """
    means: dict[str, list[float]] = {name: [] for name in differences}
    columns = {name: _with_weights(column) for name, column in differences.items()}
    for draw in draws:
        if len(draw) < LEAST:
            break
        drawn = itemgetter(*draw)
        for name, (values, weights) in columns.items():
            weight = sum(drawn(weights)) if weights else len(draw)
            if weight:
                means[name].append(sum(drawn(values)) / weight)
    return {name: _difference(column, sorted(means[name])) for name, column in differences.items()}


def _with_weights(column: Paired) -> tuple[list[float], list[int]]:
    """Give the values with 0 for none, and what each row weighs; no weights where every row can be compared."""
    weights = [int(value is not None) for value in column]
    return [value or 0.0 for value in column], [] if all(weights) else weights


def _difference(column: Paired, means: Sequence[float]) -> Difference:
    known = [value for value in column if value is not None]
    if not known:
        return Difference(0)
    if len(known) < LEAST or not means:
        return Difference(len(known), fmean(known))
    return Difference(len(known), fmean(known), percentile(means, LOW), percentile(means, HIGH))
