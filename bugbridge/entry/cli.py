"""The command line. A command's module is imported when that command is asked for, and not before."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from bugbridge.core.errors import BugBridgeError, DataError
from bugbridge.entry.door import Door
from bugbridge.render.plain import clean

COMMANDS = {
    "init": "setup",
    "doctor": "doctor",
    "policy": "policy",
    "wording": "wording",
    "link": "links",
    "unlink": "links",
    "workaround": "workaround",
    "meets": "frequency",
    "promise": "promises",
    "promises": "promises",
    "told": "links",
    "later": "reminders",
    "give": "reminders",
    "not-needed": "reminders",
    "still-due": "reminders",
    "release": "links",
    "same-bug": "links",
    "frequency": "frequency",
    "flow": "usage",
    "usage": "usage",
    "show": "show",
    "explain": "explain",
    "sync": "work",
    "backfill": "backfill",
    "import": "import_links:import_group",
    "plan": "work",
    "due": "due",
    "send": "work",
    "write-back": "write_back",
    "notify": "notify",
    "go-live": "live",
    "pause": "live",
    "resume": "live",
    "round": "round:round_group",
    "check-reply": "check_reply",
    "cancel": "by_hand",
    "opt-out": "by_hand",
    "retry": "by_hand",
    "audit": "audit",
    "daemon": "daemon",
    "serve": "serve",
    "token": "token",
    "hooks": "hooks",
    "app": "app:app_group",
    "backup": "backup",
    "check": "check",
    "export": "export",
    "forget": "forget",
    "demo": "demo",
}
"""The commands in the order in which one meets them, each with the end of its module's name, and the function's after
a colon where that isn't the command's own."""


class LazyGroup(click.Group):
    """A group that knows its commands by name alone until one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        ending, _, function = COMMANDS[cmd_name].partition(":")
        module = import_module(f"bugbridge.entry.commands_{ending}")
        command: click.Command = getattr(module, function or cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run, and say one of our own errors as its sentence on stderr, with its exit code."""
        try:
            return super().invoke(ctx)
        except BugBridgeError as error:
            for line in clean(str(error)).splitlines():
                click.echo(line, err=True)
            ctx.exit(error.exit_code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The configuration file.")
@click.version_option(package_name="bugbridge")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Tell customers about bugs: no more updates than your policy calls for, and no fewer.

    \b
    First steps:
      bugbridge init                              write a configuration here, then edit it
      bugbridge doctor                            see whether everything can be reached
      bugbridge sync                              read tickets and issues; nothing is posted
      bugbridge plan                              decide what is due
      bugbridge due                               see what would be due
      bugbridge link support:4711 acme/app#12     this ticket reports that bug
      bugbridge explain support:4711              what is due there, why, and what would change it

    \b
    Exit codes: 0 done; 1 stopped by you, or an error was found in a reply or a rule; 2 wrong use or configuration;
    3 a helpdesk or tracker didn't do what was asked; 4 the database or a file can't be used.
    """
    context.obj = Door(config)


def main() -> None:
    """Run the command line and exit with its code, which is that of a file where the output can't be written."""
    if sys.stdout is None:  # it was closed before we began
        _end("There is no standard output to write to.")
    try:
        cli(prog_name="bugbridge")
    except OSError as error:  # click is silent about a pipe that nobody reads any more, and lets all others through
        if error.errno is None:
            raise
        _end(f"{error.filename or 'The output'} can't be used: {os.strerror(error.errno)}.")


def _end(sentence: str) -> NoReturn:
    """Say it where that can be, and have nothing more written at the end: it would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if sys.stdout is not None:
        os.dup2(nowhere, sys.stdout.fileno())
    try:
        click.echo(clean(sentence), err=True)
    except OSError:
        os.dup2(nowhere, sys.stderr.fileno())
    sys.exit(DataError.exit_code)
