"""The review of a round: what waits is read, edited, approved and stopped, ticket by ticket or all at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.errors import UsageError
from bugbridge.core.round_view import Decision, RoundRow, RoundView, Standing, Wish, judge_wishes
from bugbridge.entry.checking import reply_checker
from bugbridge.entry.round_words import HELD, said_of_wording
from bugbridge.entry.sentences import counted
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.listing_pages import After
from bugbridge.entry.web.paths import round_path
from bugbridge.entry.web.refusals import CONFLICT, MALFORMED, NOT_FOUND, Refused
from bugbridge.entry.web.round_acts import (
    APPROVED,
    DROPPED,
    NO_TICKET,
    RELEASED,
    STOPPED,
    TAKEN_BACK,
    Changed,
    Reviewing,
    carry_out,
    let_go,
    reviewing,
)
from bugbridge.entry.web.round_sections import SHOWN, page_facts
from bugbridge.entry.web.round_sheets import INCOMPLETE, Sheet, read_sheet, written_marks
from bugbridge.entry.web.visiting import Lead, OwnForm
from bugbridge.services.round_page import group_mark, page_of_round, wording_errors
from bugbridge.services.round_view import Outline, worded_rows

router = APIRouter()
SEE_OTHER = 303
SAID: Mapping[str, str] = {
    APPROVED: f"Approved: {HELD}. Until then it can be taken back.",
    TAKEN_BACK: "Taken back, and waiting again.",
    STOPPED: "Stopped: all that isn't being sent yet waits again.",
    RELEASED: "The agents are reminded instead, within the policy's limits.",
    DROPPED: "Let be: nobody is told of it.",
    "nothing": "Nothing was changed: nothing of it waited to be approved, taken back or let go.",
}
Show = Annotated[str, Query(pattern=f"^({'|'.join(('', *SHOWN))})$")]
Said = Annotated[str, Query(max_length=20)]


@router.get("/rounds/{reference:path}", include_in_schema=False)
def round_page(
    web: WebHere, visitor: Lead, reference: str, show: Show = "", after: After = "", said: Said = ""
) -> Response:
    """Show a bug's round, fifty tickets at a time."""
    who = reviewing(web, visitor, reference)
    sender, outline = web.app.sender, who.outline()
    try:
        page = page_of_round(sender, reply_checker(web.app), outline, Standing(show) if show else None, after)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None
    facts = page_facts(sender, page, round_path(who.issue), show)
    return web.page(visitor, "round.html", {**facts, "said": SAID.get(said, "")})


@router.post("/rounds/{reference:path}", include_in_schema=False)
def review_round(web: WebHere, visitor: Lead, form: OwnForm, reference: str) -> Response:
    """Do what a form of the page says, or ask once more before much goes out."""
    sheet = read_sheet(form)
    act = ACTS.get(sheet.verb)
    if act is None:
        raise Refused(MALFORMED, INCOMPLETE)
    who = reviewing(web, visitor, reference, sheet.news_seq)
    try:
        return act(who, sheet)
    except Changed as error:
        facts = {"problems": error.problems, "texts": sheet.texts.values(), "back": round_path(who.issue)}
        return web.page(visitor, "round_changed.html", facts, CONFLICT)


def _back(who: Reviewing, said: str) -> Response:
    return RedirectResponse(f"{round_path(who.issue)}?said={said}", SEE_OTHER)


def _approve_one(who: Reviewing, sheet: Sheet) -> Response:
    return _approve(who, [sheet.wish_for_one()])


def _approve_confirmed(who: Reviewing, sheet: Sheet) -> Response:
    return _approve(who, sheet.wishes_confirmed())


def _approve(who: Reviewing, wishes: Sequence[Wish]) -> Response:
    done = carry_out(who, wishes, APPROVED)
    return _back(who, "nothing" if done.nothing else APPROVED)


def _take_back(who: Reviewing, sheet: Sheet) -> Response:
    done = carry_out(who, [Wish(sheet.ticket_id, Decision.TAKE_BACK)], TAKEN_BACK)
    return _back(who, "nothing" if done.nothing else TAKEN_BACK)


def _stop(who: Reviewing, _sheet: Sheet) -> Response:
    """What is being sent this moment can't be stopped any more, and stops nothing else from being."""
    approved = [row for row in who.outline().view.standing(Standing.APPROVED) if not row.sending]
    done = carry_out(who, [Wish(row.key.ticket_id, Decision.TAKE_BACK) for row in approved], STOPPED)
    return _back(who, "nothing" if done.nothing else STOPPED)


def _confirm_sending(who: Reviewing, sheet: Sheet) -> Response:
    """Say what would go out, and ask. Raises Changed where that isn't what was shown."""
    sender, outline = who.web.app.sender, who.outline()
    taken = [row for row in outline.view.rows if sheet.takes(row) and sheet.object in ("", group_mark(row))]
    view = replace(outline.view, rows=worded_rows(sender, outline, taken))
    wishes = [sheet.wish_for(row) for row in view.rows]
    coming = judge_wishes(view, wishes)
    if coming.problems:
        names = {row.key.ticket_id: row.ticket for row in view.rows}
        raise Changed({names[ticket_id]: why for ticket_id, why in coming.problems})
    if not coming.approve:
        return _back(who, "nothing")
    going = {row.key.ticket_id for row, _ in coming.approve}
    marks = written_marks([wish for wish in wishes if wish.ticket_id in going])
    return _ask(who, view, outline, coming.approve, marks)


def _ask(
    who: Reviewing, view: RoundView, outline: Outline, coming: Sequence[tuple[RoundRow, str]], marks: str
) -> Response:
    own = [(row, text) for row, text in coming if text != row.text]
    found = dict(wording_errors(who.web.app.sender, reply_checker(who.web.app), outline, own))
    edited = [
        {
            "id": row.key.ticket_id,
            "ticket": row.ticket,
            "text": text,
            "errors": map(said_of_wording, found.get(row, ())),
        }
        for row, text in own
    ]
    facts = {
        "path": round_path(who.issue),
        "issue": view.issue,
        "round": view.news.seq,
        "act": "approve",
        "tickets": marks,
        "edited": edited,
        "question": f"{counted(len(coming), 'reply', 'replies')} would go to the customers"
        + (f", {len(own)} in words of your own." if own else "."),
        "consequence": f"Each is {HELD}. Until then it can be stopped.",
        "button": f"Send {len(coming)}",
    }
    return who.web.page(who.visitor, "round_confirm.html", facts)


def _confirm_release(who: Reviewing, _sheet: Sheet) -> Response:
    consequence = "Each agent gets a reminder with the draft, within the policy's limits. No customer is written to."
    return _ask_to_let_go(who, "release", "would go to the agents", consequence)


def _confirm_drop(who: Reviewing, _sheet: Sheet) -> Response:
    consequence = "Nobody is told of this news; what happens to the bug from now on is told as ever."
    return _ask_to_let_go(who, "drop", "would be let be", consequence)


def _ask_to_let_go(who: Reviewing, act: str, what: str, consequence: str) -> Response:
    view = who.outline().view
    rows = view.waiting()
    if not rows:
        return _back(who, "nothing")
    facts = {
        "path": round_path(who.issue),
        "issue": view.issue,
        "round": view.news.seq,
        "act": act,
        "tickets": " ".join(f"{row.key.ticket_id}:" for row in rows),
        "edited": (),
        "question": f"{counted(len(rows), 'update')} {what}.",
        "consequence": consequence,
        "button": "Remind the agents instead" if act == "release" else "Let it be",
    }
    return who.web.page(who.visitor, "round_confirm.html", facts)


def _release(who: Reviewing, sheet: Sheet) -> Response:
    return _let_go(who, sheet, RELEASED)


def _drop(who: Reviewing, sheet: Sheet) -> Response:
    return _let_go(who, sheet, DROPPED)


def _let_go(who: Reviewing, sheet: Sheet, how: str) -> Response:
    """Let one ticket go, or those that were confirmed."""
    meant = {sheet.ticket_id} if sheet.object else set(sheet.marks)
    rows = [row for row in who.outline().view.rows if row.key.ticket_id in meant]
    if not meant.issubset({row.key.ticket_id for row in rows}):
        raise Refused(NOT_FOUND, NO_TICKET)
    return _back(who, how if let_go(who, rows, how) else "nothing")


ACTS: Mapping[str, Callable[[Reviewing, Sheet], Response]] = {
    "send": _confirm_sending,
    "one": _approve_one,
    "approve": _approve_confirmed,
    "back": _take_back,
    "stop": _stop,
    "agents": _confirm_release,
    "release": _release,
    "nobody": _confirm_drop,
    "drop": _drop,
}
