"""The stand-in answers as Jira Cloud's REST API does, where BugBridge looks."""

from datetime import timedelta
from typing import Any

import pytest

from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW
from tests.sandbox.asking import control, jira

BOTH = "project in (SHOP, PAY)"


def keys(sandbox: Sandbox, jql: str) -> list[str]:
    """The keys that a query finds, at most a page of 100."""
    body = jira(sandbox, "/3/search/jql", params={"jql": jql, "fields": "summary", "maxResults": 100}).json()
    return [issue["key"] for issue in body["issues"]]


def resolved(sandbox: Sandbox, resolution: str) -> str:
    """The key of an issue with that resolution."""
    return next(issue.key for issue in sandbox.world.jira_issues.values() if issue.resolution == resolution)


def test_tokens_lead_through_all_pages(reading: Sandbox) -> None:
    """Every issue once, in the asked order; the last page has no token and says so."""
    asked = {"jql": f"{BOTH} ORDER BY updated ASC", "maxResults": 30, "fields": ["updated"]}
    updated: list[str] = []
    body: dict[str, Any] = {"nextPageToken": None}
    while "nextPageToken" in body:
        following = {"nextPageToken": body["nextPageToken"]} if body["nextPageToken"] else {}
        body = jira(reading, "/3/search/jql", "POST", json={**asked, **following}).json()
        updated += [issue["fields"]["updated"] for issue in body["issues"]]
    assert len(updated) == len(reading.world.jira_issues)
    assert updated == sorted(updated)
    assert body["isLast"] is True


def test_a_token_belongs_to_its_query(reading: Sandbox) -> None:
    """Used with another query it is refused, as is nonsense."""
    token = jira(reading, "/3/search/jql", params={"jql": BOTH, "maxResults": 5}).json()["nextPageToken"]
    other = jira(reading, "/3/search/jql", params={"jql": "project = PAY", "nextPageToken": token})
    assert (other.status_code, other.json()["errorMessages"]) == (
        400,
        ["The provided next page token is invalid or expired."],
    )


def test_updated_in_epoch_milliseconds_is_exact(reading: Sandbox) -> None:
    """`>=` keeps an issue updated in that very millisecond, `>` does not."""
    issue = max(reading.world.jira_issues.values(), key=lambda each: each.updated_at)
    instant = int(issue.updated_at.timestamp() * 1000)
    assert keys(reading, f"{BOTH} AND updated >= {instant}") == [issue.key]
    assert keys(reading, f"{BOTH} AND updated > {instant}") == []


def test_a_date_is_read_in_the_account_s_zone(changing: Sandbox) -> None:
    """The same wall time means two hours earlier than in UTC: the gap that epoch milliseconds avoid."""
    control(changing, "jira/transition", key="SHOP-1", status="In Progress")
    wall = SEED_NOW + timedelta(hours=2)
    assert keys(changing, f'project = SHOP AND updated >= "{wall:%Y-%m-%d %H:%M}"') == ["SHOP-1"]


def test_keys_and_versions_can_be_asked_for(reading: Sandbox) -> None:
    """`key in`, `issuekey in` and `fixVersion` find what they name."""
    assert sorted(keys(reading, "key in (SHOP-1, PAY-2)")) == ["PAY-2", "SHOP-1"]
    assert keys(reading, 'issuekey in ("PAY-2")') == ["PAY-2"]
    expected = {
        issue.key
        for issue in reading.world.jira_issues.values()
        if issue.project == "SHOP" and "5.25" in issue.fix_versions
    }
    assert set(keys(reading, 'project = SHOP AND fixVersion = "5.25"')) == expected
    assert expected


@pytest.mark.parametrize(
    ("jql", "sentence"),
    [
        ("", "Unbounded JQL"),
        ("ORDER BY updated ASC", "Unbounded JQL"),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("colour = red", "Field 'colour' does not exist"),
        ("project = SHOP OR project = PAY", "Expecting operator"),
        ("key in (SHOP-1, SHOP-9999)", "An issue with key 'SHOP-9999' does not exist"),
        ("updated = 5", "The operator '=' is not supported"),
    ],
)
def test_bad_queries_are_refused_in_jira_s_words(reading: Sandbox, jql: str, sentence: str) -> None:
    """400 with `errorMessages`."""
    answer = jira(reading, "/3/search/jql", params={"jql": jql})
    assert answer.status_code == 400
    assert sentence in answer.json()["errorMessages"][0]


def test_without_fields_a_search_gives_ids_alone(reading: Sandbox) -> None:
    """Jira's default since the old search went."""
    issue = jira(reading, "/3/search/jql", params={"jql": "key = SHOP-1"}).json()["issues"][0]
    assert "fields" not in issue
    assert issue["id"] == str(reading.world.jira_issue("SHOP-1").id)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("version", ["2", "3"])
def test_the_old_search_is_gone(reading: Sandbox, version: str, method: str) -> None:
    """410 in both versions."""
    assert jira(reading, f"/{version}/search", method, params={"jql": BOTH}).status_code == 410


def test_wrong_credentials_and_unknown_issues(reading: Sandbox) -> None:
    """401 and 404 with `errorMessages`; serverInfo is for everyone and says Cloud."""
    refused = jira(reading, "/3/myself", auth=("bugbridge@acme.example", "wrong"))
    unknown = [jira(reading, path) for path in ("/3/issue/SHOP-9999", "/3/project/NOPE", "/3/project/NOPE/versions")]
    assert (refused.status_code, len(refused.json()["errorMessages"])) == (401, 1)
    assert [answer.status_code for answer in unknown] == [404, 404, 404]
    assert jira(reading, "/3/serverInfo", auth=("", "")).json()["deploymentType"] == "Cloud"


def test_a_done_issue_says_how_it_ended(reading: Sandbox) -> None:
    """Category, resolution and its date, and the version with whether it is released."""
    fields = jira(reading, f"/3/issue/{resolved(reading, 'Fixed')}").json()["fields"]
    assert fields["status"]["statusCategory"]["key"] == "done"
    assert fields["resolution"]["name"] == "Fixed"
    assert fields["resolutiondate"].endswith(".000+0000")
    assert {"name", "released"} <= set(fields["fixVersions"][0])


def test_a_duplicate_links_to_its_survivor(reading: Sandbox) -> None:
    """An issue link of type Duplicate, outward for the one that repeats, inward for the other."""
    key = resolved(reading, "Duplicate")
    link = jira(reading, f"/3/issue/{key}").json()["fields"]["issuelinks"][0]
    back = jira(reading, f"/3/issue/{link['outwardIssue']['key']}").json()["fields"]["issuelinks"]
    assert (link["type"]["name"], link["type"]["outward"]) == ("Duplicate", "duplicates")
    assert key in [each["inwardIssue"]["key"] for each in back]


def test_the_changelog_is_whole_where_it_is_paged(reading: Sandbox) -> None:
    """Page by page it gives the same as all at once, and as the bulk call."""
    key = resolved(reading, "Fixed")
    paged, start, last = [], 0, False
    while not last:
        page = jira(reading, f"/3/issue/{key}/changelog", params={"startAt": start, "maxResults": 2}).json()
        paged += [entry["id"] for entry in page["values"]]
        start, last = start + 2, page["isLast"]
    bulk = jira(reading, "/3/changelog/bulkfetch", "POST", json={"issueIdsOrKeys": [key]}).json()["issueChangeLogs"][0]
    assert paged == [str(change.id) for change in reading.world.jira_issue(key).changes]
    assert [entry["id"] for entry in bulk["changeHistories"]] == paged


def test_publishing_a_version_does_not_touch_its_issues(changing: Sandbox) -> None:
    """The version says released; `updated` of its issues stays, as in Jira: who only polls issues misses it."""
    unreleased = {("SHOP", "5.26"), ("PAY", "1.26")}
    issue = next(
        each
        for each in changing.world.jira_issues.values()
        if {(each.project, name) for name in each.fix_versions} & unreleased
    )
    before = jira(changing, f"/3/issue/{issue.key}").json()["fields"]
    control(changing, "jira/release", project=issue.project, version=issue.fix_versions[0], on="2026-06-15")
    after = jira(changing, f"/3/issue/{issue.key}").json()["fields"]
    assert (before["fixVersions"][0]["released"], after["fixVersions"][0]["released"]) == (False, True)
    assert after["fixVersions"][0]["releaseDate"] == "2026-06-15"
    assert after["updated"] == before["updated"]


def test_an_engineer_moves_an_issue(changing: Sandbox) -> None:
    """Status, resolution, version and changelog follow."""
    asked = {"status": "Done", "resolution": "Fixed", "fix_versions": ["5.26"]}
    control(changing, "jira/transition", key="SHOP-1", **asked)
    body = jira(changing, "/3/issue/SHOP-1", params={"expand": "changelog"}).json()
    names = [item["field"] for history in body["changelog"]["histories"] for item in history["items"]]
    assert body["fields"]["resolution"]["name"] == "Fixed"
    assert body["fields"]["fixVersions"][0]["name"] == "5.26"
    assert names[:3] == ["Fix Version", "resolution", "status"]
