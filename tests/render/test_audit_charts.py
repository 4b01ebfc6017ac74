"""The charts of an audit: what they show lies where it should, and nothing of pygal's but shapes and words is left."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from math import log10
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugbridge.core.audit_model import Audit, Bucket, CurvePoint, NewsCell, Period
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Quantile
from bugbridge.render.audit_charts import drawn
from bugbridge.render.audit_document import ChartKind
from bugbridge.render.chart_axes import age_axis, age_name, age_place, count_axis, thinned
from bugbridge.render.chart_drawing import HEIGHT, NAMESPACE, WIDTH
from tests.render.audit_samples import SAMPLES, empty, from_csv, rich
from tests.render.audit_strategies import audits

ROOT = Path(__file__).parents[2]
SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LOOKS = ("over", "even", "under")
NUMBER = r"-?\d+(?:\.\d+)?"


def svg(kind: ChartKind, audit: Audit) -> Element:
    """A chart's picture, read as XML."""
    drawing = drawn(kind, audit, "its-name", "its-description")
    assert drawing is not None
    return fromstring(drawing.svg)  # noqa: S314 (the project's own)


def words(picture: Element, look: str = "") -> list[str]:
    """What is written in a picture, or in the layers of one look."""
    return [str(text.text) for part in layers(picture, look) for text in part.iter(f"{{{NAMESPACE}}}text")]


def layers(picture: Element, look: str) -> list[Element]:
    """The picture's groups of one look, or the picture."""
    groups = picture.iter(f"{{{NAMESPACE}}}g")
    return [group for group in groups if look in group.get("class", "").split()] if look else [picture]


def path(picture: Element, look: str) -> list[tuple[float, float]]:
    """The places that a layer's first line goes through."""
    [line] = [one for part in layers(picture, look) for one in part.iter(f"{{{NAMESPACE}}}path")][:1]
    return [(float(x), float(y)) for x, y in re.findall(rf"({NUMBER}) ({NUMBER})", line.get("d", ""))]


def dots(picture: Element, look: str) -> list[tuple[float, float, float]]:
    """Place and radius of a layer's dots."""
    circles = [one for part in layers(picture, look) for one in part.iter(f"{{{NAMESPACE}}}circle")]
    return [(float(one.get("cx", "")), float(one.get("cy", "")), float(one.get("r", ""))) for one in circles]


def with_curve(*points: CurvePoint, median: float | None = None, last: float | None = None) -> Audit:
    """An audit with a curve, and its two medians."""
    period = Period(None, 10, 5, 0, 5, Quantile(median, None, None), curve=points)
    return replace(empty(), n=10, period=period, days_to_fix=Spread(10, last))


@pytest.mark.parametrize("kind", ChartKind)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_picture_holds_shapes_and_words_alone(kind: ChartKind, sample: str) -> None:
    """No script, style, tooltip, comment, id or address, whatever the library puts in."""
    drawing = drawn(kind, SAMPLES[sample](), "its-name", "its-description")
    if drawing is None:
        return
    text = drawing.svg.replace(f'xmlns="{NAMESPACE}"', "")
    assert re.findall(r"<script|<style|<!--|<title|<desc| id=| style=|https?:|href|url\(|pygal", text) == []
    kinds = {one.tag.partition("}")[2] for one in svg(kind, SAMPLES[sample]()).iter()}
    assert kinds <= {"svg", "g", "path", "circle", "text"}


@pytest.mark.parametrize("kind", ChartKind)
def test_a_picture_has_a_name_and_a_description(kind: ChartKind) -> None:
    """For whoever can't see it: those of the page's elements that it is told."""
    picture = svg(kind, rich())
    given = [picture.get(name) for name in ("role", "aria-labelledby", "aria-describedby")]
    assert given == ["img", "its-name", "its-description"]


def test_the_same_audit_gives_the_same_page_in_every_process() -> None:
    """Nothing depends on the time, on chance or on how Python hashes."""
    program = (
        "from tests.render.audit_samples import rich; from bugbridge.render.audit_page import audit_page; "
        "print(audit_page(rich(), 'Europe/Berlin'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_where_nothing_is_known_nothing_is_drawn() -> None:
    """An empty audit has no chart; one of a file of fixed bugs has their times."""
    assert [drawn(kind, empty(), "a", "b") for kind in ChartKind] == [None] * 4
    assert [kind for kind in ChartKind if drawn(kind, from_csv(), "a", "b")] == [ChartKind.FIX_TIMES]


@SLOW
@given(audits(), st.sampled_from(ChartKind))
def test_any_audit_can_be_drawn(audit: Audit, kind: ChartKind) -> None:
    """Curves of one point, limits that lack, spans of zero and of millions of days; every place is a number."""
    drawing = drawn(kind, audit, "a", "b")
    if drawing is not None:
        assert svg(kind, audit).get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
        assert re.findall(r"nan|inf|None", drawing.svg) == []


def test_the_curve_falls_in_steps_and_ends_where_knowledge_ends() -> None:
    """It stays level until the next point, and nothing is drawn beyond the last."""
    points = (CurvePoint(2.0, 0.8), CurvePoint(20.0, 0.4), CurvePoint(200.0, 0.3))
    curve = path(svg(ChartKind.SURVIVAL, with_curve(*points)), "curve")
    assert all(before[0] == after[0] or before[1] == after[1] for before, after in pairwise(curve))
    assert curve == sorted(curve)
    widest = max(x for x, _ in curve)
    assert widest == curve[-1][0] < WIDTH
    assert curve[-1][1] > curve[0][1]


def test_ages_are_on_a_logarithmic_scale() -> None:
    """From 2 to 20 days is as far as from 20 to 200."""
    points = (CurvePoint(2.0, 0.8), CurvePoint(20.0, 0.4), CurvePoint(200.0, 0.3))
    places = sorted({x for x, _ in path(svg(ChartKind.SURVIVAL, with_curve(*points)), "curve")})
    first, second, third = places[-3:]
    assert third - second == pytest.approx(second - first, abs=0.3)


def test_the_band_lies_around_the_curve_where_there_are_limits() -> None:
    """It goes out along the upper limits and home along the lower ones; a point without limits leaves it as it was."""
    points = (CurvePoint(2.0, 0.8, 0.6, 0.9), CurvePoint(20.0, 0.4, 0.2, 0.6), CurvePoint(200.0, 0.0))
    picture = svg(ChartKind.SURVIVAL, with_curve(*points))
    band, curve = path(picture, "band"), path(picture, "curve")
    assert max(x for x, _ in band) < max(x for x, _ in curve)
    heights = [min(y for x, y in band if x == place) for place in {x for x, _ in band}]
    assert len(heights) >= 2


def test_both_medians_are_marked_with_words() -> None:
    """That of the bugs fixed last with a line, that of all bugs on the curve."""
    picture = svg(ChartKind.SURVIVAL, rich())
    assert words(picture, "mark") == ["last 100: half by 41 days"]
    assert words(picture, "half") == ["all bugs: half by 49 days"]
    [(line, _), (same, _)] = path(picture, "mark")
    [(dot, _, _)] = dots(picture, "half")
    assert line == same < dot


@pytest.mark.parametrize(("last", "look"), [(60.0, "leftward"), (25.0, "rightward"), (2_000.0, "rightward")])
def test_the_line_of_one_median_does_not_cross_the_words_of_the_other(last: float, look: str) -> None:
    """Where it would pass on their right, and there is room on the left, they stand there."""
    audit = with_curve(CurvePoint(1.0, 0.9), CurvePoint(30.0, 0.5), CurvePoint(1_000.0, 0.3), median=30.0, last=last)
    assert "all bugs: half by 30 days" in words(svg(ChartKind.SURVIVAL, audit), look)


def test_a_median_that_is_not_known_is_not_marked() -> None:
    """Neither where too few were fixed, nor where the curve never reaches the half."""
    picture = svg(ChartKind.SURVIVAL, with_curve(CurvePoint(2.0, 0.8)))
    assert words(picture, "mark") == words(picture, "half") == []


def test_all_fixed_bugs_are_not_called_the_last_ones() -> None:
    """Where all were asked for, the mark says how many they are."""
    audit = with_curve(CurvePoint(2.0, 0.4), median=2.0, last=3.0)
    all_of_them = replace(audit, question=replace(audit.question, last=None))
    assert words(svg(ChartKind.SURVIVAL, all_of_them), "mark") == ["10 fixed: half by 3 days"]
    assert words(svg(ChartKind.SURVIVAL, audit), "mark") == ["10 fixed: half by 3 days"]
    as_asked = replace(audit, question=replace(audit.question, last=10))
    assert words(svg(ChartKind.SURVIVAL, as_asked), "mark") == ["last 10: half by 3 days"]


def test_a_median_far_beyond_the_curve_has_its_place() -> None:
    """Old bugs closed in bulk: the last ones took 741 days where the curve ends at 100."""
    picture = svg(ChartKind.SURVIVAL, with_curve(CurvePoint(2.0, 0.8), CurvePoint(100.0, 0.4), median=80.0, last=741.0))
    [(line, _), _] = path(picture, "mark")
    assert max(x for x, _ in path(picture, "curve")) < line < WIDTH


def test_a_curve_of_many_steps_stays_small() -> None:
    """Of steps that no eye could tell apart one is drawn: 100,000 take no more room than a few hundred."""
    points = tuple(CurvePoint(1 + step / 100, 1 - step / 100_000, 0.0, 1.0) for step in range(100_000))
    drawing = drawn(ChartKind.SURVIVAL, with_curve(*points), "a", "b")
    assert drawing is not None
    assert len(drawing.svg) < 100_000


def test_bars_have_their_counts_and_their_edges() -> None:
    """Edges are named; the last bucket has no end, the first begins at zero; an empty one in between stays empty."""
    buckets = (Bucket(0.0, 1 / 24, 3), Bucket(1 / 24, 1.0, 0), Bucket(1.0, 7.0, 12), Bucket(7.0, None, 1))
    picture = svg(ChartKind.FIX_TIMES, replace(empty(), fix_times=buckets))
    assert words(picture, "counts") == ["3", "12", "1"]
    assert words(picture, "x") == ["0", "1 h", "1", "7"]


def test_a_bar_is_as_high_as_its_count() -> None:
    """Twice the bugs, twice the height, from a common ground."""
    picture = svg(ChartKind.OPEN_BY_AGE, replace(empty(), open_ages=(Bucket(1.0, 2.0, 4), Bucket(2.0, 4.0, 8))))
    heights = sorted({y for _, y in path(picture, "bars")}, reverse=True)
    ground, low, high = heights
    assert ground - high == pytest.approx(2 * (ground - low), abs=0.3)


def test_fix_times_mark_the_half_and_nine_of_ten() -> None:
    """Each where it lies, in a row of its own."""
    picture = svg(ChartKind.FIX_TIMES, rich())
    assert words(picture, "mark") == ["half by 41 days", "9 of 10 by 200 days"]
    assert words(svg(ChartKind.OPEN_BY_AGE, rich()), "mark") == ["half are older than 262 days"]


def test_dots_lie_over_on_or_under_the_line() -> None:
    """By whether a bug had more updates than news, as many, or fewer; the area says how many bugs."""
    cells = (NewsCell(1, 3, 16), NewsCell(2, 2, 4), NewsCell(3, 1, 1))
    picture = svg(ChartKind.UPDATES_AGAINST_NEWS, replace(empty(), news_cells=cells))
    [(_, over, large)], [(_, even, middle)], [(_, under, small)] = (dots(picture, look) for look in LOOKS)
    assert over < even < under
    assert (large / middle, middle / small) == (pytest.approx(2, abs=0.1), pytest.approx(2, abs=0.1))
    assert words(picture, "numbers") == ["16", "4", "1"]


def test_odd_bugs_share_the_last_place() -> None:
    """One with 400 updates doesn't squeeze all others into a corner; the axis says that more is there."""
    cells = (NewsCell(1, 1, 5), NewsCell(1, 40, 2), NewsCell(1, 400, 1))
    picture = svg(ChartKind.UPDATES_AGAINST_NEWS, replace(empty(), news_cells=cells))
    assert words(picture, "numbers") == ["5", "3"]
    assert words(picture, "y")[-1] == "12+"


def test_a_cell_without_bugs_is_no_dot() -> None:
    """And where no cell has any, there is no chart."""
    audit = replace(empty(), news_cells=(NewsCell(1, 1, 0),))
    assert drawn(ChartKind.UPDATES_AGAINST_NEWS, audit, "a", "b") is None


@pytest.mark.parametrize(
    ("days", "name"), [(0, "0"), (1 / 1440, "1 min"), (1 / 24, "1 h"), (0.25, "6 h"), (1, "1"), (1461, "1,461")]
)
def test_ages_have_brief_names(days: float, name: str) -> None:
    """Days without a unit, which the axis has; less than a day with its own."""
    assert age_name(days) == name


def test_an_age_before_the_axis_lies_at_its_beginning() -> None:
    """Zero days have no logarithm."""
    axis = age_axis(1.0, 100.0, (1.0, 10.0))
    assert [age_place(days, axis) for days in (0.0, 0.5, 10.0)] == [0.0, 0.0, log10(10)]


@given(st.integers(1, 10**9))
def test_counts_are_named_in_whole_steps(most: int) -> None:
    """At most six names, in steps that people count in, up to the most or nearly."""
    places = [place for place, _ in count_axis(most).ticks]
    assert 2 <= len(places) <= 6
    assert len({after - before for before, after in pairwise(places)}) == 1
    assert most - places[1] < places[-1] <= most


@given(st.lists(st.floats(0, 1), max_size=60))
def test_names_on_an_axis_never_run_into_each_other(places: list[float]) -> None:
    """The first stays, and whichever has room after the one before."""
    kept = [place for place, _ in thinned([(place, "7") for place in sorted(places)], 0.0, 1.0)]
    assert kept[:1] == sorted(places)[:1]
    assert all(after - before >= 0.07 for before, after in pairwise(kept))
