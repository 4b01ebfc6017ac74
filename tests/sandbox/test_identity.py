"""What is renamed, moved, deleted or hidden answers as the vendors' servers do."""

import pytest

from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import control, github, jira
from tests.sandbox.test_graphql import ask, open_number

ISSUE = "/repos/acme/app/issues"


def test_a_renamed_repository_leads_to_its_id(changing: Sandbox) -> None:
    """301 for reads and 307 for writes; the id stays, and the issues say where they live now."""
    number = open_number(changing)
    before = github(changing, "/repos/acme/app").json()["id"]
    control(changing, "github/rename", old="acme/app", new="acme/shop")
    moved = github(changing, f"{ISSUE}/{number}?a=b", allow_redirects=False)
    written = github(changing, f"{ISSUE}/{number}/comments", "POST", json={"body": "x"}, allow_redirects=False)
    followed = github(changing, f"{ISSUE}/{number}").json()
    assert (moved.status_code, written.status_code) == (301, 307)
    assert moved.headers["Location"] == f"{changing.github_url}/repositories/{before}/issues/{number}?a=b"
    assert followed["repository_url"] == f"{changing.github_url}/repos/acme/shop"
    assert github(changing, "/repos/acme/shop").json()["id"] == before
    named = ask(changing, '{ repository(owner: "acme", name: "app") { nameWithOwner } }')
    assert named["data"]["repository"]["nameWithOwner"] == "acme/shop"


def test_a_transferred_issue_leads_to_its_new_place(changing: Sandbox) -> None:
    """The issue is redirected, its timeline is not; where it is now, its past came along."""
    number = open_number(changing)
    control(changing, "github/transfer", reference=f"acme/app#{number}", repository="acme/api")
    moved = github(changing, f"{ISSUE}/{number}", allow_redirects=False)
    followed = github(changing, f"{ISSUE}/{number}").json()
    assert (moved.status_code, github(changing, f"{ISSUE}/{number}/timeline").status_code) == (301, 404)
    assert followed["repository_url"].endswith("/repos/acme/api")
    last = github(changing, f"/repos/acme/api/issues/{followed['number']}/timeline").json()[-1]
    assert last["event"] == "transferred"
    assert number not in [each["number"] for each in github(changing, ISSUE, params={"per_page": 100}).json()]


def test_moving_twice_leads_to_the_last_place(changing: Sandbox) -> None:
    """Transfer, then a new name for that repository."""
    number = open_number(changing)
    control(changing, "github/transfer", reference=f"acme/app#{number}", repository="acme/api")
    control(changing, "github/rename", old="acme/api", new="acme/core")
    control(changing, "github/rename", old="acme/core", new="corp/core")
    assert github(changing, f"{ISSUE}/{number}").json()["repository_url"].endswith("/repos/corp/core")
    assert github(changing, "/repos/acme/api").json()["full_name"] == "corp/core"


@pytest.mark.parametrize(("name", "status"), [("github/delete", 410), ("github/hide", 404)])
def test_what_is_gone_is_gone_everywhere(changing: Sandbox, name: str, status: int) -> None:
    """410 for a deleted issue, 404 for one that may not be seen; no list and no query shows it."""
    number = open_number(changing)
    control(changing, name, reference=f"acme/app#{number}")
    answer = github(changing, f"{ISSUE}/{number}")
    asked = ask(changing, f'{{ repository(owner: "acme", name: "app") {{ issue(number: {number}) {{ id }} }} }}')
    listed = [each["number"] for each in github(changing, ISSUE, params={"per_page": 100}).json()]
    assert (answer.status_code, asked["errors"][0]["type"], number in listed) == (status, "NOT_FOUND", False)


def test_a_hidden_issue_may_come_back(changing: Sandbox) -> None:
    """As when a token gets its access again."""
    number = open_number(changing)
    control(changing, "github/hide", reference=f"acme/app#{number}")
    control(changing, "github/hide", reference=f"acme/app#{number}", hidden=False)
    assert github(changing, f"{ISSUE}/{number}").status_code == 200


def test_an_issue_becomes_a_discussion(changing: Sandbox) -> None:
    """GitHub serves it on, closed and locked, with the event; a server may answer 410 instead."""
    first, second = (
        number for number in list(changing.world.issues["acme/app"]) if number in {open_number(changing), 2}
    )
    control(changing, "github/convert", reference=f"acme/app#{first}")
    control(changing, "github/convert", reference=f"acme/app#{second}", status=410)
    shown = github(changing, f"{ISSUE}/{first}").json()
    kinds = [event["event"] for event in github(changing, f"{ISSUE}/{first}/timeline").json()]
    assert (shown["state"], shown["locked"], "converted_to_discussion" in kinds) == ("closed", True, True)
    assert github(changing, f"{ISSUE}/{second}").status_code == 410


def test_a_moved_jira_issue_answers_to_its_old_key(changing: Sandbox) -> None:
    """With the new one, in look-ups and searches; the id stays, the versions don't."""
    before = jira(changing, "/3/issue/SHOP-1").json()
    control(changing, "jira/move", key="SHOP-1", project="PAY")
    after = jira(changing, "/3/issue/SHOP-1").json()
    found = jira(changing, "/3/search/jql", params={"jql": "key in (SHOP-1)", "fields": "key"}).json()["issues"]
    assert after["key"].startswith("PAY-")
    assert (after["id"], [each["key"] for each in found]) == (before["id"], [after["key"]])
    assert changing.world.jira_issue(after["key"]).changes[-1].field == "Key"


@pytest.mark.parametrize("name", ["jira/delete", "jira/hide"])
def test_a_jira_issue_that_is_gone(changing: Sandbox, name: str) -> None:
    """404 alone, a refusal where a query names it, and no trace in other searches."""
    control(changing, name, key="SHOP-2")
    named = jira(changing, "/3/search/jql", params={"jql": "key = SHOP-2"})
    listed = jira(
        changing, "/3/search/jql", params={"jql": "project = SHOP", "fields": "key", "maxResults": 100}
    ).json()
    assert (jira(changing, "/3/issue/SHOP-2").status_code, named.status_code) == (404, 400)
    assert "SHOP-2" not in [issue["key"] for issue in listed["issues"]]


def test_a_moved_issue_stays_gone_once_it_is_deleted(changing: Sandbox) -> None:
    """Its old key doesn't bring it back."""
    control(changing, "jira/move", key="SHOP-3", project="PAY")
    control(changing, "jira/delete", key="SHOP-3")
    assert jira(changing, "/3/issue/SHOP-3").status_code == 404
