"""A round as people read it, and as one object."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bugbridge.core.model import LinkHow
from bugbridge.core.round_view import Eye, RoundRow, RoundView, Standing
from bugbridge.entry.door import tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.services.claiming import Sender

TICKETS_SHOWN = 5
EYES = {
    Eye.UNANSWERED: "the customer waits for an answer",
    Eye.UNDELIVERED: "the reply couldn't be posted",
    Eye.ENTERPRISE: "an enterprise customer",
    Eye.WORKAROUND_FAILED: "the workaround failed",
    Eye.CLEAR_NO: "a no comes from a person",
    Eye.CORRECTION: "a correction comes from a person",
    Eye.SECURITY: "the wording belongs with the security team",
    Eye.NO_DRAFT: "there is no draft",
    Eye.LANGUAGE: "there is no draft in the customer's language",
    Eye.WORKAROUND_LANGUAGE: "the workaround's text is in another language than the draft",
    Eye.NOBODY: "nobody has the ticket",
    Eye.WROTE_SINCE: "the customer wrote after the reply was approved",
    Eye.IN_DOUBT: "nobody knows what the customer has heard",
}
HOWS = {
    LinkHow.REPLY: "a reply of ours",
    LinkHow.HAND: "an agent said so",
    LinkHow.LINE: "an agent said so in a note",
}
ASIDE = {
    "by-itself": "told by itself, since it was linked after the news",
    "released": "its agent is reminded instead",
    "dropped": "let be",
    "same-customer": "the same customer's other ticket is in the round",
    "posted": "its agent was reminded",
}


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


def head_of(sender: "Sender", view: RoundView) -> str:
    """Say how a round stands, and what sends it."""
    from bugbridge.services.round_notes import head_line

    ready = len(view.standing(Standing.READY))
    sends = f"`bugbridge round {view.issue} --approve ready` sends the {ready}"
    return head_line(replace(sender, language="en"), view, sends if ready else "you approve it, ticket by ticket")


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
    _show_others("Know already", [(row, _how(row.why)) for row in view.standing(Standing.KNOWN)])
    _show_others("Sent", [(row, "") for row in view.standing(Standing.SENT)])
    _show_others("Not in this round", [(row, _why_aside(row.why)) for row in view.standing(Standing.ASIDE)])


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
        cells = [(row.ticket, _goes(row, stamp(row.goes_at, zone) if row.goes_at else "")) for row in rows]
        print_table("Approved", ("ticket", "goes out"), cells)
        tell("--stop has those wait again that aren't being sent yet.")


def _goes(row: RoundRow, at: str) -> str:
    return "is being sent" if row.sending else at or "ten minutes after the next sending"


def _show_others(title: str, rows: Sequence[tuple[RoundRow, str]]) -> None:
    if rows:
        tell(f"\n{title} ({counted(len(rows), 'ticket')}):", bold=True)
        for row, why in rows:
            tell(f"    {row.ticket}{f': {why}' if why else ''}")


def _how(why: str) -> str:
    return next((words for how, words in HOWS.items() if how == why), f"a reply names {why}")


def _why_aside(why: str) -> str:
    return ASIDE.get(why, f"the policy has nobody tell them now ({why})")
