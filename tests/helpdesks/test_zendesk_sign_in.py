"""Signing in to Zendesk, and what each lacking right looks like; pages are named as in test_zendesk.py."""

from typing import Any

import pytest
import responses
from responses.matchers import header_matcher

from bugbridge.core.errors import RemoteError
from tests.helpdesks.zendesk_answers import (
    API,
    EXPORT,
    OWN,
    TOKENS,
    read_ticket,
    serve_me,
    sideloads,
    ticket,
    zendesk,
)


class Watch:
    """Time that passes when told so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def serve_grant(access_token: str, expires_in: int = 7200) -> None:
    """Answer [grants], "Client credentials"."""
    responses.post(
        TOKENS,
        json={"access_token": access_token, "token_type": "bearer", "scope": "read", "expires_in": expires_in},
    )


def sent_authorizations() -> list[str]:
    """Give the Authorization header of each request but those for a token."""
    return [str(call.request.headers["Authorization"]) for call in responses.calls if call.request.url != TOKENS]


@responses.activate
def test_an_access_token_is_fetched_once_and_renewed_before_it_ends() -> None:
    """[grants]: expires_in is in seconds; the token is used by all requests, and not in its last minute."""
    watch = Watch()
    helpdesk = zendesk(client_id="bugbridge", client_secret="hush", monotonic=watch)
    serve_grant("first", 600)
    serve_grant("second", 600)
    responses.get(EXPORT, json={"tickets": [], "after_cursor": "a", "end_of_stream": True})
    for passed in (0, 530, 20):
        watch.seconds += passed
        list(helpdesk.changed_since("a"))
    assert sent_authorizations() == ["Bearer first", "Bearer first", "Bearer second"]


@responses.activate
def test_an_access_token_that_is_refused_is_renewed_once() -> None:
    """A revoked token answers 401 ([grants]); a new one is tried, for a write too, since nothing was done."""
    helpdesk = zendesk(client_id="bugbridge", client_secret="hush")
    serve_grant("first")
    serve_grant("second")
    read = read_ticket(helpdesk)
    address = f"{API}/tickets/4711.json"
    responses.put(address, status=401, match=[header_matcher({"Authorization": "Bearer first"})])
    audit = {"id": 1, "author_id": OWN, "events": []}
    responses.put(address, json={"audit": audit}, match=[header_matcher({"Authorization": "Bearer second"})])

    assert helpdesk.add_note(read, "Due", "7K3F9Q") == "1"


@responses.activate
def test_refused_twice_is_refused() -> None:
    """Where a fresh token is refused too, the secret's variable is named and nothing is tried for ever."""
    helpdesk = zendesk(client_id="bugbridge", client_secret="hush")
    serve_grant("first")
    responses.get(EXPORT, status=401)
    with pytest.raises(RemoteError, match="refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN") as caught:
        list(helpdesk.changed_since(""))
    assert (caught.value.permanent, len(sent_authorizations())) == (True, 2)


@responses.activate
@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"body": "<html>", "content_type": "text/html"}, {"json": {"token_type": "bearer"}}]
)
def test_without_an_access_token_a_note_was_not_posted(answer: dict[str, Any]) -> None:
    """An unknown outcome of the sign-in isn't one of the note: that was never sent."""
    read = read_ticket(zendesk())
    responses.post(TOKENS, **answer)
    with pytest.raises(RemoteError, match="support gave no access token") as caught:
        zendesk(client_id="bugbridge", client_secret="hush").add_note(read, "Due", "7K3F9Q")
    assert (type(caught.value), caught.value.permanent) == (RemoteError, False)


@responses.activate
def test_a_wrong_client_secret_is_named_and_not_quoted() -> None:
    """[grants], "Error responses": 401 invalid_client."""
    responses.post(TOKENS, status=401, json={"error": "invalid_client", "error_description": "hush is wrong"})
    with pytest.raises(RemoteError) as caught:
        list(zendesk(client_id="bugbridge", client_secret="hush").changed_since(""))
    expected = "support (acme.zendesk.com) refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN."
    assert (str(caught.value), caught.value.permanent) == (expected, True)


@responses.activate
def test_a_stranger_is_not_taken_for_us() -> None:
    """Show Self answers somebody who isn't signed in with a user without a number ([users], "Anonymous user")."""
    serve_me(None, "end-user")
    (check,) = zendesk().check()
    assert (check.id, check.well) == ("sign_in", False)
    assert check.sentence == "support takes us for a stranger: check BUGBRIDGE_SUPPORT_TOKEN."


def serve_all_lists() -> None:
    """Answer what doctor reads besides a ticket's own lists: [fields], [search], [links]."""
    responses.get(f"{API}/ticket_fields.json", json={"ticket_fields": []})
    responses.get(f"{API}/search/count.json", json={"count": 1})
    responses.get(f"{API}/jira/links", json={"links": []})
    responses.get(f"{API}/organizations/show_many.json", json=sideloads())
    responses.get(EXPORT, json={"tickets": [ticket()], **sideloads(), "after_cursor": "a", "end_of_stream": True})
    responses.get(f"{API}/tickets/4711/comments.json", json={"comments": []})
    responses.get(f"{API}/tickets/4711/audits.json", json={"audits": []})


LINES = ("notes", "replies", "tags", "export", "fields", "search", "jira_links", "comments", "audits", "organizations")


@responses.activate
@pytest.mark.parametrize(
    ("path", "line", "right"),
    [
        ("/incremental/tickets/cursor.json", "export", "to export changed tickets: the role Admin"),
        ("/ticket_fields.json", "fields", "to read: the role Agent"),
        ("/search/count.json", "search", "to read: the role Agent"),
        ("/tickets/4711/comments.json", "comments", "to read: the role Agent"),
        ("/tickets/4711/audits.json", "audits", "to read audits: the role Agent, and the global scope read"),
        ("/organizations/show_many.json", "organizations", "to read: the role Agent"),
    ],
)
def test_each_right_to_read_that_is_lacking_has_its_line(path: str, line: str, right: str) -> None:
    """The export is for admins ([export]), audits want the global scope `read` ([audits]): each is told apart."""
    serve_me()
    serve_all_lists()
    responses.replace(responses.GET, f"{API}{path}", status=403, json={"error": "Forbidden"})
    checks = {check.id: check for check in zendesk().check()}
    assert [name for name, check in checks.items() if not check.well] == [line]
    assert f"lacks the right {right}" in checks[line].sentence


@responses.activate
@pytest.mark.parametrize(
    ("role", "lacking"), [("admin", []), ("agent", ["replies"]), ("end-user", ["notes", "replies", "tags"])]
)
def test_each_right_to_write_that_our_role_lacks_has_its_line(role: str, lacking: list[str]) -> None:
    """Notes and tags take an agent ([comments], [tags]), another author's name an admin; nothing is written to see."""
    serve_me(role=role)
    serve_all_lists()
    checks = zendesk().check()
    assert [check.id for check in checks if not check.well] == lacking
    assert [check.id for check in checks] == ["sign_in", *LINES]
    assert all("Admin Center > People" in check.sentence for check in checks if not check.well)
    assert {call.request.method for call in responses.calls} == {"GET"}


@responses.activate
@pytest.mark.parametrize(("status", "well"), [(403, True), (404, True), (502, False)])
def test_without_the_app_for_jira_all_is_well(status: int, well: bool) -> None:  # noqa: FBT001 -- pytest gives it by name
    """Most accounts don't have it; an app that doesn't answer is another thing."""
    serve_me()
    serve_all_lists()
    responses.replace(responses.GET, f"{API}/jira/links", status=status, json={"error": "Forbidden"})
    checks = {check.id: check for check in zendesk().check()}
    assert (checks["jira_links"].well, "no links" in checks["jira_links"].sentence) == (well, True)


@responses.activate
def test_without_the_export_there_is_nothing_to_try_the_rest_on() -> None:
    """An agent who is no admin gets 403 from the export; what is read ticket by ticket has no line then."""
    serve_me(role="agent")
    serve_all_lists()
    responses.replace(responses.GET, EXPORT, status=403, json={"error": "Forbidden"})
    checks = {check.id: check.well for check in zendesk().check()}
    assert (checks["export"], "comments" in checks, "audits" in checks) == (False, False, False)
