"""How the GitHub tracker signs in as an App, over real HTTP against the sandbox."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.github_app import APP_ID, INSTALLATION_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHub
from bugbridge.trackers.github_sign_in import Credentials
from tests.trackers.github_world import Engineers, asked, small_world, tracker_of

TOKENS = f"/app/installations/{INSTALLATION_ID}/access_tokens"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        yield running


def app(sandbox: Sandbox, **changes: Any) -> GitHub:
    values: dict[str, Any] = {
        "app_id": APP_ID,
        "installation_id": INSTALLATION_ID,
        "private_key": sandbox.world.app.private_key,
    }
    return tracker_of(sandbox, **{**values, "token": "", **changes})


@pytest.mark.parametrize("path", ["", "/api/v3"])
def test_an_app_reads_with_tokens_that_it_fetches(sandbox: Sandbox, path: str) -> None:
    """The sandbox's tokens have ended by this machine's clock, so each request renews its own."""
    engineers = Engineers(sandbox.world)
    engineers.new_issue()
    tracker = app(sandbox, api_url=sandbox.github_url + path)
    (answer,) = tracker.issues([f"github:{engineers.reference}"])
    fetched = [status for method, where, status in asked(sandbox) if where.endswith(TOKENS)]
    assert (type(answer), fetched) == (IssueSnapshot, [201])


def test_a_key_with_escaped_line_ends_is_taken(sandbox: Sandbox) -> None:
    """Files for environments hold no line ends."""
    tracker = app(sandbox, private_key=sandbox.world.app.private_key.replace("\n", "\\n"))
    assert all(check.well for check in tracker.check())


def test_threads_share_one_sign_in(sandbox: Sandbox) -> None:
    """One fetches a token at a time: PyGithub's own client isn't thread-safe."""
    tracker = app(sandbox)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: [check.well for check in tracker.check()], range(4)))
    assert answers == [[True, True, True]] * 4


@pytest.mark.parametrize(
    "changes", [{"private_key": "no key"}, {"installation_id": 1}, {"app_id": 1}], ids=["key", "installation", "app"]
)
def test_a_refused_app_is_told_what_to_look_at(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    """One sentence with the variable, and never the key."""
    (check,) = app(sandbox, **changes).check()
    assert (check.well, "BUGBRIDGE_GITHUB_PRIVATE_KEY" in check.sentence) == (False, True)
    assert "no key" not in check.sentence.replace("private key", "")


def test_a_failure_while_a_token_is_fetched_is_passing(sandbox: Sandbox) -> None:
    """GitHub's own trouble is no reason to look at the configuration."""
    sandbox.traffic("github").faults.append(Fault("access_tokens", "html", times=9, status=502))
    with pytest.raises(RemoteError, match="502") as caught:
        list(app(sandbox).changed_since(""))
    assert not caught.value.permanent


def test_credentials_never_show_their_secrets(sandbox: Sandbox) -> None:
    """They may end up in a log or a traceback."""
    shown = repr(Credentials("github", "ghp_secret", 1, 2, sandbox.world.app.private_key))
    assert ("ghp_secret" in shown, "PRIVATE" in shown) == (False, False)
