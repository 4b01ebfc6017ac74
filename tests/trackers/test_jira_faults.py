"""What goes wrong with a Jira, over real HTTP: nothing is lost by it, and nothing waits for ever."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bugbridge.core.errors import RateLimitedError, RemoteError
from bugbridge.core.model import Gone
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue
from bugbridge.sandbox import jira_changes, sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.limits import Limit
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers import jira_client
from bugbridge.trackers.jira import Jira, JiraOptions

REFERENCE = "jira:SHOP-1"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def options(sandbox: Sandbox) -> Iterator[JiraOptions]:
    """How to reach it; whatever a test broke is mended afterwards."""
    traffic = sandbox.traffic("jira")
    traffic.forget()
    yield JiraOptions("jira", sandbox.jira_url, ("PAY", "SHOP"), sign_in.JIRA_KEY, sign_in.EMAIL)
    traffic.faults.clear()
    traffic.limits.clear()


def begin(options: JiraOptions) -> tuple[Jira, str]:
    jira = Jira(options, sleep=lambda _: None)
    (page,) = jira.changed_since("")
    return jira, page.cursor


def label(sandbox: Sandbox, word: str) -> None:
    """Somebody changes the issue a while later."""
    sandbox.world.advance(600)
    jira_changes.set_labels(sandbox.world, "SHOP-1", [word])


def references(jira: Jira, cursor: str) -> list[str]:
    return [reference for page in jira.changed_since(cursor) for reference in page.references]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503},
        {"kind": "html", "status": 502},
        {"kind": "truncated"},
        {"kind": "empty", "status": 200},
        {"kind": "html", "status": 200},
        {"kind": "committed"},
    ],
)
def test_a_change_outlives_a_failing_server(sandbox: Sandbox, options: JiraOptions, fault: dict[str, Any]) -> None:
    """The sync fails with one sentence, and the same cursor gives the change afterwards."""
    jira, cursor = begin(options)
    label(sandbox, f"{fault['kind']}-{fault.get('status')}")
    sandbox.traffic("jira").faults.append(Fault("search", times=100, **fault))
    with pytest.raises(RemoteError, match=r"^jira"):
        references(jira, cursor)
    sandbox.traffic("jira").faults.clear()
    assert references(jira, cursor) == [REFERENCE]


def test_a_server_that_fails_once_is_asked_again(sandbox: Sandbox, options: JiraOptions) -> None:
    """Within the same sync: a search changes nothing, though it is a POST."""
    jira, cursor = begin(options)
    label(sandbox, "once")
    sandbox.traffic("jira").faults.append(Fault("search", "html", status=502))
    assert references(jira, cursor) == [REFERENCE]


def test_a_silent_server_hangs_no_sync(sandbox: Sandbox, options: JiraOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library has no timeout of its own (trap 4)."""
    jira, cursor = begin(options)
    monkeypatch.setattr(jira_client, "TIMEOUT", 0.05)
    sandbox.traffic("jira").faults.append(Fault("search", "hang", times=3, seconds=0.3))
    with pytest.raises(RemoteError, match="took too long"):
        references(jira, cursor)


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-quota-global-based"])
def test_a_limit_pauses_and_loses_nothing(sandbox: Sandbox, options: JiraOptions, form: str, reason: str) -> None:
    """However Jira says until when: by seconds, by its own clock, or by the reset alone."""
    jira, cursor = begin(options)
    label(sandbox, f"{form}-{reason}")
    traffic = sandbox.traffic("jira")
    traffic.limits.append(Limit("jira", sandbox.world.now() + timedelta(minutes=10), form=form, reason=reason))
    with pytest.raises(RateLimitedError) as caught:
        references(jira, cursor)
    assert caught.value.retry_after is not None
    assert abs(caught.value.retry_after - timedelta(minutes=10)) < timedelta(minutes=1)
    traffic.limits.clear()
    assert references(jira, cursor) == [REFERENCE]


def test_a_token_that_was_changed_loses_nothing(sandbox: Sandbox, options: JiraOptions) -> None:
    """The old one is refused at once and by name; the new one goes on at the same cursor."""
    _, cursor = begin(options)
    label(sandbox, "token")
    slept: list[float] = []
    with pytest.raises(RemoteError, match="BUGBRIDGE_JIRA_TOKEN") as caught:
        references(Jira(replace(options, token="revoked"), sleep=slept.append), cursor)
    assert (caught.value.permanent, slept) == (True, [])
    assert references(Jira(options), cursor) == [REFERENCE]


def test_a_failing_changelog_gives_no_half_history(sandbox: Sandbox, options: JiraOptions) -> None:
    """An issue whose oldest changes can't be read isn't read at all."""
    jira, _ = begin(options)
    for number in range(60):
        jira_changes.set_labels(sandbox.world, "SHOP-1", [f"label-{number}"])
    sandbox.traffic("jira").faults.append(Fault("bulkfetch", "status", times=100))
    with pytest.raises(RemoteError, match=r"^jira"):
        list(jira.issues([REFERENCE]))
    sandbox.traffic("jira").faults.clear()
    (snapshot,) = jira.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert snapshot.history[0].at == snapshot.created_at


def test_a_cycle_costs_one_request_and_five_after_a_change(sandbox: Sandbox, options: JiraOptions) -> None:
    """For the whole site; releases cost one more for each project that is asked about."""
    jira, cursor = begin(options)
    *_, page = jira.changed_since(cursor)
    traffic = sandbox.traffic("jira")
    traffic.forget()
    assert references(jira, page.cursor) == []
    assert len(traffic.requests) <= 1
    label(sandbox, "cost")
    found = references(jira, page.cursor)
    assert [type(answer) for answer in jira.issues(found)] == [IssueSnapshot]
    assert len(traffic.requests) <= 5
    traffic.forget()
    jira.projects_released({"PAY", "SHOP"}, "")
    assert len(traffic.requests) <= 2


def test_an_issue_that_moves_is_read_under_both_names(sandbox: Sandbox, options: JiraOptions) -> None:
    """Its old key leads to the new one, and its history is the same."""
    jira, cursor = begin(options)
    sandbox.world.advance(600)
    moved = jira_changes.move_issue(sandbox.world, "PAY-2", "SHOP")
    assert references(jira, cursor) == [f"jira:{moved.key}"]
    old, new = jira.issues(["jira:PAY-2", f"jira:{moved.key}"])
    assert isinstance(old, IssueSnapshot)
    assert isinstance(new, IssueSnapshot)
    assert (old.now_called, new.now_called) == (f"jira:{moved.key}", "")
    assert (old.history, old.remote_id) == (new.history, new.remote_id)


def test_one_that_moves_out_of_the_projects_is_followed(sandbox: Sandbox, options: JiraOptions) -> None:
    """Into a project that isn't configured: what happens to it there is still a change."""
    jira, cursor = begin(replace(options, projects=("PAY",)))
    moved = jira_changes.move_issue(sandbox.world, "PAY-3", "SHOP")
    list(jira.issues(["jira:PAY-3"]))
    sandbox.world.advance(600)
    jira_changes.set_labels(sandbox.world, moved.key, ["seen"])
    assert references(jira, cursor) == [f"jira:{moved.key}"]


def test_a_deleted_issue_is_gone_and_an_unreadable_project_an_error(sandbox: Sandbox, options: JiraOptions) -> None:
    """The one is an answer; the other may be a lost right, and nothing is concluded from it."""
    jira, _ = begin(options)
    jira_changes.delete_issue(sandbox.world, "PAY-1")
    (missing,) = jira.issues(["jira:PAY-1"])
    assert isinstance(missing, MissingIssue)
    assert missing.reason is Gone.INVISIBLE
    sandbox.traffic("jira").faults.append(Fault("project/PAY$", "status", times=10, status=404))
    with pytest.raises(RemoteError, match="the project PAY can't be read"):
        list(jira.issues(["jira:PAY-1"]))


@pytest.mark.parametrize("server", ["jira", "data_center"])
def test_both_kinds_of_jira_tell_the_same_history(sandbox: Sandbox, options: JiraOptions, server: str) -> None:
    """Of every issue that there is: whole changelogs, whichever way they come."""
    mine = (
        options
        if server == "jira"
        else JiraOptions("jira", sandbox.data_center_url, options.projects, sign_in.JIRA_PERSONAL_KEY)
    )
    keys = sorted(set(sandbox.world.jira_issues) - set(sandbox.world.gone))
    read = {found.reference: found for found in Jira(mine).issues([f"jira:{key}" for key in keys])}
    expected = {
        f"jira:{key}": (issue.resolution is not None, issue.created_at)
        for key, issue in sandbox.world.jira_issues.items()
        if key in keys
    }
    assert {
        reference: (found.history[-1].state.closed_as is not None, found.created_at)
        for reference, found in read.items()
        if isinstance(found, IssueSnapshot)
    } == expected
