"""The daemon's command."""

import os
import sys

import click

from bugbridge.core.errors import BugBridgeError
from bugbridge.entry.door import Door, pass_door


@click.command(short_help="Do all of this again and again.")
@click.option("--standby", is_flag=True, help="Where another daemon works, wait and take over once it is gone.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="How to log to stderr; without it BUGBRIDGE_LOG says so, else text on a terminal and JSON lines elsewhere.",
)
@pass_door
@click.pass_context
def daemon(context: click.Context, door: Door, *, standby: bool, log_format: str | None) -> None:
    """Link, sync, plan and send at the configured intervals until SIGTERM or Ctrl-C.

    Nothing is posted on helpdesks in watch mode. A second daemon on the same database refuses, naming the first.
    SIGHUP has it read configuration, policy and secrets again; it keeps the old ones where the new ones aren't well.

    Exits with 2 where the configuration or the policy isn't well, 3 where another daemon works, 4 where the database
    can't be used.

    \b
    Examples:
      bugbridge daemon
      bugbridge daemon --standby
      BUGBRIDGE_LOG=json bugbridge daemon
    """
    from bugbridge.entry import logs
    from bugbridge.entry.daemon import Daemon

    with logs.logging_to(sys.stderr, logs.log_format(log_format, os.environ)):
        try:
            Daemon(door.app, standby=standby).run()
        except BugBridgeError as error:
            logs.complain(error)
            context.exit(error.exit_code)
