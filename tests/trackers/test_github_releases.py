"""Which release the GitHub tracker takes for the one with a fix, and how it learns of releases."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.core.errors import ConfigError, DataError
from bugbridge.core.model import ClosedAs
from bugbridge.core.snapshots import IssueSnapshot, TrackerState
from bugbridge.sandbox import github_changes
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_reading import Fix
from bugbridge.trackers.github_releases import Releases
from bugbridge.trackers.github_sign_in import Credentials
from tests.trackers.github_json import API, TOKEN, day, zulu
from tests.trackers.github_world import APP, Engineers, asked, small_world, tracker_of

LIST_URL = f"{API}/repos/acme/app/releases"
LABEL = r"released in (?P<version>\S+)"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        yield running


@pytest.fixture
def engineers(sandbox: Sandbox) -> Engineers:
    return Engineers(sandbox.world)


@pytest.fixture
def client() -> GitHubClient:
    return GitHubClient(Credentials("github", TOKEN), "https://api.github.com", lambda _: None)


def release(tag: str, at: datetime, **changes: Any) -> dict[str, Any]:
    dates = {"published_at": zulu(at), "created_at": zulu(at)}
    return {"tag_name": tag, "draft": False, "prerelease": False, "assets": [], **dates, **changes}


def compared(api: responses.RequestsMock, sha: str, tag: str, status: str) -> None:
    api.get(f"{API}/repos/acme/app/compare/{sha}...{tag}", json={"status": status})


def state_of(tracker: GitHub, engineers: Engineers) -> TrackerState:
    (snapshot,) = tracker.issues([f"github:{engineers.reference}"])
    assert isinstance(snapshot, IssueSnapshot)
    return snapshot.history[-1].state


@pytest.mark.parametrize(("prereleases", "version"), [(True, "2.0rc1"), (False, "")])
def test_prereleases_count_only_if_configured(
    sandbox: Sandbox, engineers: Engineers, *, prereleases: bool, version: str
) -> None:
    """Most customers can't install them."""
    engineers.new_issue()
    engineers.fix("commit")
    engineers.release("2.0rc1", prerelease=True)
    assert state_of(tracker_of(sandbox, prereleases=prereleases), engineers).released_in == version


def test_every_fix_must_be_in_the_release(api: responses.RequestsMock, client: GitHubClient) -> None:
    """Half a fix is none. The fix is the base of the comparison (apis.md, trap 13)."""
    api.get(LIST_URL, json=[release("v3", day(9)), release("v2", day(8))])
    for sha, tag, status in (("aa", "v2", "ahead"), ("bb", "v2", "behind"), ("aa", "v3", "ahead")):
        compared(api, sha, tag, status)
    compared(api, "bb", "v3", "identical")
    fixes = (Fix("acme/app", "aa", day(3)), Fix("Acme/App", "bb", day(4)))
    found = Releases("github", prereleases=False).first_with(client, "acme/app", fixes)
    assert found is not None
    assert (found.version, found.published_at) == ("3", day(9))


def test_a_fix_that_did_not_hold_is_in_no_release(sandbox: Sandbox, engineers: Engineers) -> None:
    """Merged, opened again, and closed by hand: what was merged then isn't what fixed it."""
    engineers.new_issue()
    engineers.fix("pull")
    engineers.reopen()
    engineers.close("completed")
    engineers.release("1.0")
    assert state_of(tracker_of(sandbox), engineers) == TrackerState(closed_as=ClosedAs.FIXED)


def test_a_comparison_is_asked_once(api: responses.RequestsMock, client: GitHubClient) -> None:
    """A commit is in a tag for ever; releases from before the fix are never asked."""
    api.get(LIST_URL, json=[release("v2", day(8)), release("v1", day(2))])
    compared(api, "aa", "v2", "diverged")
    releases = Releases("github", prereleases=False)
    found = [releases.first_with(client, "acme/app", [Fix("acme/app", "aa", day(3))]) for _ in range(3)]
    comparisons = [call for call in api.calls if "/compare/" in str(call.request.url)]
    assert (found, len(comparisons)) == ([None] * 3, 1)


def test_a_fix_elsewhere_is_in_no_release_of_this_repository(api: responses.RequestsMock, client: GitHubClient) -> None:
    """A library's fix reaches customers when the product takes it up, which GitHub doesn't know."""
    fixes = (Fix("acme/library", "aa", day(3)),)
    assert Releases("github", prereleases=False).first_with(client, "acme/app", fixes) is None
    assert len(api.calls) == 0


def test_older_pages_of_releases_are_read_as_far_as_the_fix(api: responses.RequestsMock, client: GitHubClient) -> None:
    """An issue that is linked late may have been fixed many releases ago."""
    following = f"{API}/repositories/1/releases?page="
    api.get(LIST_URL, json=[release("v9", day(9))], headers={"Link": f'<{following}2>; rel="next"'})
    second = matchers.query_param_matcher({"page": "2"})
    more = {"Link": f'<{following}3>; rel="next"'}
    api.get(
        f"{API}/repositories/1/releases",
        json=[release("v4", day(4)), release("v2", day(2))],
        match=[second],
        headers=more,
    )
    compared(api, "aa", "v4", "ahead")
    found = Releases("github", prereleases=False).first_with(client, "acme/app", [Fix("acme/app", "aa", day(3))])
    assert (found.version if found else "", len(api.calls)) == ("4", 3)


def test_tags_with_a_slash_are_asked_for_as_one_name(api: responses.RequestsMock, client: GitHubClient) -> None:
    """Several products in one repository tag so."""
    api.get(LIST_URL, json=[release("app/v4#1", day(9))])
    api.get(re.compile(re.escape(f"{API}/repos/acme/app/compare/aa...app%2Fv4%231")), json={"status": "ahead"})
    found = Releases("github", prereleases=False).first_with(client, "acme/app", [Fix("acme/app", "aa", day(3))])
    assert found is not None
    assert found.version == "app/v4#1"


@pytest.mark.parametrize(("relabel", "version"), [(True, "4.2"), (False, "")])
def test_a_label_tells_the_release_of_a_picked_fix(
    sandbox: Sandbox, engineers: Engineers, *, relabel: bool, version: str
) -> None:
    """A label from before the issue was opened again is of the release that didn't help."""
    engineers.new_issue()
    engineers.close("completed")
    github_changes.change_label(sandbox.world, engineers.reference, "Released in 4.2", add=True)
    engineers.reopen()
    engineers.close("completed")
    if relabel:
        engineers.later()
        github_changes.change_label(sandbox.world, engineers.reference, "Released in 4.2", add=False)
        github_changes.change_label(sandbox.world, engineers.reference, "Released in 4.2", add=True)
    assert state_of(tracker_of(sandbox, released_label=LABEL), engineers).released_in == version


@pytest.mark.parametrize("pattern", ["(", "released in .*"])
def test_a_pattern_that_names_no_version_is_a_mistake(pattern: str) -> None:
    """Said when the tracker is made, and not in the middle of a night."""
    with pytest.raises(ConfigError, match="released_label"):
        GitHub(GitHubOptions("github", ("acme/app",), TOKEN, released_label=pattern))


def test_a_quiet_project_costs_nothing(sandbox: Sandbox, engineers: Engineers) -> None:
    """The second time it is asked conditionally, and 304 isn't counted."""
    tracker = tracker_of(sandbox)
    first, cursor = tracker.projects_released({APP}, "")
    before = len(asked(sandbox))
    quiet, cursor = tracker.projects_released({APP}, cursor)
    statuses = [status for _, _, status in asked(sandbox)[before:]]
    engineers.new_issue()
    engineers.release("1.0", draft=True)
    drafted, cursor = tracker.projects_released({APP}, cursor)
    engineers.release("1.0")
    released, _ = tracker.projects_released({APP}, cursor)
    assert (first, quiet, statuses, drafted, released) == (
        frozenset({APP}),
        frozenset(),
        [304],
        frozenset(),
        frozenset({APP}),
    )


def test_downloads_are_no_release(api: responses.RequestsMock, github: GitHub) -> None:
    """They change GitHub's answer and its ETag with every download."""
    api.get(LIST_URL, json=[release("v1", day(2))], headers={"ETag": '"a"'})
    api.get(LIST_URL, json=[release("v1", day(2), assets=[{"download_count": 7}])], headers={"ETag": '"b"'})
    _, cursor = github.projects_released({"acme/app"}, "")
    released, cursor = github.projects_released({"acme/app"}, cursor)
    assert (released, json.loads(cursor)["acme/app"][0]) == (frozenset(), '"b"')


def test_a_project_out_of_sight_had_no_release(api: responses.RequestsMock, github: GitHub) -> None:
    """That it can't be read is said where its issues are; it is asked from the beginning when it is back."""
    api.get(LIST_URL, status=404)
    assert github.projects_released({"acme/app"}, "") == (frozenset(), "{}")


@pytest.mark.parametrize("cursor", ["17", '{"acme/app": 1}', "[]"])
def test_a_cursor_of_something_else_is_refused(github: GitHub, cursor: str) -> None:
    """It is never taken for the beginning."""
    with pytest.raises(DataError, match="cursor"):
        github.projects_released({"acme/app"}, cursor)
