"""What is kept of a ticket or a bug, and why what is due there is due."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Entity
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, LinkRow, TicketRow
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import known_issue, known_ticket, names_issue
from bugbridge.entry.sentences import AWAITED, STATES

if TYPE_CHECKING:
    from bugbridge.app import App


@click.command(short_help="What is kept of a ticket or a bug.")
@click.argument("reference")
@click.option("--words", help="Customers' words for the bug, such as 'export problem'; drafts use them.")
@json_option
@pass_door
def show(door: Door, reference: str, words: str | None, *, as_json: bool) -> None:
    """Show a ticket's links and updates, or a bug's stage, news and tickets.

    \b
    Examples:
      bugbridge show support:4711
      bugbridge show acme/app#12
      bugbridge show acme/app#12 --words "export problem"     drafts then say "the export problem you wrote about"
    """
    app = door.app
    if names_issue(app, reference):
        _show_bug(app, known_issue(app, reference), words, as_json=as_json)
    elif words is not None:
        raise UsageError("Customers' words belong to a bug: name the issue, not the ticket.")
    else:
        _show_ticket(app, known_ticket(app, reference), as_json=as_json)


def _show_bug(app: "App", issue: IssueRow, words: str | None, *, as_json: bool) -> None:
    if words is not None:
        _keep_words(app, issue, words.strip())
    facts = _bug_facts(app, issue)
    say(facts, as_json=as_json, show=lambda: _tell_bug(app, facts))


def _keep_words(app: "App", issue: IssueRow, words: str) -> None:
    from bugbridge.core.bug_words import problem_of_words
    from bugbridge.services.bug_words import keep_words

    if problem := problem_of_words(words, app.references):
        raise UsageError(problem)
    keep_words(app.store, issue, words)


def _bug_facts(app: "App", issue: IssueRow) -> dict[str, Any]:
    from bugbridge.core.stages import timeline
    from bugbridge.services.bug_words import workaround_for

    bug_id = app.store.canonical_bug(issue.bug_id)
    history = app.store.bug_history(bug_id, KnownUpTo(app.store.head()))
    folded = timeline(history)
    row = next((row for row in app.store.bugs() if row.id == bug_id), None)
    workaround = workaround_for(app.store, bug_id, app.settings.language)
    return {
        "issue": issue.reference,
        "bug": history.primary_reference,
        "issues": history.references,
        "stage": folded.stage,
        "version": folded.version,
        "closed_unknown": folded.closed_unknown,
        "frequency": row.frequency if row else "unknown",
        "words": app.store.private(Entity.BUG, bug_id, "words"),
        "workaround": workaround.text if workaround else "",
        "news": [{"news": event.news, "at": event.at, "version": event.version} for event in folded.news],
        "tickets": sorted(_linked_tickets(app, bug_id)),
    }


def _linked_tickets(app: "App", bug_id: int) -> set[str]:
    reports = app.store.reports(bug_id, KnownUpTo(app.store.head()))
    return {app.store.ticket(report.ticket_id).reference for report in reports}


def _tell_bug(app: "App", facts: Mapping[str, Any]) -> None:
    from bugbridge.render.tables import print_table

    version = f" in {facts['version']}" if facts["version"] and facts["stage"] == "released" else ""
    tell(f"{facts['bug']} is {_plain(facts['stage'])}{version}; customers meet it: {_plain(facts['frequency'])}.")
    if facts["closed_unknown"]:
        tell("Its issue was closed for a reason that the tracker doesn't tell, which never counts as fixed.")
    tell(f"Customers' words: {facts['words'] or 'none yet; add them with --words'}.")
    workaround = facts["workaround"] or "none known"
    tell(f"Workaround: {workaround}{'' if workaround.endswith(('.', '!', '?')) else '.'}")
    tell(f"Tickets: {', '.join(facts['tickets']) or 'none'}.")
    if facts["news"]:
        rows = [(_wall(app, event["at"]), _plain(event["news"]), event["version"]) for event in facts["news"]]
        print_table("News", ("at", "news", "version"), rows)


def _show_ticket(app: "App", ticket: TicketRow, *, as_json: bool) -> None:
    facts = _ticket_facts(app, ticket)
    say(facts, as_json=as_json, show=lambda: _tell_ticket(app, facts))


def _ticket_facts(app: "App", ticket: TicketRow) -> dict[str, Any]:
    links = [_link_facts(app, link) for link in app.store.links_of(ticket.id)]
    return {"ticket": ticket.reference, "created_at": ticket.created_at, "links": links}


def _link_facts(app: "App", link: LinkRow) -> dict[str, Any]:
    updates = [
        {"reason": item.reason, "due_at": item.due_at, "state": item.state} for item in app.store.updates_of(link.key)
    ]
    promised_by = _promised_by(app, link.key) if link.state == "linked" else None
    facts = {"bug": _primary(app, link.key.bug_id), "state": link.state, "promised_by": promised_by}
    return {**facts, "promises": list(_promises(app, link.key)), "updates": updates}


def _promises(app: "App", key: LinkKey) -> Iterator[dict[str, Any]]:
    """Give what a link's customer was promised and didn't get, or not yet."""
    from bugbridge.core.promises_made import Fared
    from bugbridge.services.promising import promises_of_link

    for one in promises_of_link(app.store, key, app.calendar, app.clock.now()):
        if one.fared in (Fared.OPEN, Fared.MISSED):
            yield {"due_at": one.promise.due_at, "waits_for": one.promise.event, "state": one.fared}


def _promised_by(app: "App", key: LinkKey) -> datetime | None:
    """Give by when a message was promised that no public reply has met yet."""
    from bugbridge.core.facts import fold_link

    history = app.store.link_history(key, KnownUpTo(app.store.head()))
    policy = app.policies.of(history).policy
    promise = fold_link(history, app.clock.now(), policy, app.calendar).promise
    return promise.due_at if promise else None


def _primary(app: "App", bug_id: int) -> str:
    canonical = app.store.canonical_bug(bug_id)
    return app.store.bug_history(canonical, KnownUpTo(app.store.head())).primary_reference


def _tell_ticket(app: "App", facts: Mapping[str, Any]) -> None:
    from bugbridge.render.tables import print_table

    tell(f"{facts['ticket']}, created {_wall(app, facts['created_at'])} {app.settings.calendar.zone}.")
    if not facts["links"]:
        tell(f"It is linked to no bug: `bugbridge link {facts['ticket']} ISSUE`.")
    for link in facts["links"]:
        hint = f": `bugbridge link {facts['ticket']} {link['bug']}` links it" if link["state"] == "suggested" else ""
        tell(f"{link['bug']}: {link['state']}{hint}.")
        for promise in link["promises"]:
            tell(_promise(app, promise))
        rows = [(_wall(app, one["due_at"]), _plain(one["reason"]), STATES[one["state"]]) for one in link["updates"]]
        if rows:
            print_table("Updates", ("due", "reason", "state"), rows)


def _promise(app: "App", promise: Mapping[str, Any]) -> str:
    """Say by when a message is owed, or what it waits for."""
    from bugbridge.render.times import until_stamp

    if promise["due_at"] is None:
        return f"A message is promised {AWAITED[promise['waits_for']]}."
    by = until_stamp(promise["due_at"], app.settings.calendar.zone)
    return (
        f"A message was promised by {by}: missed."
        if promise["state"] == "missed"
        else (f"A message is promised by {by}.")
    )


def _wall(app: "App", at: datetime) -> str:
    from bugbridge.render.times import wall

    return wall(at, app.settings.calendar.zone)


def _plain(word: str) -> str:
    return word.replace("_", " ")
