"""What is sent to Jira when writing back."""

import json
from dataclasses import replace
from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError, UnknownOutcomeError
from bugbridge.core.write_back import OwnComment, SeenIssue, TicketLink, global_id_of
from bugbridge.trackers.jira_writing import JiraWriter
from tests.trackers.hostile import SECRETS, team_with_a_hostile_customer
from tests.trackers.jira_json import API, OPTIONS, REFERENCE, SITE, day, issue, jira_time

ISSUE_URL = f"{API}/issue/APP-12"
COMMENTS, LINKS = f"{ISSUE_URL}/comment", f"{ISSUE_URL}/remotelink"
ANYBODY = f"{SITE}/rest/api/2/project/APP"
MARKER, TEXT = "0123456789abcdef", "14 customers report this; 2 have no workaround."
OWN = {"accountId": "5b10", "displayName": "BugBridge"}
INTERNAL = [{"key": "sd.public.comment", "value": {"internal": True}}]
LINK = TicketLink(global_id_of("support:4711"), "https://desk.example/4711", "support:4711", resolved=False)


@pytest.fixture
def writer(slept: list[float]) -> JiraWriter:
    """Writes to one project of Cloud, and sleeps no real time."""
    return JiraWriter(OPTIONS, sleep=slept.append)


@pytest.fixture
def data_center(slept: list[float]) -> JiraWriter:
    """Writes to one project of a Jira that a team runs itself."""
    return JiraWriter(replace(OPTIONS, url="https://jira.acme.example", email=""), sleep=slept.append)


def document(*paragraphs: str) -> dict[str, Any]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs]
    return {"type": "doc", "version": 1, "content": content}


def comment(number: str = "5", body: object = None, **changes: Any) -> dict[str, Any]:
    shown = document(TEXT, f"Ref BB-{MARKER}") if body is None else body
    return {"id": number, "author": OWN, "body": shown, "updated": jira_time(day(3)), **changes}


def listed(*comments: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"comments": list(comments), "total": len(comments) if total is None else total}


def sent(api: responses.RequestsMock) -> list[tuple[str | None, Any]]:
    """Every request with what it carried."""
    return [(call.request.method, json.loads(call.request.body or "null")) for call in api.calls]


def test_a_comment_is_a_document_whose_last_line_is_the_marker(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """On a service project it is internal: it must not be mailed to whoever made the request."""
    api.post(COMMENTS, json=comment(), status=201)
    assert writer.add_comment(REFERENCE, TEXT, MARKER) == "5"
    assert sent(api) == [("POST", {"body": document(TEXT, f"Ref BB-{MARKER}"), "properties": INTERNAL})]


def test_data_center_takes_plain_text_by_version_2(api: responses.RequestsMock, data_center: JiraWriter) -> None:
    """Documents are Cloud's alone."""
    api.post("https://jira.acme.example/rest/api/2/issue/APP-12/comment", json={"id": "5"}, status=201)
    assert data_center.add_comment(REFERENCE, TEXT, MARKER) == "5"
    assert sent(api) == [("POST", {"body": f"{TEXT}\n\nRef BB-{MARKER}", "properties": INTERNAL})]


def test_a_comment_of_data_center_is_found_by_the_accounts_key(
    api: responses.RequestsMock, data_center: JiraWriter
) -> None:
    """Data Center has no account ids."""
    path = "https://jira.acme.example/rest/api/2"
    shown = comment(body=f"{TEXT}\r\n\r\nRef BB-{MARKER}", author={"key": "JIRAUSER1", "name": "bugbridge"})
    api.get(f"{path}/issue/APP-12/comment", json=listed(shown))
    api.get(f"{path}/myself", json={"key": "JIRAUSER1", "name": "bugbridge"})
    assert data_center.find_comment(REFERENCE, MARKER) == OwnComment("5", TEXT, day(3))


def test_a_comment_is_edited_in_place(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """It stays internal, and its last line stays."""
    api.put(f"{COMMENTS}/5", json=comment())
    writer.edit_comment(REFERENCE, "5", TEXT, MARKER)
    assert sent(api) == [("PUT", {"body": document(TEXT, f"Ref BB-{MARKER}"), "properties": INTERNAL})]


def test_our_comment_is_found_on_any_page(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """Its text comes without the last line."""
    first = matchers.query_param_matcher({"startAt": 0, "maxResults": 100})
    second = matchers.query_param_matcher({"startAt": 1, "maxResults": 100})
    api.get(COMMENTS, json=listed(comment("4", document("Me too!")), total=2), match=[first])
    api.get(COMMENTS, json=listed(comment(), total=2), match=[second])
    api.get(f"{API}/myself", json=OWN)
    assert writer.find_comment(REFERENCE, MARKER) == OwnComment("5", TEXT, day(3))


def test_a_comment_by_somebody_else_with_our_last_line_is_not_ours(
    api: responses.RequestsMock, writer: JiraWriter
) -> None:
    """Anybody who may read it can quote it."""
    api.get(COMMENTS, json=listed(comment(author={"accountId": "666"}), comment(author=None)))
    api.get(f"{API}/myself", json=OWN)
    assert writer.find_comment(REFERENCE, MARKER) is None


def test_a_comment_of_other_blocks_is_read_all_the_same(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """People write tables and pictures; none of them is ours."""
    table = {"type": "doc", "version": 1, "content": [{"type": "rule"}, {"type": "table", "content": [{}]}]}
    api.get(COMMENTS, json=listed(comment(body=table)))
    assert writer.find_comment(REFERENCE, MARKER) is None


@pytest.mark.parametrize(("status", "public"), [(200, True), (401, False), (403, False), (404, False), (302, False)])
def test_a_project_is_public_if_anybody_may_read_it(
    api: responses.RequestsMock,
    writer: JiraWriter,
    status: int,
    public: bool,  # noqa: FBT001 - a test's parameter
) -> None:
    """Asked without signing in; a redirect leads to a sign-in page."""
    api.get(ANYBODY, json={}, status=status)
    assert writer.is_public(REFERENCE) == public
    assert "Authorization" not in api.calls[0].request.headers


def test_whether_a_project_is_public_is_never_guessed(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """A failing server is an error, not a private project."""
    api.get(ANYBODY, status=500)
    with pytest.raises(RemoteError, match="answered 500"):
        writer.is_public(REFERENCE)


def test_an_issue_is_looked_at_where_it_is_now(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """Its id is for searches, whose index runs behind what we write."""
    api.get(ISSUE_URL, json=issue("APP-99", labels=["security"]))
    assert writer.look(REFERENCE) == SeenIssue("jira:APP-99", ("security",), "10012")


def test_an_issue_that_moved_out_of_the_projects_is_not_written_to(
    api: responses.RequestsMock, writer: JiraWriter
) -> None:
    """Nobody allowed that place."""
    api.get(ISSUE_URL, json=issue("OPEN-1"))
    with pytest.raises(NotFoundError, match="jira:OPEN-1 is in none of the projects"):
        writer.look(REFERENCE)


def test_a_label_is_added_beside_the_others(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """None is taken off."""
    api.put(ISSUE_URL, status=204)
    writer.add_label(REFERENCE, "customers-waiting")
    assert sent(api) == [("PUT", {"update": {"labels": [{"add": "customers-waiting"}]}})]


@pytest.mark.parametrize("resolved", [False, True])
def test_a_ticket_link_is_sent_with_every_field_each_time(
    api: responses.RequestsMock,
    writer: JiraWriter,
    resolved: bool,  # noqa: FBT001 - a test's parameter
) -> None:
    """Jira empties fields that are left out; the title is the ticket's reference, and there is no summary."""
    api.post(LINKS, json={"id": 1}, status=201)
    writer.link_ticket(REFERENCE, replace(LINK, resolved=resolved))
    shown = {"url": "https://desk.example/4711", "title": "support:4711", "summary": "", "icon": {}}
    payload = {
        "globalId": LINK.global_id,
        "application": {"type": "bugbridge", "name": "BugBridge"},
        "relationship": "reported in",
        "object": {**shown, "status": {"resolved": resolved, "icon": {}}},
    }
    assert sent(api) == [("POST", payload)]


@pytest.mark.parametrize("status", [204, 404])
def test_a_ticket_link_is_taken_away_by_its_name(api: responses.RequestsMock, writer: JiraWriter, status: int) -> None:
    """One that is gone already is no error."""
    api.delete(LINKS, status=status, match=[matchers.query_param_matcher({"globalId": LINK.global_id})])
    writer.unlink_ticket(REFERENCE, LINK.global_id)
    assert len(api.calls) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_write_is_sent_once_and_its_outcome_is_unknown(
    api: responses.RequestsMock, writer: JiraWriter, status: int
) -> None:
    """Trying again could post it twice."""
    api.post(COMMENTS, body="<html>oops</html>", status=status)
    with pytest.raises(UnknownOutcomeError, match="it may have been done"):
        writer.add_comment(REFERENCE, TEXT, MARKER)
    assert len(api.calls) == 1


def test_a_limit_is_said_and_not_slept_through(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """The pass ends there."""
    api.post(COMMENTS, status=429, headers={"Retry-After": "60"})
    with pytest.raises(RateLimitedError):
        writer.add_comment(REFERENCE, TEXT, MARKER)


def test_nothing_of_a_customer_is_in_any_request(api: responses.RequestsMock, writer: JiraWriter) -> None:
    """Name, address, organisation, subject and words: searched for in every address, header and body."""
    team = team_with_a_hostile_customer(writer, REFERENCE)
    api.get(ANYBODY, status=404)
    api.get(ISSUE_URL, json=issue())
    api.get(COMMENTS, json=listed())
    api.post(COMMENTS, json=comment(), status=201)
    api.put(ISSUE_URL, status=204)
    api.post(LINKS, json={"id": 1}, status=201)
    assert [line.outcome for line in team.write()] == ["written"] * 3
    requests = repr([(call.request.url, dict(call.request.headers), call.request.body) for call in api.calls])
    assert [word for word in SECRETS if word in requests.lower()] == []
