"""Quick commands stay quick: what isn't needed isn't loaded."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bugbridge.entry.cli import COMMANDS, cli

HEAVY = (
    "github",
    "jira",
    "fastapi",
    "starlette",
    "uvicorn",
    "apprise",
    "requests",
    "apscheduler",
    "sqlite_utils",
    "holidays",
)
LOOK = """
import sys
from bugbridge.entry.cli import cli
try:
    cli(sys.argv[1:])
except SystemExit as ended:
    print(ended.code, [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def loaded_by(folder: Path, *arguments: str) -> str:
    """Run a command in a process of its own, and give its exit code with the heavy modules that it loaded."""
    config = folder / "bugbridge.toml"
    config.write_text(
        "database = 'bugbridge.sqlite'\n[helpdesks.a]\nkind = 'zendesk'\nurl = 'https://a.zendesk.com'\nemail = 'a'\n"
        "[trackers.b]\nkind = 'github'\nprojects = ['a/b']",
        encoding="utf-8",
    )
    command = [sys.executable, "-c", LOOK.format(heavy=HEAVY), "--config", str(config), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr.strip()


@pytest.mark.parametrize("arguments", [["--help"], ["link", "--help"], ["--version"]])
def test_help_loads_no_client(tmp_path: Path, arguments: list[str]) -> None:
    """Reading the help costs no import of a vendor's client, a web stack or a scheduler."""
    assert loaded_by(tmp_path, *arguments) == "0 []"


def test_due_loads_no_client(tmp_path: Path) -> None:
    """What is due is read from the local database alone."""
    assert loaded_by(tmp_path, "due") == "0 ['sqlite_utils']"  # the first run makes the database
    assert loaded_by(tmp_path, "due") == "0 []"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Each name in the table is a command with a short and a long text."""
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 4


@pytest.mark.parametrize(
    "name", ["link", "unlink", "release", "show", "explain", "sync", "plan", "due", "send", "audit", "doctor", "told"]
)
def test_commands_that_state_facts_have_json(name: str) -> None:
    """Programs can read every fact."""
    assert "--json" in CliRunner().invoke(cli, [name, "--help"]).stdout


def test_an_unknown_command_is_refused() -> None:
    """With the exit code of a wrong use."""
    assert CliRunner().invoke(cli, ["lnik"]).exit_code == 2
