"""A round's page as its template has it: how many stand where, and the tickets of a page under their headings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlencode

from bugbridge.core.model import Review
from bugbridge.core.round_view import WAITING, RoundView, Standing, mark_of, unfit
from bugbridge.entry.round_words import (
    EYES,
    WORKAROUNDS,
    group_words,
    head_of,
    how_known,
    said_of_wording,
    unchecked_words,
    why_aside,
)
from bugbridge.entry.web.paths import sidebar_path, ticket_path
from bugbridge.entry.web.round_sheets import draft_mark
from bugbridge.render.languages import language_words
from bugbridge.render.plain import clean
from bugbridge.services.claiming import Sender
from bugbridge.services.round_page import RoundPage, ShownTicket, group_mark

SHOWN: Mapping[Standing, str] = {
    Standing.READY: "Ready",
    Standing.EYE: "Need your eye",
    Standing.APPROVED: "Approved",
    Standing.SENT: "Sent",
    Standing.KNOWN: "Know already",
    Standing.ASIDE: "Not in this round",
}
"""Where tickets stand, as headings."""


@dataclass(frozen=True, slots=True)
class Section:
    """The tickets of one page under one heading, and how many the whole round has of them; a group that is ready can be
    approved by its mark."""

    title: str
    group: str
    total: int
    tickets: tuple[Mapping[str, object], ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody did on a page that stays on it: words of their own, and ticks that they took away, by ticket."""

    words: Mapping[int, str] = field(default_factory=dict)
    left: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a round, and what somebody did there."""

    path: str
    show: str = ""
    after: str = ""
    kept: Kept = field(default_factory=Kept)


def page_facts(sender: Sender, page: RoundPage, asked: Asked) -> Mapping[str, object]:
    """Give what the page's template needs."""
    path, show, left = asked.path, asked.show, asked.kept.left
    here = [one.row for one in page.tickets]
    unticked = sum(row.standing is Standing.READY and row.key.ticket_id in left for row in here)
    known = {row.key.ticket_id for row in page.view.rows}
    view = page.view
    approved = view.standing(Standing.APPROVED)
    ready = len(view.standing(Standing.READY))
    stoppable = [row for row in approved if not row.sending]
    return {
        "issue": view.issue,
        "path": path,
        "round": view.news.seq,
        "head": head_of(sender, view, f"you press “Send {ready}”"),
        "ready": ready,
        "sending": ready - unticked,
        "show": show,
        "after": asked.after,
        "lost": [words for ticket_id, words in asked.kept.words.items() if ticket_id not in known],
        "any_waits": any(row.standing in WAITING and row.update_key for row in view.rows),
        "stoppable": len(stoppable),
        "first_goes_at": min((row.goes_at for row in stoppable if row.goes_at), default=None),
        "ways": _ways(view, path, show),
        "sections": list(_sections(page, asked.kept)),
        "following": f"{path}?{urlencode({'show': show, 'after': page.next})}" if page.next else "",
    }


def _ways(view: RoundView, path: str, show: str) -> list[Mapping[str, object]]:
    """Give the ways to the tickets that stand alike, and to all."""
    counts = view.counts()
    ways: list[Mapping[str, object]] = [
        {"title": title, "count": counts[standing], "path": f"{path}?show={standing}", "here": show == standing}
        for standing, title in SHOWN.items()
        if counts[standing]
    ]
    return [{"title": "All", "count": len(view.rows), "path": path, "here": not show}, *ways]


def _sections(page: RoundPage, kept: Kept) -> Iterator[Section]:
    groups, counts = page.view.groups(), page.view.counts()
    for (standing, group), alike in groupby(page.tickets, _heading):
        tickets = tuple(alike)
        total = len(groups.get(group, tickets)) if group else counts[standing]
        shown = tuple(ticket_facts(one, kept) for one in tickets)
        yield Section(
            SHOWN[standing],
            group_words(tickets[0].row) if group else "",
            total,
            shown,
            group_mark(tickets[0].row) if group else "",
        )


def _heading(one: ShownTicket) -> tuple[Standing, str]:
    return one.row.standing, one.row.group if one.row.standing is Standing.READY else ""


def ticket_facts(one: ShownTicket, kept: Kept) -> Mapping[str, object]:
    """Give one ticket as it is shown; words of somebody's own are told from its draft, which stands beside them."""
    row, known = one.row, clean(one.row.text)
    own = kept.words.get(row.key.ticket_id, known)
    return {
        "id": row.key.ticket_id,
        "ticket": row.ticket,
        "path": ticket_path(row.ticket),
        "check_path": f"{sidebar_path(row.ticket)}/check",
        "customer": one.customer,
        "tier": row.tier,
        "language": language_words(row.language),
        "workaround": WORKAROUNDS[row.workaround],
        "standing": str(row.standing),
        "why": why_of(one),
        "text": one.words,
        "draft": draft_mark(known),
        "own": own if own != known else "",
        "approved_before": row.draft is not None and own == known,
        "draft_now": known if row.draft is None else clean(row.draft),
        "ticked": row.key.ticket_id not in kept.left,
        "unchecked": unchecked_words(one.check) if one.check else "",
        "errors": [said_of_wording(finding) for finding in one.errors],
        "mark": mark_of(row),
        "unfit": unfit(row) if row.standing in WAITING else "",
        "waits": bool(row.update_key) and row.standing in WAITING,
        "let_be": row.standing is Standing.ASIDE and row.why == Review.DROPPED,
        "sending": row.sending,
        "goes_at": row.goes_at,
    }


def why_of(one: ShownTicket) -> str:
    """Say why a ticket stands where it does, "" where its heading says it."""
    row = one.row
    if row.standing is Standing.EYE:
        return "; ".join(EYES[eye] for eye in row.eye)
    if row.standing is Standing.KNOWN:
        return how_known(row.why)
    return why_aside(row.why) if row.standing is Standing.ASIDE else ""
