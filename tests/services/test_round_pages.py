"""A round page by page: all of it is counted, what a page shows is worded, and no ticket is shown twice or left out."""

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import UsageError
from bugbridge.core.listings import PAGE_ROWS
from bugbridge.core.round_view import Standing
from bugbridge.render.drafts import TemplateRenderer
from bugbridge.services.bug_words import add_workaround, keep_words
from bugbridge.services.reply_checking import ReplyChecker
from bugbridge.services.round_page import RoundPage, outline_for, page_of_round
from bugbridge.services.round_view import open_round, outline_round
from bugbridge.settings import shipped_folder
from bugbridge.wordings import read_wordings
from tests.services.round_scene import approve, seen, with_a_round
from tests.services.scene import ANN, SHIPPED, Scene, customer

MOST_OF_AN_OUTLINE = 50
MOST_OF_A_PAGE = 5  # queries besides its outline's
LEAD = Visitor("dana", "Dana", Role.LEAD)


def page(scene: Scene, after: str = "", standing: Standing | None = None) -> RoundPage:
    """One page of the round as it is now."""
    sender = scene.sender()
    checker = ReplyChecker(read_wordings(shipped_folder()), sender.calendar, sender.clock)
    return page_of_round(sender, checker, outline_for(sender, LEAD, scene.issue().bug_id), standing, after)


def shown(one: RoundPage) -> list[str]:
    """The tickets that a page shows."""
    return [ticket.row.ticket.partition(":")[2] for ticket in one.tickets]


def queries(scene: Scene, ask: Callable[[], object]) -> int:
    """How many queries something leads to."""
    asked: list[str] = []
    connection = scene.store._connection()
    connection.set_trace_callback(asked.append)
    ask()
    connection.set_trace_callback(None)
    return len(asked)


def mixed() -> tuple[Scene, list[str]]:
    """A round with tickets of every kind: ready, for an eye, approved, known, and let be."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(4)]
    tickets.append(scene.reported(customer("large", tier="enterprise")))
    scene.on(2).is_released()
    scene.decide()
    scene.writes_again(tickets[1])
    scene.replies(tickets[2], "It is fixed in 4.2.")
    scene.read()
    scene.plan()
    assert approve(scene, [tickets[3]], "Ours.") == 1
    return scene, tickets


def test_an_outline_says_of_each_ticket_what_the_whole_round_says() -> None:
    """But for the words."""
    scene, _ = mixed()
    outline = outline_round(scene.sender(), scene.issue().bug_id).view
    whole = seen(scene)
    assert len({row.standing for row in whole.rows}) >= 3
    assert outline.counts() == whole.counts()
    assert [replace(row, text="") for row in outline.rows] == [replace(row, text="") for row in whole.rows]
    assert {row.text for row in outline.rows} == {"", "Ours."}


def test_a_page_shows_what_the_whole_round_shows() -> None:
    """Each ticket with its words, and its customer's name."""
    scene, _ = mixed()
    found = page(scene)
    assert {one.row for one in found.tickets} == set(seen(scene).rows)
    assert all(one.customer for one in found.tickets)


def test_a_page_words_its_own_drafts_alone() -> None:
    """However long the round; one more tells what is known of all that are alike."""
    scene, _ = with_a_round(PAGE_ROWS + 20)
    with patch.object(TemplateRenderer, "text", autospec=True, side_effect=TemplateRenderer.text) as text:
        page(scene)
    assert text.call_count == PAGE_ROWS + 1


def test_a_ticket_that_is_read_with_others_stands_and_reads_as_one_that_is_read_alone() -> None:
    """What is read for all of a round at once decides nothing otherwise."""
    scene, tickets = mixed()
    add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV.", "en", ANN)
    keep_words(scene.store, scene.issue(), "export problem")
    numbers = [scene.row(ticket).id for ticket in tickets]
    alone = [open_round(scene.sender(), scene.issue().bug_id, among={number}).rows for number in numbers]
    assert tuple(row for rows in alone for row in rows) == seen(scene).rows
    assert sum("export problem" in row.text for row in seen(scene).rows) >= 2


def test_what_a_page_shows_costs_the_same_in_a_round_twice_as_long() -> None:
    """Only where each ticket stands is read for all of them."""
    costs = []
    for count in (PAGE_ROWS + 5, 2 * PAGE_ROWS):
        scene, _ = with_a_round(count)
        sender = scene.sender()
        checker = ReplyChecker(read_wordings(shipped_folder()), sender.calendar, sender.clock)
        outline = outline_for(sender, LEAD, scene.issue().bug_id)
        costs.append(queries(scene, lambda: page_of_round(sender, checker, outline, None, "")))  # noqa: B023
    assert costs[0] == costs[1] <= MOST_OF_A_PAGE


def test_where_all_tickets_stand_is_read_in_as_many_queries_however_long_a_round_is() -> None:
    """Their histories, updates, deliveries and approved words are read together."""
    costs = []
    for count in (6, 60):
        scene, tickets = with_a_round(count)
        approve(scene, tickets[::3], "Ours.")
        scene.send()
        sender, bug_id = scene.sender(), scene.issue().bug_id
        costs.append(queries(scene, lambda: outline_for(sender, LEAD, bug_id)))  # noqa: B023
    assert costs[0] == costs[1] < MOST_OF_AN_OUTLINE


def test_an_approval_reads_its_own_ticket_alone() -> None:
    """So that nobody waits for the lock while a long round is read."""
    costs = []
    for count in (4, 12):
        scene, tickets = with_a_round(count)
        number, bug_id = scene.row(tickets[0]).id, scene.issue().bug_id
        costs.append(queries(scene, lambda: outline_round(scene.sender(), bug_id, among={number})))  # noqa: B023
    assert costs[0] == costs[1]


def test_pages_show_each_ticket_once_also_where_others_are_approved_between_them() -> None:
    """Where a page goes on doesn't move with what was done on the one before."""
    scene, tickets = with_a_round(PAGE_ROWS + 3)
    first = page(scene, standing=Standing.READY)
    approve(scene, shown(first)[:10])
    second = page(scene, first.next, Standing.READY)
    assert (len(first.tickets), len(second.tickets), second.next) == (PAGE_ROWS, 3, "")
    assert sorted(shown(first) + shown(second)) == sorted(tickets)


@pytest.mark.parametrize("after", ["x", "1.2", "a.b.c.d", "1..2.x"])
def test_a_place_that_is_none_is_refused(after: str) -> None:
    """In a sentence."""
    scene, _ = with_a_round()
    with pytest.raises(UsageError, match="begin it anew"):
        page(scene, after)
