"""Chance for the intervals of a replay, as commands, pages and messages share it: the core knows none."""

from collections.abc import Iterator, Sequence
from random import Random

# Everybody's intervals are the same for the same history.
SEED = 20_260_615


def draws(count: int) -> Iterator[Sequence[int]]:
    """Draw so many of so many bugs with replacement, 2,000 times; the same draws in every run."""
    from bugbridge.core.replay_report import DRAWS

    source = Random(SEED)  # noqa: S311 - statistics that anyone can make again; nothing secret
    return ([int(source.random() * count) for _ in range(count)] for _ in range(DRAWS))
