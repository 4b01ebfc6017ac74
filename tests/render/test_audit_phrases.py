"""How an audit writes durations, shares, spans and names."""

import pytest

from bugbridge.core.audit_model import Bucket
from bugbridge.render.audit_phrases import ages, as_written, duration, figure, percent, some_of


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0.0, "less than a minute"),
        (1 / 1440, "1 minute"),
        (0.5, "12 hours"),
        (1.9, "46 hours"),
        (2.0, "2 days"),
        (4.1564, "4.2 days"),
        (9.97, "10 days"),
        (41.005, "41 days"),
        (1052.7, "1,053 days"),
    ],
)
def test_durations_are_as_exact_as_is_useful(days: float, words: str) -> None:
    """Minutes, hours, days with a decimal, whole days."""
    assert duration(days) == words


def test_small_and_large_shares_keep_their_distance() -> None:
    """Nearly all isn't all, and hardly any isn't none."""
    assert [percent(share) for share in (0, 0.001, 0.184, 0.999, 1)] == [
        "0 %",
        "under 1 %",
        "18 %",
        "over 99 %",
        "100 %",
    ]


def test_figures_in_tables_show_that_something_is_there() -> None:
    """A figure that is missing isn't nought, and a small one neither."""
    assert [figure(days) for days in (None, 0, 0.003, 0.21, 4.2, 1052.7)] == ["-", "0", "<0.01", "0.21", "4.2", "1,053"]


def test_figures_that_are_rounded_up_look_like_those_above_them() -> None:
    """Nearly a day and nearly ten days have no more decimals than one day and ten."""
    assert [figure(days) for days in (0.994, 0.996, 1, 9.94, 9.96, 10)] == ["0.99", "1.0", "1.0", "9.9", "10", "10"]


def test_as_written_is_what_the_words_say() -> None:
    """In days again, whatever the unit."""
    assert [as_written(days) for days in (200.43, 0.49, 4.1564)] == [200, 0.5, 4.2]


@pytest.mark.parametrize(
    ("least", "most", "name"),
    [
        (0, 1 / 24, "under 1 hour"),
        (1 / 24, 1 / 4, "1 to 6 hours"),
        (1 / 4, 1, "6 hours to 1 day"),
        (1, 3, "1 to 3 days"),
        (730, 1461, "730 to 1,461 days"),
        (5844, None, "5,844 days or more"),
    ],
)
def test_spans_are_named_as_people_think_of_them(least: float, most: float | None, name: str) -> None:
    """Hours below a day."""
    assert ages(Bucket(least, most, 1)) == name


def test_overlong_names_are_cut_where_people_read_them() -> None:
    """Visibly, so that nobody takes the rest for the whole."""
    assert some_of(["x" * 500, "b"], 4) == f"{'x' * 120}…, b and 2 more"
