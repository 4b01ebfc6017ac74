"""Bring along the links that a helpdesk has already."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from bugbridge.entry.commands_import import import_group
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import instant, only_helpdesk
from bugbridge.entry.progress import counter, progress_bar
from bugbridge.entry.sentences import counted, tally

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.importing_links import FoundLink, FoundLinks

SHOWN = 50
EXAMPLES = 3


@import_group.command("links", short_help="Links that a helpdesk has already.")
@click.argument("helpdesk", required=False)
@click.option("--since", help="Look only through tickets changed from this day on; else through all of them.")
@click.option("--dry-run", is_flag=True, help="Say what would be linked, and link nothing.")
@json_option
@pass_door
def links(door: Door, helpdesk: str | None, *, since: str | None, dry_run: bool, as_json: bool) -> None:
    """Import links between tickets and issues that were made elsewhere: Zendesk's Jira links and problem tickets,
    Zammad's GitHub links, Request Tracker's RefersTo, and tags and fields as `link_from` says.

    Only lists are read, and the messages of linked tickets that aren't known yet. What happened before now is never
    told because of them; from now on they are treated like any other link. A link that a person took back stays so.
    Importing twice changes nothing.

    \b
    Examples:
      bugbridge import links --dry-run
      bugbridge import links support --since 2026-01-01
    """
    from bugbridge.services.importing_links import NEW, find_links, state_of

    app = door.app
    name = helpdesk or only_helpdesk(app)
    with counter(f"Looking through {name}") as show:
        found = find_links(app.helpdesk(name), app.references, instant(app, since) if since else None, show)
    states = [(link, state_of(app.store, name, link)) for link in found.links]
    new = [link for link, state in states if state == NEW]
    facts = {
        "helpdesk": name,
        "tickets": found.tickets,
        "found": Counter(state for _, state in states),
        "unread": [asdict(link) for link in found.unread],
    }
    if dry_run:
        facts["links"] = [{**asdict(link), "state": state} for link, state in states]
        say(facts, as_json=as_json, show=lambda: _show(name, found, states))
        return
    result = _import(app, name, new)
    say({**facts, "imported": result}, as_json=as_json, show=lambda: _show_done(name, found, result))


def _import(app: "App", name: str, new: "Sequence[FoundLink]") -> dict[str, int]:
    from bugbridge.services.importing_links import import_links

    with progress_bar("Linking", len({link.ticket_id for link in new})) as show:
        return asdict(import_links(app.helpdesk(name), app.store, app.clock, app.references, new, show))


def _show(name: str, found: "FoundLinks", states: "Sequence[tuple[FoundLink, str]]") -> None:
    from bugbridge.render.tables import print_table

    rows = [[f"{name}:{link.ticket_id}", link.reference, link.through, state] for link, state in states]
    if rows:
        print_table(f"Links at {name}", ["ticket", "issue", "through", "state"], rows[:SHOWN])
    if len(rows) > SHOWN:
        tell(f"… and {len(rows) - SHOWN} more: `bugbridge import links --dry-run --json` has them all.")
    tell(_summary(found))
    _show_unread(found)
    if rows:
        tell("Nothing was linked. Without --dry-run, the new ones are.")


def _show_done(name: str, found: "FoundLinks", result: dict[str, int]) -> None:
    tell(f"{_summary(found)} Imported: {tally(result) or 'nothing new'}.")
    _show_unread(found)
    if found.links:
        tell(f"`bugbridge sync` reads the issues that are new, and links their tickets on {name}.")


def _summary(found: "FoundLinks") -> str:
    return f"Looked through {counted(found.tickets, 'ticket')} and found {counted(len(found.links), 'link')}."


def _show_unread(found: "FoundLinks") -> None:
    """Name what was left out, which a project missing from the configuration explains most often."""
    if found.unread:
        examples = ", ".join(dict.fromkeys(link.text for link in found.unread[:EXAMPLES]))
        left = f"{counted(len(found.unread), 'link')} {'names' if len(found.unread) == 1 else 'name'}"
        tell(f"{left} no issue of a configured project, such as {examples}: add the project to its tracker.")
