"""The rules for how replies are worded: whether their own examples hold, and which there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.core.wording_examples import FailedExample
    from bugbridge.core.wording_model import Wording

EXAMPLE_FAILED = 1

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
    """List the rules, each with its level and its language, and those that the team has switched off.

    \b
    Example:
      bugbridge wording list
    """
    rules = list(_rules(_shipped(), _wordings(door, files)))
    say({"rules": rules}, as_json=as_json, show=lambda: _show_rules(rules))


def _wordings(door: Door, files: Sequence[Path]) -> "Mapping[str, Wording]":
    """Read the shipped rules with these files, else with the team's, if any. Raises ConfigError with every problem."""
    import os

    from bugbridge.settings import is_configured, shipped_folder
    from bugbridge.wordings import read_wordings

    if files:
        return read_wordings(shipped_folder(), files)
    return door.app.wordings if is_configured(door.config, os.environ) else _shipped()


def _shipped() -> "Mapping[str, Wording]":
    from bugbridge.settings import shipped_folder
    from bugbridge.wordings import read_wordings

    return read_wordings(shipped_folder())


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of trying a language's rules; `unused` are patterns that none of their rule's examples has."""

    language: str
    rules: int
    examples: int
    failed: "tuple[FailedExample, ...]"
    unused: "tuple[FailedExample, ...]"


def _tried(one: "Wording") -> _Tried:
    from bugbridge.core.wording_examples import Failure, failing_examples

    found = failing_examples(one)
    unused = tuple(failure for failure in found if failure.failure is Failure.UNUSED)
    failed = tuple(failure for failure in found if failure not in unused)
    examples = sum(len(rule.good) + len(rule.bad) for rule in one.rules)
    return _Tried(one.language, len(one.rules), examples, failed, unused)


def _show_tried(tried: Iterable[_Tried]) -> None:
    from bugbridge.core.wording_examples import Failure

    for one in tried:
        for failure in one.failed:
            what = "good example is found" if failure.failure is Failure.FOUND else "bad example isn't found"
            tell(f'{one.language}, {failure.rule} ({failure.state}): this {what}: "{failure.text}"')
        for pattern in one.unused:
            tell(f"{one.language}, {pattern.rule}: note: none of its examples has the pattern {pattern.text}")
        tell(_conclusion(one))


def _conclusion(one: _Tried) -> str:
    failures = len(one.failed)
    how = f"{failures} {'fails' if failures == 1 else 'fail'}" if failures else "all hold"
    return f"{one.language}: {counted(one.rules, 'rule')}, {counted(one.examples, 'example')}: {how}."


def _rules(shipped: "Mapping[str, Wording]", wordings: "Mapping[str, Wording]") -> Iterator[dict[str, object]]:
    """Give every rule of every language; one that isn't there any more was switched off."""
    for language, one in wordings.items():
        kept = {rule.id for rule in one.rules}
        before = shipped[language].rules if language in shipped else ()
        off = [rule for rule in before if rule.id not in kept]
        for rule in (*one.rules, *off):
            yield {"language": language, "id": rule.id, "level": rule.level, "on": rule.id in kept}


def _show_rules(rules: Iterable[Mapping[str, object]]) -> None:
    from bugbridge.render.tables import print_table

    rows = [(rule["language"], rule["id"], rule["level"], "" if rule["on"] else "switched off") for rule in rules]
    print_table("Wording rules", ("language", "rule", "level", ""), rows)
