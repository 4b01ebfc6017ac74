"""How the week is written down: once what is alike, by agent and day, in local time."""

import pytest

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import SEED_NOW, Comment, World
from scripts.week.desk import Heard
from scripts.week.people import BEN, MONDAY, TUESDAY
from scripts.week.reports import at
from scripts.week.script import REPORTS, script
from scripts.week.transcript import transcript
from scripts.week.world import build_world, new_ticket


@pytest.fixture
def world() -> World:
    """Give the company on the Monday at ten, with Ben's first two tickets."""
    made = build_world()
    made.advanced = at(MONDAY, "10:00") - SEED_NOW
    for report in [one for one in REPORTS if one.agent is BEN][:2]:
        made.tickets[report.number] = new_ticket(made, report)
    return made


def page(world: World, heading: str, *heard: Heard) -> str:
    """What one agent saw on one day."""
    text = transcript(world, heard, script())
    return text.partition(heading + "\n")[2].partition("\n")[2].partition("\n\nChloé, ")[0]


def test_notes_that_differ_by_their_ticket_alone_stand_there_once(world: World) -> None:
    """With the tickets that they stand on."""
    first, second = world.tickets
    for number in world.tickets:
        note = Comment(0, SELF_ID, f"Say so of support:{number}.", public=False, created_at=world.now(), channel="api")
        world.tickets[number].comments.append(note)
    seen = page(world, "Ben, Monday 8 June (Europe/London)")
    assert f"09:00  #{first} BugBridge notes:\n       Say so of support:{first}.\n" in seen
    assert f"(and alike on 1 more, until 09:00: #{second})" in seen
    assert seen.count("Say so of") == 1


def test_a_reply_in_an_agents_name_isnt_their_own(world: World) -> None:
    """The helpdesk says through which channel it came."""
    ticket = next(iter(world.tickets.values()))
    for channel in ("api", "web"):
        said = Comment(0, BEN.id, f"By {channel}.", public=True, created_at=world.now(), channel=channel)
        ticket.comments.append(said)
    seen = page(world, "Ben, Monday 8 June (Europe/London)")
    assert "BugBridge replies in your name:\n       By api." in seen
    assert "you reply to the customer:\n       By web." in seen


def test_a_notification_stands_on_its_own_day(world: World) -> None:
    """In the zone of whoever heard it."""
    seen = page(world, "Ben, Tuesday 9 June (Europe/London)", Heard(at(TUESDAY, "12:00"), BEN, "BugBridge: 1 reminder"))
    assert "11:00  you are notified:\n       BugBridge: 1 reminder" in seen


def test_what_engineers_did_stands_above_the_day(world: World) -> None:
    """By the team's clock."""
    assert "Thursday 11 June\n================\n\n10:00  acme/app 4.2 is released\n" in transcript(world, [], script())
