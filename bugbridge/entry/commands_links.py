"""What agents say: this ticket reports that bug, this was promised, this is out."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import DataError, RefusedError
from bugbridge.core.model import Stage
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, TicketRow
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import instant, is_today, known_issue, known_ticket, release_version

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.stages import Timeline
    from bugbridge.services.confirming import Confirmation


@click.command(short_help="This ticket reports that bug.")
@click.argument("ticket")
@click.argument("issue")
@json_option
@pass_door
def link(door: Door, ticket: str, issue: str, *, as_json: bool) -> None:
    """Link a ticket to the bug behind an issue. Linking twice does nothing.

    Says what comes of it: the workaround, the updates and why, what you can promise, and a draft of the first reply
    where nobody has answered since.

    \b
    Examples:
      bugbridge link support:4711 github:acme/app#12
      bugbridge link 4711 acme/app#12             where one helpdesk is configured
      bugbridge link https://acme.zendesk.com/agent/tickets/4711 https://acme.atlassian.net/browse/APP-12
    """
    from bugbridge.services.confirming import confirmation
    from bugbridge.services.linking import link_by_hand

    _ = door.app.policy, door.app.calendar  # a link that can't be decided isn't made
    ticket_row, issue_row = _read_both(door.app, door, ticket, issue)
    made = link_by_hand(door.app.store, door.app.clock, ticket_row, issue_row, door.actor)
    key = LinkKey(ticket_row.id, issue_row.bug_id)
    if made and not as_json:
        _decide(door.app, key)
    found = confirmation(door.app.sender, key)
    facts = {"ticket": ticket_row.reference, "issue": issue_row.reference, "linked": made, **_facts_of(found)}
    sentence = (
        _confirmed(door.app, found, ticket_row)
        if made
        else f"{ticket_row.reference} is linked to {issue_row.reference} already; nothing was done."
    )
    say(facts, as_json=as_json, show=lambda: tell(sentence))


def _decide(app: "App", key: LinkKey) -> None:
    """Decide the new link at once, so that whoever made it can ask why."""
    from bugbridge.entry.jobs import keep_policy
    from bugbridge.services.planning import decide_link

    keep_policy(app)
    with app.store.write():
        decide_link(app.store, app.policies, app.clock, app.calendar, key)


def _confirmed(app: "App", found: "Confirmation", ticket: TicketRow) -> str:
    """Give the words of the note that confirms a link, with the ticket, which isn't before one's eyes here."""
    note = replace(found.note, parameters={**found.note.parameters, "ticket": ticket.reference})
    return app.renderer.text(note, app.settings.language)


def _facts_of(found: "Confirmation") -> dict[str, object]:
    return {
        "workaround": found.workaround,
        "workaround_state": found.workaround_state,
        "next_update_at": found.next_at,
        "hears": found.hears,
        "because": found.because,
        "can_promise": found.promise,
        "draft": found.draft,
    }


def _read_both(app: "App", door: Door, ticket: str, issue: str) -> tuple[TicketRow, IssueRow]:
    """Read both sides afresh, the issue first: what it knows decides what the ticket's references mean.

    What a file brought has no helpdesk, or no tracker, to be read from.
    """
    from bugbridge.core.references import parse_ticket_reference
    from bugbridge.services.linking import refresh_ticket

    name, _, remote_id = ticket.strip().partition(":")
    kept = app.store.find_ticket(name, remote_id) if name not in app.settings.helpdesks else None
    if kept is not None:
        return kept, _read_issue(door, issue)
    helpdesk_name, _, remote_id = parse_ticket_reference(ticket, app.references).partition(":")
    issue_row = _read_issue(door, issue)
    ticket_row, _ = refresh_ticket(app.helpdesk(helpdesk_name), app.store, app.clock, app.references, remote_id)
    return ticket_row, issue_row


@click.command(short_help="It doesn't, after all.")
@click.argument("ticket")
@click.argument("issue")
@json_option
@pass_door
def unlink(door: Door, ticket: str, issue: str, *, as_json: bool) -> None:
    """Take a link back: its planned updates are withdrawn, and only a person can link the two again.

    \b
    Example:
      bugbridge unlink support:4711 acme/app#12
    """
    from bugbridge.services.linking import unlink_by_hand

    ticket_row, issue_row = known_ticket(door.app, ticket), known_issue(door.app, issue)
    undone = unlink_by_hand(door.app.store, door.app.clock, ticket_row, issue_row, door.actor)
    facts = {"ticket": ticket_row.reference, "issue": issue_row.reference, "unlinked": undone}
    sentence = (
        f"Unlinked {ticket_row.reference} from {issue_row.reference}; its planned updates are withdrawn."
        if undone
        else f"{ticket_row.reference} isn't linked to {issue_row.reference}; nothing was done."
    )
    say(facts, as_json=as_json, show=lambda: tell(sentence))


@click.command(short_help="This customer knows what there is to know.")
@click.argument("ticket")
@click.option("--issue", help="Which bug, where the ticket is linked to several.")
@json_option
@pass_door
def told(door: Door, ticket: str, issue: str | None, *, as_json: bool) -> None:
    """Give your word that this customer was told the bug's news; its reminder closes.

    Needed where no reply can show it: a "no" names no version. A message that was promised by a day is kept by a public
    reply alone.

    \b
    Example:
      bugbridge told support:4711
    """
    from bugbridge.render.times import until_stamp
    from bugbridge.services.intake import say_told, the_link
    from bugbridge.services.reminding import awaits_reply_by

    app = door.app
    ticket_row = known_ticket(app, ticket)
    key = the_link(app.store, ticket_row, _chosen_issue(app, issue))
    say_told(app.store, app.clock, key, door.actor)
    decide(app)
    owed = awaits_reply_by(app.store, key)
    facts = {"ticket": ticket_row.reference, "told": True, "reply_owed_by": owed}
    sentence = f"Kept: the customer of {ticket_row.reference} was told."
    if owed:
        by = until_stamp(owed, app.settings.calendar.zone)
        sentence += f" They were promised a message by {by}: only a public reply keeps that."
    say(facts, as_json=as_json, show=lambda: tell(sentence))


def _chosen_issue(app: "App", issue: str | None) -> IssueRow | None:
    return known_issue(app, issue) if issue else None


@click.command(short_help="A fix is out in a version.")
@click.argument("issue")
@click.argument("version")
@click.option("--on", "on_date", help="When it came out, or will; today and not given mean now.")
@json_option
@pass_door
def release(door: Door, issue: str, version: str, on_date: str | None, *, as_json: bool) -> None:
    """Say that a fixed bug is released in a version, or will be on a date that lies ahead.

    \b
    Examples:
      bugbridge release acme/app#12 4.2
      bugbridge release acme/app#12 4.3 --on 2026-07-01
    """
    from bugbridge.services.intake import mark_release

    app = door.app
    issue_row, named = known_issue(app, issue), release_version(version)
    before = _timeline(app, issue_row)
    on = _release_date(app, on_date)
    try:
        kept = mark_release(app.store, app.clock, issue_row, named, on, door.actor)
    except RefusedError as error:
        raise DataError(str(error)) from None
    facts = {
        "issue": issue_row.reference,
        "stage": kept.stage,
        "version": kept.version or kept.planned_version,
        "planned_on": kept.planned_on or None,
        "changed": kept != before,
    }
    sentence = _released(app, issue_row, named, before, kept)
    say(facts, as_json=as_json, show=lambda: tell(sentence))


def _release_date(app: "App", typed: str | None) -> datetime | None:
    """Give none for now, which today means too: from midnight on, customers linked this morning wouldn't hear of it."""
    return None if typed is None or is_today(app, typed) else instant(app, typed)


def _timeline(app: "App", issue: IssueRow) -> "Timeline":
    from bugbridge.core.stages import timeline

    return timeline(app.store.bug_history(issue.bug_id, KnownUpTo(app.store.head())))


def _released(app: "App", issue: IssueRow, version: str, before: "Timeline", kept: "Timeline") -> str:
    """Say what is kept, which may be another version than the one that was named."""
    from bugbridge.core.instants import instant_from_text
    from bugbridge.render.times import wall

    already = " already; nothing was done" if kept == before else ""
    if kept.stage is Stage.RELEASED:
        return f"{issue.reference} is released in {kept.version}{already}."
    if kept.planned_on:
        day = wall(instant_from_text(kept.planned_on), app.settings.calendar.zone).partition(" ")[0]
        return f"{issue.reference} is planned for release in {kept.planned_version} on {day}{already}."
    stage = kept.stage.replace("_", " ")
    return f"{issue.reference} was released in {version} then, and is {stage} now{already}."


@click.command("same-bug", short_help="Two issues are one bug.")
@click.argument("issue")
@click.argument("other")
@click.option("--part", is_flag=True, help="The other is a part: the bug is released only when both are.")
@json_option
@pass_door
def same_bug(door: Door, issue: str, other: str, *, part: bool, as_json: bool) -> None:
    """Fold the other issue's bug into the first one's, with its tickets. The first one decides.

    Without --part the other is a mirror: it stands for the bug in another tracker, and only `doctor` compares them.

    \b
    Examples:
      bugbridge same-bug acme/app#12 APP-7              the tracker of engineering and that of support
      bugbridge same-bug acme/app#12 acme/api#3 --part  both have to be released
    """
    from bugbridge.services import identity

    app = door.app
    first, second = _read_issue(door, issue), _read_issue(door, other)
    role = identity.PART if part else identity.MIRROR
    folded = identity.same_bug(app.store, app.clock, first, second, role, door.actor)
    facts = {
        "issue": first.reference,
        "other": second.reference,
        "role": "part" if part else "mirror",
        "folded": folded,
    }
    sentence = (
        f"{second.reference} is now a {facts['role']} of {first.reference}'s bug."
        if folded
        else f"{first.reference} and {second.reference} are one bug already; nothing was done."
    )
    say(facts, as_json=as_json, show=lambda: tell(sentence))


def _read_issue(door: Door, typed: str) -> IssueRow:
    from bugbridge.core.references import parse_issue_reference
    from bugbridge.services.syncing import read_issue

    app = door.app
    kept = app.store.find_issue(typed.strip())
    if kept is not None and kept.source_name not in app.settings.trackers:
        return kept
    reference = parse_issue_reference(typed, app.references)
    tracker = app.tracker(reference.partition(":")[0])
    return read_issue(tracker, app.store, app.clock, reference, door.actor, app.references)
