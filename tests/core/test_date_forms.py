"""Dates as spreadsheets write them are read in the form that is said, and never guessed."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.date_forms import LIKE, DateForm, forms_of, iso_text

DOTS, MONTH_DAY, DAY_MONTH = DateForm.DAY_MONTH_DOTS, DateForm.MONTH_DAY, DateForm.DAY_MONTH


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        (DOTS, "28.10.2025", "2025-10-28"),
        (DOTS, "1.9.2025 8:05", "2025-09-01 08:05:00"),
        (DOTS, "01.09.2025, 15:21:07", "2025-09-01 15:21:07"),
        (MONTH_DAY, "4/2/2026 3:21 PM", "2026-04-02 15:21:00"),
        (DAY_MONTH, "4/2/2026 3:21 PM", "2026-02-04 15:21:00"),
        (MONTH_DAY, "4/2/2026 3:21\N{NARROW NO-BREAK SPACE}pm", "2026-04-02 15:21:00"),
        (MONTH_DAY, "4/2/2026 12:00AM", "2026-04-02 00:00:00"),
        (MONTH_DAY, "4/2/2026 12:30:01 PM", "2026-04-02 12:30:01"),
        (DateForm.ISO, "2026-W23-1", "2026-W23-1"),
    ],
)
def test_a_date_is_read_in_its_form(form: DateForm, text: str, iso: str) -> None:
    """With a time or without; 4/2/2026 is another day in each of two forms."""
    assert iso_text(text, form) == iso


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (DOTS, "4/2/2026"),
        (DOTS, "2026-04-02"),
        (DOTS, "1.9.25"),
        (DOTS, "31.2.2026"),
        (DOTS, "1.9.2025 24:00"),
        (DOTS, "1.9.2025 8"),
        (DOTS, "1.9.2025T08:00"),
        (DOTS, " 1.9.2025"),
        (DOTS, "1.9.2025\n"),
        (DOTS, "\N{ARABIC-INDIC DIGIT ONE}.9.2025"),
        (MONTH_DAY, "13/1/2026"),
        (MONTH_DAY, "4/2/2026 13:21 PM"),
        (MONTH_DAY, "4/2/2026 0:21 AM"),
        (DAY_MONTH, "1/13/2026"),
        (DAY_MONTH, "1/1/0000"),
    ],
)
def test_nothing_else_is_a_date_in_it(form: DateForm, text: str) -> None:
    """Nothing is guessed, completed or moved."""
    with pytest.raises(ValueError, match=r"."):
        iso_text(text, form)


def test_the_forms_of_a_text_are_all_in_which_it_is_a_date() -> None:
    """Two where day and month can't be told apart, none where it is no date."""
    assert forms_of("4/2/2026") == (MONTH_DAY, DAY_MONTH)
    assert forms_of("28/10/2025") == (DAY_MONTH,)
    assert forms_of("soon") == ()
    assert {form: forms_of(text) for form, text in LIKE.items()} == {form: (form,) for form in DateForm}


@given(st.dates(), st.none() | st.times().map(lambda at: at.replace(microsecond=0)), st.booleans())
def test_what_is_written_in_a_form_is_read_as_it_was_meant(day: date, at: time | None, is_halved: bool) -> None:  # noqa: FBT001 - a property's choice
    """For every day, and every second of it, of 24 hours or of two halves."""
    hours = "%I:%M:%S %p" if is_halved else "%H:%M:%S"
    clock = "" if at is None else f" {at.strftime(hours)}"
    for form, order in {DOTS: "{2}.{1}.{0:04}", MONTH_DAY: "{1}/{2}/{0:04}", DAY_MONTH: "{2}/{1}/{0:04}"}.items():
        read = iso_text(order.format(day.year, day.month, day.day) + clock, form)
        assert datetime.fromisoformat(read) == datetime.combine(day, at or time(0))
        assert (len(read) == len("2026-03-31")) == (at is None)


@given(st.text(), st.sampled_from(DateForm))
def test_any_text_is_a_date_or_refused(text: str, form: DateForm) -> None:
    """Never anything else."""
    assert form not in forms_of(text) or datetime.fromisoformat(iso_text(text, form))
