"""How an audit ends: what wasn't measured, what can't be known, and how all was counted."""

from collections.abc import Iterator, Sequence

from bugbridge.core.audit_model import Audit, Exclusion, LeftOut, Period
from bugbridge.render.audit_document import Paragraph, Section, Table
from bugbridge.render.audit_methods import method_rows
from bugbridge.render.audit_phrases import ALL_BUGS, NONE, counted, some_of, watched_since
from bugbridge.render.audit_reasons import left_out

# What is no fixed bug, but may have been open for some time, which the estimate over all bugs counts.
WATCHED = frozenset({LeftOut.NOT_FIXED, LeftOut.DECLINED, LeftOut.UNKNOWN_RESOLUTION})


def left_out_section(audit: Audit, zone: str) -> Section:
    """Count what wasn't measured, with the reason: first what counts among all bugs, then what is in no figure."""
    blocks = tuple(_left_out(audit, zone)) or (Paragraph("Nothing that was looked at was left out."),)
    return Section("left-out", "Left out", blocks)


def _left_out(audit: Audit, zone: str) -> Iterator[Table]:
    watched = WATCHED if audit.period is not None else frozenset()
    among_all = [exclusion for exclusion in audit.excluded if exclusion.reason in watched]
    if audit.period is not None and among_all:
        title, note = f'Not among the fixed ones, but under "{ALL_BUGS}"', _watched_note(audit.period, zone)
        yield _left_out_table(audit, title, among_all, note)
    others = [exclusion for exclusion in audit.excluded if exclusion.reason not in watched]
    if others:
        yield _left_out_table(audit, "In none of the figures", others)


def _watched_note(period: Period, zone: str) -> str:
    return (
        f"They count there as far as their dates show that they were open at some time {watched_since(period, zone)}."
    )


def _left_out_table(audit: Audit, title: str, exclusions: Sequence[Exclusion], note: str = "") -> Table:
    rows = tuple(_left_out_row(audit, exclusion) for exclusion in exclusions)
    return Table(title, ("bugs", "why", "such as"), rows, note)


def _left_out_row(audit: Audit, exclusion: Exclusion) -> tuple[str, ...]:
    examples = some_of(exclusion.examples, exclusion.count)
    return (f"{exclusion.count:,}", left_out(exclusion.reason, audit), examples or NONE)


def unknown_section(audit: Audit) -> Section:
    """Name what can't be known from where the audit comes from."""
    sentences = (*_not_known_here(audit), "How long any one bug will take: these figures are of many.")
    return Section("unknown", "What can't be known from this", tuple(map(Paragraph, sentences)))


def _not_known_here(audit: Audit) -> Iterator[str]:
    if audit.replies.unknown:
        yield f"What the customers of {counted(audit.replies.unknown, 'bug')} heard: their conversations aren't known."
    if audit.replies.bugs:
        yield "What customers heard elsewhere than in their tickets, such as on the telephone."
    if audit.n and _only_fixed(audit):
        yield "How long open bugs have waited, and how many bugs are declined: only fixed ones are known here."
    if audit.n and audit.reopened_share is None:
        yield "How often bugs came back after a fix: one date of a fix is known of each, not how often it was closed."
    elif audit.days_to_first_close.n < audit.n:
        yield f"When {counted(audit.n - audit.days_to_first_close.n, 'bug')} were first closed as fixed."
    if audit.n and not audit.days_to_release.n:
        yield "When fixes reached customers: no release is known."


def _only_fixed(audit: Audit) -> bool:
    """Whether no open or declined bug was looked at, as in a file of fixed ones."""
    period = audit.period
    return period is None or (bool(audit.origin) and not period.open and not period.declined)


def counted_section(audit: Audit, zone: str) -> Section:
    """Say how everything was counted."""
    table = Table("Methods", ("what", "how"), tuple(method_rows(audit, zone)))
    return Section("how-we-counted", "How we counted", (table,))
