"""What the agents of the week do by themselves: they act on what they see on their tickets, and on nothing else."""

from datetime import datetime

import pytest

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import SEED_NOW, Comment, World
from scripts.week.habits import APPROVAL, ROUND, drafts_in, habitual
from scripts.week.people import ADA, BEN, CHLOE, MONDAY, THURSDAY, TUESDAY, Agent
from scripts.week.reports import at
from scripts.week.script import PARTS, REPORTS, Act
from scripts.week.world import build_world, new_ticket

REMINDER = "Due by Tuesday 9 June 09:00: it is released.\n\nDraft:\n\nIt is fixed.\nIt is out."
CLEAR_NO = "Due by now: it was declined.\n\nSend the draft, then write `bug: told`."
MORNING = "09:30"


@pytest.fixture
def world() -> World:
    """Give the company on the Monday at nine."""
    made = build_world()
    made.advanced = at(MONDAY, "09:00") - SEED_NOW
    return made


def with_ticket(world: World, agent: Agent) -> int:
    """An agent's ticket to which nobody has answered; gives its number."""
    report = next(one for one in REPORTS if one.agent is agent and one is not PARTS.not_answered)
    world.tickets[report.number] = new_ticket(world, report)
    return report.number


def say(world: World, ticket: int, author: int, body: str, *, public: bool = False) -> None:
    """Write one more comment."""
    world.tickets[ticket].comments.append(Comment(0, author, body, public, world.now(), "web"))


def done(world: World, when: datetime) -> list[tuple[str, Act, str]]:
    """Who does what, with which words."""
    return [(move.agent.short if move.agent else "", move.act, move.text) for move in habitual(world, when)]


def test_whoever_waits_is_answered(world: World) -> None:
    """In the agent's own words where there is no draft."""
    with_ticket(world, ADA)
    assert done(world, at(MONDAY, MORNING)) == [
        ("Ada", Act.REPLIES, "Thank you for telling us. We are looking into it.")
    ]


def test_what_just_came_in_is_linked_first(world: World) -> None:
    """Its note brings the draft of the first reply."""
    world.advanced = at(MONDAY, "09:10") - SEED_NOW
    with_ticket(world, ADA)
    assert done(world, at(MONDAY, MORNING)) == []


def test_a_draft_is_sent(world: World) -> None:
    """Only the draft, without what stands around it."""
    say(world, with_ticket(world, ADA), SELF_ID, REMINDER)
    assert done(world, at(MONDAY, MORNING)) == [("Ada", Act.REPLIES, "It is fixed.\nIt is out.")]


def test_what_an_agent_noted_later_deals_with_a_reminder(world: World) -> None:
    """Whoever put it off doesn't send it."""
    ticket = with_ticket(world, ADA)
    say(world, ticket, ADA.id, "Welcome.", public=True)
    say(world, ticket, SELF_ID, REMINDER)
    say(world, ticket, ADA.id, "bug: later 2d")
    assert done(world, at(MONDAY, MORNING)) == []


def test_whoever_is_given_a_ticket_sends_its_draft(world: World) -> None:
    """And not the one who gave it."""
    ticket = with_ticket(world, ADA)
    say(world, ticket, SELF_ID, REMINDER)
    say(world, ticket, ADA.id, "bug: give to Ben")
    assert done(world, at(MONDAY, MORNING)) == []
    assert done(world, at(MONDAY, "10:30")) == [("Ben", Act.REPLIES, "It is fixed.\nIt is out.")]  # 9:30 in London


def test_a_clear_no_is_said_to_be_told(world: World) -> None:
    """Nothing in the answer itself shows that it was given."""
    say(
        world,
        with_ticket(world, ADA),
        SELF_ID,
        f"{CLEAR_NO}\n\nDraft:\n\nNo.",
    )
    assert done(world, at(MONDAY, MORNING)) == [("Ada", Act.REPLIES, "No."), ("Ada", Act.NOTES, "bug: told")]


def test_a_round_is_approved(world: World) -> None:
    """By the very line that its note names."""
    ticket = with_ticket(world, BEN)
    say(world, ticket, BEN.id, "Welcome.", public=True)
    say(world, ticket, SELF_ID, f"4.2 is out. Write `{APPROVAL}` to send your 3.")
    assert done(world, at(MONDAY, "10:30")) == [("Ben", Act.NOTES, APPROVAL)]  # 9:30 in London


def test_each_ticket_that_needs_an_eye_is_answered(world: World) -> None:
    """With its draft, in its customer's language; and said to be told where the note asks for that."""
    ticket = with_ticket(world, ADA)
    shown = (
        f"8 need your eye. {ROUND}\n\n- support:{ticket}: a no comes from a person\n\n    No.\n    Sorry.\n\nAnswer."
    )
    say(world, ticket, SELF_ID, f"{shown} Please say so there with `bug: told`.")
    assert done(world, at(MONDAY, MORNING)) == [("Ada", Act.REPLIES, "No.\nSorry."), ("Ada", Act.NOTES, "bug: told")]
    say(world, ticket, ADA.id, "No, sorry.", public=True)
    assert done(world, at(MONDAY, MORNING)) == []


def test_the_list_of_lines_asks_for_none_of_them(world: World) -> None:
    """A misspelt line is answered with all that are understood, the approval of a round among them."""
    ticket = with_ticket(world, ADA)
    say(world, ticket, ADA.id, "Welcome.", public=True)
    say(world, ticket, SELF_ID, f"Lines that are understood: `bug: told`, `{APPROVAL}`.")
    assert done(world, at(MONDAY, MORNING)) == []


def test_a_deputy_answers_for_who_is_away(world: World) -> None:
    """And not before."""
    with_ticket(world, CHLOE)
    assert [name for name, _, _ in done(world, at(TUESDAY, MORNING))] == ["Chloé"]
    assert [name for name, _, _ in done(world, at(THURSDAY, MORNING))] == ["Ada"]


def test_nobody_answers_between_their_hours(world: World) -> None:
    """Agents look at their tickets four times a day."""
    with_ticket(world, ADA)
    assert done(world, at(MONDAY, "09:40")) == []


def test_each_draft_of_several_is_found() -> None:
    """One note may hold the updates of several tickets."""
    several = "2 updates are due.\n\n--- 1 of 2, a ---\n\nDraft:\n\nOne.\n\n--- 2 of 2, b ---\n\nDraft:\n\nTwo.\n"
    assert drafts_in(several) == ["One.", "Two."]
