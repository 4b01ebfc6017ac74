"""A team's hooks for each test."""

from pathlib import Path

import pytest

from tests.entry.scene import Scene
from tests.entry.web.asking import SECRET, Web
from tests.store.many import fill


@pytest.fixture
def web(scene: Scene) -> Web:
    """Hooks with secrets; one bug is linked, acme/app#12."""
    scene.reported_bug()
    scene.read()
    return Web(scene, {"github": SECRET, "jira": SECRET})


@pytest.fixture(scope="session")
def few_tickets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with 1,000 tickets and 100 bugs, to be read and never written."""
    return fill(tmp_path_factory.mktemp("few") / "bugbridge.sqlite", 1_000)


@pytest.fixture(scope="session")
def many_tickets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with 100,000 tickets and 10,000 bugs, to be read and never written."""
    return fill(tmp_path_factory.mktemp("many") / "bugbridge.sqlite", 100_000)
