"""The sandbox's servers: one that tests only read, and a fresh one for those that change something."""

from collections.abc import Iterator

import pytest

from bugbridge.sandbox.server import Sandbox


@pytest.fixture(scope="session")
def reading() -> Iterator[Sandbox]:
    """A running sandbox that no test changes."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def changing() -> Iterator[Sandbox]:
    """A running sandbox for one test."""
    with Sandbox() as sandbox:
        yield sandbox
