"""Signing in to Help Scout, and what a lacking right looks like; pages are named as in help_scout_answers.py."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher

from bugbridge.core.errors import (
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.helpdesks.help_scout import HelpScout
from tests.helpdesks.help_scout_answers import (
    ADDED,
    ADDRESS,
    API,
    CONVERSATIONS,
    CUSTOMER,
    MARKER,
    TOKENS,
    conversation,
    help_scout,
    read,
    serve_people,
    serve_token,
)


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    """Everybody is known in each test."""
    with responses.mock:
        serve_people()
        yield
    responses.reset()


def test_a_token_is_asked_for_with_a_form_kept_and_renewed() -> None:
    """[tokens]: 172,800 seconds; it is used by all requests, and not in its last minute."""
    seconds = [1000.0]
    helpdesk = help_scout(monotonic=lambda: seconds[-1])
    serve_token("second")
    responses.get(ADDRESS, status=404)
    for later in (0, 172_739, 1):
        seconds.append(seconds[-1] + later)
        with pytest.raises(NotFoundError):
            helpdesk.ticket("4711")
    asked = [call.request for call in responses.calls]
    tokens = [call.body for call in asked if call.url == TOKENS]
    assert tokens == ["grant_type=client_credentials&client_id=app&client_secret=hush"] * 2
    used = [call.headers["Authorization"] for call in asked if call.url == ADDRESS]
    assert used == ["Bearer first", "Bearer first", "Bearer second"]


def test_a_refused_token_is_renewed_once_for_a_write_too() -> None:
    """A 401 means that nothing was done."""
    ticket = read()
    helpdesk = help_scout()
    serve_token("second")
    bearer = {"Authorization": "Bearer first"}
    responses.post(f"{ADDRESS}/notes", status=401, match=[header_matcher(bearer)])
    responses.post(f"{ADDRESS}/notes", **ADDED)
    assert helpdesk.add_note(ticket, "Due", MARKER) == "950"


def test_refused_twice_is_refused() -> None:
    """The secret's variable is named, and nothing is tried for ever."""
    responses.get(ADDRESS, status=401)
    with pytest.raises(RemoteError, match="refuses the credentials: check BUGBRIDGE_SUPPORT_CLIENT_SECRET") as caught:
        help_scout().ticket("4711")
    assert caught.value.permanent is True


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"status": 400, "json": {"error": "invalid_client: hush"}}, "refused POST /v2/oauth2/token with 400"),
        ({"status": 401, "json": {"error": "hush"}}, "refuses the credentials: check BUGBRIDGE_SUPPORT_CLIENT_SECRET"),
        ({"status": 500, "body": "hush"}, "support gave no access token: .* answered 500"),
        ({"json": {"token_type": "hush"}}, r"support gave no access token that can be used"),
    ],
)
def test_without_a_token_nothing_was_posted_and_no_secret_is_said(answer: dict[str, Any], sentence: str) -> None:
    """An unknown outcome of the sign-in isn't one of the note: that was never sent."""
    ticket = read()
    responses.replace("POST", TOKENS, **answer)
    with pytest.raises(RemoteError, match=sentence) as caught:
        help_scout().add_note(ticket, "Due", MARKER)
    assert (isinstance(caught.value, UnknownOutcomeError), "hush" in str(caught.value)) == (False, False)


def test_help_scout_says_in_a_header_of_its_own_how_long_to_wait() -> None:
    """[limits]: X-RateLimit-Retry-After, in seconds; a long wait is left to the caller."""
    responses.get(ADDRESS, status=429, headers={"X-RateLimit-Retry-After": "45"})
    with pytest.raises(RemoteError, match="asks to slow down") as caught:
        help_scout().ticket("4711")
    assert (caught.value.retry_after, caught.value.permanent) == (timedelta(seconds=45), False)


@pytest.mark.parametrize(
    ("address", "ask", "right"),
    [
        (ADDRESS, lambda desk: desk.ticket("4711"), "to see the inboxes"),
        (f"{API}/v2/customers/{CUSTOMER}", lambda desk: desk.ticket("12"), "to see customers and companies"),
        (f"{API}/v2/users/me", lambda desk: desk.messages("4711"), "Access API"),
    ],
)
def test_a_missing_right_is_named_with_the_place_to_grant_it(
    address: str, ask: Callable[[HelpScout], object], right: str
) -> None:
    """A bare "forbidden" helps nobody."""
    responses.get(f"{CONVERSATIONS}/12", json=conversation(12))
    responses.remove("GET", address)
    responses.get(address, status=403)
    with pytest.raises(RemoteError) as caught:
        ask(help_scout())
    assert f"lacks the right {right} (Manage > Users > Permissions)" in str(caught.value)
