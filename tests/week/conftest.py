"""The week, played once for all tests of a file that look at it."""

from collections.abc import Iterator

import pytest

from scripts.week.desk import Desk
from scripts.week.play import play


@pytest.fixture(scope="module")
def week() -> Iterator[Desk]:
    """Give the desk as it is on the Friday evening."""
    with Desk() as desk:
        play(desk)
        yield desk
