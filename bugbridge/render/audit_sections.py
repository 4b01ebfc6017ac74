"""The sections of an audit that hold its figures."""

from collections.abc import Iterator, Sequence

from bugbridge.core.audit_model import Audit, By, Group, Period, Replies, ResolvedBug
from bugbridge.core.model import Frequency
from bugbridge.core.spread import Spread
from bugbridge.core.survival import LEAST_FOR_CONFIDENCE, LEAST_FOR_FIGURES, Caution
from bugbridge.render.audit_document import Block, Paragraph, Section, Table
from bugbridge.render.audit_phrases import (
    NONE,
    ages,
    between,
    counted,
    duration,
    figure,
    group_name,
    local_date,
    median_of,
    percent,
    quantile_of,
    short,
    some_of,
)
from bugbridge.render.audit_reasons import CAUTIONS, and_because

IN_BRACKETS = "Days; in brackets the 95 % interval of the median."
FEW = f"A figure needs {LEAST_FOR_FIGURES} bugs; where there are fewer, it says {NONE}."
COUNTS_IN_EACH = {By.TIER: "several tiers", By.BRAND: "several brands", By.LABEL: "several labels"}

GROUP_COLUMNS = ("bugs", "median", "90 %", "worst", "updates", "no news")
BUG_COLUMNS = ("bug", "reported", "fixed", "days", "updates")


def bugs_section(audit: Audit, zone: str) -> Section:
    """List bugs that are too few for statistics."""
    why = f"Figures need {LEAST_FOR_FIGURES} bugs, so here they are one by one."
    return Section("bugs", "The bugs", (Paragraph(why), _bug_table(audit.bugs, zone)))


def slowest_section(audit: Audit, zone: str) -> Section:
    """List the slowest bugs."""
    return Section("slowest", "The slowest bugs", (_bug_table(audit.slowest, zone),) if audit.slowest else ())


def _bug_table(bugs: Sequence[ResolvedBug], zone: str) -> Table:
    note = f"Days from report to fix; dates are those of {zone}."
    return Table("Bug by bug", BUG_COLUMNS, tuple(_bug_row(bug, zone) for bug in bugs), note)


def _bug_row(bug: ResolvedBug, zone: str) -> tuple[str, ...]:
    updates = NONE if bug.updates_sent is None else f"{bug.updates_sent:,}"
    dates = local_date(bug.reported_at, zone), local_date(bug.fixed_at, zone)
    return (short(bug.reference), *dates, figure(bug.days), updates)


def fix_section(audit: Audit) -> Section:
    """Show how long the bugs took, to the last close, the first, and the release."""
    return Section("report-to-fix", "From report to fix", tuple(_fix_blocks(audit)))


def _fix_blocks(audit: Audit) -> Iterator[Block]:
    if audit.n < LEAST_FOR_CONFIDENCE:
        few = f"{counted(audit.n, 'bug')} are few: the next ones can move these figures a lot."
        yield Paragraph(f"{few} With {LEAST_FOR_CONFIDENCE} they begin to hold.", is_warning=True)
    columns = ("days from report", "bugs", "median", "mean", "25 %", "75 %", "90 %", "worst")
    note = f"{IN_BRACKETS} 25 %, 75 % and 90 % of the bugs took so many days or fewer."
    yield Table("Elapsed days", columns, tuple(_fix_rows(audit)), note)
    if audit.reopened_share is not None:
        yield Paragraph(_reopened(audit.reopened_share))
    if audit.unreleased:
        yield Paragraph(_unreleased(audit))


def _fix_rows(audit: Audit) -> Iterator[tuple[str, ...]]:
    closes_known = audit.days_to_first_close.n > 0
    yield _spread_row("to the fix (last close)" if closes_known else "to the fix", audit.days_to_fix)
    if closes_known:
        yield _spread_row("to the first close", audit.days_to_first_close)
    if audit.days_to_release.n:
        yield _spread_row("to the release", audit.days_to_release)


def _spread_row(name: str, spread: Spread) -> tuple[str, ...]:
    rest = (spread.mean, spread.p25, spread.p75, spread.p90, spread.worst)
    return (name, f"{spread.n:,}", median_of(spread), *map(figure, rest))


def _reopened(share: float) -> str:
    if not share:
        return "None of the bugs was closed as fixed more than once."
    return (
        f"{percent(share)} of the bugs were closed as fixed more than once: the first close was too early there, and "
        "the last one counts."
    )


def _unreleased(audit: Audit) -> str:
    if not audit.days_to_release.n:
        return "No release with any of these fixes is known, so nobody can say here how long customers waited for it."
    waiting = [bug.reference for bug in audit.bugs if bug.released_at is None]
    named = f": {some_of(waiting, audit.unreleased)}" if waiting else ""
    said = f"{counted(audit.unreleased, 'fixed bug')} {'is' if audit.unreleased == 1 else 'are'} in no release yet"
    return f"{said}{named}. {_with_the_unreleased(audit)}"


def _with_the_unreleased(audit: Audit) -> str:
    counting = "Counting them as still waiting (Kaplan-Meier)"
    median = audit.release_median
    if median.days is None:
        return f"{counting}, fewer than half are known to be released at any age."
    limits = f"95 % interval: {between(median.lower, median.upper)}"
    return f"{counting}, half are released within {duration(median.days)} of the report ({limits})."


def groups_section(audit: Audit) -> Section:
    """Show the figures of bugs that have something in common, one table for each such thing."""
    dimensions = dict.fromkeys(group.by for group in audit.groups)
    return Section("groups", "By group", tuple(_group_block(audit, by) for by in dimensions))


def _group_block(audit: Audit, by: By) -> Block:
    """Show the groups in a table, unless nobody knows any."""
    groups = [group for group in audit.groups if group.by is by]
    known = any(group.name not in ("", Frequency.UNKNOWN) for group in groups)
    return _group_table(audit, by, groups) if known else Paragraph(f"Of none of the bugs a {by} is known.")


def _group_table(audit: Audit, by: By, groups: Sequence[Group]) -> Table:
    columns = GROUP_COLUMNS[: _known_columns(audit.replies)]
    rows = tuple(_group_row(group)[: len(columns) + 1] for group in groups)
    return Table(f"By {by}", (str(by), *columns), rows, " ".join(_group_notes(audit, by, groups)))


def _known_columns(replies: Replies) -> int:
    """Say how many columns have something to show: of some bugs the updates aren't known, or not whether with news."""
    if replies.bugs:
        return len(GROUP_COLUMNS)
    return len(GROUP_COLUMNS) - (1 if replies.updates else 2)


def _group_row(group: Group) -> tuple[str, ...]:
    days = group.days_to_fix
    counts = (f"{group.updates:,}", f"{group.wasted:,}")
    return (
        group_name(group.by, group.name),
        f"{days.n:,}",
        median_of(days),
        figure(days.p90),
        figure(days.worst),
        *counts,
    )


def _group_notes(audit: Audit, by: By, groups: Sequence[Group]) -> Iterator[str]:
    left_out = audit.groups_left_out.get(by, 0)
    if left_out:
        yield f"And {left_out:,} more, {'earlier ones' if by is By.QUARTER else 'with fewer bugs'}."
    yield "Days from report to fix; in brackets the 95 % interval of the median."
    if by in COUNTS_IN_EACH:
        yield f"A bug of {COUNTS_IN_EACH[by]} counts in each."
    if any(group.days_to_fix.median is None for group in groups):
        yield FEW


def period_section(audit: Audit, zone: str) -> Section:
    """Show the estimate over all bugs, the open and declined ones with them."""
    blocks = () if audit.period is None else tuple(_period_blocks(audit, audit.period, zone))
    return Section("period", "All bugs, the open ones too", blocks)


def _period_blocks(audit: Audit, period: Period, zone: str) -> Iterator[Block]:
    for caution in period.cautions:
        yield Paragraph(CAUTIONS[caution], is_warning=True)
    since = f"since {local_date(period.opens_at, zone)}" if period.opens_at else "since the first report"
    yield Table("The period estimate", ("measure", "value"), tuple(_period_rows(period, since)))
    if Caution.LIST_ONLY in period.cautions:
        return
    yield Paragraph(
        "The bugs fixed last leave out whatever is still open. This estimate counts open bugs for as long as they have "
        "waited, and declined ones as ended without a fix."
    )
    if audit.differences:
        yield Paragraph(f"The two medians differ because {and_because(audit.differences)}.")


def _period_rows(period: Period, since: str) -> Iterator[tuple[str, str]]:
    yield f"bugs open at some time {since}", f"{period.bugs:,}"
    yield "of these fixed", f"{period.fixed:,}"
    yield "of these declined", f"{period.declined:,}"
    yield "of these still open", f"{period.open:,}"
    others = period.bugs - period.fixed - period.declined - period.open
    if others:
        yield "of these closed, nobody knows how", f"{others:,}"
    if Caution.LIST_ONLY not in period.cautions:
        yield "days by which half of all are fixed", quantile_of(period.median)
        yield "share that ends declined, as far as is known", percent(period.declined_share)


def open_section(audit: Audit) -> Section:
    """Show how long the open bugs have waited."""
    return Section("open", "Open bugs by age", tuple(_open_blocks(audit)))


def _open_blocks(audit: Audit) -> Iterator[Block]:
    count = audit.open_days.n
    if count:
        rows = tuple((ages(bucket), f"{bucket.count:,}", percent(bucket.count / count)) for bucket in audit.open_ages)
        yield Table("Days since the report", ("open for", "bugs", "share"), rows, _open_note(audit.open_days))
    elif audit.period is not None:
        yield Paragraph("No bug is open.")


def _open_note(days: Spread) -> str:
    if days.median is None or days.worst is None:
        return ""
    half = f"Half of the open bugs have waited for {duration(days.median)} or more, one for {duration(days.worst)}."
    return f"{half} Slow bugs pile up among the open ones, so this isn't how long a bug takes."
