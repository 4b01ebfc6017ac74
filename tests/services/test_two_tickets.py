"""A customer with two tickets about one bug hears of it as one customer, whichever ticket is the livelier."""

from bugbridge.services.checking import check
from tests.services.scene import EVE, Scene


def with_two_tickets() -> tuple[Scene, list[str]]:
    """An enterprise customer who wrote twice about the same bug, and is kept updated every week."""
    scene = Scene().on(1)
    tickets = [scene.reported(EVE), scene.reported(EVE)]
    scene.plan()
    return scene, tickets


def days_of_notes(scene: Scene, tickets: list[str], first: int, last: int) -> list[tuple[int, str]]:
    """On which day a note was posted, and on which of the tickets; agents answer at once there."""
    seen = []
    for number in range(first, last + 1):
        before = [scene.reminders(ticket) for ticket in tickets]
        scene.on(number).decide()
        scene.send()
        for ticket, count in zip(tickets, before, strict=True):
            if scene.reminders(ticket) > count:
                seen.append((number, ticket))
                scene.on(number + 0.1).replies(ticket, "No news, and nothing to be done but wait.")
    return seen


def test_periodic_updates_come_once_for_both_tickets() -> None:
    """Every interval brings one note, on one of them."""
    scene, tickets = with_two_tickets()
    notes = days_of_notes(scene, tickets, 2, 40)
    assert [number for number, _ in notes] == sorted({number for number, _ in notes})
    assert len(notes) >= 3
    assert check(scene.store).all == ()


def test_they_go_on_through_the_other_ticket_when_one_is_solved() -> None:
    """What the customer heard on the first counts for the second, and the second doesn't wait for it again."""
    scene, tickets = with_two_tickets()
    ((_, noted),) = days_of_notes(scene, tickets, 2, 9)
    scene.on(9.5).solves(noted)
    (other,) = set(tickets) - {noted}
    later = days_of_notes(scene, tickets, 10, 30)
    assert {ticket for _, ticket in later} == {other}
    assert later[0][0] - 8 in range(7, 15)
    assert [item.ordinal for item in scene.store.updates_of(scene.key(other))][:1] == [2]


def test_a_note_under_way_for_one_ticket_isnt_repeated_on_the_other() -> None:
    """Nobody has answered yet: the customer's next message is the one that the note asks for."""
    scene, tickets = with_two_tickets()
    scene.on(8).decide()
    posted = scene.send().posted
    scene.on(20).decide()
    assert (posted, scene.send().posted, sum(scene.reminders(ticket) for ticket in tickets)) == (1, 0, 1)
