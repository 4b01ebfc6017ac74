"""Forgotten customers and expired tickets: what goes, what stays, and that nothing comes back."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.erasing import Erased, ErasedKind, Person
from bugbridge.core.errors import ForgottenError
from bugbridge.core.instants import months_before
from bugbridge.core.model import DeliveryState, Entity
from bugbridge.core.records import KnownUpTo, TicketRow
from bugbridge.services import forgetting
from bugbridge.services.checking import check
from bugbridge.services.forgetting import erase_expired, forget
from bugbridge.services.linking import refresh_ticket
from tests.services.scene import (
    ANN,
    CARLA,
    HELPDESK,
    ISSUE,
    RULES,
    KilledError,
    Scene,
    customer,
    day,
    raises,
    with_a_release_due,
)

OTTO = customer("otto")


def person(scene: Scene, who: str = "carla") -> Person:
    """A customer as kept."""
    found = scene.store.customer(scene.store.sources()[0].id, who)
    assert found is not None
    return found


def forgets(scene: Scene, who: str = "carla", *, dry_run: bool = False) -> Erased:
    """Forget a customer."""
    return forget(scene.store, scene.clock, [person(scene, who)], ANN, dry_run=dry_run).erased


def tickets(scene: Scene) -> list[TicketRow]:
    """Every ticket that is kept, erased ones too."""
    return [scene.store.ticket(row["id"]) for row in scene.store._rows("SELECT id FROM ticket ORDER BY id")]


def test_nothing_names_a_forgotten_customer() -> None:
    """Name, subject and all ids at the helpdesk are gone; that there was a ticket with messages stays."""
    scene, number = with_a_release_due()
    scene.send()
    before = scene.history(scene.key(number))
    erased = forgets(scene)
    after = scene.store.link_history(before.key, KnownUpTo(scene.store.head()))
    assert erased == Erased(people=1, organisations=1, tickets=1, messages=3, private_values=1, updates=1)
    assert (scene.store.find_ticket(HELPDESK, number), after.ticket.reference) == (None, "support:erased")
    assert [message.occurred_at for message in after.messages] == [message.occurred_at for message in before.messages]
    assert {message.remote_id for message in after.messages} == {""}
    assert {event.remote_id for event in after.delivery_events} == {""}
    assert scene.store.private(Entity.PARTY, after.ticket.requester_id or 0, "name") == ""
    assert check(scene.store).all == ()


def test_a_dry_run_counts_and_changes_nothing() -> None:
    """What it says is what forgetting then erases."""
    scene, number = with_a_release_due()
    counted = forgets(scene, dry_run=True)
    assert scene.row(number).remote_id == number
    assert forgets(scene) == counted


def test_reading_does_not_bring_back_a_forgotten_customer() -> None:
    """Their old ticket, when it changes, and any new one are left out and counted."""
    scene, number = with_a_release_due()
    forgets(scene)
    scene.on(3).writes_again(number)
    scene.writes_in(CARLA)
    assert scene.link().forgotten == 2
    assert [ticket.remote_id for ticket in tickets(scene)] == [""]
    assert check(scene.store).all == ()


def test_looking_at_a_forgotten_ticket_says_so() -> None:
    """It is there at the helpdesk, but nothing is done about it."""
    scene, number = with_a_release_due()
    forgets(scene)
    with pytest.raises(ForgottenError, match="was forgotten: nothing is kept of it"):
        refresh_ticket(scene.helpdesk, scene.store, scene.clock, RULES, number)


def test_nothing_is_planned_or_posted_for_a_forgotten_customer() -> None:
    """What was due is withdrawn, and what happens to the bug later calls for nothing."""
    scene, number = with_a_release_due()
    key = scene.key(number)
    forgets(scene)
    assert [str(item.state) for item in scene.store.updates_of(key)] == ["withdrawn"]
    scene.on(4).tracker.reopen(ISSUE, scene.clock.at)
    scene.sync()
    assert (scene.plan().decided, scene.send().posted, scene.reminders(number)) == (0, 0, 0)
    scene.store.touch_all()
    assert scene.plan().decided == 0


def test_a_delivery_under_way_is_taken_from_its_worker() -> None:
    """Somebody forgets the customer between the claim and the note: the note isn't posted."""
    scene, number = with_a_release_due()
    scene.helpdesk.just_before("messages", lambda: forgets(scene))
    assert scene.send().posted == 0
    assert scene.reminders(number) == 0
    assert [str(delivery.state) for delivery in scene.store.deliveries(None)] == ["withdrawn"]
    assert check(scene.store).all == ()


def test_a_delivery_in_doubt_is_given_up() -> None:
    """A note that may have been posted can't be looked up on a ticket without a name; nothing is posted after it."""
    scene, number = with_a_release_due()
    scene.store.just_before(DeliveryState.POSTED, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    forgets(scene)
    scene.clock.forward(timedelta(days=1))
    assert (scene.send().posted, scene.reminders(number)) == (0, 1)
    assert check(scene.store).all == ()


def test_others_keep_what_was_planned_with_it() -> None:
    """A customer's other people aren't touched: their updates are still told."""
    scene = Scene().on(1)
    first, second = scene.reported(CARLA), scene.reported(OTTO)
    scene.on(2).is_released()
    scene.decide()
    forgets(scene)
    assert scene.send().posted == 1
    assert (scene.reminders(first), scene.reminders(second)) == (0, 1)


def test_a_ticket_that_a_forgotten_customer_takes_over_is_erased() -> None:
    """It is theirs now, so nothing of it may be kept either."""
    scene, number = with_a_release_due()
    scene.reported(OTTO)
    forgets(scene, "otto")
    scene.on(3).changes_hands(number, OTTO)
    assert scene.link().forgotten == 1
    assert [ticket.remote_id for ticket in tickets(scene)] == ["", ""]
    assert check(scene.store).all == ()


def test_what_a_forgotten_customer_writes_on_anothers_ticket_is_left_out() -> None:
    """Their messages there lose their ids, and reading that ticket again doesn't bring their author back."""
    scene = Scene().on(1)
    number = scene.reported(OTTO)
    scene.reported(CARLA)
    scene.helpdesk.write(number, CARLA, "Me too.", scene.clock.at, public=True)
    scene.read()
    forgets(scene)
    scene.helpdesk.write(number, CARLA, "Still.", scene.clock.at, public=True)
    scene.read()
    assert scene.store.customer(1, "carla") is None
    assert [bool(message.remote_id) for message in scene.history(scene.key(number)).messages] == [
        True,
        True,
        True,
        False,
    ]
    assert check(scene.store).all == ()


def test_a_conversation_stays_whole_without_its_names() -> None:
    """What was said in a follow-up still counts for its ticket, though neither can be named."""
    scene = Scene().on(1)
    number = scene.reported(CARLA)
    scene.helpdesk.add_ticket(scene.clock.at, "Again.", CARLA, followup_of=number)
    scene.read()
    key = scene.key(number)
    before = len(scene.history(key).messages)
    forgets(scene)
    assert len(scene.store.link_history(key, KnownUpTo(scene.store.head())).messages) == before == 4
    assert check(scene.store).all == ()


def test_an_organisation_of_others_stays() -> None:
    """It is no person; only one of which nobody else is known goes with its customer."""
    scene = Scene().on(1)
    colleague = replace(OTTO, account=CARLA.account)
    scene.reported(CARLA)
    scene.reported(colleague)
    assert forgets(scene).organisations == 0
    assert forgets(scene, "otto").organisations == 1


def test_the_append_only_tables_allow_nothing_else() -> None:
    """Neither an erased ticket's other columns, nor ids of a ticket that is kept, can be changed."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.reported(OTTO)
    forgets(scene)
    erased, kept = (ticket.id for ticket in tickets(scene))
    for statement in (
        "UPDATE message SET public = 1 - public WHERE ticket_id = :erased",
        "UPDATE message SET remote_id = 'x' WHERE ticket_id = :erased",
        "UPDATE message SET remote_id = NULL, source_key = 'erased:' || seq WHERE ticket_id = :kept",
        "UPDATE fact_event SET value = 'erased:' || :erased, source_key = 'erased:' || seq WHERE entity_id = :erased",
        "DELETE FROM message WHERE ticket_id = :erased",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            scene.store._run(statement, {"erased": erased, "kept": kept})


def over(scene: Scene) -> str:
    """A ticket about a bug released on day 2, told and closed on day 3."""
    scene.on(1)
    number = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    scene.on(3).replies(number, "It is fixed in 4.2.")
    scene.solves(number)
    scene.decide()
    return number


def test_a_ticket_expires_once_it_has_been_over_for_so_long() -> None:
    """Not a day before: closed, silent, told, and its bug released, all more than two months ago."""
    scene = Scene()
    over(scene)
    scene.on(60)
    assert erase_expired(scene.store, scene.clock, 2).erased.tickets == 0
    scene.on(3 + 60)
    assert erase_expired(scene.store, scene.clock, 2, dry_run=True).erased.tickets == 1
    assert erase_expired(scene.store, scene.clock, 2).erased == Erased(1, 1, 1, 5, 1)
    assert erase_expired(scene.store, scene.clock, 2).erased == Erased()
    assert check(scene.store).all == ()


def test_a_dry_run_counts_over_all_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer goes with the last of their tickets, whichever transaction that falls into."""
    monkeypatch.setattr(forgetting, "BATCH", 1)
    scene = Scene().on(1)
    for _ in range(2):
        scene.solves(scene.writes_in(CARLA))
    scene.read()
    scene.on(100)
    counted = erase_expired(scene.store, scene.clock, 2, dry_run=True).erased
    assert (counted.people, counted.tickets) == (1, 2)
    assert erase_expired(scene.store, scene.clock, 2).erased == counted


def test_without_months_nothing_expires() -> None:
    """0, the default, keeps all."""
    scene = Scene()
    over(scene)
    scene.on(4000)
    assert erase_expired(scene.store, scene.clock, 0).erased == Erased()


@pytest.mark.parametrize("why", ["open", "bug-open", "not-told"])
def test_what_is_not_over_does_not_expire(why: str) -> None:
    """An open ticket, one whose bug isn't released, and one with a reminder that waits for its reply stay for ever."""
    scene = Scene().on(1)
    number = scene.reported()
    if why != "open":
        scene.solves(number)
    if why == "not-told":
        scene.on(2).is_released()
    scene.decide()
    scene.send()
    scene.on(4000)
    assert erase_expired(scene.store, scene.clock, 2).erased.tickets == 0


def test_an_expired_ticket_comes_back_only_when_it_is_opened_again() -> None:
    """Reading history again leaves it out; its customer's writing on it makes it news."""
    scene = Scene()
    number = over(scene)
    scene.on(100)
    erase_expired(scene.store, scene.clock, 2)
    scene.helpdesk.change(number, scene.clock.at)
    assert scene.link().forgotten == 1
    scene.on(101).writes_again(number)
    assert scene.link().forgotten == 0
    assert scene.row(number).remote_id == number
    assert check(scene.store).all == ()


def test_a_customer_with_another_ticket_stays() -> None:
    """Expiry takes a customer only with their last ticket."""
    scene = Scene()
    over(scene)
    scene.on(100).writes_in(CARLA)
    scene.read()
    assert erase_expired(scene.store, scene.clock, 2).erased.people == 0
    assert person(scene).name == "carla"


def test_a_follow_up_of_an_expired_ticket_does_not_name_it() -> None:
    """What comes later doesn't say again what was erased."""
    scene = Scene()
    number = over(scene)
    scene.on(100)
    erase_expired(scene.store, scene.clock, 2)
    scene.helpdesk.add_ticket(scene.clock.at, "Once more.", CARLA, followup_of=number)
    scene.read()
    assert scene.store._rows("SELECT 1 FROM fact_event WHERE kind = 'followup_of' AND value <> ''") == []


def test_months_end_on_days_that_there_are() -> None:
    """Two months before the end of April is the end of February."""
    assert months_before(day(118), 2).date().isoformat() == "2026-02-28"
    assert months_before(day(0), 12).date().isoformat() == "2025-01-01"


def test_the_deny_list_is_kept_as_hashes_under_a_key_of_its_own() -> None:
    """Two databases that forgot the same person have nothing in common."""
    keys = []
    for _ in range(2):
        scene, number = with_a_release_due()
        forgets(scene)
        assert scene.store.denied(1, ErasedKind.TICKET, [number, "99"]) == {number}
        keys.append(scene.store._value("SELECT erased_key FROM party WHERE erased_key <> ''"))
    assert keys[0] != keys[1]
    assert "carla" not in keys[0]
