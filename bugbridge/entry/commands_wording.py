"""The rules for how replies are worded: whether their own examples hold, and which there are."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.core.wording_examples import FailedExample
    from bugbridge.core.wording_model import Wording

EXAMPLE_FAILED = 1
FIRST_SENTENCE = re.compile(r"(?<=[.!?])\s")

_FILES = click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path, dir_okay=False))


@click.group(short_help="The rules for how replies are worded.")
def wording() -> None:
    """Look at the rules that replies and drafts are checked by: those that come with BugBridge and the team's own."""


@wording.command("check", short_help="Try every rule on its own examples.")
@_FILES
@json_option
@pass_door
@click.pass_context
def wording_check(context: click.Context, door: Door, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Read the rules that come with BugBridge and the team's own, or FILEs instead of these, and try each rule on its
    examples: it has to find its bad ones, and none of its good ones.

    Exits with 1 where an example fails, and with 2 where a file can't be read: then each problem is said with its line.

    \b
    Examples:
      bugbridge wording check
      bugbridge wording check wording.toml
    """
    tried = [_tried(one) for one in _wordings(door, files).values()]
    holds = not any(one.failed for one in tried)
    say({"languages": tried, "holds": holds}, as_json=as_json, show=lambda: _show_tried(tried))
    context.exit(0 if holds else EXAMPLE_FAILED)


@wording.command("list", short_help="Which rules there are.")
@_FILES
@json_option
@pass_door
def wording_list(door: Door, files: tuple[Path, ...], *, as_json: bool) -> None:
    """List the rules, each with its language, its level and what it is about, and what the team's own files add, change
    or switch off.

    \b
    Example:
      bugbridge wording list
    """
    rules = list(_rules(door, files))
    say({"rules": rules}, as_json=as_json, show=lambda: _show_rules(rules))


def _wordings(door: Door, files: Sequence[Path]) -> "Mapping[str, Wording]":
    """Read the shipped rules with these files, else with the team's, if any. Raises ConfigError with every problem."""
    return _shipped(_own_files(door, files))


def _own_files(door: Door, files: Sequence[Path]) -> Sequence[Path]:
    import os

    from bugbridge.settings import is_configured

    if files:
        return files
    return door.app.settings.wording if is_configured(door.config, os.environ) else ()


def _shipped(own: Sequence[Path] = ()) -> "Mapping[str, Wording]":
    from bugbridge.settings import shipped_folder
    from bugbridge.wordings import read_wordings

    return read_wordings(shipped_folder(), own)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of trying a language's rules; `unused` are patterns that none of their rule's examples has, `untried`
    the rules that have no bad example."""

    language: str
    rules: int
    examples: int
    failed: "tuple[FailedExample, ...]"
    unused: "tuple[FailedExample, ...]"
    untried: tuple[str, ...]


def _tried(one: "Wording") -> _Tried:
    from bugbridge.core.wording_examples import Failure, failing_examples

    found = failing_examples(one)
    unused = tuple(failure for failure in found if failure.failure is Failure.UNUSED)
    untried = tuple(failure.rule for failure in found if failure.failure is Failure.UNTRIED)
    failed = tuple(failure for failure in found if failure.failure in (Failure.FOUND, Failure.MISSED))
    examples = sum(len(rule.good) + len(rule.bad) for rule in one.rules)
    return _Tried(one.language, len(one.rules), examples, failed, unused, untried)


def _show_tried(tried: Iterable[_Tried]) -> None:
    from bugbridge.core.wording_examples import Failure

    for one in tried:
        for failure in one.failed:
            what = "good example is found" if failure.failure is Failure.FOUND else "bad example isn't found"
            tell(f'{one.language}, {failure.rule} ({failure.state}): this {what}: "{failure.text}"')
        for rule in one.untried:
            tell(f"{one.language}, {rule}: note: it has no bad example, so that nothing shows what it finds")
        for pattern in one.unused:
            tell(f"{one.language}, {pattern.rule}: note: none of its examples has the pattern {pattern.text}")
        tell(_conclusion(one))


def _conclusion(one: _Tried) -> str:
    failures = len(one.failed)
    how = f"{failures} {'fails' if failures == 1 else 'fail'}" if failures else "all hold"
    return f"{one.language}: {counted(one.rules, 'rule')}, {counted(one.examples, 'example')}: {how}."


def _rules(door: Door, files: Sequence[Path]) -> Iterator[dict[str, object]]:
    """Give every rule of every language, with the team's files that name it; one that isn't there any more was switched
    off."""
    shipped, wordings = _shipped(), _wordings(door, files)
    own = _named_in(_own_files(door, files))
    for language, one in wordings.items():
        kept = {rule.id for rule in one.rules}
        before = {rule.id: rule for rule in shipped[language].rules} if language in shipped else {}
        off = [rule for rule in before.values() if rule.id not in kept]
        for rule in (*one.rules, *off):
            yield {
                "language": language,
                "id": rule.id,
                "level": rule.level,
                "on": rule.id in kept,
                "shipped": rule.id in before,
                "files": own.get((language, rule.id), []),
                "message": rule.message,
            }


def _named_in(files: Iterable[Path]) -> "Mapping[tuple[str, str], list[str]]":
    """Give the names of the files in which each rule of a language stands; they were read without a problem before."""
    import tomllib

    found: dict[tuple[str, str], list[str]] = {}
    for path in files:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for rule in content.get("rule", []):
            found.setdefault((content["language"], rule["id"]), []).append(path.name)
    return found


def _show_rules(rules: Iterable[Mapping[str, Any]]) -> None:
    from bugbridge.render.tables import print_table

    rows = [(rule["language"], rule["id"], rule["level"], _whose(rule), _about(rule["message"])) for rule in rules]
    print_table("Wording rules", ("language", "rule", "level", "", "about"), rows)


def _whose(rule: Mapping[str, Any]) -> str:
    """Say what a team did to a shipped rule, or that it is the team's own; "" for one as it comes with BugBridge."""
    if not rule["files"]:
        return ""
    if not rule["shipped"]:
        return "your own"
    return f"{'changed' if rule['on'] else 'switched off'} by {' and '.join(rule['files'])}"


def _about(message: str) -> str:
    """Give the first sentence."""
    return FIRST_SENTENCE.split(message.strip(), maxsplit=1)[0]
