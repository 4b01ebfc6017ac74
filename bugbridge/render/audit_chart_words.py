"""What the pictures of an audit show, in sentences and in small tables."""

from collections.abc import Iterable, Iterator, Sequence

from bugbridge.core.audit_model import Audit, Bucket, CurvePoint, NewsCell
from bugbridge.core.survival import TOLERANCE
from bugbridge.render.audit_document import Chart, ChartKind, Section, Table
from bugbridge.render.audit_phrases import NONE, ages, counted, duration, figure, percent

QUARTERS = {0.75: "a quarter", 0.5: "half", 0.25: "three quarters"}
# Rows that show the run of a curve, or the commonest pairs of news and updates.
SHOWN = 12
BAR, LONGEST_BAR = "#", 40


def charts_section(audit: Audit) -> Section:
    """Put each picture that has something to show beside its sentence."""
    return Section("charts", "In pictures", tuple(_charts(audit)))


def _charts(audit: Audit) -> Iterator[Chart]:
    if audit.period is not None and audit.period.curve:
        yield Chart(ChartKind.SURVIVAL, "How many bugs still wait for a fix, by age", _survival(audit))
    if audit.days_to_fix.median is not None and any(bucket.count for bucket in audit.fix_times):
        yield Chart(ChartKind.FIX_TIMES, "How long fixes took", _fix_times(audit))
    if audit.news_cells:
        yield Chart(ChartKind.UPDATES_AGAINST_NEWS, "Updates against news, bug by bug", _news(audit.news_cells))
    if any(bucket.count for bucket in audit.open_ages):
        yield Chart(ChartKind.OPEN_BY_AGE, "Open bugs by age", _open(audit.open_ages))


def _survival(audit: Audit) -> str:
    curve = audit.period.curve if audit.period else ()
    reached = [(part, _age(curve, left)) for left, part in QUARTERS.items()]
    said = [f"{part} within {duration(age)}" for part, age in reached if age is not None]
    last = f"after {duration(curve[-1].days)}, {percent(curve[-1].waiting)} have had no fix"
    fixed = f"{', '.join(said)} are fixed; {last}" if said else last
    return f"Of all bugs reported, {fixed}.{_marked(audit)}"


def _age(curve: Sequence[CurvePoint], left: float) -> float | None:
    return next((point.days for point in curve if point.waiting <= left + TOLERANCE), None)


def _marked(audit: Audit) -> str:
    median = audit.days_to_fix.median
    return "" if median is None else f" For comparison: the bugs fixed last took {duration(median)} in the middle."


def _fix_times(audit: Audit) -> str:
    most = max(audit.fix_times, key=lambda bucket: bucket.count)
    total = sum(bucket.count for bucket in audit.fix_times)
    worst = audit.days_to_fix.worst or 0.0
    return (
        f"Of {counted(total, 'bug')}, {most.count:,} took {ages(most)}, more than in any other bar; the slowest took "
        f"{duration(worst)}."
    )


def _news(cells: Iterable[NewsCell]) -> str:
    more = fewer = even = 0
    for cell in cells:
        more += cell.bugs if cell.updates > cell.news else 0
        fewer += cell.bugs if cell.updates < cell.news else 0
        even += cell.bugs if cell.updates == cell.news else 0
    bugs = counted(more + fewer + even, "bug")
    return f"Of {bugs}, {more:,} had more updates than news, {even:,} as many, {fewer:,} fewer; both for each link."


def _open(buckets: Iterable[Bucket]) -> str:
    given = [bucket for bucket in buckets if bucket.count]
    parts = ", ".join(f"{bucket.count:,} for {ages(bucket)}" for bucket in given)
    count = sum(bucket.count for bucket in given)
    return f"{counted(count, 'bug')} {'is' if count == 1 else 'are'} open: {parts}."


def chart_table(audit: Audit, kind: ChartKind) -> Table | None:
    """Give what a picture shows as a small table, for forms without pictures; none where another section has it."""
    if kind is ChartKind.SURVIVAL and audit.period is not None:
        return _survival_table(audit.period.curve)
    if kind is ChartKind.FIX_TIMES:
        rows = tuple((ages(bucket), f"{bucket.count:,}") for bucket in audit.fix_times)
        return Table("", ("days to fix", "bugs"), rows)
    if kind is ChartKind.UPDATES_AGAINST_NEWS:
        return _news_table(audit.news_cells)
    return None


def _survival_table(curve: Sequence[CurvePoint]) -> Table:
    step = max(-(-len(curve) // SHOWN), 1)
    shown = [*curve[:-1:step], *curve[-1:]]
    rows = tuple((figure(point.days), percent(point.waiting), _limits(point)) for point in shown)
    return Table("", ("days", "without a fix", "95 % interval"), rows)


def _limits(point: CurvePoint) -> str:
    if point.lower is None or point.upper is None:
        return NONE
    return f"{percent(point.lower)} to {percent(point.upper)}"


def _news_table(cells: Sequence[NewsCell]) -> Table:
    commonest = sorted(cells, key=lambda cell: (-cell.bugs, cell.news, cell.updates))[:SHOWN]
    rows = tuple((f"{cell.news:,}", f"{cell.updates:,}", f"{cell.bugs:,}") for cell in commonest)
    more = len(cells) - len(rows)
    note = f"And {more:,} more pairs, with fewer bugs." if more else ""
    return Table("", ("news a link", "updates a link", "bugs"), rows, note)


def bars(buckets: Sequence[Bucket]) -> Table:
    """Draw buckets as bars of characters, the longest 40."""
    most = max((bucket.count for bucket in buckets), default=0) or 1
    rows = tuple((ages(bucket), f"{bucket.count:,}", BAR * _length(bucket.count, most)) for bucket in buckets)
    return Table("", ("days", "bugs", ""), rows)


def _length(count: int, most: int) -> int:
    """Give the bar's length; whatever is there is seen."""
    return max(round(count / most * LONGEST_BAR), 1) if count else 0
