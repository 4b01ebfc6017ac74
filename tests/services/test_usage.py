"""Importing usage: all of a file or nothing, twice is once, and accounts join the customers who write in."""

import json
import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from bugbridge.core.errors import DataError
from bugbridge.core.model import AuthorKind
from bugbridge.core.records import HappenedBy, KnownUpTo
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.services.frequencies import set_flow
from bugbridge.services.sources import source_named
from bugbridge.services.usage import PROBLEMS_SHOWN, UsageAt, UsageImport, import_usage
from tests.services.scene import ANN, CARLA, EVE, HELPDESK, Scene, day

HEADER = "account,flow,day,uses"
# Day 60 of the scene is the second of March 2026: the window ends on the first.
LAST = date(2026, 3, 1)
ACME = RemotePerson("ada", AuthorKind.CUSTOMER, name="Ada", account=RemoteAccount("17", "Acme"))


def row(account: str, flow: str = "export", ago: int = 0, uses: object = 1) -> str:
    """A line: an account used a flow so many days before the window's last."""
    return f"{account},{flow},{LAST - timedelta(days=ago)},{uses}"


def take_in(scene: Scene, *rows: str, dry_run: bool = False) -> UsageImport:
    """Import a file of these rows."""
    lines = [f"{line}\n".encode() for line in (HEADER, *rows)]
    source = source_named(scene.store, HELPDESK)
    return import_usage(scene.store, scene.clock, source, lines, ANN, where="usage.csv", dry_run=dry_run)


def refused(scene: Scene, *rows: str) -> list[str]:
    """What an import that is refused says, line by line."""
    with pytest.raises(DataError) as error:
        take_in(scene, *rows)
    return str(error.value).splitlines()


def usage_at(scene: Scene) -> UsageAt:
    """What is known of usage now."""
    return UsageAt(scene.store, KnownUpTo(scene.store.head()), scene.clock.now())


def days_by_name(scene: Scene) -> dict[str, int]:
    """The days on which each account used the export, by the account's id at the helpdesk."""
    ids = {account.id: account.remote_id for account in scene.store.accounts(source_named(scene.store, HELPDESK).id)}
    return {ids[account]: days for account, days in usage_at(scene).days_in(("export",)).items()}


def test_a_file_is_counted_and_kept() -> None:
    """Unknown accounts are kept too: they are active although they never wrote in."""
    scene = Scene().on(60)
    kept = take_in(scene, row("Acme"), row("Acme", ago=1), row("Bolt", "import"))
    assert (kept, len(usage_at(scene).active), days_by_name(scene)) == (UsageImport(3, 0, 0, 2, 2, 0), 2, {"Acme": 2})


def test_the_same_file_again_changes_nothing() -> None:
    """No event, no account."""
    scene = Scene().on(60)
    rows = [row("Acme"), row("Bolt")]
    take_in(scene, *rows)
    head = scene.store.head()
    assert (take_in(scene, *rows), scene.store.head()) == (UsageImport(0, 0, 2, 2, 0, 0), head)


def test_a_corrected_file_counts_anew() -> None:
    """The last number of an account, flow and day is the one that counts."""
    scene = Scene().on(60)
    take_in(scene, row("Acme"), row("Bolt"))
    assert (take_in(scene, row("Acme", uses=0), row("Bolt")).corrected, days_by_name(scene)) == (1, {"Bolt": 1})


def test_a_dry_run_says_the_same_and_keeps_nothing() -> None:
    """Neither usage nor accounts nor a bug to be judged."""
    scene = Scene().on(60)
    scene.reported()
    set_flow(scene.store, scene.clock, scene.issue(), "export", ANN)
    scene.plan()
    before = (scene.store.head(), len(scene.store.accounts(1)))
    tried = take_in(scene, row("Acme"), dry_run=True)
    assert ((scene.store.head(), len(scene.store.accounts(1))), scene.store.bugs_to_check(scene.clock.now())) == (
        before,
        (),
    )
    assert tried == take_in(scene, row("Acme"))


def test_all_problems_are_named_at_once_and_nothing_is_kept() -> None:
    """Each with its line and column; good rows among them aren't kept either."""
    scene = Scene().on(60)
    head = scene.store.head()
    said = refused(scene, row("Acme"), row("", uses="many"), row("Acme", ago=-5), row("Acme", uses=7))
    assert said == [
        "usage.csv:3: column account: it is empty.",
        f"usage.csv:3: column uses: 'many' is no whole number from 0 to {10**9:,}.",
        "usage.csv:4: column day: 2026-03-06 lies ahead.",
        "usage.csv:5: column uses: 7 for what line 2 says 1 of; keep one of them.",
        "Nothing was imported: correct the file and import it again.",
    ]
    assert (scene.store.head(), scene.store.accounts(1)) == (head, ())


def test_of_very_many_problems_the_first_are_shown_and_the_others_counted() -> None:
    """People correct a hundred at a time; a wrong file of a million rows needs no memory for them."""
    said = refused(Scene().on(60), *[row("Acme", uses="x")] * (PROBLEMS_SHOWN + 7))
    assert (len(said), said[-2]) == (PROBLEMS_SHOWN + 2, "usage.csv: and at least 7 more like these.")


def test_an_account_is_found_by_its_id_or_its_name() -> None:
    """Both mean the customers' account, so its two rows of one day may not differ."""
    scene = Scene().on(60)
    scene.reported(ACME)
    kept = take_in(scene, row("17"), row("Acme", ago=1))
    assert (kept.accounts, kept.new_accounts, days_by_name(scene)) == (1, 0, {"17": 2})
    assert refused(scene, row("17"), row("Acme", uses=2))[0].startswith("usage.csv:3: column uses: 2 for what line 2")


def test_a_name_of_several_accounts_is_refused() -> None:
    """The file must say which is meant."""
    scene = Scene().on(60)
    scene.reported(ACME)
    scene.reported(RemotePerson("bea", AuthorKind.CUSTOMER, account=RemoteAccount("18", "Acme")))
    assert refused(scene, row("Acme"))[0] == (
        "usage.csv:2: column account: 2 accounts are called 'Acme': write the id of the one that is meant."
    )


@pytest.mark.parametrize("called", ["17", "Acme"])
def test_an_account_that_writes_in_later_finds_its_usage(called: str) -> None:
    """Under its id it is the same account at once; under its name it is joined when the bug is judged."""
    scene = Scene().on(60)
    take_in(scene, row(called), row(called, ago=1))
    scene.reported(ACME)
    set_flow(scene.store, scene.clock, scene.issue(), "export", ANN)
    scene.plan()
    take_in(scene, row("Acme", ago=2))
    assert days_by_name(scene) == {"17": 3}


def test_no_name_gets_into_an_event_beside_the_flow() -> None:
    """Accounts are numbers there: names can be forgotten, events can't."""
    scene = Scene().on(60)
    take_in(scene, row("Secretive Ltd"))
    scene.reported(ACME)
    take_in(scene, row("Acme"))
    events = [tuple(one) for one in scene.store._rows("SELECT * FROM usage_day")]
    assert [name for name in ("Secretive", "Acme") if name in str(events)] == []


def test_the_order_of_rows_makes_no_difference() -> None:
    """Neither to what is kept nor to who it is kept for."""
    rows = [row(account, flow, ago) for account in ("Acme", "Bolt", "17") for flow in ("a", "b") for ago in range(3)]
    kept = []
    for order in (rows, rows[::-1], random.Random(5).sample(rows, len(rows))):  # noqa: S311 - an order, no secret
        scene = Scene().on(60)
        take_in(scene, *order)
        kept.append([tuple(one) for one in scene.store._rows("SELECT * FROM usage_day ORDER BY seq")])
    assert kept[0] == kept[1] == kept[2]


def test_bugs_with_a_flow_are_judged_after_an_import() -> None:
    """They don't wait for their week to be over; other bugs do."""
    scene = Scene().on(59)
    scene.reported(CARLA)
    scene.reported(EVE, "github:acme/app#34")
    set_flow(scene.store, scene.clock, scene.issue(), "export", ANN)
    scene.plan()
    scene.on(60)
    assert (take_in(scene, row("Acme")).bugs, scene.plan().checked) == (1, 1)


def test_usage_as_of_a_moment_holds_no_later_one() -> None:
    """What was imported later wasn't known, and a day that wasn't over hadn't happened."""
    scene = Scene().on(60)
    take_in(scene, row("Acme", ago=1))
    known = KnownUpTo(scene.store.head())
    take_in(scene, row("Bolt"), row("Acme", ago=1, uses=0))
    now = scene.clock.now()
    then = [UsageAt(scene.store, moment, now).days_in(("export",)) for moment in (known, HappenedBy(day(59)))]
    assert [len(days) for days in then] == [1, 0]


def lines_read(rows: Iterable[str], seen: list[int]) -> Iterable[bytes]:
    """Give lines, noting how many were asked for."""
    for number, line in enumerate(rows, 1):
        seen.append(number)
        yield f"{line}\n".encode()


def test_a_file_is_read_once_from_end_to_end() -> None:
    """It needn't fit into memory: lines are asked for one after another, never twice."""
    scene, seen = Scene().on(60), list[int]()
    rows = [HEADER, *(row(f"account {number}") for number in range(2500))]
    source = source_named(scene.store, HELPDESK)
    lines = lines_read(rows, seen)
    kept = import_usage(scene.store, scene.clock, source, lines, ANN, where="usage.csv", dry_run=False)
    assert (kept.new, seen) == (2500, list(range(1, 2502)))


def test_a_check_keeps_the_numbers_of_accounts_not_their_names() -> None:
    """The evidence of a verdict can be read for ever."""
    scene = Scene().on(60)
    scene.reported(ACME)
    set_flow(scene.store, scene.clock, scene.issue(), "export", ANN)
    take_in(scene, row("Acme"))
    scene.plan()
    event = scene.store.bug_history(scene.issue().bug_id, KnownUpTo(scene.store.head())).bug_events[-1]
    assert list(json.loads(event.value)["own_days"].values()) == [1]
