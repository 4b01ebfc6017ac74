"""Rounds of old news: what waits for a person, released or dropped bug by bug."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import known_issue, known_ticket
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import UpdateItem
    from bugbridge.services.rounds import Round

TICKETS_SHOWN = 5


@click.group("round", short_help="Look at old news before it goes out.")
def round_group() -> None:
    """Old news that was kept for a round when a helpdesk went live (`go-live --old round`): nothing of it goes out
    until somebody releases it, one bug at a time.
    """


@round_group.command("list", short_help="What waits.")
@json_option
@pass_door
def list_rounds(door: Door, *, as_json: bool) -> None:
    """Show which bugs' old news waits, and for how many tickets."""
    from bugbridge.services.rounds import rounds_waiting

    waiting = rounds_waiting(door.app.store)
    facts = [{"issue": one.issue, "reason": one.reason, "tickets": one.tickets} for one in waiting]
    say({"rounds": facts}, as_json=as_json, show=lambda: _show(waiting))


def _show(waiting: "Sequence[Round]") -> None:
    from bugbridge.render.tables import print_table

    if not waiting:
        tell("No round waits. `bugbridge go-live --old round` keeps old news for one.")
        return
    rows = [(one.issue, one.reason.replace("_", " "), len(one.items), _some(one.tickets)) for one in waiting]
    print_table("Rounds that wait", ("bug", "news", "tickets", "which"), rows)
    tell("`bugbridge round send BUG` has the agents reminded, `bugbridge round drop BUG` lets it be.")


def _some(tickets: Sequence[str]) -> str:
    more = len(tickets) - TICKETS_SHOWN
    return ", ".join(tickets[:TICKETS_SHOWN]) + (f" and {more} more" if more > 0 else "")


_BUG = click.argument("bug")
_EXCEPT = click.option("--except", "left_out", multiple=True, metavar="TICKET", help="Leave this ticket waiting.")


@round_group.command(short_help="Let it go out.")
@_BUG
@_EXCEPT
@json_option
@pass_door
def send(door: Door, bug: str, left_out: tuple[str, ...], *, as_json: bool) -> None:
    """Have the agents of a bug's waiting tickets reminded, within the policy's limits.

    \b
    Examples:
      bugbridge round send acme/app#12
      bugbridge round send acme/app#12 --except support:4711
    """
    from bugbridge.services.rounds import release

    items = _chosen(door.app, bug, left_out)
    count = release(door.app.store, door.app.clock, items, door.actor)
    decide(door.app)
    sentence = f"{counted(count, 'update')} released: `bugbridge send` or the daemon posts within the policy's limits."
    say({"released": count}, as_json=as_json, show=lambda: tell(sentence))


@round_group.command(short_help="Let it be.")
@_BUG
@_EXCEPT
@json_option
@pass_door
def drop(door: Door, bug: str, left_out: tuple[str, ...], *, as_json: bool) -> None:
    """Have nobody reminded of a bug's waiting old news; what happens to the bug from now on is told as ever."""
    from bugbridge.services.rounds import let_be

    items = _chosen(door.app, bug, left_out)
    count = let_be(door.app.store, door.app.clock, items, door.actor)
    decide(door.app)
    say({"dropped": count}, as_json=as_json, show=lambda: tell(f"{counted(count, 'update')} dropped."))


def _chosen(app: "App", bug: str, left_out: tuple[str, ...]) -> "list[UpdateItem]":
    from bugbridge.services.rounds import rounds_of

    issue = known_issue(app, bug)
    canonical = {row.id: row.reference for row in app.store.bugs()}
    reference = canonical.get(app.store.canonical_bug(issue.bug_id), issue.reference)
    spared = {known_ticket(app, typed).id: typed for typed in left_out}
    waiting = [item for one in rounds_of(app.store, reference) for item in one.items]
    strange = [typed for ticket_id, typed in spared.items() if ticket_id not in {item.ticket_id for item in waiting}]
    if strange:
        raise UsageError(f"{', '.join(strange)} isn't in this round: `bugbridge round list --json` names its tickets.")
    items = [item for item in waiting if item.ticket_id not in spared]
    if not items:
        raise UsageError("Nothing is left of this round: --except names all of its tickets.")
    return items
