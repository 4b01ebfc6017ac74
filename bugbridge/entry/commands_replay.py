"""Other policies tried on the team's own history, beside the one in force."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from bugbridge.core.errors import ConfigError, DataError, UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.policy_model import Policy
    from bugbridge.core.replay_report import Replay

IN_FORCE = "in force"
BUGS = 100


@click.command("replay", short_help="Try other policies on the past.")
@click.argument("files", metavar="NEW.toml ...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--last", type=click.IntRange(min=1), help=f"How many bugs, those reported last.  [default: {BUGS}]")
@click.option("--since", help="Bugs reported since a date instead.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the whole as a page, too.")
@json_option
@pass_door
def replay(
    door: Door, files: Sequence[Path], last: int | None, since: str | None, html: Path | None, *, as_json: bool
) -> None:
    """Show what other policies would have sent on your own history, beside the one in force; nothing is changed.

    Open bugs are followed too, each link from the day on which it was made.

    \b
    Examples:
      bugbridge policy replay calmer.toml
      bugbridge policy replay calmer.toml bolder.toml --since 2026-01-01 --html replay.html
    """
    from bugbridge.entry.naming import instant
    from bugbridge.entry.random_draws import draws
    from bugbridge.services.replaying import replay as replayed

    if last is not None and since is not None:
        raise UsageError("--last and --since choose bugs in two ways: give one of them.")
    app = door.app
    policies = _policies(app, files)
    begins = None if since is None else instant(app, since)
    count = None if begins else last or BUGS
    with progress_bar(sys.stderr) as progress:
        found = replayed(
            app.store, policies, app.clock, app.calendar, draws, last=count, since=begins, progress=progress
        )
    if html is not None:
        _write(html, found, app.settings.calendar.zone)
    say(found, as_json=as_json, show=lambda: _show(found, app.settings.calendar.zone))
    if html is not None and not as_json:
        tell(f"Wrote {html}.")


def _policies(app: "App", files: Sequence[Path]) -> "dict[str, Policy]":
    """Read the policy in force and the others by their columns' names. Raises ConfigError with all files' problems."""
    problems: list[str] = []
    policies = {}
    reading: list[tuple[str, Callable[[], Policy]]] = [(IN_FORCE, lambda: app.policy)]
    reading += [(name, partial(_read, file)) for name, file in zip(_names(files), files, strict=True)]
    for name, read in reading:
        try:
            policies[name] = read()
        except ConfigError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ConfigError(problems)
    return policies


def _names(files: Sequence[Path]) -> list[str]:
    """Name columns after their files: shortly, or as typed where that isn't clear. UsageError for one given twice."""
    typed = Counter(map(str, files))
    twice = [name for name, count in typed.items() if count > 1]
    if twice:
        raise UsageError(f"{twice[0]} is given twice; once is enough.")
    short = Counter([IN_FORCE, *(file.stem for file in files)])
    return [file.stem if short[file.stem] == 1 else str(file) for file in files]


def _read(file: Path) -> "Policy":
    from bugbridge.core.policy_file import parse_version

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError([f"The policy {file} can't be read: check its name."]) from None
    version = parse_version(text, str(file))
    if not version.applies_to.everybody:
        narrow = f"{file} is for some tickets alone ([applies_to]), and a replay has one policy decide every link: "
        raise ConfigError([f"{narrow}take [applies_to] out to see what it would do for everybody."])
    return version.policy


@contextmanager
def progress_bar(stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """Show how far it is, where somebody watches."""
    if not stream.isatty():
        yield lambda _done, _of: None
        return
    with click.progressbar(length=1, label="Replaying", file=stream) as bar:

        def advance(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield advance


def _write(file: Path, found: "Replay", zone: str) -> None:
    from bugbridge.render.replay_page import replay_page

    try:
        file.write_text(replay_page(found, zone), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{file} can't be written: {error.strerror}.") from None


def _show(found: "Replay", zone: str) -> None:
    from bugbridge.render.replay_rows import difference_rows, headline, left_out, measure_rows
    from bugbridge.render.tables import print_table

    if not found.bugs:
        tell(
            "There is nothing to replay: no linked bug was reported in that time. `bugbridge sync` reads tickets and "
            "issues, `bugbridge link` links one by hand, and --last or --since chooses others."
        )
        return
    names = [policy.name for policy in found.policies]
    tell(headline(found))
    for sentence in left_out(found):
        tell(sentence)
    print_table("What each policy would have sent", ("measure", *names), measure_rows(found))
    title = "Difference from the policy in force, per bug: the mean, and its 95 % interval"
    print_table(title, ("measure", *names[1:]), difference_rows(found))
    _show_links(found, zone)
    tell("What a replay can't know:", bold=True)
    for sentence in found.cannot_know:
        tell(f"- {sentence}")


def _show_links(found: "Replay", zone: str) -> None:
    from bugbridge.render.replay_rows import days
    from bugbridge.render.tables import print_table

    for comparison in found.comparisons:
        if not comparison.links:
            tell(f"{comparison.name}: every customer hears on the same days as now.")
            continue
        rows = [
            (link.ticket, link.bug, days(link.in_force, zone), days(link.instead, zone)) for link in comparison.links
        ]
        print_table(f"Links that {comparison.name} changes most", ("ticket", "bug", IN_FORCE, comparison.name), rows)
