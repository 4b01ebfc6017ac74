"""The daemon's command."""

import logging

import click

from bugbridge.entry.door import Door, pass_door


@click.command(short_help="Do all of this again and again.")
@pass_door
def daemon(door: Door) -> None:
    """Link, sync, plan and send at the configured intervals until SIGTERM or Ctrl-C.

    Nothing is posted on helpdesks in watch mode. A second daemon on the same database refuses, naming the first.
    """
    from bugbridge.entry.daemon import Daemon

    app = door.app
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # its tracebacks may quote tickets
    Daemon(app).run()
