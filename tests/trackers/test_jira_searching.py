"""What the Jira tracker asks: as little as it can, and so that nothing slips through."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.trackers.jira import Jira
from tests.sandbox.specs import Described
from tests.trackers.jira_json import (
    API,
    OPTIONS,
    REFERENCE,
    STATUSES,
    change,
    day,
    issue,
    jira_time,
    status,
    with_changes,
)

DATA_CENTER = "https://jira.acme.example"
VERSIONS = f"{API}/project/APP/versions"


def cursor(newest: datetime, **further: Any) -> str:
    return json.dumps({"newest": newest.strftime("%Y-%m-%dT%H:%M:%S.000000Z"), "seen": {}, **further})


def updated(key: str, at: datetime, number: str = "1") -> dict[str, Any]:
    return {"id": number, "key": key, "fields": {"updated": jira_time(at)}}


def bodies(api: responses.RequestsMock, path: str = "search") -> list[dict[str, Any]]:
    return [json.loads(call.request.body or "{}") for call in api.calls if path in str(call.request.url)]


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_what_we_wrote_to_is_reconciled_until_it_was_shown(api: responses.RequestsMock, jira: Jira) -> None:
    """The index runs behind our own writes; Jira looks at these issues themselves, on every page of a search."""
    jira.wrote_to("10012")
    api.post(f"{API}/search/jql", json={"issues": [], "nextPageToken": "a"})
    api.post(f"{API}/search/jql", json={"issues": [updated("APP-12", day(8), "10012")]})
    api.post(f"{API}/search/jql", json={"issues": []})
    *_, last = jira.changed_since(cursor(day(7)))
    list(jira.changed_since(last.cursor))
    assert [body.get("reconcileIssues") for body in bodies(api)] == [[10012], [10012], None]


def test_no_more_than_fifty_are_reconciled(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira takes no more; the latest writes count."""
    for number in (*range(1, 61), 20):
        jira.wrote_to(str(number))
    api.post(f"{API}/search/jql", json={"issues": []})
    list(jira.changed_since(cursor(day(7))))
    assert bodies(api)[0]["reconcileIssues"] == [number for number in range(11, 61) if number != 20] + [20]


def test_fifty_issues_cost_two_requests(api: responses.RequestsMock, jira: Jira) -> None:
    """One for the statuses and one search, whose short changelogs are whole."""
    api.get(f"{API}/status", json=[status(number) for number in STATUSES])
    keys = [f"APP-{number}" for number in range(1, 51)]
    api.post(f"{API}/search/jql", json={"issues": [with_changes(issue(key)) for key in keys]})
    read = list(jira.issues([f"jira:{key}" for key in keys]))
    assert ({type(found) for found in read}, len(read), len(api.calls)) == ({IssueSnapshot}, 50, 2)


def test_long_changelogs_of_many_issues_cost_one_request(api: responses.RequestsMock, jira: Jira) -> None:
    """However many were cut short."""
    api.get(f"{API}/status", json=[status(number) for number in STATUSES])
    first = change(1, day(2), ("status", "1", "3"))
    numbers = [str(number) for number in range(1, 31)]
    cut = [{**with_changes(issue(f"APP-{number}", at="3"), total=1), "id": number} for number in numbers]
    logs = [{"issueId": number, "changeHistories": [first]} for number in numbers]
    api.post(f"{API}/search/jql", json={"issues": cut})
    api.post(f"{API}/changelog/bulkfetch", json={"issueChangeLogs": logs})
    read = list(jira.issues([f"jira:APP-{number}" for number in numbers]))
    assert {len(found.history) for found in read if isinstance(found, IssueSnapshot)} == {2}
    assert len(api.calls) == 3


def test_requests_are_as_jira_describes_them(api: responses.RequestsMock, jira: Jira) -> None:
    """Every body that is sent, by the published description."""
    described = Described("jira_cloud_v3.json")
    jira.wrote_to("10012")
    api.get(f"{API}/status", json=[])
    api.post(f"{API}/search/jql", json={"issues": []})
    api.post(f"{API}/search/jql", json={"issues": []})
    api.post(f"{API}/search/jql", json={"issues": [with_changes(issue(), total=2)]})
    api.post(f"{API}/changelog/bulkfetch", json={"issueChangeLogs": []})
    api.get(f"{API}/issue/10012/changelog", json={"values": [], "total": 0})
    list(jira.changed_since(""))
    list(jira.changed_since(cursor(day(7))))
    list(jira.issues([REFERENCE]))
    searches, logs = bodies(api, "search/jql"), bodies(api, "bulkfetch")
    assert (len(searches), len(logs)) == (3, 1)
    assert described.complaints("SearchAndReconcileRequestBean", searches, each=True) == []
    assert described.complaints("BulkChangelogRequestBean", logs, each=True) == []


def test_an_issue_that_moved_out_of_the_projects_is_followed(api: responses.RequestsMock, jira: Jira) -> None:
    """By its id, which it keeps, in a query of its own; the cursor remembers it for the next process."""
    api.get(f"{API}/status", json=[])
    api.post(f"{API}/search/jql", json={"issues": []})
    api.get(f"{API}/issue/APP-12", json=with_changes(issue("OPS-3")))
    list(jira.issues([REFERENCE]))
    api.post(f"{API}/search/jql", json={"issues": []})
    *_, page = jira.changed_since(cursor(day(8)))
    api.reset()
    since = milliseconds(day(8) - timedelta(seconds=60))
    there = {"jql": f"id in (10012) AND updated >= {since} ORDER BY updated ASC"}
    here = {"jql": f'project in ("APP") AND updated >= {since} ORDER BY updated ASC'}
    for asked, found in ((there, [updated("OPS-3", day(9), "10012")]), (here, [updated("APP-1", day(8, 10))])):
        match = [matchers.json_params_matcher(asked, strict_match=False)]
        api.post(f"{API}/search/jql", json={"issues": found}, match=match)
    pages = list(Jira(OPTIONS).changed_since(page.cursor))
    assert [found.references for found in pages] == [("jira:OPS-3",), ("jira:APP-1",)]
    kept = json.loads(pages[-1].cursor)
    assert (kept["newest"][:10], kept["elsewhere"]) == ("2026-06-08", ["10012"])


def test_one_that_is_gone_from_there_holds_up_no_other(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira refuses a query for one id that it doesn't know."""
    api.post(f"{API}/search/jql", json={"errorMessages": ["no issue 7"]}, status=400)
    api.get(f"{API}/issue/7", status=404)
    api.get(f"{API}/issue/8", json={})
    api.post(f"{API}/search/jql", json={"issues": [updated("OPS-3", day(9), "8")]})
    api.post(f"{API}/search/jql", json={"issues": []})
    pages = list(jira.changed_since(cursor(day(8), elsewhere=["7", "8"])))
    assert [found.references for found in pages] == [("jira:OPS-3",), ()]
    assert json.loads(pages[-1].cursor)["elsewhere"] == ["8"]


def version(number: str, *, released: bool, on: str = "2026-06-10") -> dict[str, Any]:
    return {"id": number, "name": f"4.{number}", "released": released, "releaseDate": on}


def test_a_project_is_named_when_what_is_released_changes(api: responses.RequestsMock, jira: Jira) -> None:
    """A release, another date of one, one taken back: but no plan."""
    plan, moved = version("2", released=False), version("2", released=False, on="2026-07-01")
    shown = [
        [plan],
        [moved],
        [version("2", released=True)],
        [version("2", released=True), version("3", released=False)],
        [version("2", released=True, on="2026-06-11")],
        [plan],
    ]
    for versions in shown:
        api.get(VERSIONS, json=versions)
    kept, named = "", []
    for _ in shown:
        released, kept = jira.projects_released({"APP"}, kept)
        named.append(bool(released))
    assert named == [True, False, True, False, True, True]


def test_an_unchanged_etag_says_that_nothing_was_released(api: responses.RequestsMock, jira: Jira) -> None:
    """Where Jira gives one, it is asked with it."""
    api.get(VERSIONS, json=[version("2", released=True)], headers={"ETag": '"a"'})
    _, kept = jira.projects_released({"APP"}, "")
    api.get(VERSIONS, status=304, match=[matchers.header_matcher({"If-None-Match": '"a"'})])
    assert jira.projects_released({"APP"}, kept) == (frozenset(), kept)


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", '{"APP": 3}'])
def test_a_release_cursor_that_says_nothing_costs_reading_again(
    api: responses.RequestsMock, jira: Jira, kept: str
) -> None:
    """And loses nothing."""
    api.get(VERSIONS, json=[])
    assert jira.projects_released({"APP"}, kept)[0] == {"APP"}


def test_a_project_that_vanished_keeps_no_other_waiting(api: responses.RequestsMock) -> None:
    """It is named, and reading its issues then says what is wrong."""
    api.get(VERSIONS, status=404)
    api.get(f"{API}/project/OPS/versions", json=[])
    jira = Jira(replace(OPTIONS, projects=("APP", "OPS")))
    released, kept = jira.projects_released({"APP", "OPS"}, "")
    assert (set(released), list(json.loads(kept))) == ({"APP", "OPS"}, ["OPS"])


def test_a_project_that_is_back_is_named_again(api: responses.RequestsMock, jira: Jira) -> None:
    """Whatever was released while it couldn't be read."""
    api.get(VERSIONS, json=[])
    api.get(VERSIONS, status=404)
    api.get(VERSIONS, json=[])
    kept, named = "", []
    for _ in range(3):
        released, kept = jira.projects_released({"APP"}, kept)
        named.append(sorted(released))
    assert named == [["APP"], ["APP"], ["APP"]]


def test_a_version_that_many_issues_lost_is_read_once(api: responses.RequestsMock, jira: Jira) -> None:
    """A team that puts a version off takes it from all its issues."""
    changes = (
        change(1, day(3), ("status", "1", "5"), ("resolution", None, "Fixed"), ("fixVersions", None, "2")),
        change(2, day(6), ("fixVersions", "2", None)),
    )
    keys = ["APP-1", "APP-2"]
    shown = [{**with_changes(issue(key, at="5", resolution="Fixed"), *changes), "id": key[-1]} for key in keys]
    api.get(f"{API}/status", json=[])
    api.post(f"{API}/search/jql", json={"issues": shown})
    api.get(f"{API}/version/2", json=version("2", released=False))
    list(jira.issues([f"jira:{key}" for key in keys]))
    assert len(api.calls) == 3


def data_center(api: responses.RequestsMock, *answers: tuple[list[dict[str, Any]], int]) -> Jira:
    for issues, total in answers:
        api.post(f"{DATA_CENTER}/rest/api/2/search", json={"issues": issues, "total": total, "startAt": 0})
    return Jira(replace(OPTIONS, url=DATA_CENTER, email=""))


def test_pages_of_a_data_center_begin_where_the_last_one_ended(api: responses.RequestsMock) -> None:
    """By the change and not by the number: an issue that changes meanwhile moves the others a place up."""
    first = [updated(f"APP-{number}", day(8, number)) for number in range(10)]
    second = [updated("APP-9", day(8, 9)), updated("APP-11", day(9))]
    jira = data_center(api, (first, 12), (second, 2))
    pages = list(jira.changed_since(cursor(day(7))))
    assert [page.references[-1] for page in pages] == ["jira:APP-9", "jira:APP-11"]
    assert pages[1].references == ("jira:APP-11",)
    asked = [(body["jql"].split(">= ")[1].split()[0], body["startAt"]) for body in bodies(api)]
    since = milliseconds(day(7) - timedelta(seconds=60))
    assert asked == [(str(since), 0), (str(milliseconds(day(8, 9))), 0)]


def test_changes_of_one_instant_are_counted_through(api: responses.RequestsMock) -> None:
    """A bulk change gives more issues than a page holds the same instant: their number is the only way on."""
    at = day(8)
    pages = [[updated(f"APP-{number}", at)] for number in range(3)]
    jira = data_center(api, (pages[0], 3), (pages[0], 3), (pages[1], 3), (pages[2], 3))
    found = [reference for page in jira.changed_since(cursor(day(7))) for reference in page.references]
    assert found == ["jira:APP-0", "jira:APP-1", "jira:APP-2"]
    assert [body["startAt"] for body in bodies(api)] == [0, 0, 1, 2]


def test_a_data_center_gives_whole_changelogs_with_its_issues(api: responses.RequestsMock) -> None:
    """However long they are; it knows no other way."""
    noise = [change(number, day(10), ("assignee", None, "x")) for number in range(100, 160)]
    shown = with_changes(issue(at="3"), change(1, day(2), ("status", "1", "3")), *noise)
    jira = data_center(api, ([shown], 1))
    api.get(f"{DATA_CENTER}/rest/api/2/status", json=[status(number) for number in STATUSES])
    (snapshot,) = jira.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert ([found.at for found in snapshot.history], len(api.calls)) == ([day(1), day(2)], 2)


def test_a_data_center_may_give_fewer_issues_than_were_asked_for(api: responses.RequestsMock) -> None:
    """Its administrator says how many a page holds."""
    keys = ["APP-1", "APP-2"]
    jira = data_center(api, *(([with_changes(issue(key))], 2) for key in keys))
    api.get(f"{DATA_CENTER}/rest/api/2/status", json=[])
    read = list(jira.issues([f"jira:{key}" for key in keys]))
    assert [body["startAt"] for body in bodies(api)] == [0, 1]
    assert [found.reference for found in read] == ["jira:APP-1", "jira:APP-2"]
