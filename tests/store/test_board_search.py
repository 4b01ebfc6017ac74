"""Bugs are found by a part of their issue's reference, or by customers' words."""

import pytest

from bugbridge.core.model import Entity, Stage
from tests.store.scene import START, Scene


def known(scene: Scene, number: int, words: str = "") -> int:
    """A bug whose issue was read, and what customers call it."""
    bug_id = scene.bug(number)
    issue = scene.store.find_issue(f"github:acme/app#{number}")
    assert issue
    scene.store.save_issue(issue.id, str(number), START)
    scene.store.keep_private(None, Entity.BUG, bug_id, "words", words)
    return bug_id


def found(scene: Scene, text: str, limit: int = 9) -> list[str]:
    return [one.issue for one in scene.store.search_bugs(text, limit)]


def test_every_word_has_to_be_there_in_any_case() -> None:
    """In the reference or in the words, the latest first."""
    scene = Scene()
    first, second = known(scene, 12, "the export problem"), known(scene, 120, "Export as PDF")
    assert found(scene, "EXPORT") == ["github:acme/app#120", "github:acme/app#12"]
    assert found(scene, "export problem app#12") == ["github:acme/app#12"]
    assert found(scene, "#12") == ["github:acme/app#120", "github:acme/app#12"]
    assert found(scene, "export", 1) == ["github:acme/app#120"]
    (one,) = scene.store.search_bugs("problem", 9)
    assert (one.bug_id, one.words, one.stage) == (first, "the export problem", Stage.OPEN)
    assert second != first


@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "100%", "' OR 1=1 --"])
def test_nothing_that_is_typed_is_a_pattern(text: str) -> None:
    """And no words find nothing."""
    scene = Scene()
    known(scene, 12, "the export problem")
    assert found(scene, text) == []


def test_an_issue_that_was_only_named_is_not_found() -> None:
    """Nobody knows yet whether there is one."""
    scene = Scene()
    scene.bug(12)
    assert found(scene, "acme") == []


def test_a_search_is_one_question_that_finds_words_by_their_key() -> None:
    """However many issues there are."""
    scene, asked = Scene(), []
    known(scene, 12, "the export problem")
    connection = scene.store._connection()
    connection.set_trace_callback(asked.append)
    scene.store.search_bugs("export", 9)
    connection.set_trace_callback(None)
    assert len(asked) == 1
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert any("words USING" in step and "owner=? AND owner_id=? AND field=?" in step for step in plan)
