"""The scripts' environment says that it installs before it does, and where no program reads it."""

import os
import subprocess
from pathlib import Path

ENVIRONMENT = Path(__file__).parents[2] / "scripts" / "environment"
SAID = "Installing into .venv, once: about a minute.\n"
# Stands for Python: it is new enough, and what it installs is itself.
PYTHON = '#!/bin/sh\n[ "$2" = venv ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python\nexit 0\n'


def sourced(folder: Path) -> tuple[str, str]:
    """Source it in a folder, and give both outputs."""
    environment = {**os.environ, "PYTHON": str(folder / "python")}
    command = ["bash", "-ec", f"source '{ENVIRONMENT}'"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env=environment)
    return seen.stdout, seen.stderr


def test_an_installation_is_announced_and_nothing_else(tmp_path: Path) -> None:
    """Whoever waits for half a minute knows why; what is there already is said nothing of."""
    (tmp_path / "python").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "python").chmod(0o700)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    assert sourced(tmp_path) == ("", SAID)
    assert sourced(tmp_path) == ("", "")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert sourced(tmp_path) == ("", SAID)
