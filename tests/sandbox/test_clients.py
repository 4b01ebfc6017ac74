"""The vendors' own Python clients read from the sandbox unchanged."""

from github import Auth, Github
from jira import JIRA

from bugbridge.sandbox import sign_in
from bugbridge.sandbox.server import Sandbox


def test_pygithub_reads_issues_page_by_page(reading: Sandbox) -> None:
    """Repository, issues over several pages, timeline, releases and the signed-in user."""
    client = Github(
        auth=Auth.Token(sign_in.GITHUB_KEY), base_url=reading.github_url, per_page=40, seconds_between_requests=0
    )
    repository = client.get_repo("acme/app")
    issues = list(repository.get_issues(state="all", sort="updated", direction="asc"))
    duplicate = next(issue for issue in issues if issue.state_reason == "duplicate")
    assert len(issues) == len(reading.world.issues["acme/app"])
    assert [event.event for event in duplicate.get_timeline()][-1] == "closed"
    assert next(iter(repository.get_releases())).tag_name == "v4.25"
    assert client.get_user().login == "bugbridge-bot"
    client.close()


def test_pygithub_is_told_that_nothing_changed(reading: Sandbox) -> None:
    """A conditional GET of one issue answers that it is the same."""
    client = Github(auth=Auth.Token(sign_in.GITHUB_KEY), base_url=reading.github_url, seconds_between_requests=0)
    issue = client.get_repo("acme/app").get_issue(1)
    assert issue.update() is False
    client.close()


def test_the_jira_library_searches_through_all_pages(reading: Sandbox) -> None:
    """It takes the server for Cloud, walks the tokens, and reads issue, changelog, versions and user."""
    client = JIRA(server=reading.jira_url, basic_auth=(sign_in.EMAIL, sign_in.JIRA_KEY))
    found = client.search_issues(
        "project in (SHOP, PAY) AND updated >= 0 ORDER BY updated ASC", maxResults=False, fields="status,resolution"
    )
    assert len(found) == len(reading.world.jira_issues) > 50
    fixed = next(issue.key for issue in found if issue.fields.resolution and issue.fields.resolution.name == "Fixed")
    whole = client.issue(fixed, expand="changelog")
    assert whole.fields.status.statusCategory.key == "done"
    assert whole.changelog.total == len(reading.world.jira_issue(fixed).changes)
    assert client.project_versions("SHOP")[-1].name == "5.26"
    assert client.myself()["emailAddress"] == sign_in.EMAIL
    client.close()
