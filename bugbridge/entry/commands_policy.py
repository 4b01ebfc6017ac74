"""The team's written rules: what is wrong with them, what they say, which are in force, and since when."""

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import BugBridgeError
from bugbridge.entry.commands_policy_versions import (
    apply,
    file_argument,
    history,
    kept_version,
    read_policy,
    refuse_both,
    tell_all,
    version_option,
    withdraw,
)
from bugbridge.entry.commands_replay import replay
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted
from bugbridge.render.policy_headings import POLICY_HEADINGS

if TYPE_CHECKING:
    from bugbridge.core.policy_model import Policy
    from bugbridge.core.policy_scope import PolicyVersion
    from bugbridge.core.policy_words import PolicyWords


@click.group(short_help="The team's written rules.")
def policy() -> None:
    """Look at the policy, who hears what about a bug and how often, and put one in force."""


for command in (apply, withdraw, history, replay):
    policy.add_command(command)


@policy.command("check", short_help="Say what is wrong with a policy file.")
@file_argument
@json_option
@pass_door
def policy_check(door: Door, file: Path | None, *, as_json: bool) -> None:
    """Check a policy file, or the configured one, and report all its problems at once.

    A well file may have notes besides: rules of which others above take a part.

    \b
    Examples:
      bugbridge policy check
      bugbridge policy check next-quarter.toml
    """
    from bugbridge.core.policy_file import policy_notes

    path, text, version = read_policy(door, file)
    parsed = version.policy
    notes = [*policy_notes(text, parsed, str(path)), *_overlaps(door, version)]
    facts = {"file": str(path), "name": parsed.name, "rules": len(parsed.rules), "notes": notes}
    sentence = (
        f"{path} is well: the policy {parsed.name!r} has its grid and {counted(len(parsed.rules), 'rule')} besides."
    )
    say(facts, as_json=as_json, show=lambda: tell_all([sentence, *notes]))


@policy.command("show", short_help="Say a policy in sentences.")
@file_argument
@version_option
@json_option
@pass_door
def policy_show(door: Door, file: Path | None, version: str | None, *, as_json: bool) -> None:
    """Say a policy file, the configured one or a version that was in force in sentences to read aloud, with its grid.

    \b
    Examples:
      bugbridge policy show
      bugbridge policy show next-quarter.toml --json
      bugbridge policy show --version 3f9a1c
    """
    from bugbridge.core.policy_words import applies_to_sentence, policy_words
    from bugbridge.render.json import jsonable

    refuse_both(file, version)
    source, shown = _shown(door, file, version)
    words, scope = policy_words(shown.policy), applies_to_sentence(shown.applies_to)
    facts = {**source, "name": shown.policy.name, "version": shown.hash, "applies_to": jsonable(shown.applies_to)}
    facts |= {"sentences": words, "policy": _finite(jsonable(shown.policy))}
    say(facts, as_json=as_json, show=lambda: _show(shown.policy, words, scope))


def _shown(door: Door, file: Path | None, version: str | None) -> "tuple[dict[str, Any], PolicyVersion]":
    if version is not None:
        return {}, kept_version(door.app, version).read()
    path, _, shown = read_policy(door, file)
    return {"file": str(path)}, shown


@policy.command("schema", short_help="Give the policy file's JSON Schema.")
def policy_schema() -> None:
    """Put out a JSON Schema (draft 2020-12) of the policy file, by which an editor completes and checks it.

    \b
    Example:
      bugbridge policy schema > policy.schema.json
    Then begin policy.toml with this line, which editors with Taplo (Even Better TOML) follow:
      #:schema ./policy.schema.json
    """
    from bugbridge.core.policy_schema import policy_schema as schema
    from bugbridge.render.json import to_json

    click.echo(to_json(schema()))


def _overlaps(door: Door, version: "PolicyVersion") -> list[str]:
    """Compare with the policies in force, where there are some: a file can be checked without a configuration."""
    from bugbridge.core.policy_scope import overlap_notes

    try:
        app = door.app
        others = app.policies.versions if app.settings.database.exists() else ()
    except BugBridgeError:
        return []
    return list(overlap_notes(version, others))


def _finite(value: object) -> object:
    """Put null for an open end, since JSON has no infinity."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if value == inf else value


def _show(parsed: "Policy", words: "PolicyWords", scope: str) -> None:
    tell(f"The policy {parsed.name!r}", bold=True)
    tell(scope)
    tell_all([*words.grid, ""])
    if words.rules:
        tell("Exceptions, of which the first that fits decides", bold=True)
        for rule in words.rules:
            tell(f"{rule.id}: {rule.sentence}{f' Because: {rule.because}' if rule.because else ''}")
        tell("")
    _show_grid(parsed)
    for name, heading in POLICY_HEADINGS.items():
        tell("")
        tell(heading, bold=True)
        tell_all(getattr(words, name))


def _show_grid(parsed: "Policy") -> None:
    from bugbridge.core.policy_grid import grid_rows
    from bugbridge.render.tables import print_table

    print_table("The grid", ("the bug is", "no workaround works", "a workaround works"), grid_rows(parsed.grid))
