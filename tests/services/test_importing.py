"""Importing: a file is kept whole or not at all, once, and never over what is known better."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.import_cells import FileSource
from bugbridge.core.imported_bugs import BUG_COLUMNS, BUG_MEANINGS
from bugbridge.core.imported_tickets import TICKET_COLUMNS, TICKET_MEANINGS
from bugbridge.core.imports import FileLine, Reading
from bugbridge.core.model import Entity, FactKind, TicketStatus
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey
from bugbridge.core.stages import timeline
from bugbridge.services.auditing import run_audit
from bugbridge.services.importing import Contradictions
from bugbridge.services.importing_bugs import BugsImported, import_bugs
from bugbridge.services.importing_tickets import TicketsImported, import_tickets
from bugbridge.store.bulk import FileRegister
from tests.services.scene import ANN, HELPDESK, ISSUE, OTHER_ISSUE, RULES, TRACKER, Scene, day

Cells = dict[str, Any]
DATE, LATER, LATEST = "2026-01-03", "2026-01-05", "2026-01-07"


class MemoryFile:
    """A file of rows that can change between two readings of it."""

    def __init__(self, rows: Sequence[Cells], then: Sequence[Cells] | None = None) -> None:
        self.name = "export.csv"
        self.fingerprint = ""
        self._readings = [rows, rows if then is None else then]

    def lines(self) -> Iterator[FileLine]:
        rows = self._readings.pop(0)
        for number, cells in enumerate(rows, start=2):
            yield FileLine(number, cells)
        self.fingerprint = json.dumps(rows)


class Import(Scene):
    """A team that brings history along, a month after its first day."""

    def __init__(self, helpdesk: str = "history", tracker: str = "bugs") -> None:
        super().__init__()
        self.on(30)
        self.sources = {
            "helpdesk": FileSource(helpdesk, helpdesk == HELPDESK),
            "tracker": FileSource(tracker, tracker == TRACKER),
        }

    def reading(self) -> Reading:
        """How lines are read whose columns are called as ours."""
        names = [column.name for column in (*TICKET_COLUMNS, *BUG_COLUMNS)]
        return Reading(
            columns={name: name for name in names},
            zone=ZoneInfo("UTC"),
            now=self.clock.now(),
            rules=RULES,
            meanings={**TICKET_MEANINGS, **BUG_MEANINGS},
            **self.sources,
        )

    def tickets(self, *rows: Cells, then: Sequence[Cells] | None = None, dry_run: bool = False) -> TicketsImported:
        """Import tickets; a row that says nothing else was created on the third of January."""
        whole = [{"created_at": DATE, **row} for row in rows]
        with closing(FileRegister()) as register:
            file = MemoryFile(whole, then)
            return import_tickets(self.store, self.clock, ANN, file, self.reading(), register, dry_run=dry_run)

    def bugs(self, *rows: Cells, dry_run: bool = False) -> BugsImported:
        """Import bugs, created on the third of January as well."""
        whole = [{"created_at": DATE, **row} for row in rows]
        with closing(FileRegister()) as register:
            return import_bugs(self.store, self.clock, MemoryFile(whole), self.reading(), register, dry_run=dry_run)

    def kept(self) -> dict[str, int]:
        """How many rows each table has, and the last event's number."""
        names = [row["name"] for row in self.store._rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: int(self.store._value(f"SELECT count(*) FROM [{name}]")) for name in names}  # noqa: S608 - our own tables
        return {**counts, "head": self.store.head()}

    def ticket_facts(self, remote_id: str) -> dict[FactKind, str]:
        """What is known of a ticket of the file's helpdesk."""
        return self._facts(Entity.TICKET, self.ticket_row(remote_id).id)

    def customer_facts(self, remote_id: str) -> dict[FactKind, str]:
        """What is known of its customer."""
        return self._facts(Entity.PARTY, self.ticket_row(remote_id).requester_id or 0)

    def tier(self, remote_id: str) -> str:
        """The plan of its customer's account."""
        account_id = int(self.customer_facts(remote_id)[FactKind.ACCOUNT])
        return self._facts(Entity.PARTY, account_id)[FactKind.TIER]

    def _facts(self, entity: Entity, entity_id: int) -> dict[FactKind, str]:
        return {kind: fact.value for kind, fact in self.store.facts(entity, entity_id).items()}

    def ticket_row(self, remote_id: str) -> Any:
        """A ticket of the file's helpdesk."""
        found = self.store.find_ticket(self.sources["helpdesk"].name, remote_id)
        assert found is not None
        return found

    def link_of(self, remote_id: str, reference: str) -> LinkHistory:
        """All that is known of a link."""
        issue = self.store.find_issue(reference)
        assert issue is not None
        return self.store.link_history(
            LinkKey(self.ticket_row(remote_id).id, issue.bug_id), KnownUpTo(self.store.head())
        )


FULL: Cells = {
    "id": "1", "updated_at": LATER, "status": "solved", "requester": "ann@example.com", "requester_name": "Ann",
    "account": "Acme", "tier": "enterprise", "language": "de", "zone": "Europe/Berlin", "brand": "shop",
    "subject": "Export", "assignee": "ben", "bugs": "12;13", "linked_at": "2026-01-04", "replies": f"{LATER};{LATEST}",
    "customer_messages": LATER,
}  # fmt: skip
FIXED: Cells = {"id": "12", "fixed_at": "2026-01-06", "released_at": "2026-01-08", "version": "4.2"}


def test_two_files_are_enough_for_an_audit() -> None:
    """Report to fix, and replies after news, without any account."""
    scene = Import()
    assert scene.tickets(FULL, {"id": "2", "bugs": "12"}) == TicketsImported(new=2, messages=3, unread_bugs=2)
    assert scene.bugs(FIXED, {"id": "13"}) == BugsImported(new=2, links=3)
    audit = run_audit(scene.store, scene.clock)
    assert [(bug.reference, bug.days, bug.links, bug.updates_sent) for bug in audit.bugs] == [("bugs:12", 3.0, 2, 1)]


def test_without_conversations_in_a_file_nobody_knows_what_was_heard() -> None:
    """That nothing was said can't be told from that nothing was brought along; the days are known all the same."""
    scene = Import()
    scene.tickets({"id": "1", "bugs": "12", "customer_messages": LATER, "requester": "ann"})
    scene.bugs(FIXED)
    audit = run_audit(scene.store, scene.clock)
    assert [(bug.days, bug.waiting, bug.updates_sent) for bug in audit.bugs] == [(3, None, None)]
    assert (audit.replies.bugs, audit.replies.unknown) == (0, 1)


def test_a_file_with_replies_tells_of_those_who_heard_nothing() -> None:
    """One ticket has replies, so the other's customer had none."""
    scene = Import()
    scene.tickets({"id": "1", "bugs": "14", "replies": LATER}, {"id": "2", "bugs": "12"})
    scene.bugs(FIXED)
    (bug,) = run_audit(scene.store, scene.clock).bugs
    assert bug.waiting is not None
    assert (bug.waiting.replies, bug.waiting.not_told) == (0, 1)


def test_tickets_imported_for_a_helpdesk_that_is_read_are_unknown_until_it_is() -> None:
    """Its other tickets have their messages."""
    scene = Import(helpdesk=HELPDESK, tracker=TRACKER)
    scene.reported()
    scene.tickets({"id": "999", "bugs": "acme/app#34"})
    scene.sync()
    for reference in (ISSUE, OTHER_ISSUE):
        scene.tracker.close(reference, day(31))
    scene.on(31).sync()
    known = {bug.reference: bug.waiting is not None for bug in run_audit(scene.store, scene.clock).bugs}
    assert known == {ISSUE: True, OTHER_ISSUE: False}


def test_a_file_says_nothing_of_fixes_before_the_last() -> None:
    """It has one date of a kind: whether there were earlier ones nobody knows."""
    scene = Import()
    scene.tickets(FULL)
    scene.bugs({**FIXED, "reopened_at": "2026-01-05", "labels": "ui, export"})
    (bug,) = run_audit(scene.store, scene.clock).bugs
    assert (bug.closes, bug.first_fixed_at, bug.released_at is not None) == (None, None, True)
    assert (bug.tracker, bug.tiers, bug.brands, bug.labels) == ("bugs", ("enterprise",), ("shop",), ("export", "ui"))


def test_the_files_may_come_in_either_order() -> None:
    """Links are made as soon as both of their ends are known."""
    scene = Import()
    assert scene.bugs(FIXED) == BugsImported(new=1)
    assert scene.tickets(FULL) == TicketsImported(new=1, messages=3, links=1, unread_bugs=1)
    assert scene.bugs({"id": "13"}).links == 1


def test_every_column_of_a_ticket_is_kept() -> None:
    """Facts are dated back to the ticket's beginning, as with one that is read; names and words are private values."""
    scene = Import()
    scene.tickets(FULL)
    row = scene.ticket_row("1")
    facts = scene.ticket_facts("1")
    assert (facts[FactKind.STATUS], facts[FactKind.BRAND], facts[FactKind.REQUESTER]) == (
        "solved",
        "shop",
        str(row.requester_id),
    )
    assert int(facts[FactKind.ASSIGNEE]) != row.requester_id
    customer = scene.customer_facts("1")
    assert (customer[FactKind.LOCALE], customer[FactKind.ZONE], scene.tier("1")) == (
        "de",
        "Europe/Berlin",
        "enterprise",
    )
    words = [scene.store.private(Entity.PARTY, row.requester_id, name) for name in ("name", "address")]
    assert [*words, scene.store.private(Entity.TICKET, row.id, "subject")] == ["Ann", "ann@example.com", "Export"]
    status = scene.store.facts(Entity.TICKET, row.id)[FactKind.STATUS]
    assert (status.occurred_at, status.assumed) == (row.created_at, True)


def test_a_link_is_as_old_as_its_file_says() -> None:
    """Only replies after it count; one that nobody dated is as old as its ticket."""
    scene = Import()
    scene.tickets(FULL, {"id": "2", "bugs": "12"})
    scene.bugs(FIXED)
    made = [scene.link_of(ticket, "bugs:12").link_events[0].occurred_at for ticket in ("1", "2")]
    assert made == [datetime(2026, 1, 4, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)]


def test_nothing_becomes_due_through_an_import() -> None:
    """What happened before it was brought along is background, also once the helpdesk is live."""
    scene = Import(HELPDESK, TRACKER)
    scene.tickets({**FULL, "bugs": "acme/app#12"})
    scene.bugs({**FIXED, "id": "acme/app#12"})
    scene.plan()
    assert scene.states("1") == {ISSUE: "linked"}
    assert scene.updates("1") == []


def test_importing_twice_changes_nothing() -> None:
    """No event and no row, also where customers' plans changed and lines come in any order."""
    scene = Import()
    rows = [
        {"id": "1", "requester": "c", "account": "a", "tier": "gold", "updated_at": "2026-01-04", "bugs": "12"},
        {"id": "2", "requester": "c", "account": "a", "tier": "gold", "updated_at": "2026-01-09", "replies": LATER},
        {"id": "3", "requester": "c", "account": "a", "tier": "free", "updated_at": "2026-01-06", "bugs": "12 13"},
        {"id": "4", "requester": "d", "account": "a", "tier": "trial", "updated_at": "2026-01-08", "assignee": "ben"},
    ]
    bugs = [FIXED, {"id": "13", "duplicate_of": "12", "labels": "b;a"}]
    scene.tickets(*rows)
    scene.bugs(*bugs)
    before = scene.kept()
    scene.on(31)
    assert scene.tickets(*rows) == TicketsImported(known=4)
    assert scene.bugs(*bugs) == BugsImported(known=2)
    assert scene.kept() == before
    assert scene.tier("1") == "gold"


def test_a_corrected_file_adds_what_is_new() -> None:
    """Further lines, links, replies and facts arrive; what stood stays."""
    scene = Import()
    scene.bugs(FIXED, {"id": "13"})
    scene.tickets({"id": "1", "status": "open", "bugs": "12", "replies": LATER})
    made = scene.tickets(
        {"id": "1", "status": "solved", "bugs": "12 13", "replies": f"{LATER};{LATEST}", "requester": "c"}, {"id": "2"}
    )
    assert made == TicketsImported(new=1, known=1, messages=1, links=1)
    assert (scene.ticket_facts("1")[FactKind.STATUS], scene.ticket_row("1").requester_id is None) == ("solved", False)
    scene.bugs({"id": "13", "fixed_at": LATEST})
    issue = scene.store.find_issue("bugs:13")
    assert issue is not None
    history = scene.store.bug_history(issue.bug_id, KnownUpTo(scene.store.head()))
    assert timeline(history).stage == "fixed"


def test_an_older_file_takes_nothing_back() -> None:
    """Facts are as of a ticket's last change: an earlier export adds its replies and links, and changes none."""
    scene = Import()
    scene.tickets({**FULL, "updated_at": LATEST})
    old = {**FULL, "updated_at": LATER, "status": "open", "tier": "free", "subject": "Old", "requester_name": "Old"}
    assert scene.tickets({**old, "replies": "2026-01-04"}).messages == 1
    row = scene.ticket_row("1")
    assert (scene.ticket_facts("1")[FactKind.STATUS], scene.tier("1")) == ("solved", "enterprise")
    assert scene.store.private(Entity.TICKET, row.id, "subject") == "Export"
    assert scene.store.private(Entity.PARTY, row.requester_id, "name") == "Ann"


def test_a_newer_file_brings_a_customers_present_plan() -> None:
    """Only the line that speaks of a customer last is believed, wherever in the file it stands."""
    scene = Import()
    scene.tickets({**FULL, "tier": "free", "updated_at": "2026-01-04"})
    newer = {**FULL, "id": "3", "updated_at": LATEST, "tier": "enterprise"}
    scene.tickets(newer, {**FULL, "id": "2", "updated_at": LATER, "tier": "trial"})
    assert scene.tier("1") == "enterprise"


def test_what_was_read_from_the_helpdesk_itself_stands() -> None:
    """A ticket that was synced keeps its facts and messages, and gets the links that the file knows."""
    scene = Import(HELPDESK, TRACKER)
    scene.on(1)
    ticket = scene.reported()
    scene.solves(ticket)
    scene.read()
    scene.on(30)
    before = scene.ticket_facts(ticket)
    row = {"id": ticket, "status": "open", "requester": "carla", "replies": LATER, "updated_at": LATEST}
    made = scene.tickets({**row, "bugs": "acme/app#34"})
    assert (made.known, made.messages) == (1, 0)
    assert scene.ticket_facts(ticket) == before
    scene.sync()
    assert set(scene.states(ticket).values()) == {"linked"}
    assert len(scene.states(ticket)) == 2


def test_a_synced_helpdesk_goes_on_from_what_was_imported() -> None:
    """What is read later than the file is newer than it."""
    scene = Import(HELPDESK, TRACKER)
    scene.on(2)
    ticket = scene.writes_in()
    scene.on(30).tickets({"id": ticket, "status": "open", "requester": "carla"})
    scene.solves(ticket)
    scene.read()
    assert scene.ticket_facts(ticket)[FactKind.STATUS] == TicketStatus.SOLVED
    scene.tickets({"id": ticket, "status": "open", "requester": "carla"})
    assert scene.ticket_facts(ticket)[FactKind.STATUS] == TicketStatus.SOLVED


def test_a_bug_that_its_tracker_told_of_stays_as_it_is() -> None:
    """An export knows no better than the tracker."""
    scene = Import(HELPDESK, TRACKER)
    scene.on(1)
    scene.reported()
    scene.on(30)
    before = scene.kept()
    assert scene.bugs({"id": "acme/app#12", "released_at": LATER}) == BugsImported(known=1)
    assert scene.kept() == before


def test_a_bug_that_ended_before_the_ticket_is_suggested() -> None:
    """As with a note: the customer may have an old version, or another bug."""
    scene = Import()
    scene.bugs({**FIXED, "created_at": "2026-01-01", "fixed_at": "2026-01-02", "released_at": "2026-01-02"})
    made = scene.tickets({"id": "1", "bugs": "12"})
    assert (made.links, made.suggestions) == (0, 1)


def test_duplicates_are_one_bug() -> None:
    """A duplicate's tickets report its survivor, in whichever order their lines stand."""
    scene = Import()
    scene.tickets({"id": "1", "bugs": "12"}, {"id": "2", "bugs": "13"})
    scene.bugs({"id": "13", "duplicate_of": "12", "resolution": "duplicate"}, FIXED)
    audit = run_audit(scene.store, scene.clock)
    assert [(bug.reference, bug.links) for bug in audit.bugs] == [("bugs:12", 2)]


def test_nothing_of_a_file_with_a_mistake_is_kept() -> None:
    """All of its mistakes are said, three of a kind in words; a line that stands twice is named by both."""
    scene = Import()
    before = scene.kept()
    rows: list[Cells] = [{"id": "1"}, {"id": "1", "created_at": "x"}, {"id": "1"}]
    rows += [{"id": str(number), "created_at": "yesterday"} for number in range(10, 70)]
    with pytest.raises(DataError) as caught:
        scene.tickets(*rows)
    told = str(caught.value).splitlines()
    assert told[0] == "export.csv has 62 problems; nothing was imported."
    assert told[1].startswith("Line 3, column created_at: 'x' is no date")
    assert told[2] == "Line 4, column id: 1 stands in line 2 already; a ticket has one line."
    assert [line.split(" is no date")[0] for line in told[3:5]] == [
        f"Line {line}, column created_at: 'yesterday'" for line in (5, 6)
    ]
    assert told[5] == "… and 58 more in column 'created_at' like line 3."
    assert "yyyy-mm-dd hh:mm" in told[6]
    assert len(told) == 7
    with pytest.raises(DataError, match=r"Line 3, column id: 12 stands in line 2 already; a bug has one line\."):
        scene.bugs(FIXED, FIXED)
    assert scene.kept() == before


@pytest.mark.parametrize(
    "then",
    [
        [{"id": "1", "created_at": DATE}],
        [{"id": "1", "created_at": DATE}, {"id": "3", "created_at": DATE}],
        [{"id": "1", "created_at": DATE}, {"id": "2", "created_at": "?"}],
    ],
)
def test_a_file_that_changes_meanwhile_is_undone(then: list[Cells]) -> None:
    """An export that is still being written is never half-imported."""
    scene = Import()
    before = scene.kept()
    with pytest.raises(DataError, match="changed while it was read; nothing was imported"):
        scene.tickets({"id": "1"}, {"id": "2"}, then=then)
    assert scene.kept() == before


def test_a_dry_run_says_what_would_be_and_keeps_nothing() -> None:
    """Its figures are those of the import itself."""
    scene = Import()
    scene.tickets({"id": "2", "bugs": "12"})
    before = scene.kept()
    dry = scene.tickets(FULL, {"id": "2"}, dry_run=True), scene.bugs(FIXED, dry_run=True)
    assert scene.kept() == before
    assert dry == (TicketsImported(new=1, known=1, messages=3, unread_bugs=2), BugsImported(new=1, links=1))
    assert scene.tickets(FULL, {"id": "2"}) == dry[0]


def test_a_name_is_of_one_role() -> None:
    """A ticket's id would mean a bug."""
    scene = Import()
    scene.tickets(FULL)
    other = Import()
    other.store = scene.store
    other.sources = {
        "helpdesk": FileSource("bugs", is_configured=False),
        "tracker": FileSource("x", is_configured=False),
    }
    with pytest.raises(UsageError, match="bugs is a tracker here: name another helpdesk with --helpdesk"):
        other.tickets(FULL)


def test_bugs_that_only_tickets_name_are_counted() -> None:
    """So that a file that lacks some of them is noticed."""
    scene = Import()
    scene.tickets({"id": "1", "bugs": "12 99"})
    assert scene.bugs(FIXED).unread_bugs == 1


def test_many_kinds_of_mistakes_stay_bounded() -> None:
    """Fifty sentences are enough of any file; the others are counted."""
    scene = Import()
    kinds = ["".join(chr(97 + number // 26**place % 26) for place in range(2)) for number in range(70)]
    with pytest.raises(DataError) as caught:
        scene.tickets(*[{"id": str(number), "status": [kind]} for number, kind in enumerate(kinds)])
    told = str(caught.value).splitlines()
    assert told[0] == "export.csv has 70 problems; nothing was imported."
    assert len(told) <= 53


@pytest.mark.parametrize(
    ("later", "count"),
    [
        ({"fixed_at": "2026-01-07"}, 1),
        ({"created_at": "2026-01-04"}, 1),
        ({"released_at": "2026-01-09"}, 1),
        ({"declined_at": "", "fixed_at": ""}, 0),
        ({"fixed_at": "2026-01-05"}, 0),
    ],
)
def test_a_bugs_date_that_cannot_be_taken_back_is_counted(later: Cells, count: int) -> None:
    """Of two dates of one stage the earlier one counts: a later one changes nothing, which is said."""
    scene = Import()
    scene.bugs({"id": "11"}, FIXED)
    made = scene.bugs({"id": "11"}, {**FIXED, **later})
    assert made.contradictions == Contradictions(count, ("bugs:12",) * count)


@pytest.mark.parametrize(
    ("later", "count"),
    [({"created_at": "2026-01-02"}, 1), ({"linked_at": "2026-01-05"}, 1), ({"linked_at": ""}, 0), ({"bugs": "14"}, 0)],
)
def test_a_tickets_date_that_cannot_be_taken_back_is_counted(later: Cells, count: int) -> None:
    """When a ticket began and was linked stays as it was said first."""
    scene = Import()
    scene.tickets(FULL)
    made = scene.tickets({**FULL, **later}, {"id": "2", "linked_at": "", "bugs": "12"})
    assert made.contradictions == Contradictions(count, ("history:1",) * count)


def test_only_the_first_contradictions_are_named() -> None:
    """However many there are, the answer stays short."""
    scene = Import()
    scene.bugs(*[{"id": str(number)} for number in range(9)])
    made = scene.bugs(*[{"id": str(number), "created_at": LATER} for number in range(9)])
    assert made.contradictions == Contradictions(9, tuple(f"bugs:{number}" for number in range(5)))


def reads_of_links(count: int) -> list[int]:
    """How often all links of a bug are read by importing it, by importing its tickets again, and by an audit."""
    scene = Import()
    rows = [{"id": str(number), "bugs": "12", "replies": LATEST} for number in range(count)]
    asked: list[str] = []
    scene.store._connection().set_trace_callback(asked.append)
    reads = []
    for step in (lambda: scene.bugs(FIXED), lambda: scene.tickets(*rows), lambda: run_audit(scene.store, scene.clock)):
        asked.clear()
        if not reads:
            scene.tickets(*rows)
        step()
        reads.append(sum("kind IN ('linked', 'unlinked')" in text for text in asked))
    return reads


def test_what_a_bug_costs_grows_with_its_tickets_alone() -> None:
    """All links of a bug are read a fixed number of times, not once for each of them."""
    assert reads_of_links(3) == reads_of_links(12)


def test_a_links_history_takes_a_bug_that_was_read_before() -> None:
    """It is the same history, whoever read the bug."""
    scene = Import()
    scene.tickets(FULL, {"id": "2", "bugs": "12"})
    scene.bugs(FIXED)
    link, moment = scene.link_of("1", "bugs:12"), KnownUpTo(scene.store.head())
    bug = scene.store.bug_history(link.key.bug_id, moment)
    assert scene.store.link_history(link.key, moment, bug) == link
    assert scene.store.bug_course(link.key.bug_id, moment) == replace(bug, links=(), reported_at=None)
