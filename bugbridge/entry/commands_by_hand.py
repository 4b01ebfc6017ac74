"""What a person does with deliveries: stop a reply, try again what couldn't be posted."""

from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
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
    """Stop the replies to a ticket's customer that are held for their ten minutes. The agent is reminded instead.

    \b
    Example:
      bugbridge cancel support:4711
    """
    from bugbridge.services.replying import cancel_reply

    row = known_ticket(door.app, ticket)
    count = cancel_reply(door.app.store, door.app.clock, row, door.actor)
    replies = "reply to the customer is" if count == 1 else "replies to the customer are"
    sentence = f"{count} {replies} stopped on {row.reference}; the agent is reminded instead."
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
    tell(f"{counted(len(tried), 'update')} due again: `bugbridge send` or the daemon posts what is still called for.")
