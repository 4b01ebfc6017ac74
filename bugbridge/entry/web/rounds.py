"""The review of a round: what waits is read, edited, approved and stopped, ticket by ticket or all at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.errors import UsageError
from bugbridge.core.round_view import Decision, RoundRow, RoundView, Standing, Wish, judge_wishes
from bugbridge.entry.checking import reply_checker
from bugbridge.entry.round_words import HELD
from bugbridge.entry.sentences import counted
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.listing_pages import After
from bugbridge.entry.web.paths import bug_path, round_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.round_acts import (
    APPROVED,
    BROUGHT_BACK,
    DROPPED,
    NOT_IN_ROUND,
    RELEASED,
    STOPPED,
    TAKEN_BACK,
    Changed,
    Reviewing,
    bring_back,
    carry_out,
    let_go,
    reviewing,
)
from bugbridge.entry.web.round_questions import Coming, asked_replies, reply_in_question, unchecked_drafts
from bugbridge.entry.web.round_sections import SHOWN, Asked, Kept, page_facts
from bugbridge.entry.web.round_sheets import INCOMPLETE, Sheet, read_sheet, written_marks
from bugbridge.entry.web.statuses import MALFORMED, NOT_FOUND, OK, SEE_OTHER
from bugbridge.entry.web.visiting import Lead, OwnForm
from bugbridge.services.round_page import group_mark, page_of_round
from bugbridge.services.round_view import Outline, worded_rows

router = APIRouter()
Act: TypeAlias = Callable[[Reviewing, Sheet], Response]
NO_PROBLEMS: Mapping[str, str] = MappingProxyType({})
UNCLEAN = "has control characters in its words, which no customer should get: they are taken out here."
SAID: Mapping[str, str] = {
    APPROVED: f"Approved: {HELD}. Until then it can be taken back.",
    TAKEN_BACK: "Taken back, and waiting again.",
    STOPPED: "Stopped: all that isn't being sent yet waits again.",
    RELEASED: "The agents are reminded instead, within the policy's limits.",
    DROPPED: "Let be: nobody is told of it. Under “Not in this round” it can be brought back.",
    BROUGHT_BACK: "Brought back: it waits in the round again.",
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
    return _page(who, Asked(round_path(who.issue), show, after), SAID.get(said, ""))


def _page(
    who: Reviewing, asked: Asked, said: str = "", problems: Mapping[str, str] = NO_PROBLEMS, status: int = OK
) -> Response:
    app, outline, standing = who.web.app, who.outline(), Standing(asked.show) if asked.show else None
    try:
        page = page_of_round(app.sender, reply_checker(app), outline, standing, asked.after, asked.kept.words)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None
    facts = {**page_facts(app.sender, page, asked), "said": said, "problems": problems, "bug_path": bug_path(who.issue)}
    return who.web.page(who.visitor, "round.html", facts, status)


@router.post("/rounds/{reference:path}", include_in_schema=False)
def review_round(web: WebHere, visitor: Lead, form: OwnForm, reference: str) -> Response:
    """Do what a form of the page says, or ask once more before much goes out."""
    sheet = read_sheet(form)
    act = ACTS.get(sheet.verb)
    if act is None:
        raise Refused(MALFORMED, INCOMPLETE)
    who = reviewing(web, visitor, reference, sheet.news_seq)
    try:
        return _answer(who, sheet, act)
    except Refused as error:
        if not sheet.own_words:
            raise
        facts = {"sentence": error.sentence, "texts": sheet.own_words.values(), "back": round_path(who.issue)}
        return web.page(visitor, "round_over.html", facts, error.status)


def _answer(who: Reviewing, sheet: Sheet, act: Act) -> Response:
    """Do it; where that can't be, show the page again as it was left, with why."""
    try:
        _refuse_unclean(who, sheet)
        return act(who, sheet)
    except Changed as error:
        return _page(who, _asked(who, sheet), problems=error.problems, status=error.status)


def _refuse_unclean(who: Reviewing, sheet: Sheet) -> None:
    if sheet.unclean:
        found = [row.ticket for row in who.outline().view.rows if row.key.ticket_id in sheet.unclean]
        raise Changed(dict.fromkeys(found, UNCLEAN), MALFORMED)


def _asked(who: Reviewing, sheet: Sheet, done: Collection[int] = ()) -> Asked:
    """Give the page that a form came from, as it was left, but for the tickets with which something was done."""
    words = {ticket_id: text for ticket_id, text in sheet.own_words.items() if ticket_id not in done}
    show = sheet.show if sheet.show in SHOWN else ""
    return Asked(round_path(who.issue), show, sheet.after, Kept(words, sheet.left.difference(done)))


def _back(who: Reviewing, sheet: Sheet, said: str, done: Collection[int] = ()) -> Response:
    """Go back to the page, with what was written there for other tickets."""
    asked = _asked(who, sheet, done)
    if asked.kept.words:
        return _page(who, asked, SAID[said])
    return RedirectResponse(f"{asked.path}?said={said}", SEE_OTHER)


def _return(who: Reviewing, sheet: Sheet) -> Response:
    """Nothing is done: the page is as it was before the question."""
    return _page(who, _asked(who, sheet))


def _approve_one(who: Reviewing, sheet: Sheet) -> Response:
    """Approve an untouched draft in which nothing hurts; ask before anything else goes."""
    wish, outline = sheet.wish_for_one(), who.outline()
    rows = [row for row in outline.view.rows if row.key.ticket_id == wish.ticket_id]
    if not rows:
        return _approve(who, sheet, [wish])
    worded, coming = _coming(outline, worded_rows(who.web.app.sender, outline, rows), [wish])
    if not any(one.asks for one in asked_replies(who.web, worded, coming)):
        return _approve(who, sheet, [wish])
    return _ask(who, sheet, worded, coming, [wish])


def _approve_confirmed(who: Reviewing, sheet: Sheet) -> Response:
    """What was unticked is done with once the others went; where one ticket alone goes, ticks stay as they are."""
    left = sheet.left if sheet.object else frozenset[int]()
    return _approve(who, replace(sheet, left=left), sheet.wishes_confirmed())


def _approve(who: Reviewing, sheet: Sheet, wishes: Sequence[Wish]) -> Response:
    done = carry_out(who, wishes, APPROVED)
    return _back(who, sheet, "nothing" if done.nothing else APPROVED, {wish.ticket_id for wish in wishes})


def _take_back(who: Reviewing, sheet: Sheet) -> Response:
    done = carry_out(who, [Wish(sheet.ticket_id, Decision.TAKE_BACK)], TAKEN_BACK)
    return _back(who, sheet, "nothing" if done.nothing else TAKEN_BACK, {sheet.ticket_id})


def _stop(who: Reviewing, sheet: Sheet) -> Response:
    """What is being sent this moment can't be stopped any more, and stops nothing else from being."""
    approved = [row for row in who.outline().view.standing(Standing.APPROVED) if not row.sending]
    done = carry_out(who, [Wish(row.key.ticket_id, Decision.TAKE_BACK) for row in approved], STOPPED)
    return _back(who, sheet, "nothing" if done.nothing else STOPPED)


def _confirm_sending(who: Reviewing, sheet: Sheet) -> Response:
    """Say what would go out, and ask. Raises Changed where that isn't what was shown."""
    sender, outline = who.web.app.sender, who.outline()
    taken = [row for row in outline.view.rows if sheet.takes(row) and sheet.object in ("", group_mark(row))]
    rows = worded_rows(sender, outline, taken)
    wishes = [sheet.wish_for(row) for row in rows]
    worded, coming = _coming(outline, rows, wishes)
    return _ask(who, sheet, worded, coming, wishes) if coming else _back(who, sheet, "nothing")


def _coming(outline: Outline, rows: Sequence[RoundRow], wishes: Sequence[Wish]) -> tuple[Outline, Coming]:
    """Give these worded tickets of a round, and what would go out by the wishes. Raises Changed for what can't."""
    view = replace(outline.view, rows=tuple(rows))
    judged = judge_wishes(view, wishes)
    if judged.problems:
        names = {row.key.ticket_id: row.ticket for row in view.rows}
        raise Changed({names[ticket_id]: why for ticket_id, why in judged.problems})
    return replace(outline, view=view), judged.approve


def _ask(who: Reviewing, sheet: Sheet, outline: Outline, coming: Coming, wishes: Sequence[Wish]) -> Response:
    """Show what isn't an untouched draft with what is to be said of it; one reply is shown in any case."""
    is_one = sheet.verb == "one"
    shown = asked_replies(who.web, outline, [(row, text) for row, text in coming if is_one or row.is_own(text)])
    own, going = sum(one.is_own for one in shown), {row.key.ticket_id for row, _ in coming}
    facts = {
        **_kept_facts(who, sheet, outline.view, {one.row.key.ticket_id for one in shown}),
        "act": f"approve {sheet.object}" if is_one else "approve",
        "tickets": written_marks([wish for wish in wishes if wish.ticket_id in going]),
        "edited": [reply_in_question(one) for one in shown],
        "unchecked": () if is_one else list(unchecked_drafts(who.web, outline, coming)),
        "question": f"{counted(len(coming), 'reply', 'replies')} would go to the customers"
        + (f", {own} in words of your own." if own else "."),
        "consequence": f"Each is {HELD}. Until then it can be stopped.",
        "button": f"Approve {coming[0][0].ticket}" if is_one else f"Send {len(coming)}",
    }
    return who.web.page(who.visitor, "round_confirm.html", facts)


def _kept_facts(who: Reviewing, sheet: Sheet, view: RoundView, shown: Collection[int] = ()) -> dict[str, object]:
    """Give what a question carries along of the page that it was asked from, besides the words that it shows."""
    asked = _asked(who, sheet, shown)
    return {
        "path": asked.path,
        "issue": view.issue,
        "round": view.news.seq,
        "show": asked.show,
        "after": asked.after,
        "left": " ".join(map(str, sorted(sheet.left))),
        "kept": asked.kept.words,
    }


def _confirm_release(who: Reviewing, sheet: Sheet) -> Response:
    consequence = "Each agent gets a reminder with the draft, within the policy's limits. No customer is written to."
    return _ask_to_let_go(who, sheet, "release", "would go to the agents", consequence)


def _confirm_drop(who: Reviewing, sheet: Sheet) -> Response:
    consequence = "Nobody is told of this news; what happens to the bug from now on is told as ever."
    return _ask_to_let_go(who, sheet, "drop", "would be let be", consequence)


def _ask_to_let_go(who: Reviewing, sheet: Sheet, act: str, what: str, consequence: str) -> Response:
    view = who.outline().view
    rows = view.waiting()
    if not rows:
        return _back(who, sheet, "nothing")
    facts = {
        **_kept_facts(who, sheet, view),
        "act": act,
        "tickets": " ".join(f"{row.key.ticket_id}:" for row in rows),
        "edited": (),
        "unchecked": (),
        "question": f"{counted(len(rows), 'update')} {what}.",
        "consequence": consequence,
        "button": "Remind the agents instead" if act == "release" else "Let it be",
    }
    return who.web.page(who.visitor, "round_confirm.html", facts)


def _release(who: Reviewing, sheet: Sheet) -> Response:
    return _let_go(who, sheet, RELEASED)


def _drop(who: Reviewing, sheet: Sheet) -> Response:
    return _let_go(who, sheet, DROPPED)


def _bring_back(who: Reviewing, sheet: Sheet) -> Response:
    rows = _rows_of(who, {sheet.ticket_id})
    return _back(who, sheet, BROUGHT_BACK if bring_back(who, rows) else "nothing", {sheet.ticket_id})


def _let_go(who: Reviewing, sheet: Sheet, how: str) -> Response:
    """Let one ticket go, or those that were confirmed."""
    meant = {sheet.ticket_id} if sheet.object else set(sheet.marks)
    rows = _rows_of(who, meant)
    return _back(who, sheet, how if let_go(who, rows, how) else "nothing", meant)


def _rows_of(who: Reviewing, meant: Collection[int]) -> Sequence[RoundRow]:
    rows = [row for row in who.outline().view.rows if row.key.ticket_id in meant]
    if len(rows) < len(meant):
        raise Refused(NOT_FOUND, NOT_IN_ROUND)
    return rows


ACTS: Mapping[str, Act] = {
    "return": _return,
    "send": _confirm_sending,
    "one": _approve_one,
    "approve": _approve_confirmed,
    "back": _take_back,
    "stop": _stop,
    "agents": _confirm_release,
    "release": _release,
    "nobody": _confirm_drop,
    "drop": _drop,
    "again": _bring_back,
}
