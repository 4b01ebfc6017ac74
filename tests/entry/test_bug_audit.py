"""The audit as a script is a thin door to the command."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def script() -> ModuleType:
    """Import the script, which is no part of the package."""
    path = Path(__file__).parents[2] / "scripts" / "bug_audit.py"
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
