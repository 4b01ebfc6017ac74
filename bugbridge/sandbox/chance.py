"""Reproducible chance: everything random in the seeded history comes from here."""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

Item = TypeVar("Item")


class Chance:
    """Draws from one seed, by `Random.random` alone: Python promises that its sequence never changes."""

    def __init__(self, seed: int) -> None:
        """Start the sequence of this seed."""
        self._source = random.Random(seed)  # noqa: S311 -- a history that anyone can make again; nothing secret

    def share(self) -> float:
        """A number in [0, 1)."""
        return self._source.random()

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.share() < probability

    def between(self, least: float, most: float) -> float:
        """A number in [least, most)."""
        return least + (most - least) * self.share()

    def integer(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self.share() * (most - least + 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely."""
        return items[int(self.share() * len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """The items in another order."""
        return [item for _, item in sorted(((self.share(), item) for item in items), key=lambda pair: pair[0])]

    def lognormal(self, log_mean: float, log_deviation: float) -> float:
        """A draw whose logarithm is normal (Box and Muller 1958)."""
        radius = math.sqrt(-2 * math.log(1 - self.share()))
        return math.exp(log_mean + log_deviation * radius * math.cos(2 * math.pi * self.share()))

    def instant(self, first: datetime, last: datetime) -> datetime:
        """A whole second in [first, last)."""
        return (first + timedelta(seconds=self.between(0, (last - first).total_seconds()))).replace(microsecond=0)

    def later(self, moment: datetime, least_hours: float, most_hours: float) -> datetime:
        """A whole second so many hours after a moment."""
        return (moment + timedelta(hours=self.between(least_hours, most_hours))).replace(microsecond=0)
