"""What changed in Help Scout is read without gaps; pages are named as in help_scout_answers.py."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses
from responses.matchers import query_param_matcher

from bugbridge.core.errors import DataError, RemoteError
from bugbridge.helpdesks.help_scout import HelpScout
from tests.contracts.help_scout_double import HelpScoutDouble
from tests.contracts.helpdesk_world import Answer, HelpdeskWorld
from tests.helpdesks.help_scout_answers import (
    CONVERSATIONS,
    NOW,
    conversation,
    dated,
    help_scout,
    listing,
    serve_people,
)


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    """Everybody is known in each test."""
    with responses.mock:
        serve_people()
        yield
    responses.reset()


def tickets_in(helpdesk: HelpScout, cursor: str = "") -> list[str]:
    """Give what changed."""
    return [ticket.remote_id for page in helpdesk.changed_since(cursor) for ticket in page.tickets]


class BusyDouble(HelpScoutDouble):
    """People go on working while lists are read: something may happen before each answer."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, tickets: int) -> None:
        """Begin with tickets that were changed a minute apart."""
        responses.reset()
        super().__init__(responses.mock, HelpdeskWorld())
        self.numbers = [str(self.world.add_ticket("it fails").id) for _ in range(tickets)]
        self.world.now += timedelta(minutes=10)
        self.lists: list[str] = []

    def at_once(self) -> None:
        """Have all of them changed within one second."""
        for ticket in self.world.tickets.values():
            ticket.updated_at = self.world.now - timedelta(minutes=5)

    def conversations(self, request: Any, match: Any) -> Answer:
        self.lists.append(str(request.url))
        self.meanwhile()
        return super().conversations(request, match)

    def pages(self) -> list[str]:
        """Give the numbers of the pages that were asked for beyond a first look."""
        return [address.rpartition("page=")[2] for address in self.lists if "page=" in address]


def test_trap_lists_show_active_conversations_alone_unless_told_otherwise() -> None:
    """[list], `status`: solved, pending and spam ones are asked for too, oldest change first, in whole seconds."""
    asked = {"status": "all", "sortField": "modifiedAt", "sortOrder": "asc", "modifiedSince": "2026-05-01T00:00:00Z"}
    listed = listing("conversations", [conversation()])
    responses.get(CONVERSATIONS, json=listed, headers=dated(), match=[query_param_matcher(asked)])
    assert tickets_in(help_scout(), "2026-05-01T00:00:00Z") == ["4711"]


def test_trap_17_pages_lose_what_moves_so_windows_are_read_instead() -> None:
    """Tickets that change while others are read move behind them: every one comes all the same, again if need be."""
    double = BusyDouble(9)
    moves = iter(double.numbers * 3)

    def somebody_writes() -> None:
        number = next(moves, "")
        if number:
            double.world.change(int(number), status="solved")

    double.meanwhile = somebody_writes
    assert set(tickets_in(help_scout())) == set(double.numbers)
    assert double.pages() == []


def test_trap_many_changes_within_one_second_are_all_read() -> None:
    """A bulk change gives hundreds of conversations one instant, more than a page holds: its pages are read."""
    double = BusyDouble(7)
    double.at_once()
    assert set(tickets_in(help_scout())) == set(double.numbers)
    assert double.pages() == ["1", "2", "3", "4"] * 2  # as the end of a window, and as the beginning of the next


def test_trap_a_change_between_the_pages_of_one_second_has_them_read_again() -> None:
    """One that leaves pulls another over the border unseen; the count tells, and the second time all are there."""
    double = BusyDouble(7)
    double.at_once()

    def the_first_leaves() -> None:
        if double.pages() == ["1", "2"]:
            double.world.change(int(double.numbers[0]), status="solved")

    double.meanwhile = the_first_leaves
    assert set(tickets_in(help_scout())) == set(double.numbers)
    assert double.pages()[:6] == ["1", "2", "3", "1", "2", "3"]


def test_a_second_that_never_rests_is_left_for_later() -> None:
    """Rather than read with gaps BugBridge says so; asking again may help."""
    counts = iter(range(100, 0, -1))

    def shrinking(_request: Any) -> Answer:
        page = listing("conversations", [conversation()], total=next(counts), pages=2)
        return 200, dated(), json.dumps(page)

    responses.add_callback("GET", CONVERSATIONS, callback=shrinking)
    with pytest.raises(
        RemoteError, match=r"support: what changed at .* changes again while it is being read"
    ) as caught:
        list(help_scout().changed_since(f"{NOW:%Y-%m-%dT%H:%M:%SZ}"))
    assert caught.value.permanent is False


def test_years_of_silence_cost_next_to_nothing() -> None:
    """After a busy hour long ago windows grow again, instead of creeping to the present minute by minute."""
    double = BusyDouble(40)
    for ticket in list(double.world.tickets.values())[:20]:
        ticket.updated_at -= timedelta(days=4000)
    assert set(tickets_in(help_scout())) == set(double.numbers)
    assert len(double.lists) < 200


def test_the_cursor_stays_two_minutes_behind_help_scouts_clock() -> None:
    """A search index learns late: the last two minutes come again, and an idle helpdesk's cursor moves on."""
    responses.get(CONVERSATIONS, json=listing("conversations", []), headers=dated())
    pages = list(help_scout().changed_since("2026-06-01T00:00:00Z"))
    assert [(page.tickets, page.cursor) for page in pages] == [((), "2026-06-01T11:58:00Z")]


def test_a_cursor_never_goes_back() -> None:
    """Where the clock says that it is earlier than what was read already."""
    responses.get(CONVERSATIONS, json=listing("conversations", []), headers=dated())
    (page,) = help_scout().changed_since("2026-06-01T11:59:30Z")
    assert page.cursor == "2026-06-01T11:59:30Z"


@pytest.mark.parametrize("cursor", ["4711", "2026-06-01", "2026-06-01 09:00:00 12"])
def test_a_cursor_of_another_helpdesk_is_refused(cursor: str) -> None:
    """It would have tickets left out in silence."""
    with pytest.raises(DataError, match=r"isn't one of Help Scout's"):
        list(help_scout().changed_since(cursor))


def test_without_a_date_nothing_is_read() -> None:
    """Help Scout's clock decides how far the cursor may go; ours may be wrong."""
    responses.get(CONVERSATIONS, json=listing("conversations", []))
    with pytest.raises(RemoteError, match="without saying what time it is"):
        list(help_scout().changed_since(""))


def test_history_is_counted_with_what_help_scout_allows_a_minute() -> None:
    """[limits]: the header says how many; threads, customer and company are one request each."""
    listed = listing("conversations", [conversation()] * 25, total=60, pages=3)
    responses.get(CONVERSATIONS, json=listed, headers=dated(**{"X-RateLimit-Limit-Minute": "400"}))
    cost = help_scout().cost_since(NOW)
    assert (cost.tickets, cost.requests, cost.per_minute) == (60, 189, 400)
