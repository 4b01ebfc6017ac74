"""Importing by the command line: two exports, no account, an audit."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bugbridge.entry.cli import cli
from tests.entry.scene import Scene

TICKETS = """id,created_at,requester,bugs,replies
1,2026-01-01 09:00,ann,B-1,2026-02-03T10:00
2,2026-01-02 09:00,ben,"B-1;B-2",
"""
BUGS = """id,created_at,fixed_at,released_at,version
B-1,2026-01-02,2026-02-01,2026-02-02,4.2
B-2,2026-01-03,2026-01-10,,
"""


class Desk:
    """A folder in which a team lead works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: str | bytes) -> str:
        """Put an export there."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run(self, *arguments: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(cli, arguments)

    def say(self, *arguments: str) -> str:
        """Run one that succeeds, and give what it says."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def facts(self, *arguments: str) -> Any:
        """Run one with --json, and give its facts."""
        return json.loads(self.say(*arguments, "--json"))

    def refuses(self, *arguments: str) -> tuple[int, str]:
        """Run one that fails, and give its exit code and what it says."""
        result = self.run(*arguments)
        assert "Traceback" not in result.stderr
        return result.exit_code, result.stderr


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give one after `bugbridge init`, with nothing configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUGBRIDGE_CLOCK", "2026-07-01T00:00:00Z")
    desk = Desk(tmp_path)
    desk.say("init")
    return desk


def test_two_exports_make_an_audit_without_any_account(desk: Desk) -> None:
    """Each step says what it did and which is next."""
    told = desk.say("import", "tickets", desk.write("tickets.csv", TICKETS))
    assert told.splitlines() == [
        "Imported 2 new tickets; new with them: 1 message, 0 links.",
        "Known by name alone so far: 2 bugs that these tickets name.",
        "Next: `bugbridge import bugs FILE`.",
    ]
    told = desk.say("import", "bugs", desk.write("bugs.csv", BUGS))
    assert told.splitlines() == [
        "Imported 2 new bugs; new with them: 3 links.",
        "Next: `bugbridge plan`, which judges how often each bug is met, then `bugbridge audit --last 100`.",
    ]
    audit = desk.facts("audit", "--last", "100")
    assert [(bug["reference"], bug["links"], bug["updates"]) for bug in audit["bugs"]] == [
        ("bugs:B-1", 2, 1),
        ("bugs:B-2", 1, 0),
    ]
    assert "bugs:B-1" in desk.say("audit")


def test_importing_again_says_that_all_is_known(desk: Desk) -> None:
    """The same two files once more bring nothing."""
    names = desk.write("tickets.csv", TICKETS), desk.write("bugs.csv", BUGS)
    for _ in range(2):
        facts = desk.facts("import", "tickets", names[0]), desk.facts("import", "bugs", names[1])
    assert facts == (
        {
            "file": "tickets.csv", "dry_run": False, "helpdesk": "history", "new": 0, "known": 2, "messages": 0,
            "links": 0, "suggestions": 0, "unread_bugs": 0, "contradictions": {"count": 0, "first": []},
            "forgotten": 0, "ignored_columns": [],
        },
        {
            "file": "bugs.csv", "dry_run": False, "tracker": "bugs", "new": 0, "known": 2, "links": 0,
            "suggestions": 0, "unread_bugs": 0, "contradictions": {"count": 0, "first": []}, "ignored_columns": [],
        },
    )  # fmt: skip


def test_a_dry_run_imports_nothing(desk: Desk) -> None:
    """It says what would be, with the real figures."""
    name = desk.write("tickets.csv", TICKETS)
    told = desk.say("import", "tickets", name, "--dry-run")
    assert told.startswith("Would import 2 new tickets; new with them: 1 message, 0 links.\n")
    assert told.endswith("Nothing was imported: leave --dry-run out to do so.\n")
    assert desk.facts("import", "tickets", name)["new"] == 2


def test_columns_and_zone_can_be_named(desk: Desk) -> None:
    """An export keeps its own names; what isn't read is said once."""
    content = "Key;Created;Title;Zone\nB-1;2026-06-01 00:30;Secret;EU\n"
    told = desk.facts(
        "import", "bugs", desk.write("export.csv", content), "--column", "id=Key", "--column", "created_at=Created",
        "--column", "fixed_at=created", "--zone", "Europe/Berlin",
    )  # fmt: skip
    assert told["ignored_columns"] == ["Title", "Zone"]
    desk.say("import", "tickets", desk.write("tickets.csv", "id,created_at,bugs\n1,2026-05-01,B-1\n"))
    assert desk.facts("audit")["bugs"][0]["fixed_at"] == "2026-05-31T22:30:00.000000Z"


def test_wrong_options_are_said_all_at_once(desk: Desk) -> None:
    """A sentence for each column that was named wrongly."""
    name = desk.write("bugs.csv", "Key,Date\nB-1,2026-06-01\n")
    code, told = desk.refuses("import", "bugs", name, "--column", "id=Ky", "--column", "cretaed_at=Date")
    assert (code, told.count("\n")) == (4, 3)
    assert "--column id=Ky: the file has no such column; it has 'Key', 'Date'." in told
    assert "--column cretaed_at=…: no column is called so" in told
    assert "The file has no column created_at (when it was opened): name yours with --column created_at=NAME" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--zone", "Berlin"], "--zone Berlin: a zone has an IANA name"),
        (["--column", "id"], "write it as --column created_at="),
        (["--tracker", "My Bugs"], "a name is lower-case letters, digits and -"),
        (["--helpdesk", "bugs"], "bugs can't be both the helpdesk and the tracker"),
    ],
)
def test_a_wrong_option_is_one_sentence(desk: Desk, options: list[str], said: str) -> None:
    """With the exit code of wrong use."""
    code, told = desk.refuses("import", "tickets", desk.write("tickets.csv", TICKETS), *options)
    assert (code, said in told, told.count("\n")) == (2, True, 1), told


def test_a_name_of_the_configuration_has_its_role(scene: Scene, tmp_path: Path) -> None:
    """A helpdesk's name can't be a tracker's."""
    (tmp_path / "bugs.csv").write_text(BUGS, encoding="utf-8")
    result = scene.run("import", "bugs", "bugs.csv", "--tracker", "support")
    assert (result.exit_code, "support is a helpdesk in the configuration" in result.stderr) == (2, True)


def test_imported_tickets_join_those_that_are_synced(scene: Scene, tmp_path: Path) -> None:
    """Under a configured name an export's ids are that helpdesk's and that tracker's."""
    scene.tracker.add("github:acme/app#12", scene.clock.at)
    (tmp_path / "t.csv").write_text("id,created_at,bugs\n4711,2026-06-01,acme/app#12\n", encoding="utf-8")
    scene.say("import", "tickets", "t.csv", "--helpdesk", "support", "--tracker", "github")
    scene.say("sync")
    assert [link["state"] for link in scene.facts("show", "support:4711")["links"]] == ["linked"]


def test_json_lines_are_read_as_well(desk: Desk) -> None:
    """Lists are lists there, ids may be numbers, and keys may be missing."""
    lines = [
        {"id": 1, "created_at": "2026-01-01", "bugs": ["B-1", 7], "replies": ["2026-02-03T10:00:00Z"], "extra": {}},
        {"id": 2, "created_at": "2026-01-01", "status": None, "other": 1.5},
    ]
    content = "\n".join(json.dumps(line) for line in lines)
    made = desk.facts("import", "tickets", desk.write("tickets.ndjson", content + "\n\n"))
    assert (made["new"], made["messages"], made["unread_bugs"]) == (2, 1, 2)
    assert made["ignored_columns"] == ["extra", "other"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"id,created_at\n1,2026-01-01\n2,\xfc\n", "Line 3: isn't UTF-8"),
        ("a.csv", "id,created_at\n1,2026-01-01".encode("utf-16"), "line 1: isn't UTF-8"),
        (
            "a.csv",
            'id,created_at\n1,"2026-01-01\n' + "2,2026-01-01\n" * 20_000,
            "Line 2: a cell is longer than 131,072",
        ),
        ("a.csv", "id,created_at,subject\n1,2026-01-01," + "x" * 131_073, "or a quote is opened and never closed"),
        ("a.csv", 'id,created_at\n1,"2026"-01\n', "Line 2: its quotes don't fit"),
        ("a.csv", "id,created_at\n1,2026-01-01,3\n", "Line 2: has 3 cells, but the first line has 2"),
        ("a.csv", 'id,created_at\n"1","2026-\n01-01"\n2,x\n', "Line 4, column created_at: 'x' is no date"),
        ("a.csv", "id,created_at\n1,2026-01-01\n" + "x" * 1_000_001, "Line 3: is longer than 1,000,000 bytes"),
        ("a.csv", "", "a.csv is empty: an export has a first line with the columns' names"),
        ("a.jsonl", '{"id": 1, "created_at": "2026-01-01"}\n[]\n', "Line 2: isn't a JSON object"),
        ("a.jsonl", '{"id": 1, "created_at": "2026-01-01"}\n{"id": 1,\n', "Line 2: isn't JSON"),
        ("a.jsonl", '{"id": 1, "created_at": "2026-01-01"}\n' + "[" * 100_000, "Line 2: isn't JSON"),
        ("a.jsonl", '[{"id": 1, "created_at": "2026-01-01"}]', "a.jsonl, line 1: isn't a JSON object"),
        ("a.jsonl", "id,created_at\n1,2026-01-01\n", "a.jsonl, line 1: isn't JSON"),
        ("a.jsonl", '{"id": 1,\n{"created_at": "2026-01-01"}\n', "a.jsonl, line 1: isn't JSON"),
        (
            "a.jsonl",
            '{"id": 1, "created_at": "2026-01-01", "subject": "a\\ud800b"}\n',
            "Line 1, column subject: 'a\\ud800b'",
        ),
        (
            "a.jsonl",
            '{"id": 1, "created_at": "2026-01-01"}\n{"\\ud800": 1}\n',
            "Line 2: has a name with half a character",
        ),
        ("a.jsonl", "\n", "a.jsonl is empty: an export has one JSON object on each line"),
        ("a.jsonl", '{"id": {}, "created_at": "2026-01-01"}\n', "Line 1, column id: {} is neither one text"),
    ],
)
def test_files_that_cannot_be_read_name_the_line(desk: Desk, name: str, content: str | bytes, said: str) -> None:
    """One sentence each, exit code 4, and nothing is imported."""
    code, told = desk.refuses("import", "tickets", desk.write(name, content))
    assert (code, said in told) == (4, True), told
    assert "No resolved bug" in desk.say("audit")


def test_marks_of_office_programs_are_read_over(desk: Desk) -> None:
    """A byte-order mark, semicolons and empty lines are what spreadsheets write."""
    content = b'\xef\xbb\xbfid;created_at;bugs\r\n1;2026-01-01;"B-1;B-2"\r\n;;\r\n\r\n'
    made = desk.facts("import", "tickets", desk.write("tickets.csv", content))
    assert (made["new"], made["unread_bugs"]) == (1, 2)


def test_a_format_can_be_named_where_the_ending_says_nothing(desk: Desk) -> None:
    """An unknown ending is no guess."""
    name = desk.write("tickets.txt", TICKETS)
    code, told = desk.refuses("import", "tickets", name)
    assert (code, told) == (
        2,
        "tickets.txt ends in none of .csv, .tsv, .jsonl, .ndjson: say --format csv or --format jsonl.\n",
    )
    assert desk.facts("import", "tickets", name, "--format", "csv")["new"] == 2


def test_a_file_that_is_not_there_is_one_sentence(desk: Desk) -> None:
    """With the exit code of files."""
    assert desk.refuses("import", "bugs", "none.csv") == (4, "none.csv can't be read: No such file or directory.\n")


def test_nothing_in_a_file_steers_the_terminal(desk: Desk) -> None:
    """Names of columns and cells are shown without their escapes."""
    content = "id,created_at,\x1b[2Jevil\n\x1b]0;x\x07,2026-01-01,\n"
    _, told = desk.refuses("import", "tickets", desk.write("tickets.csv", content))
    assert "\x1b" not in told
    assert "\x1b" not in desk.say("import", "tickets", desk.write("tickets.csv", content.replace("\x1b]0;x\x07", "1")))


def test_only_bugs_ask_for_their_tickets(desk: Desk) -> None:
    """Without tickets there is nothing to audit yet."""
    assert desk.say("import", "bugs", desk.write("bugs.csv", BUGS)).endswith("Next: `bugbridge import tickets FILE`.\n")


JIRA = """Issue key,Created,Resolved,Resolution,Fix versions,Fix versions,Labels,Labels,Comment,Comment
APP-1,2026-01-01,2026-02-01,Done,4.1,4.2,export,vip,one,two
APP-2,2026-01-01,,,,,,vip,one,
"""


def test_an_export_may_repeat_columns(desk: Desk) -> None:
    """Jira has a column for each label, version and comment; those that aren't read are no obstacle."""
    name = desk.write("jira.csv", JIRA)
    mapped = ["--column", "id=Issue key", "--column", "created_at=Created", "--column", "closed_at=Resolved"]
    released = ["--column", "released_at=resolved", "--column", "version=fix VERSIONS"]
    made = desk.facts("import", "bugs", name, *mapped, *released)
    assert (made["new"], made["ignored_columns"]) == (2, ["Comment"])
    desk.say("import", "tickets", desk.write("tickets.csv", "id,created_at,bugs\n1,2025-12-01,APP-1\n"))
    assert "4.2" in desk.say("show", "bugs:APP-1")


def test_a_version_without_a_release_date_is_said_to_do_nothing(desk: Desk) -> None:
    """A version that is planned looks the same as one that is out."""
    name = desk.write("bugs.csv", "id,created_at,version\nB-1,2026-01-01,4.2\n")
    assert "No bug counts as released" in desk.say("import", "bugs", name)
    assert "No bug counts as released" not in desk.say("import", "bugs", name, "--column", "version=")


def test_a_first_line_that_names_the_separator_is_read_over(desk: Desk) -> None:
    """Spreadsheets write it; lines are numbered as the file has them."""
    content = "sep=;\nid;created_at;subject\n1;2026-01-01;a,b,c,d\n2;x;\n"
    _, told = desk.refuses("import", "tickets", desk.write("tickets.csv", content))
    assert "Line 4, column created_at: 'x' is no date" in told
    assert desk.facts("import", "tickets", desk.write("tickets.csv", content.replace("2;x;\n", "")))["new"] == 1


def test_tabs_are_understood_by_their_ending(desk: Desk) -> None:
    """A .tsv is a CSV whose cells are parted by tabs."""
    assert desk.facts("import", "tickets", desk.write("tickets.tsv", "id\tcreated_at\n1\t2026-01-01\n"))["new"] == 1


def test_a_file_with_a_header_alone_holds_no_lines(desk: Desk) -> None:
    """Rather than figures of nothing."""
    told = desk.say("import", "tickets", desk.write("tickets.csv", "id,created_at\n"))
    assert told.startswith("The file holds no lines of tickets: there is nothing to import.\n")


def test_a_pipe_is_refused_before_it_is_waited_for(desk: Desk) -> None:
    """What can be read only once can't be checked before it is kept."""
    os.mkfifo(desk.folder / "pipe.csv")
    assert desk.refuses("import", "tickets", "pipe.csv") == (
        4,
        "pipe.csv is a pipe; import reads a file twice, save it first.\n",
    )


def test_a_teams_own_words_can_be_explained(desk: Desk) -> None:
    """Not everybody may change the words of an export."""
    name = desk.write("bugs.csv", "id,created_at,closed_at,resolution\nB-1,2026-01-01,2026-01-05,Fertig\n")
    assert "--meaning resolution:WORD=MEANING" in desk.refuses("import", "bugs", name)[1]
    assert desk.facts("import", "bugs", name, "--meaning", "resolution:fertig=Fixed")["new"] == 1
    desk.say("import", "tickets", desk.write("tickets.csv", "id,created_at,bugs\n1,2025-12-01,B-1\n"))
    assert [bug["reference"] for bug in desk.facts("audit")["bugs"]] == ["bugs:B-1"]


@pytest.mark.parametrize(
    ("meaning", "said"),
    [
        ("Fertig=fixed", "write it as --meaning resolution:Fertig=fixed"),
        ("status:Neu=open", "--meaning status:…: only resolution has a fixed set of words"),
        ("resolution:Fertig=ready", "--meaning resolution:Fertig=ready: give one of fixed, declined, duplicate"),
    ],
)
def test_a_wrong_meaning_is_one_sentence(desk: Desk, meaning: str, said: str) -> None:
    """With the exit code of wrong use."""
    code, told = desk.refuses("import", "bugs", desk.write("bugs.csv", BUGS), "--meaning", meaning)
    assert (code, said in told) == (2, True), told


def test_dates_that_a_file_cannot_take_back_are_said(desk: Desk) -> None:
    """A corrected export that changes nothing says so, with the bugs and tickets."""
    desk.say("import", "bugs", desk.write("bugs.csv", BUGS))
    corrected = desk.write("bugs.csv", BUGS.replace("2026-02-01", "2026-02-02"))
    assert "Other dates than before: 1 bug (bugs:B-1); the earlier ones stand.\n" in desk.say(
        "import", "bugs", corrected
    )
    assert desk.facts("import", "bugs", corrected)["contradictions"] == {"count": 1, "first": ["bugs:B-1"]}


def imported(desk: Desk) -> None:
    """Have a ticket that came after its bug's end, which is a suggestion, and a second bug."""
    desk.say("import", "bugs", desk.write("bugs.csv", BUGS))
    desk.say("import", "tickets", desk.write("tickets.csv", "id,created_at,bugs\n5,2026-03-01,B-1\n"))


def test_what_a_file_brought_is_linked_by_hand(desk: Desk) -> None:
    """Without a helpdesk and a tracker there is nothing to read afresh; the advice of `show` can be followed."""
    imported(desk)
    assert "bugbridge link history:5" in desk.say("show", "history:5")
    assert desk.facts("link", "history:5", "bugs:B-1")["linked"] is True
    assert desk.facts("unlink", "history:5", "bugs:B-1")["unlinked"] is True
    code, told = desk.refuses("link", "history:6", "bugs:B-1")
    assert (code, "names no ticket that can be reached" in told) == (2, True)


def test_bugs_that_a_file_brought_can_be_one(desk: Desk) -> None:
    """By hand, as those of a tracker."""
    imported(desk)
    assert desk.facts("same-bug", "bugs:B-1", "bugs:B-2")["folded"] is True


def test_planning_judges_how_often_imported_bugs_are_met(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it an audit calls the frequency unknown; the end of the import says so."""
    desk.say("import", "tickets", desk.write("tickets.csv", TICKETS))
    assert "`bugbridge plan`, which judges" in desk.say("import", "bugs", desk.write("bugs.csv", BUGS))
    assert {bug["frequency"] for bug in desk.facts("audit")["bugs"]} == {"unknown"}
    monkeypatch.setenv("BUGBRIDGE_CLOCK", "2026-07-01T01:00:00Z")
    desk.say("plan")
    monkeypatch.setenv("BUGBRIDGE_CLOCK", "2026-07-01T02:00:00Z")
    assert {bug["frequency"] for bug in desk.facts("audit")["bugs"]} == {"infrequent"}
    assert desk.say("import", "bugs", "bugs.csv").endswith("Next: `bugbridge audit --last 100`.\n")
