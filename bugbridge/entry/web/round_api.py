"""A round for programs: how it stands, and the same acts as on its page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from bugbridge.core.errors import UsageError
from bugbridge.core.round_view import LONGEST_REPLY, Decision, Judgement, RoundRow, RoundView, Standing, Wish, mark_of
from bugbridge.entry.checking import reply_checker
from bugbridge.entry.round_words import CONTROL_CHARACTERS, head_of, said_of_wording, unchecked_words
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.limits import MOST_ROUND_TICKETS
from bugbridge.entry.web.listing_pages import After
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.round_acts import (
    APPROVED,
    DROPPED,
    RELEASED,
    STOPPED,
    TAKEN_BACK,
    Changed,
    Reviewing,
    carry_out,
    let_go,
    reviewing,
)
from bugbridge.entry.web.round_questions import asked_replies
from bugbridge.entry.web.round_sections import why_of
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, NOT_FOUND
from bugbridge.entry.web.visiting import Lead, OwnCall
from bugbridge.render.plain import clean
from bugbridge.services.round_page import ShownTicket, page_of_round

router = APIRouter()
READY, ALL = "ready", "all"
SEVERAL = "approve, take_back, stop, remind and let_be are acts of their own: send one after the other."
NO_NAME = "What is named is no ticket of this round, and no group of it."
NOT_APPROVED = "edits are words for tickets that are approved: name each of them in approve, too."
Names = Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=MOST_ROUND_TICKETS)]
Text = Annotated[str, Field(max_length=2 * LONGEST_REPLY)]
Marks = Annotated[dict[str, Annotated[str, Field(max_length=64)]], Field(max_length=MOST_ROUND_TICKETS)]


class RoundTicket(BaseModel):
    """One ticket of a round. `mark` names the draft as it is now, for `seen`; `errors` is what the check of replies
    calls one, and stops nothing, `unchecked` why nobody checked it, "" where it was. `draft` is the one as it is now
    where `text` are words that somebody approved before; instants are UTC."""

    ticket: str
    standing: str
    customer: str
    customer_tier: str
    language: str
    workaround: str
    group: str
    eye: list[str]
    why: str
    goes_at: datetime | None
    sending: bool
    text: str
    draft: str
    mark: str
    errors: list[str]
    unchecked: str


class RoundFacts(BaseModel):
    """A round as far as it may be seen, and at most 50 of its tickets; `next` goes into `after` for those that follow,
    and is empty at the end. `groups` are those that are ready, with how many tickets each."""

    issue: str
    news: str
    version: str
    happened_at: datetime
    head: str
    counts: dict[str, int]
    groups: dict[str, int]
    tickets: list[RoundTicket]
    next: str


class RoundActs(BaseModel):
    """What to do: one of these, all of it or nothing. `approve` names tickets, groups, or `ready` for all that are;
    `take_back` names tickets, or `all`; `stop` takes back all that isn't being sent yet. `remind` has the agents of
    tickets reminded instead, and `let_be` has nobody told: both name as `approve` does, or `all` that waits.

    `edits` are words for tickets that are approved, in place of their drafts; `seen` are marks of what was read: where
    one isn't the draft's any more, nothing is done.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    approve: Names = []
    take_back: Names = []
    stop: bool = False
    remind: Names = []
    let_be: Names = []
    edits: Annotated[dict[str, Text], Field(max_length=MOST_ROUND_TICKETS)] = {}
    seen: Marks = {}


class RoundDone(BaseModel):
    """What was done: what had been before is in none of it. `wording` names, by ticket, what is to be said of words of
    one's own that were approved, as a person is asked before: until they go out, they can be taken back."""

    approved: list[str] = []
    taken_back: list[str] = []
    reminded: list[str] = []
    let_be: list[str] = []
    wording: dict[str, list[str]] = {}


@router.get("/api/v1/rounds/{reference:path}")
def round_facts(web: WebHere, visitor: Lead, reference: str, after: After = "") -> RoundFacts:
    """How a bug's round stands, with its drafts."""
    sender, outline = web.app.sender, reviewing(web, visitor, reference).outline()
    try:
        page = page_of_round(sender, reply_checker(web.app), outline, None, after)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None
    view = page.view
    return RoundFacts(
        issue=view.issue,
        news=view.news.news,
        version=view.news.version,
        happened_at=view.news.at,
        head=head_of(sender, view, "you approve those that are ready"),
        counts=dict(view.counts()),
        groups={name: len(rows) for name, rows in view.groups().items()},
        tickets=[_ticket(one) for one in page.tickets],
        next=page.next,
    )


def _ticket(one: ShownTicket) -> RoundTicket:
    row = one.row
    return RoundTicket(
        ticket=row.ticket,
        standing=row.standing,
        customer=one.customer,
        customer_tier=row.tier,
        language=row.language,
        workaround=row.workaround,
        group=row.group if row.standing is Standing.READY else "",
        eye=list(row.eye),
        why=why_of(one),
        goes_at=row.goes_at,
        sending=row.sending,
        text=row.text,
        draft=row.draft or "",
        mark=mark_of(row),
        errors=[said_of_wording(finding) for finding in one.errors],
        unchecked=unchecked_words(one.check) if one.check else "",
    )


@router.post("/api/v1/rounds/{reference:path}")
def act_on_round(web: WebHere, visitor: Lead, _own: OwnCall, reference: str, acts: RoundActs) -> RoundDone:
    """Approve replies in a round, take them back, stop all, or let go of what waits. What is approved goes out ten
    minutes later."""
    _check(acts)
    view = reviewing(web, visitor, reference).outline().view
    who = reviewing(web, visitor, reference, view.news.seq)
    if acts.remind:
        return RoundDone(reminded=list(let_go(who, _meant(view, acts.remind), RELEASED)))
    if acts.let_be:
        return RoundDone(let_be=list(let_go(who, _meant(view, acts.let_be), DROPPED)))
    did = STOPPED if acts.stop else APPROVED if acts.approve else TAKEN_BACK
    try:
        done = carry_out(who, list(_wishes(view, acts)), did)
    except Changed as error:
        raise Refused(CONFLICT, f"Nothing was done: {error}") from None
    approved, taken_back = [row.ticket for row, _ in done.approve], [row.ticket for row in done.take_back]
    return RoundDone(approved=approved, taken_back=taken_back, wording=_wording(who, done))


def _wording(who: Reviewing, done: Judgement) -> dict[str, list[str]]:
    own = [(row, text) for row, text in done.approve if row.is_own(text)]
    found = asked_replies(who.web, who.outline(), own) if own else []
    said = {one.row.ticket: [*one.warnings, *map(said_of_wording, one.findings)] for one in found}
    return {ticket: sentences for ticket, sentences in said.items() if sentences}


def _check(acts: RoundActs) -> None:
    if sum(map(bool, (acts.approve, acts.take_back, acts.stop, acts.remind, acts.let_be))) > 1:
        raise Refused(MALFORMED, SEVERAL)
    if acts.edits and not acts.approve:
        raise Refused(MALFORMED, NOT_APPROVED)
    if any(clean(text) != text for text in acts.edits.values()):
        raise Refused(MALFORMED, f"edits: {CONTROL_CHARACTERS}")


def _wishes(view: RoundView, acts: RoundActs) -> Iterator[Wish]:
    known = {row.ticket: row.key.ticket_id for row in view.rows}
    approved = [row.ticket for row in view.standing(Standing.APPROVED) if not row.sending]
    meant = list(_named(view, known, acts.approve))
    if not set(meant).issuperset(acts.edits):
        raise Refused(MALFORMED, NOT_APPROVED)
    for ticket in dict.fromkeys(meant):
        yield Wish(known[ticket], Decision.APPROVE, acts.edits.get(ticket), acts.seen.get(ticket, ""))
    back = approved if acts.stop or ALL in acts.take_back else _named(view, known, acts.take_back)
    yield from (Wish(known[ticket], Decision.TAKE_BACK) for ticket in dict.fromkeys(back))


def _meant(view: RoundView, names: list[str]) -> Sequence[RoundRow]:
    """Give the rows that are let go. Raises Refused for a name of none."""
    if ALL in names:
        return view.waiting()
    meant = set(_named(view, {row.ticket: row.key.ticket_id for row in view.rows}, names))
    return [row for row in view.rows if row.ticket in meant]


def _named(view: RoundView, known: Mapping[str, int], names: list[str]) -> Iterator[str]:
    """Give the tickets that are meant. Raises Refused for what is neither a ticket of the round nor a group."""
    groups, whole = view.groups(), {row.group for row in view.rows}
    for name in names:
        if name == READY:
            yield from (row.ticket for row in view.standing(Standing.READY))
        elif name in whole:
            yield from (row.ticket for row in groups.get(name, ()))
        elif name in known:
            yield name
        else:
            raise Refused(NOT_FOUND, NO_NAME)
