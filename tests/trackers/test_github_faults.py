"""What the GitHub tracker does when GitHub fails, over real HTTP: no lost change, and one sentence without secrets."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bugbridge.core.errors import RateLimitedError, RemoteError
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHub
from tests.trackers.github_world import API, APP, Engineers, small_world, tracker_of

EVERYWHERE = ".*"
FAULTS: dict[str, dict[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "502 in HTML": {"kind": "html", "status": 502},
    "half an answer": {"kind": "truncated"},
    "no answer at all": {"kind": "empty", "status": 200},
    "done but 504": {"kind": "committed"},
    "403 with seconds": {"kind": "limited", "status": 403, "retry_after": "30"},
    "429 with seconds": {"kind": "limited", "status": 429, "retry_after": "30"},
    "403 with a date": {"kind": "limited", "status": 403, "retry_after": "Mon, 15 Jun 2026 18:00:00 GMT"},
    "429 with a date": {"kind": "limited", "status": 429, "retry_after": "Mon, 15 Jun 2026 18:00:00 GMT"},
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        yield running


@pytest.fixture
def engineers(sandbox: Sandbox) -> Engineers:
    return Engineers(sandbox.world)


def changed(tracker: GitHub, cursor: str) -> tuple[list[str], str]:
    references: list[str] = []
    for page in tracker.changed_since(cursor):
        references += page.references
        cursor = page.cursor
    return references, cursor


def fail(sandbox: Sandbox, times: int = 1000, **fault: Any) -> None:
    sandbox.traffic("github").faults.append(Fault(EVERYWHERE, times=times, **fault))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_failure_loses_nothing(sandbox: Sandbox, engineers: Engineers, fault: dict[str, Any]) -> None:
    """Lists, issues and releases each raise one error; afterwards the same cursors give all there is."""
    tracker = tracker_of(sandbox)
    engineers.new_issue()
    reference = f"github:{engineers.reference}"
    _, cursor = changed(tracker, "")
    _, releases = tracker.projects_released({APP, API}, "")
    engineers.fix("commit")
    engineers.release("1.0")
    fail(sandbox, **fault)
    for ask in (
        lambda: changed(tracker, cursor),
        lambda: list(tracker.issues([reference])),
        lambda: tracker.projects_released({APP}, releases),
    ):
        with pytest.raises(RemoteError, match=r"^github \(127\.0\.0\.1\)") as caught:
            ask()
        assert sign_in.GITHUB_KEY not in str(caught.value)
    sandbox.traffic("github").faults.clear()
    (snapshot,) = tracker.issues([reference])
    assert isinstance(snapshot, IssueSnapshot)
    assert snapshot.history[-1].state.released_in == "1.0"
    assert (changed(tracker, cursor)[0], tracker.projects_released({APP}, releases)[0]) == (
        [reference],
        frozenset({APP}),
    )


@pytest.mark.parametrize(
    ("fault", "wait"),
    [("403 with seconds", timedelta(seconds=30)), ("429 with seconds", timedelta(seconds=30))],
)
def test_a_limit_says_how_long_to_wait(sandbox: Sandbox, fault: str, wait: timedelta) -> None:
    """The source is left alone for so long."""
    fail(sandbox, **FAULTS[fault])
    with pytest.raises(RateLimitedError) as caught:
        changed(tracker_of(sandbox), "")
    assert caught.value.retry_after == wait


def test_a_passing_failure_is_read_over(sandbox: Sandbox, engineers: Engineers) -> None:
    """Queries go by POST, and are repeated all the same: they change nothing."""
    engineers.new_issue()
    fail(sandbox, times=2, kind="html", status=502)
    (answer,) = tracker_of(sandbox).issues([f"github:{engineers.reference}"])
    assert isinstance(answer, IssueSnapshot)


def test_a_silent_server_is_given_up(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read ends in time, and the error names it."""
    monkeypatch.setattr("bugbridge.trackers.github_client.TIMEOUT", 1)
    fail(sandbox, times=3, kind="hang", seconds=1.5)
    with pytest.raises(RemoteError, match="took too long"):
        changed(tracker_of(sandbox), "")


def test_a_changed_token_reads_on_from_the_cursor(
    sandbox: Sandbox, engineers: Engineers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub's ETags are of one token (apis.md, trap 21): with another the list is read once more."""
    _, cursor = changed(tracker_of(sandbox), "")
    engineers.new_issue()
    before, cursor = changed(tracker_of(sandbox), cursor)
    engineers.close("completed")
    monkeypatch.setattr(sign_in, "GITHUB_KEY", "another-key")
    after, _ = changed(tracker_of(sandbox), cursor)
    assert (before, after) == ([f"github:{engineers.reference}"], [f"github:{engineers.reference}"])


def test_a_token_that_ended_is_one_sentence(sandbox: Sandbox) -> None:
    """It names the variable to look at."""
    with pytest.raises(RemoteError, match="BUGBRIDGE_GITHUB_TOKEN") as caught:
        changed(tracker_of(sandbox, token="ended"), "")
    assert (caught.value.permanent, isinstance(caught.value, RateLimitedError)) == (True, False)
