"""The sidebar: a ticket's bugs beside it, and what agents say of them, in a frame of 320 pixels or a small window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import NotFoundError, RefusedError, RemoteError, UsageError
from bugbridge.core.facts import UNSAID
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import Workaround
from bugbridge.core.records import LinkKey, TicketRow
from bugbridge.core.sidebar import Acted, Done, Sidebar, SidebarLink, SidebarVerb
from bugbridge.core.wording_model import WordingFinding
from bugbridge.entry.reply_showing import conclusion
from bugbridge.entry.sentences import AWAITED, NOTHING_DUE
from bugbridge.entry.web.bug_names import abouts
from bugbridge.entry.web.frames import framed, framing
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_DELAY, LONGEST_REFERENCE, LONGEST_TYPED
from bugbridge.entry.web.passes import PASS_FIELD
from bugbridge.entry.web.paths import bug_path, round_path, sidebar_path
from bugbridge.entry.web.sidebar_search import Search, is_guest, searched
from bugbridge.entry.web.sidebar_tickets import act, checked, seen, ticket_in_sight
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, NOT_FOUND, OK, SEE_OTHER, UNAVAILABLE
from bugbridge.entry.web.visiting import Agent, Form, OwnForm
from bugbridge.render.plain import clean
from bugbridge.render.times import until_stamp
from bugbridge.services.sidebar import primary_issue, said_before
from bugbridge.services.sidebar_acts import Act

router = APIRouter()
DONE: Mapping[str, Done] = {one.value: one for one in Done}
VERBS: Mapping[str, SidebarVerb] = {one.value: one for one in SidebarVerb}
SAID: Mapping[Done, str] = {
    Done.LINKED: "Linked.",
    Done.ALREADY: "That was linked already; nothing was done.",
    Done.UNLINKED: "Unlinked: its planned updates are withdrawn, and only a person links it again.",
    Done.NOT_LINKED: "That wasn't linked; nothing was done.",
    Done.MEETS_IT: "Kept how often they meet it.",
    Done.WORKED: "Kept: the workaround works for them.",
    Done.FAILED: "Kept: the workaround didn't work for them.",
    Done.TOLD: "Kept: they know what there is to know.",
    Done.PUT_OFF: "Put off.",
    Done.NOT_PUT_OFF: "Taken back: it is due as before.",
    Done.WORKAROUND_TOLD: "Kept: they have the workaround.",
    Done.STILL_DUE: "Kept: they are still to be told.",
}
REFUSED: Mapping[str, str] = {
    "nothing-due": "Nothing is due here, so there is nothing to put off.",
    "nothing-ended": "No reminder has ended here that could go on.",
    "nothing-put-off": "Nothing is put off here.",
}
WORKAROUND_SAYS: Mapping[Workaround, SidebarVerb] = {
    Workaround.TOLD: SidebarVerb.WORKAROUND_TOLD,
    Workaround.CONFIRMED: SidebarVerb.WORKED,
    Workaround.FAILED: SidebarVerb.FAILED,
}
TITLES: Mapping[str, str] = {"first_reply": "First reply"}

Said = Annotated[str, Query(max_length=20)]
BugId = Annotated[int, Query(ge=0, lt=2**62)]
Typed = Annotated[str, Query(max_length=LONGEST_TYPED)]


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes the last act back: for an answer the one before."""

    verb: SidebarVerb
    issue: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply that was checked without script: its bug, its text, what was found and what came of it."""

    issue: str
    text: str
    findings: Sequence[WordingFinding]
    conclusion: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page shows besides the ticket's facts."""

    said: str = ""
    undo: Undo | None = None
    problem: str = ""
    checked: Checked | None = None
    search: Search = field(default_factory=Search)
    status: int = OK


@router.get("/sidebar/{helpdesk}/{ticket:path}", include_in_schema=False)
def sidebar(
    web: WebHere,
    visitor: Agent,
    request: Request,
    helpdesk: str,
    ticket: str,
    said: Said = "",
    bug: BugId = 0,
    q: Typed = "",
    tracker: Typed = "",
) -> Response:
    """Show it. `said` and `bug` are codes of what was done last; nothing that the address says is shown as text."""
    row = ticket_in_sight(web, visitor, helpdesk, ticket)
    facts = seen(web, row)
    done = DONE.get(said)
    shown = _Shown(
        said=_said(facts, done, bug) if done else "",
        undo=_undo(web, row, facts, done, bug) if done else None,
        search=searched(web, visitor, q, tracker),
    )
    return _page(web, visitor, request, facts, shown)


@router.post("/sidebar/{helpdesk}/{ticket:path}/acts", include_in_schema=False)
def say(web: WebHere, visitor: Agent, request: Request, helpdesk: str, ticket: str, form: OwnForm) -> Response:
    """Do what an agent says, and go back."""
    row = ticket_in_sight(web, visitor, helpdesk, ticket)
    try:
        acted = act(web, visitor, row, _act(form))
    except (UsageError, RemoteError) as error:
        problem = _Shown(problem=refusal_words(error, web.pages.zone), status=refusal_status(error))
        return _page(web, visitor, request, seen(web, row), problem)
    return RedirectResponse(_back(request, row, acted), SEE_OTHER)


@router.post("/sidebar/{helpdesk}/{ticket:path}/checked", include_in_schema=False)
def check_form(web: WebHere, visitor: Agent, request: Request, helpdesk: str, ticket: str, form: OwnForm) -> Response:
    """Check a reply for a browser without script, and put the workaround into it where that is asked for."""
    row = ticket_in_sight(web, visitor, helpdesk, ticket)
    facts, issue = seen(web, row), form.get("issue", "")[:LONGEST_REFERENCE]
    text = _with_workaround(facts, issue, form.get("text", "")) if "add" in form else form.get("text", "")
    try:
        found = checked(web, row, text, issue)
    except UsageError as error:
        problem = _Shown(problem=refusal_words(error, web.pages.zone), status=MALFORMED)
        return _page(web, visitor, request, facts, problem)
    result = Checked(issue, text, found.findings, conclusion(found))
    return _page(web, visitor, request, facts, _Shown(checked=result))


def _act(form: Form) -> Act:
    verb = VERBS.get(form.get("verb", ""))
    if verb is None:
        raise UsageError("This page was made by another version: reload it.")
    return Act(verb, form.get("issue", "")[:LONGEST_REFERENCE], form.get("value", "")[:LONGEST_DELAY])


def _with_workaround(facts: Sidebar, issue: str, text: str) -> str:
    known = next((link.workaround for link in facts.links if link.issue == issue), "")
    return text if not known or known in text else f"{text.rstrip()}\n\n{known}".lstrip()


def _back(request: Request, ticket: TicketRow, acted: Acted) -> str:
    """Give the address of the sidebar with codes of what was done, and with its pass."""
    asked = {"said": acted.done.value, "bug": str(acted.bug_id), **_pass(request)}
    return f"{sidebar_path(ticket.reference)}?{urlencode(asked)}"


def _pass(request: Request) -> Mapping[str, str]:
    given = request.query_params.get(PASS_FIELD, "")
    return {PASS_FIELD: given} if given else {}


def _said(facts: Sidebar, done: Done, bug_id: int) -> str:
    """Say what was done; that somebody is still to be told only where that is due."""
    is_due = any(link.next_at is not None for link in facts.links if link.bug_id == bug_id)
    if done is Done.MEETS_IT and any(link.bug_id == bug_id and not link.meets_it for link in facts.links):
        return "Taken back: how often they meet it isn't known."
    return NOTHING_DUE if done is Done.STILL_DUE and not is_due else SAID[done]


def _undo(web: Web, ticket: TicketRow, facts: Sidebar, done: Done, bug_id: int) -> Undo | None:
    """Give what takes it back, as long as that is how things are; the address alone is believed nothing."""
    states = {link.key.bug_id: link.state for link in web.app.store.links_of(ticket.id)}
    issue = primary_issue(web.app.store, bug_id) if bug_id in states else None
    if issue is None:
        return None
    if done is Done.LINKED and states[bug_id] == "linked":
        return Undo(SidebarVerb.NOT_THIS, issue.reference)
    if done is Done.UNLINKED and states[bug_id] == "unlinked":
        return Undo(SidebarVerb.LINK, issue.reference)
    link = next((one for one in facts.links if one.bug_id == bug_id), None)
    return _undo_word(web, ticket, link, done, issue.reference) if link else None


def _undo_word(web: Web, ticket: TicketRow, link: SidebarLink, done: Done, issue: str) -> Undo | None:
    """Give what takes a word back: where nothing was said before that could be said again, nothing."""
    if done is Done.TOLD:
        return Undo(SidebarVerb.STILL_DUE, issue) if link.can_undo_told else None
    if done is Done.PUT_OFF:
        return Undo(SidebarVerb.NOT_LATER, issue) if link.put_off_until else None
    before = said_before(web.app.store, LinkKey(ticket.id, link.bug_id))
    if done is Done.MEETS_IT:
        return Undo(SidebarVerb.MEETS_IT, issue, before.meets_it or UNSAID) if link.meets_it else None
    says = WORKAROUND_SAYS.get(before.workaround) if done in (Done.WORKED, Done.FAILED) else None
    return Undo(says, issue) if says else None


def refusal_words(error: UsageError | RemoteError, zone: str) -> str:
    """Say why it can't be done, without commands that nobody can type here."""
    if isinstance(error, RefusedError):
        if error.code == "promise-first":
            by = until_stamp(instant_from_text(str(error.details["by"])), zone)
            return f"The customer was promised a message by {by}, before that."
        return REFUSED.get(error.code, clean(str(error)))
    return clean(str(error))


def refusal_status(error: UsageError | RemoteError) -> int:
    """Give the status that goes with it."""
    if isinstance(error, RefusedError):
        return CONFLICT
    if isinstance(error, UsageError):
        return MALFORMED
    return NOT_FOUND if isinstance(error, NotFoundError) else UNAVAILABLE


def _page(web: Web, visitor: Visitor, request: Request, facts: Sidebar, shown: _Shown) -> Response:
    helpdesk = facts.ticket.partition(":")[0]
    path, given = sidebar_path(facts.ticket), _pass(request)
    named = (one.issue for one in (*facts.suggested, *shown.search.known))
    page = {
        "sidebar": facts,
        "about": abouts(web, visitor, named),
        "shown": shown,
        "path": path,
        "given": given.get(PASS_FIELD, ""),
        "query": f"?{urlencode(given)}" if given else "",
        "trackers": sorted(web.app.settings.trackers),
        "awaited": AWAITED,
        "titles": TITLES,
        "bug_path": bug_path,
        "round_path": round_path,
        "is_lead": visitor.may(Role.LEAD),
        "is_guest": is_guest(visitor),
    }
    return framed(web.page(visitor, "sidebar.html", page, shown.status), framing(web, helpdesk))
