"""The board: what is due, what is overdue, and what waits for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board import Counted, DueWanted, Show
from bugbridge.core.errors import UsageError
from bugbridge.core.listings import PAGE_ROWS, Column, ColumnKind, Linked, Listing, Slice, Value
from bugbridge.core.model import News
from bugbridge.core.people import Team
from bugbridge.core.planning import PERIODIC, PROMISED
from bugbridge.core.promises_made import Fared
from bugbridge.entry.receivers import whose
from bugbridge.entry.web.asked import MORE_BEHIND, Choice, choices, helpdesks_in_sight, place_asked
from bugbridge.entry.web.board_words import ASKED_FOR, count_words, reason_words, state_words
from bugbridge.entry.web.bug_names import ABOUT as ABOUT_BUG
from bugbridge.entry.web.bug_names import abouts
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path, ticket_value
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.sources import sources_unwell
from bugbridge.entry.web.statuses import MALFORMED
from bugbridge.entry.web.visiting import Agent
from bugbridge.services.board import (
    FIRST_UPDATE,
    LOOK,
    DueRow,
    Judging,
    count_overdue,
    count_promises,
    due_page,
    repeated_before,
)
from bugbridge.services.operating import HELPDESK
from bugbridge.services.receiving import agent_known_as

router = APIRouter()
AHEAD = timedelta(days=14)
YES, NO = "yes", "no"
COLUMNS = (
    Column("due_at", "Due", ColumnKind.MOMENT),
    Column("late", "Late"),
    Column("ticket", "Ticket"),
    Column("bug", "Bug"),
    ABOUT_BUG,
    Column("reason", "Reason"),
    Column("for", "Agent"),
    Column("reminded_at", "Reminded", ColumnKind.MOMENT),
    Column("state", "State"),
)
SHOWN = {
    Show.TODAY: "Due today",
    Show.OVERDUE: "Overdue",
    Show.SOON: "Within two weeks",
    Show.WAITING: "Waits for a person",
}
NOTHING = {
    Show.TODAY: "Nothing is due today. “Within two weeks” shows what comes.",
    Show.OVERDUE: "Nothing is overdue: no reminder of a promise came to nothing, nobody was reminded twice in vain, no "
    "round was left unfinished, and all could be posted. “Promises” has every promise that was missed.",
    Show.SOON: "Nothing is due within two weeks. Link a ticket to a bug, and what is due for its customer stands here.",
    Show.WAITING: "Nothing waits for a person: no round, and all that was due could be posted.",
}
NO_HELPDESK = (
    "No helpdesk is connected yet, so nothing can be due: an admin adds one to the configuration, looks with "
    "`bugbridge doctor` whether it answers, and starts `bugbridge daemon`, which reads its tickets."
)
IN_ORDER = "The earliest first, whatever their reason."
ABOUT = {
    Show.OVERDUE: "Reminded of twice in vain, promised for a day that is over, in a round that nobody finished, or not "
    "to be posted.",
    Show.WAITING: "In a round, not to be posted, or a reply of which nobody knows whether it arrived. The questions to "
    "the lead have a list of their own.",
}
LOOKED_AT = f"This page looked at {LOOK:,} updates; the next one goes on."
REMINDED = {"": None, YES: True, NO: False}
MOST_NAMED = 50
NO_BRAND = "No ticket that you can see has a brand: leave it out."
REASONS = (PROMISED, PERIODIC, *(str(news) for news in News), *ASKED_FOR)


@dataclass(frozen=True, slots=True)
class DueAsked:
    """Which updates an address asks for."""

    show: Annotated[Show, Query(description="Which list.")] = Show.TODAY
    helpdesk: Annotated[str, Query(max_length=100, description="A helpdesk's name.")] = ""
    brand: Annotated[str, Query(max_length=200, description="A brand of the helpdesk.")] = ""
    reason: Annotated[str, Query(max_length=100, description="Why, such as promised or released.")] = ""
    agent: Annotated[str, Query(max_length=200, description="Who receives it: HELPDESK:ID, e-mail or name.")] = ""
    reminded: Annotated[
        str,
        Query(pattern=f"^(|{YES}|{NO})$", description="yes where the agent was reminded and has yet to write; or no."),
    ] = ""
    mine: Annotated[str, Query(pattern=f"^(|{YES})$", description="yes for what the visitor receives.")] = ""


Asked = Annotated[DueAsked, Depends()]


class DueCounts(BaseModel):
    """How many there are, each counted up to 1,000; `more` names those of which there may be more. `reminded` are those
    of `today` whose agents were reminded and have yet to write; `promises` are open or missed, of the latest 200 links
    that carry any."""

    today: int
    reminded: int
    overdue: int
    waiting: int
    questions: int
    rounds: int
    promises: int
    promises_missed: int
    sources_not_well: int
    more: list[str]


@router.get("/due", include_in_schema=False)
def due(
    web: WebHere, visitor: Agent, request: Request, asked: Asked, after: After = "", as_file: AsFile = ""
) -> Response:
    """Show what is due."""
    facts = {} if as_file else _above(web, visitor, asked)
    read = partial(_due, web, visitor, asked)
    return listing_page(web, visitor, request, after, read, as_file, ("due.html", facts))


@router.get("/api/v1/due")
def due_facts(web: WebHere, visitor: Agent, asked: Asked, after: After = "") -> ListingFacts:
    """Updates that are open, the earliest first: due until the end of the team's day (today), due within two weeks
    (soon), left to the lead (overdue), or waiting for a person. A page may hold fewer than 50 and have a next one.
    `late` is yes where the day on which it was due is over; `reminded_at` is when the agent was reminded of what they
    have yet to write, null where nobody was yet."""
    return listing_facts(_due(web, visitor, asked, after))


@router.get("/api/v1/due/counts")
def due_counts(web: WebHere, visitor: Agent) -> DueCounts:
    """How much is due, overdue and waiting, as far as the visitor sees it."""
    counted = _counts(web, visitor)
    numbers = {name: one.number for name, one in counted.items()}
    return DueCounts(**numbers, more=[name for name, one in counted.items() if one.more])


def _due(web: Web, visitor: Visitor, asked: DueAsked, after: str) -> Listing:
    _refuse_unknown(web, visitor, asked)
    place = place_asked(after, FIRST_UPDATE)
    agent = visitor.key if asked.mine else asked.agent
    judging = _judging(web)
    try:
        found = due_page(web.app.store, visitor, judging, _wanted(web, judging, asked), place, agent)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None
    said = abouts(web, visitor, (one.update.bug for one in found.rows))
    reviews = visitor.may(Role.LEAD)
    rows = [_row(one, said[one.update.bug], web, reviews=reviews) for one in found.rows]
    empty = MORE_BEHIND if found.next else _nothing(web, asked.show)
    return Listing(SHOWN[asked.show], COLUMNS, rows, empty, found.next, note=_note(found, asked.show))


def _nothing(web: Web, show: Show) -> str:
    """Say why nothing is listed, and what to do: without a helpdesk nothing ever will be."""
    is_connected = web.app.settings.helpdesks or any(one.role == HELPDESK for one in web.app.store.sources())
    return NOTHING[show] if is_connected else NO_HELPDESK


def _refuse_unknown(web: Web, visitor: Visitor, asked: DueAsked) -> None:
    """An empty list would read as if nothing were due."""
    if asked.reason and asked.reason not in REASONS:
        _refuse_other("reason", asked.reason, _reasons(web))
    if asked.helpdesk:
        _refuse_other("helpdesk", asked.helpdesk, helpdesks_in_sight(web.app, visitor))
    if asked.brand:
        known = web.app.store.brands_in_sight(visitor, asked.helpdesk, asked.brand, MOST_NAMED)
        if not known:
            raise Refused(MALFORMED, NO_BRAND)
        _refuse_other("brand", asked.brand, known)


def _refuse_other(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise Refused(MALFORMED, f"{name} is one of {', '.join(known)}.")


def _reasons(web: Web) -> Sequence[str]:
    """Give the reasons for updates: the team's questions to agents are some, by their rules' names."""
    rules = [rule.id for one in web.app.policies.versions for rule in one.policy.rules if rule.person]
    return tuple(dict.fromkeys((*REASONS, *sorted(rules))))


def _note(found: Slice[DueRow], show: Show) -> str:
    is_short = found.next and len(found.rows) < PAGE_ROWS
    return " ".join(filter(None, (ABOUT.get(show), IN_ORDER, LOOKED_AT if is_short else "")))


def _judging(web: Web) -> Judging:
    return Judging(web.app.policy, web.app.calendar, web.app.people)


def _wanted(web: Web, judging: Judging, asked: DueAsked) -> DueWanted:
    now = web.app.clock.now()
    until = now + AHEAD if asked.show is Show.SOON else end_of_day(now, web.pages.zone)
    again = repeated_before(judging, now)
    return DueWanted(asked.show, now, until, again, asked.helpdesk, asked.brand, asked.reason, REMINDED[asked.reminded])


def end_of_day(now: datetime, zone: str) -> datetime:
    """Give when the next day begins in a zone."""
    local = now.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time.min, ZoneInfo(zone))


def is_late(due_at: datetime, now: datetime, zone: str) -> bool:
    """Whether the day on which something was due is over in a zone."""
    return end_of_day(due_at, zone) <= now


def _row(one: DueRow, about: str, web: Web, *, reviews: bool) -> dict[str, Value]:
    update, zone = one.update, web.pages.zone
    return {
        "due_at": update.item.due_at,
        "late": YES if is_late(update.item.due_at, web.app.clock.now(), zone) else "",
        "ticket": ticket_value(update.ticket),
        "bug": Linked(update.bug, bug_path(update.bug)),
        "about": about,
        "reason": reason_words(update.item.reason),
        "for": whose(one.receiver),
        "reminded_at": update.reminded_at,
        "state": state_words(update, zone, reviews=reviews),
    }


def _above(web: Web, visitor: Visitor, asked: DueAsked) -> Mapping[str, object]:
    """Give what stands above the list: how much there is, which lists there are, and what they are narrowed by."""
    filters = {key: str(value) for key, value in asdict(asked).items() if key != "show"}
    is_an_agent = _is_an_agent(web, visitor)
    return {
        "counts": _count_links(_counts(web, visitor)),
        "shown": [
            *([_mine(asked, filters)] if is_an_agent else ()),
            *choices("/due", asked.show, SHOWN, filters),
        ],
        "asked": asked,
        "helpdesks": helpdesks_in_sight(web.app, visitor),
        "reasons": {one: reason_words(one) for one in dict.fromkeys((*REASONS, asked.reason)) if one},
        "is_an_agent": is_an_agent,
    }


def _is_an_agent(web: Web, visitor: Visitor) -> bool:
    """Whether a visitor is one agent or row of the list of people, by their key: what is theirs can be told."""
    try:
        agent_known_as(Team(web.app.people, web.app.store.agents()), visitor.key)
    except UsageError:
        return False
    return True


def _mine(asked: DueAsked, filters: Mapping[str, str]) -> Choice:
    """Lead to what the visitor receives, of the list that is shown; or, from there, to everybody's again."""
    kept = {"show": str(asked.show), **filters, "agent": "", "mine": "" if asked.mine else YES}
    path = urlencode({name: value for name, value in kept.items() if value})
    return Choice("Everybody's" if asked.mine else "Mine", f"/due?{path}", chosen=False)


def _counts(web: Web, visitor: Visitor) -> Mapping[str, Counted]:
    store, judging = web.app.store, _judging(web)
    today = _wanted(web, judging, DueAsked())
    promises = count_promises(store, visitor, judging, today.now)
    missed = promises[Fared.MISSED]
    return {
        "today": store.count_updates(visitor, today),
        "reminded": store.count_updates(visitor, replace(today, reminded=True)),
        "overdue": count_overdue(store, visitor, judging, replace(today, show=Show.OVERDUE)),
        "waiting": store.count_updates(visitor, replace(today, show=Show.WAITING)),
        "questions": store.count_questions(visitor),
        "rounds": store.count_rounds(visitor),
        "promises": replace(missed, number=missed.number + promises[Fared.OPEN].number),
        "promises_missed": missed,
        "sources_not_well": Counted(sources_unwell(web.app, visitor)),
    }


def _count_links(counts: Mapping[str, Counted]) -> Sequence[tuple[str, str, str]]:
    words = {
        "today": ("Due today", "/due?show=today"),
        "reminded": ("Of these, agent reminded", f"/due?show=today&reminded={YES}"),
        "overdue": ("Overdue", "/due?show=overdue"),
        "waiting": ("Waits for a person", "/due?show=waiting"),
        "questions": ("Questions to the lead", "/questions"),
        "rounds": ("Rounds", "/rounds"),
        "promises": ("Promises open or missed", "/promises"),
        "promises_missed": ("Promises missed", "/promises?show=missed"),
        "sources_not_well": ("Sources not well", "/sources"),
    }
    return [(*words[name], count_words(one)) for name, one in counts.items()]
