"""Lines of exports: what each column means, and how what can't be read is named."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.import_cells import FileSource
from bugbridge.core.imported_bugs import BUG_COLUMNS, BUG_MEANINGS, bug_of_row
from bugbridge.core.imported_tickets import TICKET_COLUMNS, TICKET_MEANINGS, ImportedTicket, ticket_of_row
from bugbridge.core.imports import Column, Reading, Repeated, Row, choose_columns, choose_meanings
from bugbridge.core.model import Stage
from bugbridge.core.references import HelpdeskPattern, ReferenceRules, TrackerPattern
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.core.stages import stage_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 7, 1, tzinfo=UTC)
RULES = ReferenceRules(
    trackers=(
        TrackerPattern("jira", "jira", "https://acme.atlassian.net", frozenset({"APP"})),
        TrackerPattern("github", "github", "https://github.com", frozenset({"acme/app"})),
    ),
    helpdesks=(HelpdeskPattern("support", "https://rt.example.com", "/t/(?P<number>[0-9]+)"),),
)
MEANINGS = {**TICKET_MEANINGS, **BUG_MEANINGS}
NOTHING = ReferenceRules((), ())
KNOWN = (Column("id", "an id", required=True), Column("created_at", "a date", required=True), Column("bugs", "bugs"))


def reading(tracker: str = "bugs", helpdesk: str = "history", rules: ReferenceRules = NOTHING) -> Reading:
    """How lines are read whose columns are called as ours; sources are configured where the rules know them."""
    names = [column.name for column in (*TICKET_COLUMNS, *BUG_COLUMNS)]
    configured = {pattern.name for pattern in (*rules.trackers, *rules.helpdesks)}
    sources = {
        "helpdesk": FileSource(helpdesk, helpdesk in configured),
        "tracker": FileSource(tracker, tracker in configured),
    }
    return Reading(
        columns=dict(zip(names, names, strict=True)),
        zone=BERLIN,
        now=NOW,
        rules=rules,
        meanings=MEANINGS,
        **sources,
    )


def row(how: Reading | None = None, /, **cells: Any) -> Row:
    """Line 7, with an id and a date unless they are given."""
    return Row(7, {"id": "4711", "created_at": "2026-06-01", **cells}, how or reading())


def ticket(how: Reading | None = None, /, **cells: Any) -> ImportedTicket:
    """A ticket whose line is well."""
    line = row(how, **cells)
    read = ticket_of_row(line)
    assert line.problems == []
    return read


def bug(how: Reading | None = None, /, **cells: Any) -> IssueSnapshot:
    """A bug whose line is well."""
    line = row(how, **cells)
    read = bug_of_row(line)
    assert line.problems == []
    return read


def ticket_problems(how: Reading | None = None, /, **cells: Any) -> list[str]:
    """What is wrong with a ticket's line."""
    line = row(how, **cells)
    ticket_of_row(line)
    return [str(problem) for problem in line.problems]


def bug_problems(**cells: Any) -> list[str]:
    """What is wrong with a bug's line."""
    line = row(**cells)
    bug_of_row(line)
    return [str(problem) for problem in line.problems]


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of 2026 in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


# Columns


def test_columns_are_found_by_name_whatever_their_case() -> None:
    """A file whose columns are called as ours needs no options; what isn't ours is left out."""
    assert choose_columns(KNOWN, ["ID ", "Created_At", "notes"], []) == {"id": "ID ", "created_at": "Created_At"}


def test_a_column_can_be_called_otherwise() -> None:
    """A chosen column is read for one of ours, also instead of one that is called as ours."""
    present = ["Key", "id", "Created Date"]
    chosen = [("id", "Key"), ("created_at", "created date")]
    assert choose_columns(KNOWN, present, chosen) == {"id": "Key", "created_at": "Created Date"}


def test_a_column_can_be_left_out() -> None:
    """A file may have a column that is called as ours and means something else."""
    assert choose_columns(KNOWN, ["id", "created_at", "bugs"], [("bugs", "")]) == {
        "id": "id",
        "created_at": "created_at",
    }


def test_every_wrong_choice_of_columns_is_said_at_once() -> None:
    """Unknown, missing and doubled choices are a sentence each; a column that nobody reads may be there twice."""
    chosen = [("identity", "id"), ("bugs", "Issues"), ("id", "id"), ("id", "Key")]
    with pytest.raises(DataError) as caught:
        choose_columns(KNOWN, ["id", "Key", "notes", "Notes"], chosen)
    told = str(caught.value).splitlines()
    assert [sentence.split(":")[0] for sentence in told] == [
        "--column id=… is given more than once",
        "--column identity=…",
        "--column bugs=Issues",
        "The file has no column created_at (a date)",
    ]


# Dates


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-06-01", at(5, 31, 22)),
        ("2026-06-01 09:00", at(6, 1, 7)),
        ("2026-01-01 09:00", at(1, 1, 8)),
        ("2026-06-01T09:00:00+02:00", at(6, 1, 7)),
        ("2026-06-01T09:00:00.5Z", datetime(2026, 6, 1, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("20260601T090000Z", at(6, 1, 9)),
        ("2026-W23-1", at(5, 31, 22)),
        (20260601, at(5, 31, 22)),
        ("2026-03-29 02:30", at(3, 29, 1, 30)),  # clocks skip it: half an hour after the hour that isn't there
        ("2025-10-26 02:30", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),  # clocks show it twice: the first
    ],
)
def test_dates_in_any_iso_form_are_instants_of_the_zone(written: object, instant: datetime) -> None:
    """What has no offset is wall time in the named zone, right across daylight saving time."""
    assert ticket(created_at=written).created_at == instant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1.6.2026", "'1.6.2026' is no date that can be read here: write 2026-06-01, 2026-06-01 09:00 or"),
        ("06/01/2026", "is no date that can be read here"),
        ("2026-06-01 09:00 UTC", "is no date that can be read here"),
        ("1780300800000", "is no date that can be read here"),
        ("0001-01-01", "is out of reach: a date lies in the years 1970 to 2200"),
        ("2026-07-02", "lies ahead: leave the cell empty until it has happened"),
        ("", "is empty, and every line needs it: write 2026-06-01"),
        (True, "True is neither one text nor a whole number"),
    ],
)
def test_what_is_no_date_is_named_by_line_and_column(written: object, said: str) -> None:
    """The sentence says how to write a date."""
    assert ticket_problems(created_at=written)[0].startswith("Line 7, column created_at: ")
    assert said in ticket_problems(created_at=written)[0]


def test_a_day_follows_what_an_earlier_column_times_on_it() -> None:
    """What was fixed on the day on which it was reported was fixed after the report, though a day begins before it."""
    read = bug(created_at="2026-06-01 09:00", fixed_at="2026-06-01", released_at="2026-06-02")
    assert [change.at for change in read.history] == [at(6, 1, 7), at(6, 1, 7), at(6, 1, 22)]


@pytest.mark.parametrize(
    ("written", "instants"),
    [
        ("2026-06-01 09:00; 2026-06-02 10:00;", [at(6, 1, 7), at(6, 2, 8)]),
        ("2026-06-02T09:00 2026-06-01T09:00", [at(6, 1, 7), at(6, 2, 7)]),
        ("2026-06-01 09:00", [at(6, 1, 7)]),
        ("2026-06-02 2026-06-03", [at(6, 1, 22), at(6, 2, 22)]),
        (["2026-06-01 09:00", "2026-06-01 09:00"], [at(6, 1, 7)]),
        ("", []),
        (None, []),
    ],
)
def test_replies_are_a_list_of_instants(written: object, instants: list[datetime]) -> None:
    """Separated by semicolons, or by blanks where that is clear; a JSON list as it is."""
    assert list(ticket(replies=written).replies) == instants


def test_a_list_that_blanks_part_unclearly_is_refused() -> None:
    """A date and a time with a blank between them are one, so several of them need semicolons."""
    assert "is no date" in ticket_problems(replies="2026-06-01 09:00 2026-06-02 10:00")[0]


# Tickets


def test_a_ticket_says_what_its_columns_say() -> None:
    """Every column arrives; addresses are compared in lower case."""
    read = ticket(
        updated_at="2026-06-03", status="On-hold", requester="Ann@Example.com", requester_name="Ann", account="Acme",
        tier="enterprise", language="de_DE", zone="Europe/Berlin", brand="shop", subject="Export fails", assignee="ben",
        bugs="12", linked_at="2026-06-02", customer_messages="2026-06-02T12:00",
    )  # fmt: skip
    assert read == ImportedTicket(
        remote_id="4711", created_at=at(5, 31, 22), as_of=at(6, 2, 22), status="pending", requester="ann@example.com",
        requester_name="Ann", account="Acme", tier="enterprise", language="de-DE", zone="Europe/Berlin", brand="shop",
        subject="Export fails", assignee="ben", references=("bugs:12",), linked_at=at(6, 1, 22),
        customer_messages=(at(6, 2, 10),),
    )  # fmt: skip
    assert read.address == "ann@example.com"


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("New", "open"),
        ("hold", "pending"),
        ("RESOLVED", "solved"),
        ("in_progress", "open"),
        ("closed", "closed"),
        ("", ""),
    ],
)
def test_statuses_have_synonyms(written: str, status: str) -> None:
    """Exports call them otherwise than BugBridge does."""
    assert ticket(status=written).status == status


def test_all_problems_of_a_line_are_said_at_once() -> None:
    """Each names the line and the column as the file calls it."""
    how = replace(reading(), columns={**reading().columns, "zone": "TZ"})
    problems = ticket_problems(
        how, id="a b", status="\x1b[2Jwaiting?", TZ="Berlin", language="German (Austria)", bugs="1", linked_at="x"
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "Line 7, column id",
        "Line 7, column status",
        "Line 7, column language",
        "Line 7, column TZ",
        "Line 7, column linked_at",
    ]
    assert "\x1b" not in "".join(problems)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"requester_name": "Ann"}, "requester_name"),
        ({"account": "Acme"}, "account"),
        ({"tier": "gold"}, "tier"),
        ({"customer_messages": "2026-06-02"}, "customer_messages"),
        ({"linked_at": "2026-06-02"}, "linked_at"),
        ({"updated_at": "2026-05-01"}, "updated_at"),
        ({"id": ""}, "id"),
        ({"id": "x" * 101}, "id"),
        ({"id": ["1"]}, "id"),
    ],
)
def test_what_would_be_lost_is_refused(cells: dict[str, Any], column: str) -> None:
    """A cell that belongs to somebody or something that its line doesn't name is a mistake of the export."""
    assert ticket_problems(**cells)[0].startswith(f"Line 7, column {column}: ")


@pytest.mark.parametrize(
    ("written", "references"),
    [
        ("APP-12, acme/app#3;4711", ("jira:APP-12", "github:acme/app#3", "bugs:4711")),
        ("https://github.com/other/thing/issues/5", ("github:other/thing#5",)),
        ("#4711 bugs:4711", ("bugs:4711",)),
        ("OTHER-5", ("bugs:OTHER-5",)),
        (["APP-12", 4711], ("jira:APP-12", "bugs:4711")),
        ("", ()),
    ],
)
def test_bugs_are_issues_of_configured_trackers_or_ids_of_the_bugs_file(
    written: object, references: tuple[str, ...]
) -> None:
    """What a note would name is that issue; anything else is an id of the other export."""
    assert ticket(reading(rules=RULES), bugs=written).references == references


def test_a_bug_of_several_trackers_is_refused() -> None:
    """A guess would link the ticket to a bug that it doesn't report."""
    second = TrackerPattern("old", "jira", "https://old.example.com", frozenset({"APP"}))
    problems = ticket_problems(reading(rules=ReferenceRules((*RULES.trackers, second), ())), bugs="APP-12")
    assert "'APP-12' could be jira:APP-12 or old:APP-12: write one of them" in problems[0]


def test_ids_of_configured_sources_are_theirs() -> None:
    """Only so do imported tickets and bugs join what is synced."""
    how = reading("jira", "support", RULES)
    assert ticket(how, id="#12", bugs="OTHER-5").remote_id == "12"
    assert ticket(how, id="12", bugs="OTHER-5").references == ("jira:OTHER-5",)
    assert bug(how, id="app-12").reference == "jira:APP-12"
    line = row(how, id="twelve")
    ticket_of_row(line)
    bug_of_row(line)
    assert [problem.sentence for problem in line.problems] == [
        "'twelve' is no number of a ticket of support.",
        "'twelve' names no issue of jira.",
    ]


# Bugs


def stages(read: IssueSnapshot) -> list[tuple[Stage | None, str]]:
    """The stages of a bug with the day on which each began, in the zone of the file."""
    return [(stage_of(change.state), f"{change.at.astimezone(BERLIN):%m-%d}") for change in read.history]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, [("open", "06-01")]),
        (
            {"in_progress_at": "2026-06-02", "fixed_at": "2026-06-05", "released_at": "2026-06-09"},
            [("open", "06-01"), ("in_progress", "06-02"), ("fixed", "06-05"), ("released", "06-09")],
        ),
        ({"released_at": "2026-06-09"}, [("open", "06-01"), ("released", "06-09")]),
        ({"declined_at": "2026-06-09"}, [("open", "06-01"), ("declined", "06-09")]),
        (
            {"closed_at": "2026-06-09", "resolution": "Won\N{RIGHT SINGLE QUOTATION MARK}t Do"},
            [("open", "06-01"), ("declined", "06-09")],
        ),
        ({"closed_at": "2026-06-09", "resolution": "NOT_PLANNED"}, [("open", "06-01"), ("declined", "06-09")]),
        ({"closed_at": "2026-06-09", "resolution": "Done"}, [("open", "06-01"), ("fixed", "06-09")]),
        ({"closed_at": "2026-06-09", "resolution": "Duplicate"}, [("open", "06-01"), ("declined", "06-09")]),
        (
            {"closed_at": "2026-06-09", "resolution": "Duplicate", "duplicate_of": "12"},
            [("open", "06-01"), (None, "06-09")],
        ),
        (
            {"released_at": "2026-06-05", "reopened_at": "2026-06-07", "fixed_at": "2026-06-08"},
            [("open", "06-01"), ("released", "06-05"), ("open", "06-07"), ("fixed", "06-08")],
        ),
    ],
)
def test_dates_become_the_bugs_stages(cells: dict[str, Any], expected: list[tuple[str | None, str]]) -> None:
    """Each column begins a stage; `closed_at` one that the resolution names."""
    assert stages(bug(**cells)) == expected


def test_a_release_is_called_by_its_version_or_by_its_day() -> None:
    """A release needs a name, since drafts and replies name it."""
    assert bug(released_at="2026-06-09", version="4.2").history[-1].state.released_in == "4.2"
    assert bug(released_at="2026-06-09").history[-1].state.released_in == "2026-06-09"


def test_labels_duplicates_and_the_latest_date_are_taken() -> None:
    """Labels may have blanks in them; a duplicate names its survivor as the survivor's own line does."""
    read = bug(labels="export, customer reported; P1", duplicate_of="#12", in_progress_at="2026-06-02")
    assert (read.labels, read.duplicate_of) == (("export", "customer reported", "P1"), "bugs:12")
    assert read.updated_at == at(6, 1, 22)
    assert bug(updated_at="2026-06-20").updated_at == at(6, 19, 22)


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"fixed_at": "2026-05-01"}, "fixed_at", "2026-05-01 is before created_at, 2026-06-01"),
        ({"released_at": "2026-06-05", "fixed_at": "2026-06-06"}, "fixed_at", "is after released_at, 2026-06-05"),
        ({"fixed_at": "2026-06-05", "in_progress_at": "2026-06-06"}, "in_progress_at", "is after fixed_at"),
        ({"closed_at": "2026-06-05"}, "resolution", "doesn't say what closed_at closed it for"),
        ({"closed_at": "2026-06-05", "resolution": "Shipped"}, "resolution", "'Shipped' isn't known here"),
        ({"resolution": "fixed"}, "resolution", "says fixed, but not since when: fill closed_at or fixed_at"),
        (
            {"fixed_at": "2026-06-05", "resolution": "invalid"},
            "resolution",
            "says declined, but not since when: fill closed_at or declined_at",
        ),
        ({"resolution": "duplicate"}, "resolution", "not of what or since when: fill closed_at or duplicate_of"),
        (
            {"closed_at": "2026-06-05", "released_at": "2026-06-05", "resolution": "Won't Do", "version": "4.2"},
            "released_at",
            "can't be: by closed_at it ended without a fix",
        ),
        ({"declined_at": "2026-06-05", "released_at": "2026-06-06"}, "released_at", "by declined_at it ended"),
        ({"duplicate_of": "4711"}, "duplicate_of", "is the bug itself"),
        ({"version": "4\x1b.2", "released_at": "2026-06-05"}, "version", "that can be read"),
    ],
)
def test_what_contradicts_itself_is_refused(cells: dict[str, Any], column: str, said: str) -> None:
    """`closed` is never `fixed` by itself, and nothing is guessed from dates in an order that can't be."""
    problems = bug_problems(**cells)
    assert (len(problems), problems[0].startswith(f"Line 7, column {column}: ")) == (1, True), problems
    assert said in problems[0]


# Columns that are there several times


def repeated(*cells: object) -> Repeated:
    """The cells of columns called alike."""
    return Repeated(cells)


def test_lists_may_stand_in_several_columns() -> None:
    """Labels, bugs and replies of columns called alike are one list."""
    assert bug(labels=repeated("export, P1", "", "vip")).labels == ("export", "P1", "vip")
    read = ticket(bugs=repeated("12", "13;14"), replies=repeated("2026-06-03", "2026-06-02; 2026-06-04"))
    assert read.references == ("bugs:12", "bugs:13", "bugs:14")
    assert [instant.day for instant in read.replies] == [1, 2, 3]


def test_the_version_of_several_is_the_last() -> None:
    """A fix is merged into several versions, and exported with a column for each."""
    read = bug(released_at="2026-06-09", version=repeated("4.1", "4.2", " "))
    assert read.history[-1].state.released_in == "4.2"


@pytest.mark.parametrize("cells", [("open", "open "), ("", "open"), ("open",)])
def test_columns_called_alike_may_say_the_same(cells: tuple[str, ...]) -> None:
    """One value is meant."""
    assert ticket(status=repeated(*cells)).status == "open"


def test_columns_called_alike_that_differ_are_refused() -> None:
    """Nothing says which of them is meant; that is one problem, also of a column that every line needs."""
    assert ticket_problems(status=repeated("open", "", "closed")) == [
        "Line 7, column status: stands there several times, with 'open' and 'closed'."
    ]
    assert len(ticket_problems(id=repeated("1", "2"))) == 1
    assert len(bug_problems(created_at=repeated("2026-06-01", "2026-06-02"), fixed_at="2026-06-03")) == 1


def test_what_reads_a_column_finds_it_however_often_it_is_there() -> None:
    """The first spelling is the column's name."""
    assert choose_columns(KNOWN, ["Id", "created_at", "ID"], []) == {"id": "Id", "created_at": "created_at"}


# What follows from a mistake is none


@pytest.mark.parametrize(
    "cells",
    [
        {"created_at": "yesterday", "updated_at": "2026-01-01", "replies": "2026-01-01"},
        {"created_at": True, "linked_at": "2026-01-01", "bugs": "12"},
        {"id": "x" * 101},
        {"id": ["1"]},
        {"requester": ["ann"], "requester_name": "Ann", "tier": "gold"},
        {"linked_at": "2026-06-02", "bugs": [{}]},
        {"subject": "a\ud800b"},
        {"requester": "\udfff", "language": "de"},
    ],
)
def test_a_mistake_of_a_ticket_is_said_once(cells: dict[str, Any]) -> None:
    """Nothing is concluded from a cell that can't be read."""
    assert len(ticket_problems(**cells)) == 1


@pytest.mark.parametrize(
    "cells",
    [
        {"closed_at": "Freitag", "resolution": "fixed"},
        {"created_at": "Freitag", "fixed_at": "2026-01-01"},
        {"closed_at": "2026-06-05", "resolution": "duplicate", "duplicate_of": "a b"},
    ],
)
def test_a_mistake_of_a_bug_is_said_once(cells: dict[str, Any]) -> None:
    """Nor of one of a bug."""
    assert len(bug_problems(**cells)) == 1


@pytest.mark.parametrize("column", ["linked_at", "replies", "customer_messages"])
def test_nothing_of_a_ticket_is_older_than_itself(column: str) -> None:
    """A date before the ticket began is of another ticket, or of another zone."""
    cells = {"bugs": "12", "requester": "ann", "created_at": "2026-06-01 09:00"}
    assert ticket_problems(**cells, **{column: "2026-05-31"}) == [
        f"Line 7, column {column}: 2026-05-31 00:00 is before created_at, 2026-06-01 09:00."
    ]
    assert ticket_problems(**cells, **{column: "2026-06-01"}) == []  # that day, once it had begun


def test_a_closed_duplicate_of_nobody_knows_what_was_not_fixed() -> None:
    """Its customers' bug ended without a fix of its own."""
    assert stages(bug(closed_at="2026-06-09", resolution="duplicate"))[-1] == ("declined", "06-09")


def test_a_teams_own_words_can_be_given_a_meaning() -> None:
    """Case and blanks don't count in them; the known words stay."""
    meanings = choose_meanings(BUG_MEANINGS, [("resolution", "Fertig gestellt", "Done")])
    how = replace(reading(), meanings=meanings)
    for word in ("fertig  gestellt", "done"):
        assert stages(bug(how, closed_at="2026-06-09", resolution=word))[-1] == ("fixed", "06-09")


def test_every_wrong_meaning_is_said_at_once() -> None:
    """A column without fixed words, and a meaning that isn't one."""
    with pytest.raises(UsageError) as caught:
        choose_meanings(TICKET_MEANINGS, [("brand", "x", "open"), ("status", "neu", "brandneu")])
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["--meaning brand", "--meaning status"]
