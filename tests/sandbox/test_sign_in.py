"""Every way to sign in that BugBridge knows, and each vendor's other flavour."""

import time
from typing import Any

import jwt
import pytest
import requests
from github import Auth, GithubIntegration
from jira import JIRA

from bugbridge.sandbox import sign_in
from bugbridge.sandbox.github_app import APP_ID, INSTALLATION_ID
from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import TIMEOUT_SECONDS, control, jira
from tests.sandbox.test_jira import BOTH

TOKENS = f"/app/installations/{INSTALLATION_ID}/access_tokens"
PERSONAL = {"Authorization": f"Bearer {sign_in.JIRA_PERSONAL_KEY}"}


def signed(key: str, life: int = 300) -> dict[str, str]:
    """The header of an app that signs with this key."""
    now = int(time.time())
    token = jwt.encode({"iat": now - 60, "exp": now - 60 + life, "iss": str(APP_ID)}, key, "RS256")
    return {"Authorization": f"Bearer {token}"}


def app(sandbox: Sandbox, headers: dict[str, str]) -> requests.Response:
    """Ask for a token of the installation."""
    return requests.post(sandbox.github_url + TOKENS, headers=headers, timeout=TIMEOUT_SECONDS)


def data_center(sandbox: Sandbox, path: str, **asked: Any) -> requests.Response:
    """Ask Jira Data Center, with a personal access token unless other headers are given."""
    headers = asked.pop("headers", PERSONAL)
    return requests.get(
        f"{sandbox.data_center_url}/rest/api/2{path}", headers=headers, params=asked, timeout=TIMEOUT_SECONDS
    )


def test_an_app_s_token_ends_after_an_hour(changing: Sandbox) -> None:
    """By the servers' clock; then it is as wrong as any other, and the next one works."""
    key = changing.world.app.private_key
    told = app(changing, signed(key))
    bearer = {"Authorization": f"Bearer {told.json()['token']}"}
    url = f"{changing.github_url}/repos/acme/app"
    before = requests.get(url, headers=bearer, timeout=TIMEOUT_SECONDS).status_code
    control(changing, "clock/advance", seconds=3600)
    after = requests.get(url, headers=bearer, timeout=TIMEOUT_SECONDS).status_code
    assert (told.status_code, told.json()["expires_at"][:13]) == (201, "2026-06-15T10")
    assert (before, after) == (200, 401)
    assert app(changing, signed(key)).json()["token"] != told.json()["token"]


def test_another_key_or_too_long_a_life_is_refused(reading: Sandbox) -> None:
    """A JWT of another app, one for longer than ten minutes, nonsense, a person's token."""
    other = type(reading.world.app)().private_key
    headers = [signed(other), signed(reading.world.app.private_key, life=3600), {"Authorization": "Bearer x"}]
    headers.append({"Authorization": f"Bearer {sign_in.GITHUB_KEY}"})
    assert [app(reading, each).status_code for each in headers] == [401] * 4


def test_pygithub_signs_in_as_the_app(reading: Sandbox) -> None:
    """It finds the installation and gets a token."""
    auth = Auth.AppAuth(APP_ID, reading.world.app.private_key)
    client = GithubIntegration(auth=auth, base_url=reading.github_url, seconds_between_requests=0)
    assert [each.id for each in client.get_installations()] == [INSTALLATION_ID]
    assert client.get_access_token(INSTALLATION_ID).token.startswith("ghs_")
    client.close()


@pytest.mark.parametrize(
    ("key", "at_the_site", "at_the_gateway"), [(sign_in.JIRA_KEY, 200, 401), (sign_in.JIRA_SCOPED_KEY, 401, 200)]
)
def test_a_scoped_token_works_at_the_gateway_alone(
    reading: Sandbox, key: str, at_the_site: int, at_the_gateway: int
) -> None:
    """And one without scopes at the site alone; the site tells its cloud id to everyone."""
    urls = (reading.jira_url, reading.gateway_url)
    statuses = [
        requests.get(f"{url}/rest/api/3/myself", auth=(sign_in.EMAIL, key), timeout=TIMEOUT_SECONDS).status_code
        for url in urls
    ]
    told = requests.get(f"{reading.jira_url}/_edge/tenant_info", timeout=TIMEOUT_SECONDS).json()
    assert statuses == [at_the_site, at_the_gateway]
    assert told == {"cloudId": sign_in.CLOUD_ID}


def test_data_center_pages_by_number(reading: Sandbox) -> None:
    """`startAt`, `maxResults`, `total`; none of Cloud's newer paths are there."""
    first = data_center(reading, "/search", jql=BOTH, maxResults=30, fields="key").json()
    second = data_center(reading, "/search", jql=BOTH, maxResults=30, startAt=30, fields="key").json()
    keys = [issue["key"] for page in (first, second) for issue in page["issues"]]
    newer = [data_center(reading, path, jql=BOTH).status_code for path in ("/search/jql", "/issue/SHOP-1/changelog")]
    assert (first["total"], second["startAt"], len(set(keys))) == (len(reading.world.jira_issues), 30, 60)
    assert newer == [404, 404]


def test_data_center_says_what_it_is(reading: Sandbox) -> None:
    """Deployment type Server, users with names instead of account ids, and no basic sign-in."""
    person = data_center(reading, "/myself").json()
    assert data_center(reading, "/serverInfo", headers={}).json()["deploymentType"] == "Server"
    assert (person["name"], "accountId" in person) == ("bugbridge", False)
    assert data_center(reading, "/myself", headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_jira_library_reads_data_center(reading: Sandbox) -> None:
    """It takes the server for Data Center and walks its pages."""
    client = JIRA(server=reading.data_center_url, token_auth=sign_in.JIRA_PERSONAL_KEY)
    found = client.search_issues(BOTH, maxResults=False, fields="status")
    assert len(found) == len(reading.world.jira_issues)
    client.close()


def test_permissions_are_named(reading: Sandbox) -> None:
    """Those that were asked for; an unknown one is refused."""
    told = jira(reading, "/3/mypermissions", params={"permissions": "BROWSE_PROJECTS"}).json()["permissions"]
    assert {name: each["havePermission"] for name, each in told.items()} == {"BROWSE_PROJECTS": True}
    assert jira(reading, "/3/mypermissions", params={"permissions": "NONSENSE"}).status_code == 400


def test_a_change_comes_late_into_jira_s_index(changing: Sandbox) -> None:
    """A search misses it for so long, unless it names the issue to be reconciled; at most 50 may be named."""
    control(changing, "jira/lag", seconds=60)
    control(changing, "jira/transition", key="SHOP-1", status="In Progress")
    identity = changing.world.jira_issue("SHOP-1").id
    asked = {"jql": "key = SHOP-1", "fields": ["key"]}

    def found(**further: object) -> int:
        body = jira(changing, "/3/search/jql", "POST", json={**asked, **further}).json()
        return len(body["issues"])

    assert (found(), found(reconcileIssues=[identity])) == (0, 1)
    too_many = {**asked, "reconcileIssues": list(range(51))}
    assert jira(changing, "/3/search/jql", "POST", json=too_many).status_code == 400
    control(changing, "clock/advance", seconds=61)
    assert found() == 1


def test_bulk_changelogs_come_in_pages(reading: Sandbox) -> None:
    """Following the token gives every entry once."""
    keys = [key for key, issue in reading.world.jira_issues.items() if issue.changes][:10]
    asked = {"issueIdsOrKeys": keys, "maxResults": 4}
    entries: list[str] = []
    token: dict[str, str] | None = {}
    while token is not None:
        body = jira(reading, "/3/changelog/bulkfetch", "POST", json={**asked, **token}).json()
        entries += [entry["id"] for log in body["issueChangeLogs"] for entry in log["changeHistories"]]
        token = {"nextPageToken": body["nextPageToken"]} if "nextPageToken" in body else None
    assert entries == [str(change.id) for key in keys for change in reading.world.jira_issues[key].changes]
