"""How an audit ends: what is in no figure, what can't be known, and how all was counted."""

from collections.abc import Iterator

from bugbridge.core.audit_model import Audit, Exclusion
from bugbridge.render.audit_document import Paragraph, Section, Table
from bugbridge.render.audit_methods import method_rows
from bugbridge.render.audit_phrases import NONE, counted, some_of
from bugbridge.render.audit_reasons import LEFT_OUT


def left_out_section(audit: Audit) -> Section:
    """Count what is in no figure, with the reason."""
    if not audit.excluded:
        return Section("left-out", "Left out", (Paragraph("Nothing that was looked at was left out."),))
    columns = ("bugs", "why", "such as")
    table = Table("In none of the figures", columns, tuple(map(_left_out_row, audit.excluded)))
    return Section("left-out", "Left out", (table,))


def _left_out_row(exclusion: Exclusion) -> tuple[str, ...]:
    examples = some_of(exclusion.examples, exclusion.count)
    return (f"{exclusion.count:,}", LEFT_OUT[exclusion.reason], examples or NONE)


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
