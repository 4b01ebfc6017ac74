"""An audit on a terminal of 80 columns."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from bugbridge.core.audit_model import Audit, By, Group
from bugbridge.render.audit_text import _wrapped, audit_text
from tests.render.audit_samples import SAMPLES, few, hostile, rich

ZONE = "Europe/Berlin"


def lines(audit: Audit) -> list[str]:
    """The lines of the report."""
    return audit_text(audit, ZONE).splitlines()


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_line_fits_a_terminal(sample: str) -> None:
    """80 columns, and no blanks at an end."""
    text = lines(SAMPLES[sample]())
    assert max(map(cell_len, text)) <= 80
    assert text == [line.rstrip() for line in text]


def test_the_report_begins_with_what_matters() -> None:
    """The title, the ninth sentence, and nothing before them."""
    assert lines(rich())[:5] == [
        "Bug audit, 2026-06-15",
        "=====================",
        "",
        "Half of your last 100 bugs were fixed within 41 days; 10 took over 200. You sent",
        "260 updates; 212 carried no news.",
    ]


def test_tables_stand_side_by_side() -> None:
    """Figures to the right, under their columns."""
    text = lines(rich())
    assert "days from report         bugs  median         mean  25 %  75 %  90 %  worst" in text
    assert "to the fix (last close)   100  41 (29 to 57)    88    18    95   200  1,053" in text


def test_times_are_drawn_as_bars() -> None:
    """As long as they are many."""
    text = lines(rich())
    assert f"30 to 91 days        34  {'#' * 40}" in text
    assert "730 to 1,461 days     1  #" in text


def test_a_warning_is_called_one() -> None:
    """Without colours nothing else sets it apart."""
    assert any(line.startswith("Warning: 12 bugs are few") for line in lines(few()))


def test_a_number_stays_with_its_percent_sign() -> None:
    """However the lines are broken."""
    assert not [line for line in lines(rich()) if line.strip().startswith("%")]


def test_a_dash_stays_with_what_it_is_of() -> None:
    """Where rows stand one by one, `worst -` isn't parted."""
    assert _wrapped("bugs 4, median -, 90 % -, worst -", 31) == ["bugs 4, median -, 90 % -,", "worst -"]


def test_a_table_that_cannot_fit_has_its_rows_one_by_one() -> None:
    """Each figure with the name of its column."""
    wide = replace(rich().days_to_fix, p90=10.0**18, worst=10.0**18)
    text = lines(replace(rich(), groups=(Group(By.TIER, "gold", wide, 5, 4),)))
    begins = text.index("gold")
    assert text[begins + 1] == "    bugs 100, median 41 (29 to 57), 90 % 1,000,000,000,000,000,000, worst"


def test_hostile_names_are_text_on_their_line() -> None:
    """No escape, no line of their own, nothing that reorders."""
    text = audit_text(hostile(), ZONE)
    assert "=1+1|<script>alert('1')</script>`*_[a](" in text
    assert not {"\x1b", "\x00", "\u202e"} & set(text)
    assert not [line for line in text.splitlines() if line.startswith("# {{")]
