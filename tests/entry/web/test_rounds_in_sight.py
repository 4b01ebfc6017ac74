"""Whoever doesn't see all brands reviews the tickets that they see: the others aren't there at all."""

from datetime import timedelta

import pytest

from bugbridge.core.access import Role
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import BUG, START, Scene
from tests.entry.web.reviewing import (
    ROUND,
    ROUND_API,
    Reviewer,
    calls,
    person,
    replies,
    send_all,
    sends,
)


@pytest.fixture
def two_brands(scene: Scene) -> tuple[list[str], list[str]]:
    """A bug that customers of two brands report; those of acme come first."""
    found: dict[str, list[str]] = {"acme": [], "other": []}
    scene.tracker.add(BUG, START - timedelta(days=30))
    for brand, name in (("acme", "ann"), ("acme", "abe"), ("other", "olga"), ("other", "omar")):
        number = scene.helpdesk.add_ticket(START - timedelta(days=10), requester=person(name), brand=brand)
        scene.helpdesk.write(number, AGENT, "We look into it.", START - timedelta(days=9), public=True)
        scene.helpdesk.write(number, AGENT, "That is acme/app#12.", START - timedelta(days=9), public=False)
        found[brand].append(f"support:{number}")
    scene.released()
    return found["acme"], found["other"]


def test_tickets_of_another_brand_are_not_there_at_all(scene: Scene, two_brands: tuple[list[str], list[str]]) -> None:
    """Neither shown nor counted nor sent nor stopped, nor touched by their number."""
    own, foreign = two_brands
    lead = Reviewer(scene)
    everything = lead.get(ROUND)
    lead.comes_as(Role.LEAD, "support:acme")
    page, facts = lead.get(ROUND), lead.get(ROUND_API)
    assert "2 tickets report this bug: 2 drafts are ready." in page.text
    assert [row["ticket"] for row in facts.facts["tickets"]] == own
    assert not any(word in page.text + facts.text for word in (*foreign, "Olga", "Omar"))
    number = lead.id_of(foreign[0])
    fields = lead.form(f"one {number}", everything).fields
    own_csrf = lead.form("send").fields["csrf"]
    for act in (f"one {number}", f"back {number}", f"drop {number}", f"release {number}"):
        refused = lead.post(ROUND, {**fields, "csrf": own_csrf, "act": act})
        assert (refused.status, "That ticket isn&#39;t in this round." in refused.text) == (404, True)
    assert calls(lead, {"approve": [foreign[0]]}).status == 404
    send_all(lead)
    sends(scene)
    assert [ticket for ticket, got in replies(scene).items() if got] == own


def test_stop_leaves_what_another_brand_approved(scene: Scene, two_brands: tuple[list[str], list[str]]) -> None:
    """It isn't theirs to stop."""
    lead = Reviewer(scene)
    send_all(lead)
    lead.comes_as(Role.LEAD, "support:acme")
    lead.press("stop")
    sends(scene)
    assert all(not replies(scene)[ticket] for ticket in two_brands[0])
    assert all(len(replies(scene)[ticket]) == 1 for ticket in two_brands[1])


def test_a_round_out_of_sight_is_as_one_that_isnt_there(scene: Scene, two_brands: tuple[list[str], list[str]]) -> None:
    """The same sentence and status, for pages and programs."""
    assert two_brands
    lead = Reviewer(scene)
    lead.comes_as(Role.LEAD, "support:third")
    hidden, missing = lead.get(ROUND), lead.get("/rounds/github:acme/app#99")
    assert (hidden.status, hidden.text) == (404, missing.text)
    assert lead.get(ROUND_API).text == lead.get("/api/v1/rounds/github:acme/app#99").text
