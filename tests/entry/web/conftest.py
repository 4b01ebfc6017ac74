"""A team's hooks for each test."""

import pytest

from tests.entry.scene import Scene
from tests.entry.web.asking import SECRET, Web


@pytest.fixture
def web(scene: Scene) -> Web:
    """Hooks with secrets; one bug is linked, acme/app#12."""
    scene.reported_bug()
    scene.read()
    return Web(scene, {"github": SECRET, "jira": SECRET})
