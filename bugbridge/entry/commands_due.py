"""What is due, from the local database alone: quick, and without a look at any remote side."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.model import Review, UpdateState
from bugbridge.core.noise import held_until, intended_at
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import STATES, why_undelivered

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import Delivery, UpdateItem
    from bugbridge.services.explaining import LeadQuestion


@click.command(short_help="What is due, and when.")
@click.option("--days", default=14, show_default=True, type=click.IntRange(0, 3650), help="How far to look ahead.")
@click.option("--dead", is_flag=True, help="Only what couldn't be posted, with the reason.")
@json_option
@pass_door
def due(door: Door, days: int, *, dead: bool, as_json: bool) -> None:
    """List updates that are due or will be soon, reminders whose customer hasn't been told, and the lead's questions.

    \b
    Examples:
      bugbridge due
      bugbridge due --days 0        only what is due now
      bugbridge due --dead          what couldn't be posted; `bugbridge retry` tries it again
    """
    from bugbridge.services.explaining import lead_questions
    from bugbridge.services.replying import held_replies

    app = door.app
    if dead:
        _due_dead(app, as_json=as_json)
        return
    until = app.clock.now() + timedelta(days=days)
    items = [item for item in app.store.open_updates() if intended_at(item) <= until and item.review != Review.DROPPED]
    references = {row.id: row.reference for row in app.store.bugs()}
    held = {delivery.id: delivery for delivery in held_replies(app.store)}
    facts = [_facts(app, item, references, held) for item in items]
    questions = lead_questions(app.store)
    everything = {"updates": facts, "until": until, "questions_to_the_lead": questions}
    say(everything, as_json=as_json, show=lambda: _show(app, facts, questions, until))


def _due_dead(app: "App", *, as_json: bool) -> None:
    from bugbridge.services.retrying import undelivered

    references = {row.id: row.reference for row in app.store.bugs()}
    facts = [{**_facts(app, one.item, references, {}), "why": one.why} for one in undelivered(app.store)]
    say({"dead": facts}, as_json=as_json, show=lambda: _show_dead(facts, app.settings.calendar.zone))


def _show_dead(facts: list[dict[str, Any]], zone: str) -> None:
    from bugbridge.render.tables import print_table

    if not facts:
        tell("Everything that was due could be posted.")
        return
    rows = [(*_what(row, zone), why_undelivered(row["why"])) for row in facts]
    print_table("Couldn't be posted", (f"due ({zone})", "ticket", "bug", "reason", "why"), rows)
    tell("`bugbridge retry TICKET` tries again; or write to the customer and say so with `bugbridge told TICKET`.")


def _facts(
    app: "App", item: "UpdateItem", references: Mapping[int, str], held: "Mapping[int, Delivery]"
) -> dict[str, Any]:
    reply = held.get(item.delivery_id or 0)
    return {
        "ticket": app.store.ticket(item.ticket_id).reference,
        "issue": references.get(item.bug_id, ""),
        "reason": item.reason,
        "due_at": intended_at(item),
        "not_before": _held_until(app, item),
        "state": item.state,
        "reply_at": reply.not_before if reply else None,
        "review": item.review,
        "overdue": intended_at(item) <= app.clock.now(),
    }


def _show(app: "App", facts: list[dict[str, Any]], questions: "Sequence[LeadQuestion]", until: datetime) -> None:
    from bugbridge.render.times import stamp

    if facts:
        _show_updates(facts, app.settings.calendar.zone)
    else:
        tell(f"Nothing is due until {stamp(until, app.settings.calendar.zone)}. {_why_empty(app)}")
    if questions:
        from bugbridge.render.tables import print_table

        rows = [(one.issue, one.ticket, one.question) for one in questions]
        print_table("Asked of the team lead", ("bug", "for example", "question"), rows)


def _show_updates(facts: list[dict[str, Any]], zone: str) -> None:
    from bugbridge.render.tables import print_table

    rows = [(*_what(row, zone), _state(row, zone)) for row in facts]
    print_table("Due", (f"due ({zone})", "ticket", "bug", "reason", "state"), rows)


def _held_until(app: "App", item: "UpdateItem") -> datetime | None:
    """Until when something that is yet to be posted is held back."""
    until = held_until(item) if item.state is UpdateState.PLANNED else None
    return until if until is not None and until > app.clock.now() else None


def _what(row: Mapping[str, Any], zone: str) -> tuple[str, str, str, str]:
    from bugbridge.render.times import wall

    return wall(row["due_at"], zone), row["ticket"], row["issue"], row["reason"].replace("_", " ")


def _state(row: Mapping[str, Any], zone: str) -> str:
    """Say where an update is, and until when limits or quiet hours hold it back."""
    from bugbridge.render.times import wall

    if row["reply_at"]:
        return f"reply held until {wall(row['reply_at'], zone)}; `bugbridge cancel` stops it"
    if row["review"] == Review.WAITING:
        return "waits for its round"
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
