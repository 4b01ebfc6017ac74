"""A browser over a database that was written beforehand, and how many queries its pages ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bugbridge.core.access import Visitor
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.store.database import SqliteDatabase
from tests.entry.scene import Scene
from tests.entry.web.browsing import Browser


def over(database: Path, scene: Scene) -> Browser:
    """Give a browser whose pages show this database; it asked once before, which names the helpdesks there."""
    config = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(config.replace('"bugbridge.sqlite"', f'"{database}"'), encoding="utf-8")
    browser = Browser(scene)
    browser.get("/sources")
    return browser


def as_visitor(monkeypatch: pytest.MonkeyPatch, visitor: Visitor) -> None:
    """Have every request come from somebody."""
    monkeypatch.setattr(Doorkeeper, "visitor", lambda _self, _request: visitor)


@contextmanager
def counted_queries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Give the statements that are run meanwhile, of all threads."""
    asked: list[str] = []
    with monkeypatch.context() as patched:
        for name in ("_rows", "_run", "_each"):
            patched.setattr(SqliteDatabase, name, _noting(getattr(SqliteDatabase, name), asked))
        yield asked


def _noting(ask: Any, asked: list[str]) -> Any:
    def noting(store: SqliteDatabase, statement: str, parameters: Any = None) -> Any:
        asked.append(statement)
        return ask(store, statement, parameters)

    return noting
