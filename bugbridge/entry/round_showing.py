"""A round as people read it on a terminal, and as one object."""

from collections.abc import Sequence
from typing import Any

from bugbridge.core.round_view import RoundRow, RoundView, Standing
from bugbridge.entry.door import tell
from bugbridge.entry.round_words import EYES, goes_out, how_known, why_aside
from bugbridge.entry.sentences import counted

TICKETS_SHOWN = 5


def facts_of(view: RoundView, head: str) -> dict[str, Any]:
    """Give a round as one object."""
    return {
        "issue": view.issue,
        "news": view.news.news,
        "version": view.news.version,
        "happened_at": view.news.at,
        "head": head,
        "counts": view.counts(),
        "groups": {name: [row.ticket for row in rows] for name, rows in view.groups().items()},
        "tickets": [_row_facts(row) for row in view.rows],
    }


def _row_facts(row: RoundRow) -> dict[str, Any]:
    return {
        "ticket": row.ticket,
        "standing": row.standing,
        "customer_tier": row.tier,
        "language": row.language,
        "workaround": row.workaround,
        "eye": row.eye,
        "why": row.why,
        "goes_at": row.goes_at,
        "text": row.text,
    }


def show_round(view: RoundView, head: str, zone: str) -> None:
    """Show a round: how it stands, each group with a draft, and every ticket that isn't ready."""
    tell(head, bold=True)
    for name, rows in view.groups().items():
        tell(f"\nReady, {name} ({len(rows)}): {some(rows)}", bold=True)
        tell("\n".join(f"    {line}" for line in rows[0].text.splitlines()))
    if view.groups():
        name = next(iter(view.groups()))
        tell(f"\nA group is called by its workaround, language and tier: --approve {name} approves one alone.")
    _show_eye(view.standing(Standing.EYE))
    _show_approved(view.standing(Standing.APPROVED), zone)
    _show_others("Know already", [(row, how_known(row.why)) for row in view.standing(Standing.KNOWN)])
    _show_others("Sent", [(row, "") for row in view.standing(Standing.SENT)])
    _show_others("Not in this round", [(row, why_aside(row.why)) for row in view.standing(Standing.ASIDE)])


def some(rows: Sequence[RoundRow]) -> str:
    """Name tickets, the first few of many."""
    more = len(rows) - TICKETS_SHOWN
    return ", ".join(row.ticket for row in rows[:TICKETS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _show_eye(rows: Sequence[RoundRow]) -> None:
    from bugbridge.render.tables import print_table

    if rows:
        tell("")
        cells = [(row.ticket, row.tier, row.language, "; ".join(EYES[eye] for eye in row.eye)) for row in rows]
        print_table("Need your eye", ("ticket", "tier", "language", "why"), cells)
        tell("Each is approved by its own name, or in a file: --review FILE.csv writes one with all drafts.")


def _show_approved(rows: Sequence[RoundRow], zone: str) -> None:
    from bugbridge.render.tables import print_table
    from bugbridge.render.times import stamp

    if rows:
        tell("")
        cells = [(row.ticket, goes_out(row, stamp(row.goes_at, zone) if row.goes_at else "")) for row in rows]
        print_table("Approved", ("ticket", "goes out"), cells)
        tell("--stop has those wait again that aren't being sent yet.")


def _show_others(title: str, rows: Sequence[tuple[RoundRow, str]]) -> None:
    if rows:
        tell(f"\n{title} ({counted(len(rows), 'ticket')}):", bold=True)
        for row, why in rows:
            tell(f"    {row.ticket}{f': {why}' if why else ''}")
