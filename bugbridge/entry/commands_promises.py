"""Promises: what agents promised their customers and what became of it; recorded, corrected, dismissed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import LinkHow
from bugbridge.core.people import Team
from bugbridge.core.promises_made import Fared
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import instant, known_issue, known_ticket
from bugbridge.entry.sentences import AWAITED

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.promises import PromiseEvent
    from bugbridge.core.promises_made import Promise
    from bugbridge.core.records import TicketRow
    from bugbridge.services.promising import ListedPromise
    from bugbridge.services.saying import Word

AHEAD = "2026-06-12, '2026-06-12 16:00', Friday or '12 June', ahead of now"
LISTED = frozenset({Fared.OPEN, Fared.MISSED})
NOTHING_YET = (
    "Promises are read in agents' public replies on tickets that are linked to a bug; "
    "`bugbridge promise add TICKET DATE` records one that was made elsewhere."
)

_TICKET = click.argument("ticket")
_ISSUE = click.option("--issue", help="Which bug, where the ticket is linked to several.")


@click.group(short_help="What was promised to a customer.")
def promise() -> None:
    """Keep promises: "I'll write by Friday". Those in agents' public replies are read; here one says the rest."""


@promise.command("add", short_help="A message was promised by a date.")
@_TICKET
@click.argument("by")
@_ISSUE
@json_option
@pass_door
def promise_add(door: Door, ticket: str, by: str, issue: str | None, *, as_json: bool) -> None:
    """Keep that this customer was promised a message by a date, also in words, as in a reply. A date alone means the
    end of its working hours, and a closed day the open one before. One that is there already isn't added again.

    \b
    Examples:
      bugbridge promise add support:4711 2026-06-12
      bugbridge promise add support:4711 Friday
      bugbridge promise add support:4711 "2026-06-12 11:00" --issue acme/app#12
    """
    from bugbridge.services.intake import add_promise, the_link
    from bugbridge.services.promising import open_promises

    app, row = door.app, known_ticket(door.app, ticket)
    key = the_link(app.store, row, known_issue(app, issue) if issue else None)
    due_at = _due_at(app, by)
    others = open_promises(app.store, row, app.calendar, app.clock.now())
    is_new = due_at not in {one.due_at for one in others}
    if is_new:
        add_promise(app.store, app.clock, key, due_at, door.actor)
    _say_added(app, row, due_at, others, is_new=is_new, as_json=as_json)


@promise.command("correct", short_help="It was promised by another date.")
@_TICKET
@click.argument("by")
@_ISSUE
@json_option
@pass_door
def promise_correct(door: Door, ticket: str, by: str, issue: str | None, *, as_json: bool) -> None:
    """Keep that this customer was promised a message by this date, and dismiss whatever was read or recorded before.

    The same as `bug: promised by 2026-06-12` in an internal note; the date may be in words there and here.

    \b
    Example:
      bugbridge promise correct support:4711 2026-06-12
    """
    from bugbridge.services.intake import the_link
    from bugbridge.services.promising import correct_promise

    app, row = door.app, known_ticket(door.app, ticket)
    key = the_link(app.store, row, known_issue(app, issue) if issue else None)
    due_at = _due_at(app, by)
    correct_promise(app.store, app.clock, key, due_at, _word(door))
    decide(app)
    _say_promised(app, row, due_at, as_json=as_json)


@promise.command("dismiss", short_help="Nothing was promised.")
@_TICKET
@json_option
@pass_door
def promise_dismiss(door: Door, ticket: str, *, as_json: bool) -> None:
    """Dismiss all promises of a ticket, read or recorded: nobody is reminded of them, and none counts.

    The same as `bug: no promise` in an internal note. What later replies promise counts again.

    \b
    Example:
      bugbridge promise dismiss support:4711
    """
    from bugbridge.services.promising import dismiss_promises

    app, row = door.app, known_ticket(door.app, ticket)
    if not dismiss_promises(app.store, app.clock, row, _word(door)):
        raise UsageError(f"{row.reference} isn't linked to any bug: link it first.")
    decide(app)
    sentence = f"Kept: nothing is promised on {row.reference}."
    say({"ticket": row.reference, "dismissed": True}, as_json=as_json, show=lambda: tell(sentence))


def _due_at(app: "App", typed: str) -> datetime:
    """Read a date by the rules of those in replies. Raises UsageError for none, and one that is past or far ahead."""
    from bugbridge.core.promise_dates import due_before_closed
    from bugbridge.core.promise_rules import promised_day
    from bugbridge.services.promising import within_reach

    now, calendar = app.clock.now(), app.calendar
    due_at = promised_day(typed, now, calendar, app.settings.language)
    if due_at is None:
        named = instant(app, typed, forms=AHEAD)
        due_at = due_before_closed(named, named.astimezone(calendar.zone).date(), now, calendar)
    return within_reach(due_at, now, typed)


def _word(door: Door) -> "Word":
    from bugbridge.services.saying import Word

    return Word(door.actor, door.app.clock.now(), LinkHow.HAND)


def _say_promised(app: "App", ticket: "TicketRow", due_at: datetime, *, as_json: bool) -> None:
    facts = {"ticket": ticket.reference, "promised_by": due_at}
    say(facts, as_json=as_json, show=lambda: tell(f"Kept: {_hears(app, ticket, due_at)}"))


def _say_added(
    app: "App", ticket: "TicketRow", due_at: datetime, others: "Sequence[Promise]", *, is_new: bool, as_json: bool
) -> None:
    facts = {"ticket": ticket.reference, "promised_by": due_at, "added": is_new}
    hears = _hears(app, ticket, due_at)
    sentence = f"Kept: {hears}{_also_open(app, others)}" if is_new else f"It is there already: {hears}"
    say(facts, as_json=as_json, show=lambda: tell(sentence))


def _hears(app: "App", ticket: "TicketRow", due_at: datetime) -> str:
    from bugbridge.render.times import until_stamp

    return f"{ticket.reference} hears from us by {until_stamp(due_at, app.settings.calendar.zone)}."


def _also_open(app: "App", others: "Sequence[Promise]") -> str:
    """Name what is promised besides, since a date was perhaps meant to take its place."""
    if not others:
        return ""
    dues = " and ".join(_due(one.due_at, one.event, app.settings.calendar.zone) for one in others)
    return f" Promised besides: {dues}; `bugbridge promise correct` leaves one date alone."


def _due(due_at: datetime | None, event: "PromiseEvent | None", zone: str) -> str:
    from bugbridge.core.promises import PromiseEvent
    from bugbridge.render.times import until_stamp

    return f"by {until_stamp(due_at, zone)}" if due_at else AWAITED[event or PromiseEvent.NEWS]


@click.command(short_help="What was promised, and what became of it.")
@click.option("--open", "only_open", is_flag=True, help="Only what is still to be kept.")
@click.option("--missed", "only_missed", is_flag=True, help="Only what was due and that nobody has kept.")
@json_option
@pass_door
def promises(door: Door, *, only_open: bool, only_missed: bool, as_json: bool) -> None:
    """List promises to customers that are open or missed, by when they are due, each with who receives what is due.

    A promise is kept by a public reply in time, and missed where there is none. One for when something happens is due
    two business days after that.

    \b
    Examples:
      bugbridge promises
      bugbridge promises --missed     what customers were promised and didn't get
    """
    from bugbridge.services.promising import listed_promises

    if only_open and only_missed:
        raise UsageError("Choose one of --open and --missed; without either both are listed.")
    app = door.app
    wanted = frozenset({Fared.OPEN}) if only_open else frozenset({Fared.MISSED}) if only_missed else LISTED
    every = listed_promises(app.store, app.clock, app.calendar)
    facts = list(_facts(app, [one for one in every if one.fared in wanted]))
    say(facts, as_json=as_json, show=lambda: _show(app, facts, wanted, every))


def _facts(app: "App", listed: "Sequence[ListedPromise]") -> Iterator[dict[str, Any]]:
    team, now = Team(app.people, app.store.agents()), app.clock.now()
    held = app.store.held({one.ticket_id for one in listed})
    for one in listed:
        receiver = team.receiver(held[one.ticket_id], now, promised=True)
        yield {
            "ticket": one.ticket,
            "bug": one.bug,
            "for": {"queue": receiver.kind, "name": receiver.name, "why": receiver.why, "absent": receiver.absent},
            "said_by": one.said_by,
            "said_at": one.promise.made_at,
            "waits_for": one.promise.event,
            "due_at": one.promise.due_at,
            "state": one.fared,
        }


def _show(app: "App", facts: list[dict[str, Any]], wanted: frozenset[Fared], every: "Sequence[ListedPromise]") -> None:
    from bugbridge.render.tables import print_table

    if not facts:
        tell(_why_empty(wanted, every))
        return
    zone = app.settings.calendar.zone
    head = ("ticket", "bug", "for", f"said ({zone})", f"due by ({zone})", "state")
    print_table("Promises", head, [_row(one, zone) for one in facts])
    tell("A promise that was none: `bugbridge promise dismiss TICKET`, or `bug: no promise` in a note.")


def _row(one: dict[str, Any], zone: str) -> tuple[str, str, str, str, str, str]:
    from bugbridge.entry.receivers import for_whom
    from bugbridge.render.times import until, wall

    due = until(one["due_at"], zone) if one["due_at"] else AWAITED[one["waits_for"]]
    said = wall(one["said_at"], zone)
    return one["ticket"], one["bug"], for_whom(one["for"]), said, due, one["state"]


def _why_empty(wanted: frozenset[Fared], every: "Sequence[ListedPromise]") -> str:
    """Say what the list would hold, and what to do next."""
    states = " or ".join(one for one in Fared if one in wanted)
    if not every:
        return f"No promise is {states}: none was found yet. {NOTHING_YET}"
    found = Counter(one.fared for one in every)
    hint = " `bugbridge promises` lists the others." if any(found[one] for one in LISTED - wanted) else ""
    return f"No promise is {states}. Kept in time: {found[Fared.KEPT]}; late: {found[Fared.LATE]}.{hint}"
