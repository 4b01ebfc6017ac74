"""Notifications by hand: what would be sent, and whether it can be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, cast

import click

from bugbridge.core.errors import BugBridgeError, ConfigError, RemoteError, UsageError
from bugbridge.entry import jobs
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import tally
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.notifying import Message, NotifyingResult

TEST_TITLE = "BugBridge: a test"
TEST_BODY = "This is how {name} will be notified. Nothing is due; nobody has to do anything."
NOBODY = (
    "Nobody is notified: add a section [notifications.NAME] to the configuration, as the commented one there shows, "
    "and set BUGBRIDGE_NAME_URL."
)


@click.command(short_help="Notify people of what happened.")
@click.argument("names", nargs=-1)
@click.option("--test", is_flag=True, help="Send a test message, to everybody or to those named.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent to whom and when, and send nothing.")
@json_option
@pass_door
@click.pass_context
def notify(
    context: click.Context, door: Door, names: tuple[str, ...], *, test: bool, dry_run: bool, as_json: bool
) -> None:
    """Tell agents, the team and the lead what is new to them: reminders posted, updates that couldn't be posted,
    questions to the lead. Tickets and issues are named by their numbers, customers never. The daemon does it by itself.

    Each is told in their hours, at once or in a digest, as [notifications.NAME] says, from the first run on. What fails
    is tried again later, and holds up no reminder. The monthly audit is sent by the daemon alone. Exits with 3 if
    something couldn't be sent; a test with 2 where a URL is missing or wrong.

    \b
    Examples:
      bugbridge notify --test ada
      bugbridge notify --dry-run
      bugbridge notify
    """
    app = door.app
    if test and dry_run:
        raise UsageError("Choose one of --test and --dry-run.")
    if names and not test:
        raise UsageError("Names go with --test; without it everybody is told what is new.")
    if not app.settings.notifications:
        say({"recipients": []}, as_json=as_json, show=lambda: tell(NOBODY))
    elif test:
        _test(context, app, names, as_json=as_json)
    elif dry_run:
        _rehearse(app, as_json=as_json)
    else:
        _notify(context, app, as_json=as_json)


def _test(context: click.Context, app: "App", names: tuple[str, ...], *, as_json: bool) -> None:
    sent: list[str] = []
    failed: dict[str, BugBridgeError] = {}
    for name in _chosen(app, names):
        try:
            app.notifier(name).send(TEST_TITLE, TEST_BODY.format(name=name))
        except (RemoteError, ConfigError) as error:
            failed[name] = error
        else:
            sent.append(name)
    said = {name: str(error) for name, error in failed.items()}
    say({"sent": sent, "failed": said}, as_json=as_json, show=lambda: _show_tested(sent))
    _complain(said.values())
    context.exit(max((error.exit_code for error in failed.values()), default=0))


def _chosen(app: "App", names: tuple[str, ...]) -> list[str]:
    known = app.settings.notifications
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"There is no [notifications.{unknown[0]}] in the configuration; it has: {', '.join(known)}.")
    return list(dict.fromkeys(names or known))


def _show_tested(sent: list[str]) -> None:
    for name in sent:
        tell(f"{name}: a test message was sent; see whether it came.")


def _rehearse(app: "App", *, as_json: bool) -> None:
    from bugbridge.services.notifying import preview_notifications

    messages, audits = preview_notifications(app.notifying), _audits(app)
    facts = {"recipients": [_message_facts(message, audits.get(message.name)) for message in messages]}
    say(facts, as_json=as_json, show=lambda: _show_messages(app, messages, audits))


def _audits(app: "App") -> "Mapping[str, datetime]":
    """Give by name when those who are sent the audit get the next one at the earliest."""
    from bugbridge.entry.monthly_audit import audit_sending
    from bugbridge.services.audit_sending import next_audits

    return next_audits(audit_sending(app)) if jobs.sends_audits(app) else {}


def _message_facts(message: "Message", audit_at: "datetime | None") -> dict[str, object]:
    would = {"at": message.at, "title": message.title, "body": message.body, "notices": message.notices}
    would_send = would if message.title else None
    return {
        "name": message.name,
        "told_from_now_on": message.new,
        "would_send": would_send,
        "audit_not_before": audit_at,
    }


def _show_messages(app: "App", messages: "Sequence[Message]", audits: "Mapping[str, datetime]") -> None:
    for message in messages:
        tell(f"--- {message.name}: {_what(app, message)}", bold=True)
        for text in (message.title, message.body):
            if text:
                tell(text)
        if message.name in audits:
            tell(f"The daemon sends them the audit, not before {_stamp(app, message.name, audits[message.name])}.")


def _what(app: "App", message: "Message") -> str:
    if message.new:
        return "not told anything yet; the first `bugbridge notify`, or the daemon, begins with what happens after it."
    if not message.title:
        return "nothing new."
    if message.at <= app.clock.now():
        return "now"
    return f"not before {_stamp(app, message.name, message.at)}, with what is new by then"


def _stamp(app: "App", name: str, at: "datetime") -> str:
    """Write an instant in the zone of whoever is told."""
    from bugbridge.render.times import stamp

    return stamp(at, app.settings.notifications[name].zone or app.settings.calendar.zone)


def _notify(context: click.Context, app: "App", *, as_json: bool) -> None:
    result = cast("NotifyingResult", jobs.run(app, jobs.notify_job(app)))
    sentence = tally(asdict(result)) or "Nobody is to be told anything now"
    say(result, as_json=as_json, show=lambda: tell(f"{sentence}. `bugbridge notify --dry-run` shows what comes next."))
    _complain(result.problems)
    if result.unsent:
        context.exit(RemoteError.exit_code)


def _complain(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        click.echo(clean(sentence), err=True)
