"""Why something is due for a ticket, or why nothing is: the rule, the facts, the next date."""

from datetime import datetime, time
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import instant, is_today, known_issue, known_ticket
from bugbridge.entry.sentences import next_update

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import LinkKey
    from bugbridge.services.explaining import Explanation

UNDECIDED_THEN = "Nothing had been decided at that time."


@click.command(short_help="What is due for a ticket, and why.")
@click.argument("ticket")
@click.argument("issue", required=False)
@click.option(
    "--at", "at_date", help="As of an earlier moment, on what was known then; a date means its end, today means now."
)
@json_option
@pass_door
def explain(door: Door, ticket: str, issue: str | None, at_date: str | None, *, as_json: bool) -> None:
    """Name the rule that decided, the facts that it looked at, and the next date, for each bug of a ticket.

    \b
    Examples:
      bugbridge explain support:4711
      bugbridge explain support:4711 acme/app#12 --at 2026-05-01
    """
    from bugbridge.services.explaining import explain as explained

    app = door.app
    at = _moment(app, at_date) if at_date is not None else None
    explanations = [explained(app.store, key, at) for key in _links(app, ticket, issue)]
    say({"explanations": explanations}, as_json=as_json, show=lambda: _show(app, explanations, at))


def _moment(app: "App", typed: str) -> datetime:
    """Read an earlier moment; today's end is yet to come, so today means now. Raises UsageError for a later one."""
    now = app.clock.now()
    at = now if is_today(app, typed) else instant(app, typed, at_time=time(23, 59, 59))
    if at > now:
        raise UsageError(f"{typed!r} lies ahead: what is known then can't be said yet.")
    return at


def _links(app: "App", ticket: str, issue: str | None) -> "list[LinkKey]":
    row = known_ticket(app, ticket)
    if issue is not None:
        from bugbridge.services.intake import the_link

        return [the_link(app.store, row, known_issue(app, issue))]
    links = app.store.links_of(row.id)
    keys = [link.key for link in links if link.state == "linked"]
    if keys:
        return keys
    if any(link.state == "suggested" for link in links):
        raise UsageError(
            f"{row.reference} isn't linked to any bug, only suggested: `bugbridge show {row.reference}` shows which, "
            f"and `bugbridge link {row.reference} ISSUE` links it."
        )
    raise UsageError(f"{row.reference} isn't linked to any bug: `bugbridge link {row.reference} ISSUE` links it.")


def _show(app: "App", explanations: "list[Explanation]", at: datetime | None) -> None:
    from bugbridge.render.times import stamp

    zone = app.settings.calendar.zone
    if at is not None:
        tell(f"On what was known at {stamp(at, zone)}:")
    for explanation in explanations:
        _show_one(explanation, zone, "Not decided yet: `bugbridge plan` decides." if at is None else UNDECIDED_THEN)


def _show_one(explanation: "Explanation", zone: str, undecided: str) -> None:
    from bugbridge.render.times import stamp

    tell(f"{explanation.ticket}, {explanation.issue}", bold=True)
    if explanation.decided_at is None:
        tell(undecided)
        return
    tell(f"Rule {explanation.rule_id}, decided {stamp(explanation.decided_at, zone)}: {explanation.because}")
    tell(next_update(explanation, zone))
    if explanation.questions:
        tell(f"Asked of a person: {', '.join(explanation.questions)}.")
    if explanation.looked_at_again_at is not None:
        tell(f"Looked at again on {stamp(explanation.looked_at_again_at, zone)} if nothing happens before.")
    _show_facts(explanation)


def _show_facts(explanation: "Explanation") -> None:
    from bugbridge.render.tables import print_table

    rows = [(name.replace("_", " "), _fact(value)) for name, value in explanation.facts.items()]
    print_table("Facts", ("fact", "value"), rows)


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "-"
    return str(value) if value not in ("", None) else "-"
