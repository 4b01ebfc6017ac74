"""Any audit that could be: names of any text, instants of any year, figures that are there or not."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bugbridge.core.audit_model import (
    Audit,
    Bucket,
    By,
    CurvePoint,
    Difference,
    Exclusion,
    FollowUps,
    Group,
    LeftOut,
    LongHaul,
    NewsCell,
    Period,
    Question,
    Replies,
    ResolvedBug,
    Trust,
    Waiting,
)
from bugbridge.core.model import Frequency
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.spread import Spread
from bugbridge.core.survival import LEAST_FOR_FIGURES, Caution, Quantile
from tests.render.audit_samples import rich

counts = st.integers(0, 10**7)
days = st.floats(0, 10**6, allow_nan=False)
shares = st.floats(0, 1)
names = st.text(max_size=40) | st.sampled_from(
    ["|", "<b>", "=1", "\x1b[31m", "日本語" * 30, "x" * 200, "a\nb", "\ud800"]
)
instants = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC))  # noqa: DTZ001
several = st.lists(names, max_size=3).map(tuple)
quantiles = st.builds(Quantile, *(st.none() | days for _ in range(3)))
promises = st.builds(PromiseCounts, counts, counts, counts, counts)


@st.composite
def spreads(draw: st.DrawFn, least: int = 0) -> Spread:
    """Figures in order, or none of fewer than five."""
    n = draw(st.integers(least, 10**6))
    if n < LEAST_FOR_FIGURES:
        return Spread(n)
    p25, lower, median, upper, p75, p90, worst = sorted(draw(st.lists(days, min_size=7, max_size=7)))
    limits = (lower, upper) if draw(st.booleans()) else (None, None)
    return Spread(n, median, *limits, draw(days), p25, p75, p90, worst)


waitings = st.builds(
    Waiting,
    **dict.fromkeys(("links", "replies", "required", "late", "missed", "news", "news_missed", "reminders"), counts),
    updates=st.integers(10, 20),
    newsful=st.integers(0, 10),
    silences=st.lists(days, max_size=3).map(tuple),
    promises=promises,
)


@st.composite
def bugs(draw: st.DrawFn) -> ResolvedBug:
    """A bug of any name, fixed after it was reported."""
    reported_at, fixed_at = sorted((draw(instants), draw(instants)))
    return ResolvedBug(
        reference=draw(names),
        reported_at=reported_at,
        fixed_at=fixed_at,
        first_fixed_at=draw(st.none() | st.just(fixed_at)),
        released_at=draw(st.none() | st.just(fixed_at)),
        closes=draw(st.none() | counts),
        frequency=draw(st.sampled_from(Frequency)),
        tiers=draw(several),
        tracker=draw(names),
        brands=draw(several),
        labels=draw(several),
        links=draw(counts),
        waiting=draw(st.none() | waitings),
        updates=draw(st.none() | counts),
    )


replies = st.builds(
    Replies,
    *(counts for _ in range(15)),
    silence=spreads(),
    news_delay=spreads(),
    told_after=spreads(),
    told_certain=counts,
    told_probable=counts,
    not_told=counts,
    promises=promises,
)
buckets = st.lists(st.builds(Bucket, days, st.none() | days.map(lambda most: most + 0.1), counts), max_size=3).map(
    tuple
)
periods = st.builds(
    Period,
    opens_at=st.none() | instants,
    bugs=counts,
    fixed=counts,
    declined=counts,
    open=counts,
    median=quantiles,
    declined_share=shares,
    curve=st.lists(st.builds(CurvePoint, days, shares, st.none() | shares, st.none() | shares), max_size=40).map(tuple),
    cautions=st.lists(st.sampled_from(Caution), unique=True).map(tuple),
)
questions = st.builds(
    Question, last=st.none() | counts, since=st.none() | instants, by=st.lists(st.sampled_from(By)).map(tuple)
)
exclusions = st.builds(Exclusion, st.sampled_from(LeftOut), st.integers(1, 10**7), several)


@st.composite
def audits(draw: st.DrawFn) -> Audit:
    """Any audit; its count is that of its figures."""
    days_to_fix = draw(spreads())
    listed = tuple(draw(st.lists(bugs(), max_size=3)))
    return Audit(
        made_at=draw(instants),
        question=draw(questions),
        n=days_to_fix.n,
        days_to_fix=days_to_fix,
        days_to_first_close=draw(spreads()),
        days_to_release=draw(spreads()),
        release_median=draw(quantiles),
        unreleased=draw(counts),
        reopened_share=draw(st.none() | shares),
        groups=tuple(
            draw(st.lists(st.builds(Group, st.sampled_from(By), names, spreads(1), counts, counts), max_size=4))
        ),
        groups_left_out=draw(st.dictionaries(st.sampled_from(By), counts)),
        period=draw(st.none() | periods),
        trust=draw(st.sampled_from(Trust)),
        differences=tuple(draw(st.lists(st.sampled_from(Difference), unique=True))),
        replies=draw(replies),
        follow_ups=draw(st.sampled_from(FollowUps)),
        fix_times=draw(buckets),
        open_ages=draw(buckets),
        open_days=draw(spreads()),
        news_cells=tuple(draw(st.lists(st.builds(NewsCell, counts, counts, counts), max_size=20))),
        slowest=listed,
        bugs=listed,
        excluded=tuple(draw(st.lists(exclusions, max_size=4))),
        advice=draw(st.sampled_from(((), rich().advice))),
        long_haul=draw(st.none() | st.builds(LongHaul, st.floats(0, 10_000), st.integers(1, 90))),
        origin=draw(st.just("") | names),
    )
