"""The limits that no other test reaches: what is answered to one thing more than each lets through."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bugbridge.core.access import Role
from bugbridge.core.errors import UsageError
from bugbridge.entry.web.limits import (
    FIELDS_LIMIT,
    FORM_LIMIT,
    LONGEST_ADDRESS,
    LONGEST_APP_TOKEN,
    LONGEST_DELAY,
    LONGEST_NEXT,
    LONGEST_PASS,
    LONGEST_POLICY,
    LONGEST_POLICY_NAME,
    LONGEST_REFERENCE,
    LONGEST_TYPED,
    MOST_FOUND,
    MOST_REPLAYED,
    MOST_ROUND_TICKETS,
)
from bugbridge.entry.web.policy_forms import TOO_LONG, read_text
from bugbridge.entry.web.sign_in import own_path
from bugbridge.entry.web.zendesk_tokens import agent_of
from tests.entry.scene import START, Scene
from tests.entry.web.asking import answer
from tests.entry.web.browsing import FORM, HERE, Page
from tests.entry.web.route_table import beside_ticket, of_round, ticket_for_programs
from tests.entry.web.team import JSON, Team, page_of, visitor
from tests.entry.web.test_zendesk_app import AT, KEY, claims, pem, token

LEAD = replace(visitor(Role.LEAD), brands=None)
NAMES = {"approve", "take_back", "remind", "let_be"}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Nothing that is asked here is carried out."""
    with pytest.MonkeyPatch.context() as patch:
        scene = Scene(tmp_path_factory.mktemp("team"), patch)
        for number in range(100, 101 + MOST_FOUND):
            scene.tracker.add(f"github:acme/app#{number}", START - timedelta(days=3), title="Printing fails")
        yield Team(scene, patch)


def asked(team: Team, path: str, **query: object) -> Page:
    return team.send("GET", f"{path}?{urlencode(query)}", b"", JSON, LEAD)


def sent(team: Team, path: str, content: Mapping[str, object]) -> Page:
    return team.send("POST", path, json.dumps(content).encode(), JSON, LEAD)


def test_a_form_has_so_many_bytes_and_fields(team: Team) -> None:
    """Also where the whole of a request would be let through."""
    for body, status in ((b"text=" + b"x" * FORM_LIMIT, 413), (b"&".join([b"a=1"] * (FIELDS_LIMIT + 1)), 400)):
        assert team.send("POST", "/policy/edit", body, FORM, LEAD).status == status


@pytest.mark.parametrize(
    ("path", "field", "longest"),
    [
        ("/api/v1/due", "after", LONGEST_TYPED),
        ("/api/v1/issues", "q", LONGEST_TYPED),
        ("/policy/roll-back", "start", LONGEST_TYPED),
        ("/api/v1/find", "q", LONGEST_ADDRESS),
        ("/api/v1/policy", "policy", LONGEST_POLICY_NAME),
    ],
)
def test_what_is_typed_is_no_longer_than_anybody_types(team: Team, path: str, field: str, longest: int) -> None:
    """One character more is refused before anything is looked for."""
    for more, is_told in ((0, False), (1, True)):
        found = asked(team, path, **{field: "x" * (longest + more)})
        assert (f" {longest} " in found.text.replace(",", "")) is is_told


def test_an_act_beside_a_ticket_names_one_issue_and_one_delay(team: Team) -> None:
    """Not a text that somebody pasted there."""
    path = ticket_for_programs("/acts")(team.own)
    for field, longest in (("issue", LONGEST_REFERENCE), ("value", LONGEST_DELAY)):
        refused = sent(team, path, {"verb": "later", field: "x" * (longest + 1)})
        assert (refused.status, f"{longest}" in refused.text) == (400, True)


def test_a_policy_has_so_many_characters(team: Team) -> None:
    """In the form and for programs."""
    text = "#" * (LONGEST_POLICY + 1)
    assert [one.sentence for one in read_text(text).problems] == [TOO_LONG]
    assert TOO_LONG not in {one.sentence for one in read_text(text[1:]).problems}
    for path, more in (("try", {}), ("apply", {"made_from": "x"})):
        assert "problems" not in sent(team, f"/api/v1/policy/{path}", {"text": text, **more}).facts


def test_a_policy_is_tried_on_so_many_bugs(team: Team) -> None:
    """More would keep a processor from everybody else."""
    refused = sent(team, "/api/v1/policy/try", {"text": "", "last": MOST_REPLAYED + 1})
    assert (refused.status, f"{MOST_REPLAYED}" in refused.text) == (400, True)


@pytest.mark.parametrize("field", [*sorted(NAMES), "edits", "seen"])
def test_one_request_names_so_many_tickets_of_a_round(team: Team, field: str) -> None:
    """Whichever of the acts it asks for."""
    names = [f"support:{number}" for number in range(MOST_ROUND_TICKETS + 1)]
    refused = sent(team, of_round("/api/v1")(team.own), {field: names if field in NAMES else dict.fromkeys(names, "x")})
    assert (refused.status, f"{MOST_ROUND_TICKETS}" in refused.text.replace(",", "")) == (400, True)


def test_a_search_shows_so_many_issues(team: Team) -> None:
    """A tracker isn't asked for more, either."""
    found = asked(team, "/api/v1/issues", q="printing", tracker="github").facts["found"]
    assert len(found) == MOST_FOUND


def test_one_goes_on_to_an_address_that_fits_into_a_cookie() -> None:
    """A longer one leads to the first page."""
    longest = "/due?" + "x" * (LONGEST_NEXT - 5)
    assert (own_path(longest), own_path(longest + "x")) == (longest, "/")


def test_a_pass_of_any_length_is_not_read(team: Team) -> None:
    """Even one that we signed."""
    passes = team.application.state.web.doorkeeper.passes
    path = beside_ticket()(team.own)
    for name, status in (("ada", 200), ("a" * LONGEST_PASS, 401)):
        query = urlencode({"pass": passes.for_ticket(team.own.ticket, name)})
        assert page_of(answer(team.application, path, [], HERE, "GET", query)).status == status


def test_a_token_of_the_app_of_any_length_is_not_read() -> None:
    """Even one that Zendesk signed."""
    assert agent_of(token(claims()), pem(KEY), AT, START) == "77"
    with pytest.raises(UsageError):
        agent_of(token(claims(more="x" * LONGEST_APP_TOKEN)), pem(KEY), AT, START)
