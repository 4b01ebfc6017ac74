"""One bug's page, and the same as facts."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from pydantic import BaseModel

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board_bugs import BugIssue
from bugbridge.core.instants import instant_to_text
from bugbridge.core.listings import Listing
from bugbridge.core.model import Entity, Stage
from bugbridge.entry.frequency_facts import frequency_facts, frequency_sentences
from bugbridge.entry.web.bug_facts import (
    KnownBug,
    known_bug,
    prevention_sentences,
    promise_listing,
    remedy_sentence,
    sight_sentence,
    stage_sentence,
    ticket_listing,
    timeline_listing,
    tracker_address,
    workaround_listing,
)
from bugbridge.entry.web.bug_names import abouts
from bugbridge.entry.web.headers import page_headers
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, ListingFacts, listing_facts
from bugbridge.entry.web.paths import bug_path, round_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import SEE_OTHER
from bugbridge.entry.web.visiting import Agent
from bugbridge.render.bug_board_words import FREQUENCY_WORDS
from bugbridge.render.bug_pictures import timeline_picture
from bugbridge.render.listings import csv_of
from bugbridge.services.bug_timelines import timeline_marks
from bugbridge.services.bug_words import Suggestion, suggestions, workaround_for

router = APIRouter()
AFTER, AFTER_TICKET = "after", "after_ticket"
File = Annotated[str, Query(pattern="^(|timeline|tickets)$", description="Which list, for a file for spreadsheets.")]
KeptForm = Annotated[str, Query(pattern="^(|words|workarounds|release)$", description="What was just recorded.")]
SAID = {
    "words": "That is recorded: drafts use customers' words as they stand below.",
    "workarounds": "The workaround is recorded. The daemon's next planning decides who hears of it: a round, or a "
    "reminder to the agent, comes for customers who have none that works.",
    "release": "The release is recorded. The daemon's next planning decides who hears of it: what is due for customers "
    "stands under Due, and a round under Rounds.",
}
"""What a form's act means, by the form: what follows is decided by the next planning."""


@router.get("/bugs/{reference:path}", include_in_schema=False)
def bug_page(
    web: WebHere,
    visitor: Agent,
    reference: str,
    after: After = "",
    after_ticket: After = "",
    file: File = "",
    kept: KeptForm = "",
) -> Response:
    """Show a bug; any of its issues leads to it. `kept` is what was just recorded there."""
    bug = known_bug(web, visitor, reference)
    if reference != bug.reference:
        return RedirectResponse(bug_path(bug.reference), SEE_OTHER)
    if file == "timeline":
        return _file(web, timeline_listing(web, visitor, bug, web.app.clock.now(), after), file)
    if file == "tickets":
        return _file(web, ticket_listing(web, visitor, bug, after_ticket), file)
    facts = _facts(web, visitor, bug, after, after_ticket)
    return web.page(visitor, "bug.html", {**facts, "said": SAID.get(kept, "")})


def page_again(
    web: Web, visitor: Visitor, bug: KnownBug, form: str, typed: Mapping[str, str], why: Refused
) -> Response:
    """Show a bug's page with what was typed into one of its forms, and above that why it wasn't done."""
    facts = {**_facts(web, visitor, bug, "", ""), "typed": typed, "problem": {form: why.sentence}}
    return web.page(visitor, "bug.html", facts, why.status)


def _facts(web: Web, visitor: Visitor, bug: KnownBug, after: str, after_ticket: str) -> dict[str, object]:
    return {
        **_course_facts(web, visitor, bug),
        **_sight_facts(web, visitor, bug),
        **_lists(web, visitor, bug, after, after_ticket),
        "is_lead": visitor.may(Role.LEAD),
        "typed": {},
        "problem": {},
        "said": "",
    }


def _file(web: Web, listing: Listing, name: str) -> Response:
    headers = {**page_headers(), "Content-Disposition": f'attachment; filename="bug-{name}.csv"'}
    return Response(csv_of(listing, web.pages.zone), media_type="text/csv", headers=headers)


def _course_facts(web: Web, visitor: Visitor, bug: KnownBug) -> dict[str, object]:
    """Gather what everybody may know of it."""
    store, path = web.app.store, bug_path(bug.reference)
    frequency = frequency_facts(web.app, bug.issue)
    return {
        "bug": bug,
        "path": path,
        "round_path": round_path(bug.reference),
        "words": store.private(Entity.BUG, bug.id, "words"),
        "stage": stage_sentence(bug),
        "is_fixed": bug.course.stage is Stage.FIXED,
        "issues": [_issue_facts(web, one) for one in store.board_bug_issues(bug.id)],
        "frequency": FREQUENCY_WORDS[frequency["frequency"]],
        "why_frequency": _why(web, visitor, frequency),
        "workarounds": workaround_listing(web, bug),
        "suggestions": _suggested(web, bug),
        "prevention": prevention_sentences(bug, web.pages.zone),
        "language": web.app.settings.language,
    }


def _why(web: Web, visitor: Visitor, frequency: Mapping[str, Any]) -> list[str]:
    """Say what was counted of the whole team's customers to whoever may see all of them."""
    return list(frequency_sentences(web.app, frequency)) if visitor.sees_everything else []


def _suggested(web: Web, bug: KnownBug) -> list[Suggestion]:
    return [one for one in suggestions(web.app.store, bug.id) if not one.accepted]


def _issue_facts(web: Web, one: BugIssue) -> "IssueFacts":
    address = tracker_address(web, one.tracker, one.reference)
    return IssueFacts(reference=one.reference, role=one.role, gone=one.gone, address=address)


def _sight_facts(web: Web, visitor: Visitor, bug: KnownBug) -> dict[str, object]:
    """Gather what is counted as far as a visitor sees it."""
    app, now = web.app, web.app.clock.now()
    sight = app.store.board_bug_sight(visitor, bug.id)
    helps = workaround_for(app.store, bug.id, app.settings.language)
    marks = timeline_marks(app.store, visitor, bug.id, bug.course, now)
    picture = timeline_picture(marks.entries, now, web.pages.zone, marks.left_out)
    return {
        "sight": sight,
        "affects": sight_sentence(sight),
        "about": abouts(web, visitor, [bug.reference])[bug.reference],
        "helps": helps.text if helps else "",
        "remedy": remedy_sentence(sight, has_one=helps is not None),
        "picture": Markup(picture),  # noqa: S704 - the picture escapes what it holds
        "left_out": marks.left_out,
    }


def _lists(web: Web, visitor: Visitor, bug: KnownBug, after: str, after_ticket: str) -> dict[str, object]:
    path, now = bug_path(bug.reference), web.app.clock.now()
    entries, tickets = timeline_listing(web, visitor, bug, now, after), ticket_listing(web, visitor, bug, after_ticket)
    here = {AFTER: after, AFTER_TICKET: after_ticket}
    return {
        "timeline": entries,
        "tickets": tickets,
        "promises": promise_listing(web, visitor, bug, now),
        "timeline_next": _address(path, {**here, AFTER: entries.next}) if entries.next else "",
        "tickets_next": _address(path, {**here, AFTER_TICKET: tickets.next}) if tickets.next else "",
        "timeline_file": _address(path, {**here, "file": "timeline"}),
        "tickets_file": _address(path, {**here, "file": "tickets"}),
    }


def _address(path: str, asked: dict[str, str]) -> str:
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"


class IssueFacts(BaseModel):
    """An issue behind a bug: `primary`, or a `part`, `mirror` or `duplicate` of it. `address` is its page in the
    tracker, empty where there is none that begins with https."""

    reference: str
    role: str
    gone: bool
    address: str


class NewsFacts(BaseModel):
    """One piece of news; the instant is UTC."""

    news: str
    at: str
    version: str


class SuggestionFacts(BaseModel):
    """What an engineer suggests for customers, sent to nobody; its number accepts it as a workaround."""

    number: int
    text: str


class BugFacts(BaseModel):
    """A bug. What is counted or listed of its tickets is what you may see, at most 50 rows; tickets and time line go
    on, and promises are the latest."""

    bug: str
    stage: str
    version: str
    closed_unknown: bool
    frequency: str
    why_frequency: list[str]
    words: str
    workaround: str
    workarounds: ListingFacts
    suggestions: list[SuggestionFacts]
    prevention: list[str]
    customers_affected: int
    told: int
    confirmed: int
    failed: int
    issues: list[IssueFacts]
    news: list[NewsFacts]
    promises: ListingFacts
    tickets: ListingFacts
    timeline: ListingFacts


@router.get("/api/v1/bugs/{reference:path}")
def bug_facts(web: WebHere, visitor: Agent, reference: str, after: After = "", after_ticket: After = "") -> BugFacts:
    """One bug, by any of its issues; `after` continues the time line, `after_ticket` the tickets."""
    bug = known_bug(web, visitor, reference)
    app, sight = web.app, web.app.store.board_bug_sight(visitor, bug.id)
    helps, frequency = workaround_for(app.store, bug.id, app.settings.language), frequency_facts(app, bug.issue)
    return BugFacts(
        bug=bug.reference,
        stage=bug.course.stage,
        version=bug.course.version,
        closed_unknown=bug.course.closed_unknown,
        frequency=frequency["frequency"],
        why_frequency=_why(web, visitor, frequency),
        words=app.store.private(Entity.BUG, bug.id, "words"),
        workaround=helps.text if helps else "",
        workarounds=listing_facts(workaround_listing(web, bug)),
        suggestions=[SuggestionFacts(number=one.number, text=one.text) for one in _suggested(web, bug)],
        prevention=prevention_sentences(bug, web.pages.zone),
        customers_affected=sight.customers,
        told=sight.told,
        confirmed=sight.confirmed,
        failed=sight.failed,
        issues=[_issue_facts(web, one) for one in app.store.board_bug_issues(bug.id)],
        news=[NewsFacts(news=one.news, at=instant_to_text(one.at), version=one.version) for one in bug.course.news],
        promises=listing_facts(promise_listing(web, visitor, bug, app.clock.now())),
        tickets=listing_facts(ticket_listing(web, visitor, bug, after_ticket)),
        timeline=listing_facts(timeline_listing(web, visitor, bug, app.clock.now(), after)),
    )
