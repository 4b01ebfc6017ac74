"""The Chromium that scripts/test-browser installs, and pages for it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

AXE = "BUGBRIDGE_BROWSER_AXE"  # axe-core's file, as npm installed it
if AXE not in os.environ:
    collect_ignore_glob = ["test_*.py"]
else:
    from tests.browser.chromium import Chromium


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Chromium"]:
    """A browser that knows nothing yet."""
    with Chromium(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    return Path(os.environ[AXE]).read_text(encoding="utf-8")


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[str], Path]:
    """Saves a page as a file, as people do with one that they were sent."""

    def save(page: str) -> Path:
        path = tmp_path / "audit.html"
        path.write_text(page, encoding="utf-8")
        return path

    return save
