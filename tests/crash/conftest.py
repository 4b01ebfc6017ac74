"""A team's BugBridge whose database the crash test reads."""

from pathlib import Path

import pytest

from tests.entry.scene import Scene


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Give an empty one in watch mode."""
    return Scene(tmp_path, monkeypatch)
