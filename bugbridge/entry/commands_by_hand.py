"""What a person says of what goes out: stop a reply, try again what couldn't be posted, leave a customer in peace."""

from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import OptOut
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import known_ticket
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bugbridge.services.retrying import Undelivered


@click.command(short_help="Stop a reply that is held.")
@click.argument("ticket")
@json_option
@pass_door
def cancel(door: Door, ticket: str, *, as_json: bool) -> None:
    """Stop the replies to a ticket's customer that are held for their ten minutes. The agent is reminded instead; a
    reply that was approved in a round waits there again.

    \b
    Example:
      bugbridge cancel support:4711
    """
    from bugbridge.services.replying import cancel_reply

    row = known_ticket(door.app, ticket)
    count = cancel_reply(door.app.store, door.app.clock, row, door.actor)
    decide(door.app)
    replies = "reply to the customer is" if count == 1 else "replies to the customer are"
    sentence = f"{count} {replies} stopped on {row.reference}; the agent is reminded instead, or it waits in its round."
    say({"ticket": row.reference, "cancelled": count}, as_json=as_json, show=lambda: tell(sentence))


@click.command(short_help="Try again what couldn't be posted.")
@click.argument("tickets", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that couldn't be posted.")
@json_option
@pass_door
def retry(door: Door, tickets: tuple[str, ...], *, everything: bool, as_json: bool) -> None:
    """Have reminders that couldn't be posted fall due again, once what was in the way is gone.

    A reply of which nobody knows whether it reached the customer is never sent again: its agent is reminded to look.

    \b
    Examples:
      bugbridge due --dead          what couldn't be posted, and why
      bugbridge retry support:4711
      bugbridge retry --all
    """
    from bugbridge.services import retrying

    if bool(tickets) == everything:
        raise UsageError("Name the tickets to try again, or say --all; `bugbridge due --dead` lists them.")
    rows = [known_ticket(door.app, typed) for typed in tickets]
    tried = retrying.retry(door.app.store, door.app.clock, rows, door.actor)
    facts = {"retried": [{"ticket": one.ticket.reference, "reason": one.item.reason} for one in tried]}
    say(facts, as_json=as_json, show=lambda: _show(tried))


def _show(tried: "Sequence[Undelivered]") -> None:
    if not tried:
        tell("Everything could be posted: there is nothing to try again.")
        return
    what = "what is still called for, within the policy's limits"
    tell(f"{counted(len(tried), 'update')} due again: `bugbridge send` or the daemon posts {what}.")


WISHES = {
    OptOut.ALL: "hears nothing more; a promise that is still open is a person's to settle",
    OptOut.NO_PERIODIC: "hears each piece of news once, and nothing in between",
    OptOut.NONE: "hears what the policy calls for",
}


@click.command("opt-out", short_help="Leave a customer in peace.")
@click.argument("ticket")
@click.option("--periodic", is_flag=True, help="Only periodic updates; news goes on.")
@click.option("--undo", is_flag=True, help="They want to hear everything again.")
@json_option
@pass_door
def opt_out(door: Door, ticket: str, *, periodic: bool, undo: bool, as_json: bool) -> None:
    """Keep that a ticket's customer wants to hear nothing more, on any of their tickets.

    \b
    Examples:
      bugbridge opt-out support:4711
      bugbridge opt-out support:4711 --periodic
      bugbridge opt-out support:4711 --undo
    """
    from bugbridge.services.customers import keep_opt_out

    if periodic and undo:
        raise UsageError("Say --periodic or --undo, not both.")
    wish = OptOut.NO_PERIODIC if periodic else OptOut.NONE if undo else OptOut.ALL
    row = known_ticket(door.app, ticket)
    keep_opt_out(door.app.store, door.app.clock, row, wish, door.actor)
    decide(door.app)
    sentence = f"The customer of {row.reference} {WISHES[wish]}."
    say({"ticket": row.reference, "opt_out": wish}, as_json=as_json, show=lambda: tell(sentence))
