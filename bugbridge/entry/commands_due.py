"""What is due, from the local database alone: quick, and without a look at any remote side."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.model import UpdateState
from bugbridge.entry.door import Door, json_option, pass_door, say, tell

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import UpdateItem

STATES = {
    UpdateState.PLANNED: "planned",
    UpdateState.CLAIMED: "being posted",
    UpdateState.POSTED: "reminded",
    UpdateState.DEAD: "couldn't be posted",
}


@click.command(short_help="What is due, and when.")
@click.option("--days", default=14, show_default=True, type=click.IntRange(0, 3650), help="How far to look ahead.")
@json_option
@pass_door
def due(door: Door, days: int, *, as_json: bool) -> None:
    """List updates that are due or will be soon, and reminders whose customer hasn't been told.

    \b
    Examples:
      bugbridge due
      bugbridge due --days 0        only what is due now
    """
    app = door.app
    until = app.clock.now() + timedelta(days=days)
    items = [item for item in app.store.open_updates() if item.due_at <= until]
    facts = [_facts(app, item) for item in items]
    say({"updates": facts, "until": until}, as_json=as_json, show=lambda: _show(app, facts, until))


def _facts(app: "App", item: "UpdateItem") -> dict[str, Any]:
    return {
        "ticket": app.store.ticket(item.ticket_id).reference,
        "bug_id": item.bug_id,
        "reason": item.reason,
        "due_at": item.due_at,
        "state": item.state,
        "overdue": item.due_at <= app.clock.now(),
        "key": item.key,
    }


def _show(app: "App", facts: list[dict[str, Any]], until: datetime) -> None:
    from bugbridge.render.times import stamp, wall

    zone = app.settings.calendar.zone
    if not facts:
        tell(f"Nothing is due until {stamp(until, zone)}. {_why_empty(app)}")
        return
    from bugbridge.render.tables import print_table

    references = {row.id: row.reference for row in app.store.bugs()}
    rows = [
        (
            wall(row["due_at"], zone),
            row["ticket"],
            references.get(row["bug_id"], ""),
            row["reason"].replace("_", " "),
            STATES.get(row["state"], row["state"]),
        )
        for row in facts
    ]
    print_table("Due", (f"due ({zone})", "ticket", "bug", "reason", "state"), rows)


def _why_empty(app: "App") -> str:
    """Say what to do next where a list is empty."""
    sources = app.store.sources()
    if not app.settings.helpdesks:
        return "No helpdesk is configured: add one to the configuration."
    if not any(source.cursor for source in sources):
        return "Nothing was read yet: run `bugbridge sync`."
    if not app.store.links():
        return "No ticket is linked yet: an agent's internal note that names an issue links it, or `bugbridge link`."
    if all(source.live_from is None for source in sources if source.role == "helpdesk"):
        return "Watch mode: nothing becomes due before `bugbridge go-live`, which shows the backlog first."
    return "`bugbridge explain TICKET` says why for one ticket."
