"""Customers who ask to be forgotten, and tickets that are long over, by the commands on a database file."""

from datetime import timedelta
from pathlib import Path

import pytest

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.store.sqlite import open_store
from tests.entry.scene import CONFIG, START, Scene

ADDRESS = "wilhelmina.unverwechselbar@example.org"
NAME, SUBJECT, COMPANY = "Wilhelmina Unverwechselbar", "Quartalsabschluss zerbricht", "Unverwechselbar Consulting"
WILHELMINA = RemotePerson(
    ADDRESS, AuthorKind.CUSTOMER, name=NAME, address=ADDRESS, account=RemoteAccount(COMPANY, name=COMPANY)
)
MANY = 40


def database(scene: Scene) -> Path:
    """The scene's database file."""
    return scene.config.parent / "bugbridge.sqlite"


def wilhelmina(scene: Scene, tickets: int = 3) -> list[str]:
    """Have a customer whose address is their id report, be reminded about and write again; among many others."""
    scene.released()
    numbers = []
    for index in range(MANY):
        person = WILHELMINA if index % (MANY // tickets) == 1 else RemotePerson(f"someone-{index}", AuthorKind.CUSTOMER)
        subject = SUBJECT if person is WILHELMINA else f"Something {index}"
        number = scene.helpdesk.add_ticket(START - timedelta(days=3), requester=person, subject=subject)
        scene.helpdesk.write(number, person, "That is broken.", START, public=True)
        scene.helpdesk.write(number, scene.helpdesk.ticket(number).assignee, "acme/app#12", START, public=False)  # type: ignore[arg-type]
        if person is WILHELMINA:
            numbers.append(number)
    scene.read()
    scene.say("send")
    return numbers


def raw(scene: Scene) -> bytes:
    """All bytes of the database's files."""
    return b"".join(one.read_bytes() for one in scene.config.parent.glob("bugbridge.sqlite*"))


def test_no_byte_of_a_forgotten_customer_is_left(scene: Scene) -> None:
    """Neither name nor address, subject nor organisation can be found in the database's files with any tool."""
    wilhelmina(scene)
    words = [word.encode() for word in (NAME, ADDRESS, SUBJECT, COMPANY)]
    assert [word in raw(scene) for word in words] == [True] * 4
    facts = scene.facts("forget", "--customer", ADDRESS, "--yes")
    assert facts["scrubbed"]
    assert [word for word in words if word in raw(scene)] == []
    assert scene.facts("check")["clean"]


def test_the_numbers_of_a_forgotten_customers_tickets_are_gone(scene: Scene) -> None:
    """Not one column of one table holds them any more."""
    numbers = wilhelmina(scene)
    messages = [message.remote_id for number in numbers for message in scene.helpdesk.messages(number)]
    scene.say("forget", f"support:{numbers[0]}", "--yes")
    rows = list(open_store(database(scene)).export(personal=True))
    kept = {(table, row["remote_id"]) for table, row in rows if "remote_id" in row}
    assert kept.isdisjoint({("ticket", number) for number in numbers})
    assert kept.isdisjoint({(table, message) for table in ("message", "delivery_event") for message in messages})
    keys = {str(row["source_key"]) for table, row in rows if table == "message"}
    assert {key.rpartition(":")[2] for key in keys if not key.startswith("erased:")}.isdisjoint(messages)


def test_the_audit_counts_a_forgotten_customer(scene: Scene) -> None:
    """What happened, happened: the figures are the same before and after."""
    numbers = wilhelmina(scene)
    before = scene.facts("audit")
    scene.say("forget", f"support:{numbers[0]}", "--yes")
    after = scene.facts("audit")
    assert {key: value for key, value in after.items() if key != "made_at"} == {
        key: value for key, value in before.items() if key != "made_at"
    }


def test_forgetting_shows_what_it_does_and_asks(scene: Scene) -> None:
    """No is the end of it; a dry run isn't asked about."""
    number = wilhelmina(scene)[0]
    result = scene.run("forget", f"support:{number}", typed="n\n")
    assert result.exit_code == 1
    assert f"support:{ADDRESS} ({NAME}, {ADDRESS})" in result.stdout
    assert "To be erased: 1 customer, 1 organisation that was theirs alone, 3 tickets" in result.stdout
    assert "backups made before hold all of it" in result.stdout
    assert "Nothing was erased" in scene.say("forget", f"support:{number}", "--dry-run")
    assert scene.run("forget", f"support:{number}", "--json").exit_code == 2
    assert NAME.encode() in raw(scene)


def test_forgetting_twice_says_so(scene: Scene) -> None:
    """By ticket, by id and by address, and nothing goes wrong."""
    number = wilhelmina(scene)[0]
    scene.say("forget", f"support:{number}", "--yes")
    for who in ((f"support:{number}",), ("--customer", f"support:{ADDRESS}"), ("--customer", ADDRESS)):
        assert "forgotten already, or never known here" in scene.say("forget", *who, "--yes")


def test_a_forgotten_customer_stays_away(scene: Scene) -> None:
    """`sync` says how many it left out, and `link` refuses in one sentence."""
    number = wilhelmina(scene)[0]
    scene.say("forget", f"support:{number}", "--yes")
    scene.helpdesk.write(number, WILHELMINA, "Hello?", START, public=True)
    assert scene.facts("sync")["read"]["link support"]["forgotten"] == 1
    refused = scene.run("link", f"support:{number}", "acme/app#12")
    assert (refused.exit_code, "was forgotten: nothing is kept of it" in refused.stderr) == (2, True)
    assert NAME.encode() not in raw(scene)


def test_an_import_leaves_out_the_forgotten(scene: Scene) -> None:
    """A file that still names them is imported but for their lines, which are counted."""
    file = scene.config.parent / "tickets.csv"
    file.write_text("id,created_at,requester\n1,2026-01-01,wilhelmina\n2,2026-01-02,otto\n", encoding="utf-8")
    scene.say("import", "tickets", "tickets.csv", "--helpdesk", "old")
    scene.say("forget", "--customer", "old:wilhelmina", "--yes")
    facts = scene.facts("import", "tickets", "tickets.csv", "--helpdesk", "old")
    assert (facts["new"], facts["known"], facts["forgotten"]) == (0, 1, 1)


def test_forgetting_needs_one_person(scene: Scene) -> None:
    """Nobody, or two ways to say who, is wrong use."""
    assert scene.run("forget").exit_code == 2
    assert scene.run("forget", "support:1", "--expired").exit_code == 2
    assert "Tickets are kept for ever" in scene.run("forget", "--expired", "--dry-run").stderr


def test_expired_tickets_are_erased_by_hand_and_by_the_daemon(scene: Scene) -> None:
    """`months` in [retention] says after how long; the step is the daemon's only where it is set."""
    from bugbridge.entry import jobs
    from bugbridge.entry.door import Door

    number = scene.reported_bug().partition(":")[2]
    scene.read()
    scene.tracker.close("github:acme/app#12", START)
    scene.say("sync")
    scene.say("release", "acme/app#12", "4.2")
    scene.helpdesk.change(number, START, status=TicketStatus.CLOSED)
    scene.read()
    scene.clock.at += timedelta(days=100)
    assert [job for job in jobs.all_jobs(Door(scene.config).app) if job.name == "retention"] == []
    scene.config.write_text(CONFIG + "\n[retention]\nmonths = 2\n", encoding="utf-8")
    assert scene.facts("forget", "--expired", "--dry-run")["erased"]["tickets"] == 1
    job = next(job for job in jobs.all_jobs(Door(scene.config).app) if job.name == "retention")
    assert job.run().tickets == 1  # type: ignore[union-attr]
    assert scene.facts("forget", "--expired", "--yes")["erased"]["tickets"] == 0


def test_a_file_in_use_is_said_to_hold_remnants(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased is erased, but nobody is told that nothing is left where that isn't so."""
    wilhelmina(scene)
    monkeypatch.setattr("bugbridge.store.sqlite.SqliteStore.scrub", lambda _store: False)
    assert "remnants may lie on in it" in scene.say("forget", "--customer", ADDRESS, "--yes")
