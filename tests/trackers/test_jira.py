"""What the Jira tracker makes of an issue and its changelog."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.core.errors import NotFoundError
from bugbridge.core.model import ClosedAs, Gone
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue, TrackerChange, TrackerState
from bugbridge.trackers.jira import Jira
from bugbridge.trackers.jira_reading import JiraRules, Resolutions, resolution_map
from tests.trackers.jira_json import API, OPTIONS, REFERENCE, STATUSES, change, day, issue, status, with_changes

OPEN, WORK = TrackerState(), TrackerState(in_progress=True)
FIXED, UNKNOWN = TrackerState(closed_as=ClosedAs.FIXED), TrackerState(closed_as=ClosedAs.UNKNOWN)
RELEASED = TrackerState(closed_as=ClosedAs.FIXED, released_in="4.2")


def read(api: responses.RequestsMock, jira: Jira, shown: dict[str, Any]) -> IssueSnapshot:
    api.get(f"{API}/status", json=[status(number) for number in STATUSES])
    api.post(f"{API}/search/jql", json={"issues": [shown], "isLast": True})
    (snapshot,) = jira.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    return snapshot


def history(*changes: tuple[datetime, TrackerState]) -> tuple[TrackerChange, ...]:
    return tuple(TrackerChange(at, state) for at, state in changes)


@pytest.mark.parametrize(
    ("resolution", "closed_as"),
    [
        ("Done", ClosedAs.FIXED),
        ("fixed", ClosedAs.FIXED),
        ("Won't Do", ClosedAs.DECLINED),
        ("Cannot Reproduce", ClosedAs.DECLINED),
        ("Duplicate", ClosedAs.DUPLICATE),
        ("Moved to next quarter", ClosedAs.UNKNOWN),
        ("", ClosedAs.UNKNOWN),
    ],
)
def test_done_is_fixed_only_by_a_listed_resolution(
    api: responses.RequestsMock, jira: Jira, resolution: str, closed_as: ClosedAs
) -> None:
    """Done without a resolution, or with one that nobody listed, is unknown (trap 16)."""
    done = change(1, day(3), ("status", "1", "5"), ("resolution", None, resolution or None))
    snapshot = read(api, jira, with_changes(issue(at="5", resolution=resolution), done))
    assert snapshot.history == history((day(1), OPEN), (day(3), TrackerState(closed_as=closed_as)))


def test_stages_follow_the_status_category(api: responses.RequestsMock, jira: Jira) -> None:
    """Whatever a team calls its statuses; reopening keeps the fix in the history."""
    changes = (
        change(1, day(2), ("status", "1", "3")),
        change(2, day(3), ("status", "3", "5")),
        change(3, day(3), ("resolution", None, "Fixed")),
        change(4, day(4), ("status", "5", "1"), ("resolution", "Fixed", None)),
    )
    snapshot = read(api, jira, with_changes(issue(), *changes))
    assert snapshot.history == history((day(1), OPEN), (day(2), WORK), (day(3), FIXED), (day(4), OPEN))


def test_a_status_deleted_since_is_judged_by_the_resolution(api: responses.RequestsMock, jira: Jira) -> None:
    """Workflows change, and old changelogs name statuses that there are no more."""
    changes = (
        change(1, day(2), ("status", "77", "78"), ("resolution", None, "Fixed")),
        change(2, day(4), ("status", "78", "1"), ("resolution", "Fixed", None)),
    )
    snapshot = read(api, jira, with_changes(issue(), *changes))
    assert snapshot.history == history((day(1), OPEN), (day(2), FIXED), (day(4), OPEN))


def test_a_label_of_work_is_work_under_way(api: responses.RequestsMock, slept: list[float]) -> None:
    """Where a team configured one."""
    options = replace(OPTIONS, in_progress_labels=("Doing",))
    labelled = with_changes(issue(labels=["doing"]), change(1, day(2), ("labels", "", "doing")))
    snapshot = read(api, Jira(options, sleep=slept.append), labelled)
    assert snapshot.history == history((day(1), OPEN), (day(2), WORK))


def version(number: str, name: str, *, released: bool, on: str | None) -> dict[str, Any]:
    return {"id": number, "name": name, "released": released, **({"releaseDate": on} if on else {})}


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([version("42", "4.2", released=True, on="2026-06-10")], ((day(3), FIXED), (day(10, 0), RELEASED))),
        ([version("42", "4.2", released=True, on="2026-06-02")], ((day(3), RELEASED),)),
        ([version("42", "4.2", released=True, on=None)], ((day(3), FIXED), (day(20), RELEASED))),
        ([version("42", "4.2", released=False, on="2026-06-10")], ((day(3), FIXED),)),
        (
            [
                version("43", "4.3", released=True, on="2026-06-12"),
                version("42", "4.2", released=True, on="2026-06-10"),
            ],
            ((day(3), FIXED), (day(10, 0), RELEASED)),
        ),
        ([], ((day(3), FIXED),)),
    ],
)
def test_released_from_the_day_of_the_first_released_version(
    api: responses.RequestsMock,
    jira: Jira,
    versions: list[dict[str, Any]],
    expected: tuple[tuple[datetime, TrackerState], ...],
) -> None:
    """Never before the fix; without a date, from the latest change of the issue on."""
    done = change(1, day(3), ("status", "1", "5"), ("resolution", None, "Fixed"))
    snapshot = read(api, jira, with_changes(issue(at="5", resolution="Fixed", fixVersions=versions), done))
    assert snapshot.history == history((day(1), OPEN), *expected)


def test_a_version_of_a_declined_issue_releases_nothing(api: responses.RequestsMock, jira: Jira) -> None:
    """People leave fixVersions on issues that they gave up."""
    versions = [version("42", "4.2", released=True, on="2026-06-10")]
    snapshot = read(api, jira, issue(at="5", resolution="Won't Do", fixVersions=versions))
    assert snapshot.history[-1].state == TrackerState(closed_as=ClosedAs.DECLINED)


def test_a_fix_that_was_released_before_it_came_back_stays_released_then(
    api: responses.RequestsMock, jira: Jira
) -> None:
    """Customers were told of 4.2; the version of the second fix doesn't count for the first."""
    versions = [
        version("42", "4.2", released=True, on="2026-06-05"),
        version("43", "4.3", released=True, on="2026-06-04"),
    ]
    changes = (
        change(1, day(3), ("status", "1", "5"), ("resolution", None, "Fixed"), ("fixVersions", None, "42")),
        change(2, day(6), ("status", "5", "1"), ("resolution", "Fixed", None), ("fixVersions", None, "43")),
    )
    snapshot = read(api, jira, with_changes(issue(fixVersions=versions), *changes))
    assert snapshot.history == history((day(1), OPEN), (day(3), FIXED), (day(5, 0), RELEASED), (day(6), OPEN))


def test_a_release_after_it_came_back_does_not_reach_back(api: responses.RequestsMock, jira: Jira) -> None:
    """What came out then had the bug in it again."""
    versions = [version("42", "4.2", released=True, on="2026-06-10")]
    changes = (
        change(1, day(3), ("status", "1", "5"), ("resolution", None, "Fixed")),
        change(2, day(6), ("status", "5", "1"), ("resolution", "Fixed", None)),
    )
    snapshot = read(api, jira, with_changes(issue(fixVersions=versions), *changes))
    assert snapshot.history == history((day(1), OPEN), (day(3), FIXED), (day(6), OPEN))


@pytest.mark.parametrize("order", [tuple, lambda changes: tuple(reversed(changes))])
def test_changes_at_one_instant_follow_their_ids(
    api: responses.RequestsMock, jira: Jira, order: Callable[[tuple[Any, ...]], tuple[Any, ...]]
) -> None:
    """An automation changes a status twice within a moment; searches give the newest first, changelogs the oldest."""
    changes = (
        change(9, day(2), ("status", "1", "5"), ("resolution", None, "Fixed")),
        change(10, day(2), ("status", "5", "3"), ("resolution", "Fixed", None)),
        change(11, day(4), ("status", "3", "1")),
    )
    snapshot = read(api, jira, with_changes(issue(), *order(changes)))
    assert snapshot.history == history((day(1), OPEN), (day(2), WORK), (day(4), OPEN))


def link(number: int, outward: str, end: str, key: str) -> dict[str, Any]:
    return {"id": str(number), "type": {"outward": outward}, end: {"key": key}}


def test_a_duplicate_names_the_issue_that_it_duplicates(api: responses.RequestsMock, jira: Jira) -> None:
    """The latest outward link; what is duplicated by it, or blocked, is another thing."""
    links = [
        link(9, "duplicates", "outwardIssue", "APP-7"),
        link(10, "duplicates", "outwardIssue", "APP-8"),
        link(11, "duplicates", "inwardIssue", "APP-9"),
        link(12, "blocks", "outwardIssue", "APP-10"),
    ]
    assert read(api, jira, issue(at="5", resolution="Duplicate", issuelinks=links)).duplicate_of == "jira:APP-8"


NOISE = [change(number, day(10), ("assignee", None, "x")) for number in range(100, 140)]
WHOLE = [change(1, day(2), ("status", "1", "3")), change(2, day(3), ("status", "3", "1"))]
WORKED_ON = ((day(1), OPEN), (day(2), WORK), (day(3), OPEN))


@pytest.mark.parametrize(("embedded", "total"), [(1, 2), (40, 40)])
def test_a_changelog_cut_short_is_fetched_in_bulk(
    api: responses.RequestsMock, jira: Jira, embedded: int, total: int
) -> None:
    """A search leaves out the oldest changes, just what the audit needs, and may not say so (trap 15)."""
    pages = [[*NOISE[:embedded], WHOLE[0]], [WHOLE[1]]]
    for number, page in enumerate(pages):
        token = {"nextPageToken": "a"} if page is pages[0] else {}
        asked = {"issueIdsOrKeys": ["10012"], "maxResults": 10_000} | ({"nextPageToken": "a"} if number else {})
        api.post(
            f"{API}/changelog/bulkfetch",
            json={"issueChangeLogs": [{"issueId": "10012", "changeHistories": page}], **token},
            match=[matchers.json_params_matcher(asked)],
        )
    snapshot = read(api, jira, with_changes(issue(), *NOISE[:embedded], total=total))
    assert snapshot.history == history(*WORKED_ON)


@pytest.mark.parametrize(
    "bulk", [{"json": {"issueChangeLogs": []}}, {"status": 404}, {"status": 403, "json": {}}, {"status": 400}]
)
def test_a_changelog_that_no_bulk_holds_is_read_to_the_end(
    api: responses.RequestsMock, jira: Jira, bulk: dict[str, Any]
) -> None:
    """One issue that is gone makes Jira refuse the lot."""
    api.post(f"{API}/changelog/bulkfetch", **bulk)
    for place, entry in enumerate(WHOLE):
        api.get(
            f"{API}/issue/10012/changelog",
            json={"values": [entry], "total": 2, "isLast": entry is WHOLE[-1]},
            match=[matchers.query_param_matcher({"startAt": str(place)}, strict_match=False)],
        )
    snapshot = read(api, jira, with_changes(issue(), *NOISE[:1], total=3))
    assert snapshot.history == history(*WORKED_ON)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"json": version("42", "4.2", released=True, on="2026-06-05")}, ((day(3), FIXED), (day(5, 0), RELEASED))),
        ({"status": 404}, ((day(3), FIXED),)),
    ],
)
def test_a_version_taken_away_counts_until_then(
    api: responses.RequestsMock,
    jira: Jira,
    answer: dict[str, Any],
    expected: tuple[tuple[datetime, TrackerState], ...],
) -> None:
    """Customers may have been told of it; afterwards the issue is fixed and no more than that."""
    api.get(f"{API}/version/42", **answer)
    changes = (
        change(1, day(3), ("status", "1", "5"), ("resolution", None, "Fixed"), ("fixVersions", None, "42")),
        change(2, day(6), ("fixVersions", "42", None)),
    )
    snapshot = read(api, jira, with_changes(issue(at="5", resolution="Fixed"), *changes))
    still_fixed = ((day(6), FIXED),) if len(expected) > 1 else ()
    assert snapshot.history == history((day(1), OPEN), *expected, *still_fixed)


def lookups(api: responses.RequestsMock) -> None:
    """A search that Jira refuses, as it does for one unknown key."""
    api.get(f"{API}/status", json=[status(number) for number in STATUSES])
    refused = {"errorMessages": ["An issue with key 'APP-99' does not exist for field 'key'."]}
    api.post(f"{API}/search/jql", json=refused, status=400)


def test_one_unknown_key_holds_up_no_other(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira refuses the whole query for it, so each is asked for alone."""
    lookups(api)
    api.get(f"{API}/issue/APP-12", json=with_changes(issue()))
    api.get(f"{API}/issue/APP-99", json={}, status=404)
    api.get(f"{API}/project/APP", json={"key": "APP"})
    answers = {answer.reference: type(answer) for answer in jira.issues([REFERENCE, "jira:APP-99"])}
    assert answers == {REFERENCE: IssueSnapshot, "jira:APP-99": MissingIssue}


def test_a_project_out_of_sight_is_not_the_end_of_its_issues(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira answers 404 for all issues of a project that the account lost: that is an error, and none is missing."""
    lookups(api)
    api.get(f"{API}/issue/APP-12", json={}, status=404)
    api.get(f"{API}/project/APP", json={}, status=404)
    with pytest.raises(NotFoundError, match="Browse projects"):
        list(jira.issues([REFERENCE]))


def test_an_issue_that_moved_keeps_its_reference_and_says_its_new_name(api: responses.RequestsMock, jira: Jira) -> None:
    """Links name the old key, under which Jira still finds it."""
    api.get(f"{API}/status", json=[status(number) for number in STATUSES])
    api.post(f"{API}/search/jql", json={"issues": [issue("OPS-3")]})
    api.get(f"{API}/issue/APP-12", json=with_changes(issue("OPS-3")))
    (snapshot,) = jira.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.reference, snapshot.now_called) == (REFERENCE, "jira:OPS-3")


@pytest.mark.parametrize(("answered", "reason"), [(404, Gone.INVISIBLE), (403, Gone.INVISIBLE)])
def test_why_an_issue_is_gone(api: responses.RequestsMock, jira: Jira, answered: int, reason: Gone) -> None:
    """Deleted, as far as Jira says, if its project can be read; Data Center says 403 of what nobody may see."""
    lookups(api)
    api.get(f"{API}/issue/APP-12", json={}, status=answered)
    api.get(f"{API}/project/APP", json={"key": "APP"})
    (missing,) = jira.issues([REFERENCE])
    assert isinstance(missing, MissingIssue)
    assert missing.reason is reason


@pytest.mark.parametrize(
    ("configured", "meanings"),
    [
        (("Shipped",), {"Shipped": "fixed", "Done": "unknown", "Won't Do": "declined", "Duplicate": "duplicate"}),
        ({"fixed": ["Shipped"]}, {"shipped": "fixed", "Won't Fix": "declined", "Duplicate": "duplicate"}),
        ({"declined": ["Nope"]}, {"Done": "fixed", "Nope": "declined", "Won't Do": "unknown"}),
        ({"duplicate": ["Twin"], "fixed": []}, {"Fixed": "unknown", "twin": "duplicate", "Duplicate": "unknown"}),
        ({"fixed": ["Invalid"]}, {"Invalid": "fixed", "Obsolete": "declined"}),
        ({"declined": ["Done"]}, {"Done": "declined", "Fixed": "fixed"}),
    ],
)
def test_a_team_says_what_its_resolutions_mean(configured: Resolutions, meanings: dict[str, str]) -> None:
    """By a list of those that mean fixed, or by a table; what neither names keeps its usual meaning or has none."""
    rules = JiraRules("jira", resolution_map(configured), frozenset())
    assert {name: rules.closed_as(name) for name in meanings} == meanings


def test_issues_of_other_projects_are_never_asked_for(api: responses.RequestsMock, jira: Jira) -> None:
    """A pasted address may name any project, and a crafted reference would end up in a query."""
    api.get(f"{API}/status", json=[])
    references = ["jira:HR-1", "jira:APP-1) OR project = HR OR key in (APP-2"]
    assert [type(answer) for answer in jira.issues(references)] == [MissingIssue, MissingIssue]
