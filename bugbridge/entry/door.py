"""What every command needs: the app behind it, who is asking, and how facts are put out."""

import getpass
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.model import Actor, AuthorKind

if TYPE_CHECKING:
    from bugbridge.app import App


class Door:
    """One run of the command line."""

    def __init__(self, config: Path | None) -> None:
        """Keep the file that --config names."""
        self.config = config

    @cached_property
    def app(self) -> "App":
        """The app of the configuration. Raises ConfigError."""
        from bugbridge.app import build_app
        from bugbridge.settings import load_settings

        return build_app(load_settings(self.config, os.environ), os.environ)

    @cached_property
    def actor(self) -> Actor:
        """Whoever runs the command."""
        return Actor(AuthorKind.AGENT, _login(), "cli")


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


pass_door = click.make_pass_decorator(Door)

json_option = click.option("--json", "as_json", is_flag=True, help="Put out the facts as one JSON object.")


def say(facts: object, *, as_json: bool, show: Callable[[], None]) -> None:
    """Put facts out: as JSON, or as `show` shows them to people."""
    if not as_json:
        show()
        return
    from bugbridge.render.json import to_json

    click.echo(to_json(facts))


def tell(line: str, **style: Any) -> None:  # noqa: ANN401 - click.secho's own
    """Say one line to people, with nothing in it that could steer their terminal."""
    from bugbridge.render.plain import clean

    click.secho(clean(line), **style)
