"""What an agent says of a reminder by hand: later, for somebody else, not needed, still due after all."""

from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import LinkHow
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import known_issue, known_ticket
from bugbridge.entry.sentences import NOTHING_DUE

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import LinkKey
    from bugbridge.services.saying import Word

_TICKET = click.argument("ticket")
_ISSUE = click.option("--issue", help="Which bug, where the ticket is linked to several.")


def _link(app: "App", ticket: str, issue: str | None) -> "tuple[str, LinkKey]":
    """Find whom somebody means: the ticket's reference, and its link."""
    from bugbridge.services.intake import the_link

    row = known_ticket(app, ticket)
    return row.reference, the_link(app.store, row, known_issue(app, issue) if issue else None)


def _word(door: Door) -> "Word":
    from bugbridge.services.saying import Word

    return Word(door.actor, door.app.clock.now(), LinkHow.HAND)


@click.command(short_help="Remind of it later.")
@_TICKET
@click.argument("delay")
@_ISSUE
@json_option
@pass_door
def later(door: Door, ticket: str, delay: str, issue: str | None, *, as_json: bool) -> None:
    """Have the agent reminded of what is due in so many days (d) or weeks (w), not before.

    At most twice for the same news, and never past the day by which a message was promised.

    \b
    Examples:
      bugbridge later support:4711 2w
      bugbridge later support:4711 3d --issue acme/app#12
    """
    from bugbridge.core.bug_lines import read_delay
    from bugbridge.render.times import stamp
    from bugbridge.services.reminding import put_off

    app, wanted = door.app, read_delay(delay)
    if not wanted:
        raise UsageError(f"{delay!r} is no delay: write 3d for days or 2w for weeks, at most 13w.")
    reference, key = _link(app, ticket, issue)
    until = put_off(app.store, app.clock, key, wanted, _word(door))
    decide(app)
    sentence = f"Put off: you'll be reminded of {reference} from {stamp(until, app.settings.calendar.zone)} on."
    say({"ticket": reference, "until": until}, as_json=as_json, show=lambda: tell(sentence))


@click.command(short_help="Somebody else sees to it.")
@_TICKET
@click.argument("agent")
@_ISSUE
@json_option
@pass_door
def give(door: Door, ticket: str, agent: str, issue: str | None, *, as_json: bool) -> None:
    """Have another agent reminded of what is due on this ticket from now on, whoever has the ticket.

    \b
    Examples:
      bugbridge give support:4711 Ben
      bugbridge give support:4711 ben@acme.example
    """
    from bugbridge.services import reminding
    from bugbridge.services.receiving import agent_named

    app = door.app
    reference, key = _link(app, ticket, issue)
    helpdesk = app.store.ticket(key.ticket_id).source_name
    agent_id = agent_named(app.store, app.people, helpdesk, agent)
    reminding.give(app.store, app.clock, key, agent_id, _word(door))
    decide(app)
    sentence = f"Given: reminders about {reference} go to {agent} from now on."
    say({"ticket": reference, "agent": agent}, as_json=as_json, show=lambda: tell(sentence))


@click.command("not-needed", short_help="This needn't be told.")
@_TICKET
@click.argument("why")
@_ISSUE
@json_option
@pass_door
def not_needed(door: Door, ticket: str, why: str, issue: str | None, *, as_json: bool) -> None:
    """End what is due now without telling it, and keep why. What happens from now on is told as ever.

    \b
    Example:
      bugbridge not-needed support:4711 "They told us that they moved on."
    """
    from bugbridge.services import reminding

    if not why.strip():
        raise UsageError("Say why it isn't needed: the next one who looks will want to know.")
    app = door.app
    reference, key = _link(app, ticket, issue)
    reminding.not_needed(app.store, app.clock, key, why.strip(), _word(door))
    decide(app)
    sentence = f"Kept: what was due on {reference} needn't be told. `bugbridge still-due {reference}` takes that back."
    say({"ticket": reference, "not_needed": True}, as_json=as_json, show=lambda: tell(sentence))


@click.command("still-due", short_help="They don't know after all.")
@_TICKET
@_ISSUE
@json_option
@pass_door
def still_due(door: Door, ticket: str, issue: str | None, *, as_json: bool) -> None:
    """Undo the end of the last reminder: what seemed to tell the customer didn't, or it is needed after all.

    \b
    Example:
      bugbridge still-due support:4711
    """
    from bugbridge.services import reminding

    app = door.app
    reference, key = _link(app, ticket, issue)
    reminding.still_due(app.store, app.clock, key, _word(door))
    decide(app)
    is_due = any(item.state in reminding.OPEN_STATES for item in app.store.updates_of(key))
    sentence = f"Kept: the customer of {reference} is still to be told." if is_due else NOTHING_DUE
    say({"ticket": reference, "still_due": is_due}, as_json=as_json, show=lambda: tell(sentence))
