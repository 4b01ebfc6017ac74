"""The board's pages: what is overdue is what the command says, and no page repeats or misses a row."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board import DueWanted, Show
from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import UsageError
from bugbridge.core.events import Finding
from bugbridge.core.model import BugEventKind, FindingKind, Review
from bugbridge.core.people import NO_PEOPLE
from bugbridge.core.places import Place, read_place
from bugbridge.core.promises import PromiseEvent
from bugbridge.core.promises_made import Fared, Promise
from bugbridge.core.records import LinkKey
from bugbridge.services import board
from bugbridge.services.board import (
    FIRST_PROMISE,
    FIRST_UPDATE,
    Judging,
    count_overdue,
    count_promises,
    due_page,
    promise_page,
)
from bugbridge.services.overdue import overdue_updates
from bugbridge.services.promising import ListedPromise, listed_promises, promise_order
from bugbridge.store.rows import to_text
from tests.services.scene import SHIPPED
from tests.store.scene import START, Scene, day

LEA = Visitor("lea", "Lea", Role.LEAD)
NOW = day(30)
SHOWN = frozenset({Fared.OPEN, Fared.MISSED})
JUDGING = Judging(SHIPPED, ALWAYS_OPEN, NO_PEOPLE)
KINDS = (
    "planned",
    "promised",
    "round",
    "new round",
    "waiting",
    "dead",
    "repeated",
    "just repeated",
    "posted",
    "dropped",
)
ROWS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), max_size=14)


class Clock:
    """It is now."""

    def now(self) -> datetime:
        """Give it."""
        return NOW


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three rows, for which at most five updates are looked at."""
    monkeypatch.setattr(board, "PAGE_ROWS", 3)
    monkeypatch.setattr(board, "LOOK", 5)


def with_updates(rows: list[tuple[str, int]]) -> Scene:
    """Give a store with an update of each kind, due so many weeks after the start: many at the same instant."""
    scene = Scene()
    for number, (kind, week) in enumerate(rows, 1):
        key = scene.link(scene.ticket(str(number), scene.customer(str(number))), scene.bug(number))
        review = {"dropped": Review.DROPPED, "round": Review.WAITING, "new round": Review.WAITING}.get(
            kind, Review.NONE
        )
        review = Review.WAITING if kind == "waiting" else review
        item = replace(scene.update(key, "promised" if kind == "promised" else "fixed", 8 * week), review=review)
        scene.store.save_updates(key, [replace(item, news_seq=number)], "")
        _befall(scene, kind, item.key, key)
    return scene


def _befall(scene: Scene, kind: str, update: str, key: LinkKey) -> None:
    if kind in ("round", "new round"):
        at = day(2) if kind == "round" else day(29.5)
        value = json.dumps({"news_seq": key.bug_id, "round": True}, sort_keys=True)
        scene.keep(scene.bug_event(key.bug_id, BugEventKind.ROUND, value, at))
    if kind in ("dead", "posted", "repeated", "just repeated"):
        state = "dead" if kind == "dead" else "posted"
        scene.store._run("UPDATE update_item SET state = :state WHERE key = :key", {"state": state, "key": update})
    if kind in ("repeated", "just repeated"):
        _repeat(scene, update, key, at_day=5 if kind == "repeated" else 29.5)


def _repeat(scene: Scene, update: str, key: LinkKey, at_day: float) -> None:
    row = {
        "key": update,
        "subject": json.dumps({"update": update}),
        "ticket": key.ticket_id,
        "at": to_text(day(at_day)),
    }
    seq = scene.store.head() + 1
    scene.store._run(
        "INSERT INTO delivery (id, ticket_id, channel, marker, state, not_before, owner, lease_until, fence)"
        " VALUES (:ticket, :ticket, 'answer', :key, 'posted', :at, '', :at, 1)",
        row,
    )
    scene.store._run(
        "INSERT INTO answer (key, ticket_id, kind, subject, due_at, state, delivery_id)"
        " VALUES ('again:' || :key, :ticket, 'again', :subject, :at, 'posted', :ticket)",
        row,
    )
    scene.store._run(
        "INSERT INTO delivery_event (seq, occurred_at, recorded_at, actor, via, source_key, delivery_id, ticket_id,"
        " kind, detail_code) VALUES (:seq, :at, :at, 'bot:daemon', 'daemon', :key, :ticket, :ticket, 'posted', '')",
        {**row, "seq": seq},
    )
    scene.store._run("UPDATE sequence SET seq = :seq", {"seq": seq})


def walked(scene: Scene, wanted: DueWanted, agent: str = "") -> list[str]:
    """Give the updates of all pages, by their keys."""
    keys, after = [], FIRST_UPDATE
    for _ in range(100):
        found = due_page(scene.store, LEA, JUDGING, wanted, after, agent)
        assert len(found.rows) <= 3
        keys += [row.update.item.key for row in found.rows]
        if not found.next:
            return keys
        after = read_place(found.next, FIRST_UPDATE)
    raise AssertionError("The list has no end.")


def wanted(show: Show) -> DueWanted:
    """Ask as the page does."""
    until = NOW + timedelta(days=14) if show is Show.SOON else day(9)
    return DueWanted(show, NOW, until, board.repeated_before(JUDGING, NOW))


@given(ROWS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_hold_each_row_once_and_in_order(rows: list[tuple[str, int]]) -> None:
    """Whatever is due at the same instant; what is overdue is what `bugbridge due --overdue` lists."""
    scene = with_updates(rows)
    every = [one for one in scene.store.open_updates() if one.review is not Review.DROPPED]
    overdue = {one.key for one in overdue_updates(scene.store, NOW, SHIPPED, ALWAYS_OPEN)}
    asked = {show: walked(scene, wanted(show)) for show in Show}
    assert asked[Show.TODAY] == [one.key for one in every if one.due_at <= day(9)]
    assert asked[Show.SOON] == [one.key for one in every]
    assert asked[Show.OVERDUE] == [one.key for one in every if one.key in overdue]
    assert asked[Show.WAITING] == [
        one.key for one in every if one.state == "dead" or (one.state == "planned" and one.review == "waiting")
    ]
    assert count_overdue(scene.store, LEA, JUDGING, wanted(Show.OVERDUE)).number == len(overdue)


def test_an_agents_own_are_found_behind_many_of_others() -> None:
    """A page for which nothing was found goes on to the next; nobody's agent is a mistake that is said."""
    scene = with_updates([("planned", 0)] * 12)
    ann = scene.store.party_id(scene.helpdesk, "agent", "7001")
    for ticket_id in (2, 12):
        scene.store._run(
            "INSERT INTO fact_event (seq, occurred_at, recorded_at, actor, via, source_key, entity, entity_id, kind,"
            " value, assumed)"
            " VALUES (:seq, :at, :at, 'bot:daemon', 'daemon', :seq, 'ticket', :ticket, 'assignee', :ann, 0)",
            {"seq": 9000 + ticket_id, "at": to_text(START), "ticket": ticket_id, "ann": str(ann)},
        )
    keys = walked(scene, wanted(Show.SOON), "support:7001")
    assert len(keys) == 2
    with pytest.raises(UsageError, match="is no agent"):
        walked(scene, wanted(Show.SOON), "nobody")


def promises_walked(scene: Scene) -> list[ListedPromise]:
    """Give the promises of all pages."""
    found, after = [], FIRST_PROMISE
    while True:
        page = promise_page(scene.store, LEA, JUDGING, NOW, SHOWN, after)
        assert len(page.rows) <= 3
        found += [row.listed for row in page.rows]
        if not page.next:
            return found
        after = _place(page.next)


def promised(tickets: int) -> Scene:
    """Give a store with as many promises on each ticket as its number, some missed and some to come."""
    scene = with_updates([("planned", 0)] * tickets)
    for number in range(1, tickets + 1):
        for one in range(number):
            scene.keep(_promise(scene, number, one))
    return scene


def test_promises_are_those_of_the_command_each_once_in_its_order() -> None:
    """What was missed first, then by when they are due; a page after another."""
    scene = promised(5)
    expected = [one for one in listed_promises(scene.store, Clock(), ALWAYS_OPEN) if one.fared in SHOWN]
    found = promises_walked(scene)
    assert found == expected
    assert len(found) == 15
    fares = [one.fared for one in found]
    assert set(fares) == {Fared.MISSED, Fared.OPEN}
    assert fares == sorted(fares, key=[Fared.MISSED, Fared.OPEN].index)
    assert all(
        [one.promise.due_at for one in found if one.fared is fared]
        == sorted(one.promise.due_at for one in found if one.fared is fared)
        for fared in SHOWN
    )
    counted = count_promises(scene.store, LEA, JUDGING, NOW)
    assert {one: counted[one].number for one in Fared} == {one: fares.count(one) for one in Fared}
    assert not any(one.more for one in counted.values())


def test_a_promise_whose_event_came_stands_by_its_own_date_and_one_that_waits_comes_last() -> None:
    """By the date that the list shows, not by when the event came."""
    missed = Promise(day(1), day(29), seq=9)
    came = Promise(day(1), day(32), PromiseEvent.FIXED, day(28), seq=2)
    waits = Promise(day(1), None, PromiseEvent.FIXED, seq=1)
    ahead = Promise(day(1), day(31), seq=3)
    fared = [(waits, Fared.OPEN), (came, Fared.OPEN), (ahead, Fared.OPEN), (missed, Fared.MISSED)]
    listed = [ListedPromise(1, "support:1", "github:acme/app#1", "", one, how) for one, how in fared]
    assert [one.promise for one in sorted(listed, key=promise_order)] == [missed, ahead, came, waits]


def test_promises_of_earlier_links_follow_in_their_own_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page looks at so many links and no more; none is left out or repeated."""
    monkeypatch.setattr(board, "PROMISED_LINKS", 2)
    scene = promised(5)
    found = promises_walked(scene)
    parts = [
        sorted((one for one in found if one.ticket_id in part), key=promise_order) for part in ((4, 5), (2, 3), (1,))
    ]
    assert found == [one for part in parts for one in part]
    assert len(found) == 15


def test_promises_of_more_links_than_are_looked_at_are_said_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes such a number for all."""
    monkeypatch.setattr(board, "PROMISED_LINKS", 2)
    scene = with_updates([("planned", 0)] * 3)
    for number in range(1, 4):
        scene.keep(_promise(scene, number, 0))
    assert sum(one.number for one in count_promises(scene.store, LEA, JUDGING, NOW).values()) == 2
    assert all(one.more for one in count_promises(scene.store, LEA, JUDGING, NOW).values())


def _place(text: str) -> Place:
    return read_place(text, FIRST_PROMISE)


def _promise(scene: Scene, ticket_id: int, number: int) -> Finding:
    return Finding(
        occurred_at=day(1 + number / 100),
        source_key=scene.key(),
        ticket_id=ticket_id,
        message_id=None,
        extractor="promises",
        version=1,
        kind=FindingKind.PROMISE,
        due_at=day(20 + 2 * number * ticket_id),
        value="",
    )
