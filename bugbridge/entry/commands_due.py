"""What is due, from the local database alone: quick, and without a look at any remote side."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Review, UpdateState
from bugbridge.core.noise import held_until, intended_at, urgency
from bugbridge.core.people import ReceiverKind, Team
from bugbridge.core.planning import PROMISED
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.receivers import for_whom
from bugbridge.entry.sentences import STATES, why_undelivered

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.people import Receiver
    from bugbridge.core.records import Delivery, UpdateItem
    from bugbridge.services.explaining import LeadQuestion

Choice = Callable[["Receiver"], bool]

AGENT_VARIABLE = "BUGBRIDGE_AGENT"
FOR_THE_LEAD = frozenset({ReceiverKind.LEAD, ReceiverKind.NOBODY})
WHO_ARE_YOU = (
    f"--mine needs to know who you are: set {AGENT_VARIABLE} to your HELPDESK:ID, such as support:7001, your e-mail "
    "address, or your name in people.csv."
)


@click.command(short_help="What is due, and when.")
@click.option("--days", default=14, show_default=True, type=click.IntRange(0, 3650), help="How far to look ahead.")
@click.option("--dead", is_flag=True, help="Only what couldn't be posted, with the reason.")
@click.option("--overdue", is_flag=True, help="Only what reminding didn't bring about: the lead's to settle.")
@click.option("--mine", is_flag=True, help=f"Only what you receive, being who {AGENT_VARIABLE} says.")
@click.option("--lead", is_flag=True, help="Only the lead's questions, and what falls to the lead or to nobody.")
@click.option("--group", metavar="NAME", help="Only what a group of the helpdesk receives.")
@json_option
@pass_door
def due(
    door: Door, days: int, group: str | None, *, dead: bool, overdue: bool, mine: bool, lead: bool, as_json: bool
) -> None:
    """List updates that are due or will be soon, reminders whose customer hasn't been told, and the lead's questions:
    promises first, and each with who receives it.

    That is the ticket's agent; for one who is away, has left or is suspended their deputy, else the ticket's group,
    else the lead, as the configuration's people.csv says. What a group receives is in no member's own list.

    \b
    Examples:
      bugbridge due
      bugbridge due --days 0        only what is due now
      bugbridge due --mine          your own, with BUGBRIDGE_AGENT=support:7001
      bugbridge due --group EU      what waits for somebody of the group
      bugbridge due --lead          the lead's questions, and what nobody else receives
      bugbridge due --overdue       reminded of twice in vain, promises broken, not to be posted
      bugbridge due --dead          what couldn't be posted; `bugbridge retry` tries it again
    """
    from bugbridge.services.explaining import lead_questions
    from bugbridge.services.replying import held_replies

    app = door.app
    team = Team(app.people, app.store.agents())
    choice = _choice(app, team, group, mine=mine, lead=lead)
    if dead:
        _due_dead(app, team, choice, as_json=as_json)
        return
    until = app.clock.now() + timedelta(days=days)
    items = _overdue(app) if overdue else _open_until(app, until)
    references = {row.id: row.reference for row in app.store.bugs()}
    held = {delivery.id: delivery for delivery in held_replies(app.store)}
    facts = [_facts(app, item, references, held, receiver) for item, receiver in _received(app, team, items, choice)]
    questions = () if mine or group or overdue else lead_questions(app.store)
    everything = {"updates": facts, "until": until, "questions_to_the_lead": questions}
    empty = "`bugbridge due` lists everybody's." if mine or lead or group or overdue else _why_empty(app)
    say(everything, as_json=as_json, show=lambda: _show(app, facts, questions, until, empty))


def _open_until(app: "App", until: datetime) -> "list[UpdateItem]":
    return [one for one in app.store.open_updates() if intended_at(one) <= until and one.review != Review.DROPPED]


def _overdue(app: "App") -> "list[UpdateItem]":
    from bugbridge.services.overdue import overdue_updates

    return list(overdue_updates(app.store, app.clock.now(), app.policy, app.calendar))


def _choice(app: "App", team: Team, group: str | None, *, mine: bool, lead: bool) -> Choice:
    """Say whose list is asked for. Raises UsageError where several are, or it isn't clear whose."""
    if sum((mine, lead, group is not None)) > 1:
        raise UsageError("Choose one of --mine, --lead and --group.")
    if mine:
        return _own_choice(team)
    if group is not None:
        return _group_choice(app, group)
    return (lambda one: one.kind in FOR_THE_LEAD) if lead else (lambda _: True)


def _own_choice(team: Team) -> Choice:
    from bugbridge.services.receiving import agent_known_as

    typed = os.environ.get(AGENT_VARIABLE, "").strip()
    if not typed:
        raise UsageError(WHO_ARE_YOU)
    return agent_known_as(team, typed)


def _group_choice(app: "App", typed: str) -> Choice:
    known = sorted({person.group for person in app.people.persons if person.group})
    if typed.casefold() not in {name.casefold() for name in known}:
        names = ", ".join(known) or "none"
        raise UsageError(f"Nobody in {app.settings.people.file} belongs to the group {typed!r}; groups are: {names}.")
    return lambda one: one.kind is ReceiverKind.GROUP and one.name.casefold() == typed.casefold()


def _received(
    app: "App", team: Team, items: "Sequence[UpdateItem]", choice: Choice
) -> "Iterator[tuple[UpdateItem, Receiver]]":
    """Give what the chosen receive, promises first."""
    held, now = app.store.held({item.ticket_id for item in items}), app.clock.now()
    for item in sorted(items, key=urgency):
        receiver = team.receiver(held[item.ticket_id], now, promised=item.reason == PROMISED)
        if choice(receiver):
            yield item, receiver


def _due_dead(app: "App", team: Team, choice: Choice, *, as_json: bool) -> None:
    from bugbridge.services.retrying import undelivered

    references = {row.id: row.reference for row in app.store.bugs()}
    dead = undelivered(app.store)
    why = {one.item.key: one.why for one in dead}
    received = _received(app, team, [one.item for one in dead], choice)
    facts = [{**_facts(app, item, references, {}, receiver), "why": why[item.key]} for item, receiver in received]
    say({"dead": facts}, as_json=as_json, show=lambda: _show_dead(facts, app.settings.calendar.zone))


def _show_dead(facts: list[dict[str, Any]], zone: str) -> None:
    from bugbridge.render.tables import print_table

    if not facts:
        tell("Everything that was due could be posted.")
        return
    rows = [(*_what(row, zone), why_undelivered(row["why"])) for row in facts]
    print_table("Couldn't be posted", (f"due ({zone})", "ticket", "bug", "reason", "for", "why"), rows)
    tell("`bugbridge retry TICKET` tries again; or write to the customer and say so with `bugbridge told TICKET`.")


def _facts(
    app: "App",
    item: "UpdateItem",
    references: Mapping[int, str],
    held: "Mapping[int, Delivery]",
    receiver: "Receiver",
) -> dict[str, Any]:
    reply = held.get(item.delivery_id or 0)
    return {
        "ticket": app.store.ticket(item.ticket_id).reference,
        "issue": references.get(item.bug_id, ""),
        "reason": item.reason,
        "for": {"queue": receiver.kind, "name": receiver.name, "why": receiver.why, "absent": receiver.absent},
        "due_at": intended_at(item),
        "not_before": _held_until(app, item),
        "state": item.state,
        "reply_at": reply.not_before if reply else None,
        "review": item.review,
        "overdue": intended_at(item) <= app.clock.now(),
    }


def _show(
    app: "App", facts: list[dict[str, Any]], questions: "Sequence[LeadQuestion]", until: datetime, empty: str
) -> None:
    from bugbridge.render.times import stamp

    if facts:
        _show_updates(facts, app.settings.calendar.zone)
    else:
        tell(f"Nothing is due until {stamp(until, app.settings.calendar.zone)}. {empty}")
    if questions:
        from bugbridge.render.tables import print_table

        rows = [(one.issue, one.ticket, one.question) for one in questions]
        print_table("Asked of the team lead", ("bug", "for example", "question"), rows)


def _show_updates(facts: list[dict[str, Any]], zone: str) -> None:
    from bugbridge.render.tables import print_table

    rows = [(*_what(row, zone), _state(row, zone)) for row in facts]
    print_table("Due", (f"due ({zone})", "ticket", "bug", "reason", "for", "state"), rows)


def _held_until(app: "App", item: "UpdateItem") -> datetime | None:
    """Until when something that is yet to be posted is held back."""
    until = held_until(item) if item.state is UpdateState.PLANNED else None
    return until if until is not None and until > app.clock.now() else None


def _what(row: Mapping[str, Any], zone: str) -> tuple[str, str, str, str, str]:
    from bugbridge.render.times import wall

    reason = row["reason"].replace("_", " ")
    return wall(row["due_at"], zone), row["ticket"], row["issue"], reason, for_whom(row["for"])


def _state(row: Mapping[str, Any], zone: str) -> str:
    """Say where an update is, and until when limits or quiet hours hold it back."""
    from bugbridge.render.times import wall

    if row["reply_at"]:
        return f"reply held until {wall(row['reply_at'], zone)}; `bugbridge cancel` stops it"
    if row["review"] == Review.WAITING:
        return "waits for its round"
    if row["review"] == Review.APPROVED and row["state"] == UpdateState.PLANNED:
        return "its reply is approved"
    held = row["not_before"]
    return f"{STATES[row['state']]}, held until {wall(held, zone)}" if held else STATES[row["state"]]


def _why_empty(app: "App") -> str:
    """Say what to do next where a list is empty."""
    from bugbridge.services.sources import in_watch_mode

    sources = app.store.sources()
    if not app.settings.helpdesks:
        return "No helpdesk is configured: add one to the configuration."
    if not any(source.cursor for source in sources):
        return "Nothing was read yet: run `bugbridge sync`."
    if not app.store.links():
        return "No ticket is linked yet: an agent's internal note that names an issue links it, or `bugbridge link`."
    if all(in_watch_mode(app.store, source) for source in sources if source.role == "helpdesk"):
        return "Watch mode: nothing becomes due before `bugbridge go-live`, which shows the backlog first."
    return "`bugbridge explain TICKET` says why for one ticket."
