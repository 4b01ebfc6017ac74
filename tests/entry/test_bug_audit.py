"""The audit as a script is a thin door to the command."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[2]


def script() -> ModuleType:
    """Import the script, which is no part of the package."""
    path = CHECKOUT / "scripts" / "bug_audit.py"
    specification = importlib.util.spec_from_file_location("bug_audit", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("arguments", "config", "others"),
    [
        (["--config", "a.toml", "--last", "3"], ["--config", "a.toml"], ["--last", "3"]),
        (["--last", "3", "--config", "a.toml"], ["--config", "a.toml"], ["--last", "3"]),
        (["--last", "3", "--config=a.toml", "--json"], ["--config=a.toml"], ["--last", "3", "--json"]),
        (["--last", "3"], [], ["--last", "3"]),
    ],
)
def test_the_configuration_may_be_named_anywhere(arguments: list[str], config: list[str], others: list[str]) -> None:
    """Nobody has to know that `bugbridge` wants it before its command."""
    assert script()._parted(arguments) == (config, others)


@pytest.mark.skipif(not (CHECKOUT / ".venv").exists(), reason="the checkout's environment isn't made yet")
def test_a_plain_file_is_audited_from_any_folder_without_a_configuration(tmp_path: Path) -> None:
    """Relative paths are those of the folder in which one is; every option comes through."""
    rows = "".join(f"{number},2026-03-01,2026-03-0{number},a=b;c\n" for number in range(2, 9))
    (tmp_path / "bugs.csv").write_text(f"Key,reported_at,Resolved,The State\n{rows}", encoding="utf-8")
    options = ["--column", "id=Key", "--column", "fixed_at=Resolved", "--where", "The State=A=B;C", "--last", "6"]
    command = [sys.executable, str(CHECKOUT / "scripts" / "bug_audit.py"), "--csv", "bugs.csv", *options]
    environment = {**os.environ, "PYTHON": sys.executable}
    seen = subprocess.run(
        [*command, "--format", "csv", "-o", "audit.csv"],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert (seen.returncode, seen.stderr) == (0, "")
    assert seen.stdout == "Wrote the audit of 6 bugs as CSV to audit.csv.\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.csv", "bugs.csv"]
