"""Which policies are in force, and since when: apply one, end one, go back to an earlier version, look back."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import policy_start
from bugbridge.entry.policy_sentences import change_words, effect_sentences, proposal_notes
from bugbridge.entry.ways import COMMAND_LINE

if TYPE_CHECKING:
    from datetime import datetime

    from bugbridge.app import App
    from bugbridge.core.policy_scope import PolicyVersion
    from bugbridge.services.planning import Effect
    from bugbridge.services.policies import Entry, Kept, Proposal

file_argument = click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
version_option = click.option("--version", metavar="HASH", help="A version that `policy history` lists.")
start_option = click.option("--from", "start", help="The day on which it begins; now if not given.")
yes_option = click.option("--yes", is_flag=True, help="Don't ask.")


@click.command("apply", short_help="Put a policy in force.")
@file_argument
@version_option
@start_option
@yes_option
@json_option
@pass_door
def apply(door: Door, file: Path | None, version: str | None, start: str | None, *, yes: bool, as_json: bool) -> None:
    """Put a policy file, or a version that was in force before, in force: now, or from a day on that is to come.

    It takes the place of the policy of the same name, and is kept with its text, who applied it and when. What it would
    change is said first. From then on only `policy apply` changes that policy, and not the configured file by itself.
    --json asks nothing: it needs --yes.

    \b
    Examples:
      bugbridge policy apply enterprise.toml
      bugbridge policy apply calmer.toml --from 2026-07-01
      bugbridge policy apply --version 3f9a1c       back to an earlier version
    """
    from bugbridge.core.policy_file import policy_notes
    from bugbridge.services.policies import propose

    app = door.app
    refuse_both(file, version)
    if file is None and version is None:
        raise UsageError("Name the policy: a file, or --version and a hash that `bugbridge policy history` lists.")
    where, text = _text_to_apply(door, file, version)
    proposal = propose(app.store, app.clock, app.policy_file, text, door.actor, policy_start(app, start))
    if proposal.stands:
        sentence = f"That version of {proposal.change.name!r} is in force already; nothing was done."
        say({"applied": False}, as_json=as_json, show=lambda: tell(sentence))
        return
    notes = [*policy_notes(text, proposal.change.read().policy, where), *proposal_notes(app, proposal)]
    _settle(door, proposal, notes, yes=yes, as_json=as_json)


@click.command("withdraw", short_help="End a policy.")
@click.argument("name")
@start_option
@yes_option
@json_option
@pass_door
def withdraw(door: Door, name: str, start: str | None, *, yes: bool, as_json: bool) -> None:
    """End a policy, so that another one decides its links. One that is for everybody has to stay.

    \b
    Example:
      bugbridge policy withdraw enterprise
    """
    from bugbridge.services.policies import propose_withdrawal

    app = door.app
    proposal = propose_withdrawal(app.store, app.clock, app.policy_file, name, door.actor, policy_start(app, start))
    _settle(door, proposal, [], yes=yes, as_json=as_json)


@click.command("history", short_help="Show each version of the policies.")
@click.argument("name", required=False, default="")
@json_option
@pass_door
def history(door: Door, name: str, *, as_json: bool) -> None:
    """Show the versions of a policy, or of all, the newest first: who put each in force, from when, and its change.

    \b
    Examples:
      bugbridge policy history
      bugbridge policy history enterprise --json
    """
    from bugbridge.services.policies import history as versions
    from bugbridge.services.policies import kept_policies

    app = door.app
    entries = versions(kept_policies(app.store), app.clock.now(), name)
    say({"versions": [_entry_facts(one) for one in entries]}, as_json=as_json, show=lambda: _show_history(app, entries))


def refuse_both(file: Path | None, version: str | None) -> None:
    """Raise UsageError where a policy is named twice."""
    if file is not None and version is not None:
        raise UsageError("A file and --version name two policies: give one of them.")


def kept_version(app: "App", typed: str) -> "Kept":
    """Give a version by its hash or the beginning of it. Raises UsageError."""
    from bugbridge.services.policies import find_version, kept_policies

    return find_version(kept_policies(app.store), typed, COMMAND_LINE.versions)


def _text_to_apply(door: Door, file: Path | None, version: str | None) -> tuple[str, str]:
    """Give what names the text, and the text, which is well. Raises ConfigError with all its problems."""
    if version is not None:
        kept = kept_version(door.app, version)
        return f"version {kept.hash}", kept.body
    path, text, _ = read_policy(door, file)
    return str(path), text


def _settle(door: Door, proposal: "Proposal", notes: list[str], *, yes: bool, as_json: bool) -> None:
    """Say what would change, ask, and keep it."""
    from bugbridge.services.planning import effect
    from bugbridge.services.policies import keep_proposal

    app, change = door.app, proposal.change
    if as_json and not yes:
        raise UsageError("With --json nothing is asked: say --yes to have it kept.")
    found = effect(app.store, proposal.before, proposal.after, change.hash, app.clock, app.calendar)
    if not as_json:
        tell_all([*notes, *effect_sentences(app, proposal, found)])
    if not yes:
        click.confirm("Withdraw it?" if change.withdrawn else "Put it in force?", abort=True)
    kept = keep_proposal(app.store, app.clock, proposal)
    say(_settled_facts(kept, notes, found), as_json=as_json, show=lambda: tell_all(_settled(app, kept)))


def _settled(app: "App", change: "Kept") -> Iterator[str]:
    from bugbridge.entry.jobs import policy_notice

    if change.in_force_from > app.clock.now():
        what = "ends" if change.withdrawn else "comes into force"
        yield f"{change.name!r} {what} on {_stamp(app, change.in_force_from)}; links are decided again then."
    else:
        what = "is withdrawn" if change.withdrawn else "is in force"
        yield f"{change.name!r} {what}; the daemon or `bugbridge plan` decides by it from now on."
    notice = policy_notice(app)
    if notice:
        yield notice


def _settled_facts(change: "Kept", notes: list[str], found: "Effect") -> dict[str, object]:
    differ = [{"before": before, "after": after, "links": n} for (before, after), n in sorted(found.differ.items())]
    return {
        "applied": True,
        "name": change.name,
        "version": None if change.withdrawn else change.hash,
        "from": change.in_force_from,
        "links": found.links,
        "changes": differ,
        "notes": notes,
    }


def _entry_facts(entry: "Entry") -> dict[str, object]:
    kept = entry.kept
    return {
        "name": kept.name,
        "version": None if kept.withdrawn else kept.hash,
        "from": kept.in_force_from,
        "in_force": entry.in_force,
        "withdrawn": kept.withdrawn,
        "by": {"kind": kept.author.kind, "id": kept.author.id, "via": kept.author.via},
        "change": entry.change,
    }


def _show_history(app: "App", entries: "tuple[Entry, ...]") -> None:
    from bugbridge.render.tables import print_table

    if not entries:
        tell("No policy was in force yet: `bugbridge plan` takes the configured one, `bugbridge policy apply` another.")
        return
    rows = [
        (
            one.kept.name,
            "withdrawn" if one.kept.withdrawn else one.kept.hash,
            _stamp(app, one.kept.in_force_from),
            "in force" if one.in_force else "to come" if one.kept.in_force_from > app.clock.now() else "",
            f"{one.kept.author.id} ({one.kept.author.via})",
            change_words(one.change),
        )
        for one in entries
    ]
    print_table("The policies' versions", ("policy", "version", "from", "", "by", "change"), rows)


def _stamp(app: "App", at: "datetime") -> str:
    from bugbridge.render.times import stamp

    return stamp(at, app.settings.calendar.zone)


def read_policy(door: Door, file: Path | None) -> "tuple[Path, str, PolicyVersion]":
    """Read a policy file, or the configured one. Raises ConfigError with all its problems."""
    from bugbridge.core.policy_file import parse_version

    path = file or door.app.settings.policy
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError([f"The policy {path} can't be read."]) from None
    return path, text, parse_version(text, str(path))


def tell_all(sentences: Iterable[str]) -> None:
    """Say one sentence a line."""
    for sentence in sentences:
        tell(sentence)
