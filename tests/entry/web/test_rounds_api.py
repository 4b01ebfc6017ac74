"""A round for programs: the same acts, with the same guarantees."""

import pytest

from tests.entry.scene import Scene
from tests.entry.web.reviewing import (
    ROUND_API,
    Reviewer,
    calls,
    calls_it,
    counts,
    four_tickets,
    replies,
    sends,
)


@pytest.fixture
def tickets(scene: Scene) -> list[str]:
    """Those of four customers."""
    return four_tickets(scene)


@pytest.fixture
def lead(scene: Scene, tickets: list[str]) -> Reviewer:  # noqa: ARG001 - they are there
    """Somebody who reviews it."""
    return Reviewer(scene)


def test_programs_do_the_same(scene: Scene, lead: Reviewer, tickets: list[str]) -> None:
    """Approve in words of their own, take back, stop; what was done before is in no answer."""
    body = {"approve": [tickets[3], "none/en/business"], "edits": {tickets[3]: "Dear Four."}}
    assert sorted(calls(lead, body).facts["approved"]) == sorted([tickets[3], tickets[2]])
    assert set(map(tuple, calls(lead, body).facts.values())) == {()}
    assert calls(lead, {"take_back": [tickets[2]]}).facts["taken_back"] == [tickets[2]]
    assert calls(lead, {"approve": ["ready"]}).status == 200
    assert len(calls(lead, {"stop": True}).facts["taken_back"]) == 5
    sends(scene)
    assert not any(replies(scene).values())


def test_a_program_that_read_something_else_is_refused(lead: Reviewer) -> None:
    """It says what it has seen, and nothing is done where that holds no more."""
    seen = {row["ticket"]: row["mark"] for row in lead.get(ROUND_API).facts["tickets"]}
    calls_it(lead, "the export")
    refused = calls(lead, {"approve": ["ready"], "seen": seen})
    assert (refused.status, "changed since it was shown" in refused.facts["error"]) == (409, True)
    assert counts(lead) == {"ready": 4, "eye": 1}


def test_programs_let_go_of_what_waits(lead: Reviewer, tickets: list[str]) -> None:
    """An agent is reminded instead, or nobody is told; what waits no more is in no answer, and the trail has each."""
    one = {"let_be": [tickets[0]]}
    assert [calls(lead, one).facts["let_be"] for _ in range(2)] == [[tickets[0]], []]
    assert calls(lead, {"remind": ["none/en/business"]}).facts["reminded"] == [tickets[2]]
    assert counts(lead)["ready"] == 2
    assert len(calls(lead, {"let_be": ["all"]}).facts["let_be"]) == 3
    assert counts(lead) == {"aside": 5}
    assert [did for _, did, _ in lead.trail()] == ["round.dropped", "round.released", "round.dropped"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"stop": True, "approve": ["ready"]}, 400),
        ({"approve": ["ready"], "take_back": ["all"]}, 400),
        ({"remind": ["all"], "let_be": ["all"]}, 400),
        ({"let_be": ["all"], "edits": {"support:1": "x"}}, 400),
        ({"let_be": ["support:999"]}, 404),
        ({"edits": {"support:1": "x"}}, 400),
        ({"approve": ["none/xx/-"]}, 404),
        ({"fly": True}, 400),
    ],
)
def test_what_programs_cant_mean_is_refused(lead: Reviewer, body: object, status: int) -> None:
    """And nothing is done."""
    assert calls(lead, body).status == status
    assert counts(lead) == {"ready": 4, "eye": 1}
