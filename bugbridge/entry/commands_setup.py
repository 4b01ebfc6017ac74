"""Before the first run: a configuration and a policy to edit."""

from pathlib import Path

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import tell

WRITTEN = ("bugbridge.toml", "policy.toml")
NEXT_STEPS = """
Next:
  1. Edit bugbridge.toml: uncomment your helpdesks and trackers.
  2. Put their secrets into the environment; the file says which variables.
  3. bugbridge doctor     see whether everything can be reached
  4. bugbridge sync       read tickets and issues
  5. bugbridge plan       decide for every link
  6. bugbridge due        see what would be due

Watch mode: BugBridge posts nothing until `bugbridge go-live`."""


@click.command(short_help="Write a configuration here.")
def init() -> None:
    """Write bugbridge.toml and policy.toml into the current folder, to be edited. Nothing is ever overwritten."""
    from bugbridge.settings import shipped_folder

    present = [name for name in WRITTEN if Path(name).exists()]
    if present:
        raise UsageError(
            f"{' and '.join(present)} exist{'s' if len(present) == 1 else ''} here already; not overwritten."
        )
    for name in WRITTEN:
        text = (shipped_folder() / name).read_text(encoding="utf-8")
        _write(Path(name), _as_own(text))
        tell(f"Wrote {name}.")
    tell(NEXT_STEPS)


def _as_own(text: str) -> str:
    """Have the configuration name the policy and the database beside it."""
    return text.replace('#policy = "policy.toml"', 'policy = "policy.toml"').replace(
        '#database = "bugbridge.sqlite"', 'database = "bugbridge.sqlite"'
    )


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} can't be written here: {error.strerror}.") from None
