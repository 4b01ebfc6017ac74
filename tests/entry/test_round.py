"""`bugbridge round`: the review of one piece of news on the command line and in a file."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.model import AuthorKind
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.entry.round_files import COLUMNS
from bugbridge.render.cells import FORMULA_STARTS, from_cell, to_cell
from tests.entry.scene import Scene


def person(name: str, tier: str = "", locale: str = "") -> RemotePerson:
    """A customer with an organisation of a tier."""
    account = RemoteAccount(f"account of {name}", tier=tier)
    return RemotePerson(name, AuthorKind.CUSTOMER, name=name, account=account, locale=locale)


PEOPLE = (person("one"), person("two"), person("three", "business"), person("four", "enterprise"))


@pytest.fixture
def team(scene: Scene) -> Scene:
    """Four customers report a bug that is released."""
    for who in PEOPLE[1:]:
        scene.reported_bug(who)
    scene.released()
    return scene


def replies(scene: Scene) -> dict[str, list[str]]:
    """What customers got, by ticket, written by nobody's hand."""
    kept = scene.helpdesk._tickets
    return {
        f"support:{number}": [
            one.body
            for one in ticket.messages
            if one.public and one.author.kind is AuthorKind.AGENT and one.body != "We look into it."
        ]
        for number, ticket in kept.items()
    }


def sends(scene: Scene) -> None:
    """A pass, ten minutes, and another."""
    scene.say("send")
    scene.clock.at += 2 * REPLY_HOLD
    scene.read()
    scene.say("send")


def table(path: Path) -> list[dict[str, str]]:
    """A file's lines."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(path: Path, change: Callable[[dict[str, str]], object]) -> None:
    """Edit each line, as a spreadsheet would keep it."""
    rows = table(path)
    for row in rows:
        change(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def approves(row: dict[str, str]) -> None:
    """Somebody approves a line."""
    row["decision"] = "approve"


def test_a_round_is_shown_with_its_head_line_groups_and_what_needs_an_eye(team: Scene) -> None:
    """All that somebody decides by, and the command that sends what is ready."""
    shown = team.say("round", "acme/app#12")
    assert shown.startswith(
        "4.2 is out. 4 tickets report this bug: 3 drafts are ready, 1 needs your eye. Nothing goes out until "
        "`bugbridge round github:acme/app#12 --approve ready` sends the 3."
    )
    assert "Ready, none/en/- (2)" in shown
    assert "Ready, none/en/business (1)" in shown
    assert "is fixed in version 4.2, which is available now." in shown
    assert "an enterprise customer" in shown
    assert sum(len(one) for one in replies(team).values()) == 0


def test_a_round_is_one_object_too(team: Scene) -> None:
    """For scripts: where each ticket stands, and why."""
    facts = team.facts("round", "acme/app#12")
    assert facts["counts"] == {"ready": 3, "eye": 1, "approved": 0, "sent": 0, "known": 0, "aside": 0}
    assert sorted(facts["groups"]) == ["none/en/-", "none/en/business"]
    assert [row["eye"] for row in facts["tickets"] if row["standing"] == "eye"] == [["enterprise"]]


def test_what_is_ready_is_approved_at_once_and_what_needs_an_eye_by_its_name(team: Scene) -> None:
    """Each reply goes out once, after ten minutes."""
    assert len(team.facts("round", "acme/app#12", "--approve", "ready", "--yes")["approved"]) == 3
    sends(team)
    assert sorted(len(one) for one in replies(team).values()) == [0, 1, 1, 1]
    (eye,) = [row["ticket"] for row in team.facts("round", "acme/app#12")["tickets"] if row["standing"] == "eye"]
    team.say("round", "acme/app#12", "--approve", eye, "--yes")
    sends(team)
    sends(team)
    assert [len(one) for one in replies(team).values()] == [1, 1, 1, 1]
    assert "4 were sent" in team.say("round", "acme/app#12")


def test_a_group_is_approved_by_its_name(team: Scene) -> None:
    """And nobody else."""
    done = team.facts("round", "acme/app#12", "--approve", "none/en/business", "--yes")
    assert len(done["approved"]) == 1


def test_it_asks_before_anything_goes_out(team: Scene) -> None:
    """What would happen is said first; a no changes nothing."""
    result = team.run("round", "acme/app#12", "--approve", "ready", typed="n\n")
    assert (result.exit_code, "3 replies would go to the customers." in result.output) == (1, True)
    assert team.facts("round", "acme/app#12")["counts"]["approved"] == 0
    refused = team.run("round", "acme/app#12", "--approve", "ready", "--json")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)


def test_a_round_is_stopped(team: Scene) -> None:
    """All that isn't being sent yet waits again, without a question: nothing goes out by it."""
    team.say("round", "acme/app#12", "--approve", "ready", "--yes")
    team.say("send")
    assert "3 replies taken back" in team.say("round", "acme/app#12", "--stop")
    assert "Nothing was changed" in team.say("round", "acme/app#12", "--stop")
    sends(team)
    assert sum(len(one) for one in replies(team).values()) == 0


def test_what_was_sent_is_said_to_be_out(team: Scene) -> None:
    """Nobody shall believe that it was taken back."""
    (ticket,) = team.facts("round", "acme/app#12", "--approve", "none/en/business", "--yes")["approved"]
    sends(team)
    refused = team.run("round", "acme/app#12", "--take-back", ticket)
    assert (refused.exit_code, refused.stderr) == (2, f"{ticket} was sent already, and can't be taken back.\n")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--approve", "all"), "--approve ready"),
        (("--approve", "none/de/-"), "its groups: none/en/-, none/en/business"),
        (("--approve", "all of them"), "'all of them' is no ticket, and no group"),
        (("--approve", "support:999"), "isn't known here"),
        (("--stop", "--approve", "ready"), "give it alone"),
        (("--stop", "--review", "round.csv"), "--review alone"),
    ],
)
def test_what_cant_be_meant_gets_one_sentence(team: Scene, options: tuple[str, ...], sentence: str) -> None:
    """What, where, and what to do."""
    result = team.run("round", "acme/app#12", *options, "--yes")
    assert (result.exit_code, sentence in result.stderr) == (2, True), result.output


def test_a_bug_without_a_round_is_said_to_have_none(scene: Scene) -> None:
    """One ticket is none."""
    scene.released()
    result = scene.run("round", "acme/app#12")
    assert (result.exit_code, "bugbridge round list" in result.stderr) == (2, True)


def test_a_file_is_written_then_read_and_does_once_what_it_says(team: Scene, tmp_path: Path) -> None:
    """An edited text is what goes out; the others as they are; those without a decision wait on."""
    file = tmp_path / "round.csv"
    written = team.say("round", "acme/app#12", "--review", str(file))
    rows = table(file)
    assert (written.startswith("4 drafts written"), len(rows), {row["decision"] for row in rows}) == (True, 4, {""})
    assert [row["group"] for row in rows].count("eye") == 1
    assert file.stat().st_mode & 0o077 == 0
    rewrite(file, lambda row: row["group"] == "ready" and approves(row))
    rewrite(file, lambda row: row["ticket"] == rows[0]["ticket"] and row.update(text="=HYPERLINK(1)\nÜber <b>\n"))
    first = team.facts("round", "acme/app#12", "--review", str(file), "--yes")
    again = team.facts("round", "acme/app#12", "--review", str(file), "--yes")
    assert (len(first["approved"]), again["approved"], again["taken_back"]) == (3, [], [])
    sends(team)
    assert replies(team)[rows[0]["ticket"]] == ["=HYPERLINK(1)\nÜber <b>\n"]
    assert sorted(len(one) for one in replies(team).values()) == [0, 1, 1, 1]
    assert team.facts("round", "acme/app#12", "--review", str(file), "--yes")["approved"] == []


def test_words_of_ones_own_that_promise_too_much_are_named_with_their_line_and_stop_nothing(
    team: Scene, tmp_path: Path
) -> None:
    """Only what somebody wrote themselves is checked, and the warning leaves programs' output alone."""
    file = tmp_path / "round.csv"
    team.say("round", "acme/app#12", "--review", str(file))
    rows = table(file)
    rewrite(file, lambda row: row["group"] == "ready" and approves(row))
    promise = "This is what we know of it, and we will fix the rest for you."
    rewrite(file, lambda row: row["ticket"] == rows[1]["ticket"] and row.update(text=promise))
    result = team.run("round", "acme/app#12", "--review", str(file), "--yes", "--json")
    assert (result.exit_code, len(json.loads(result.stdout)["approved"])) == (0, 3)
    (warning,) = result.stderr.splitlines()
    assert warning.startswith(f'round.csv, line 3: {rows[1]["ticket"]}: "we will fix": A fix is promised.')
    again = team.run("round", "acme/app#12", "--review", str(file), "--yes")
    assert (again.exit_code, again.stderr) == (0, "")


def test_a_file_takes_back(team: Scene, tmp_path: Path) -> None:
    """Within the ten minutes."""
    team.say("round", "acme/app#12", "--approve", "ready", "--yes")
    team.say("send")
    file = tmp_path / "round.csv"
    team.say("round", "acme/app#12", "--review", str(file))
    assert [row["decision"] for row in table(file)].count("approve") == 3
    rewrite(file, lambda row: row["decision"] and row.update(decision="Take  back"))
    assert len(team.facts("round", "acme/app#12", "--review", str(file), "--yes")["taken_back"]) == 3
    sends(team)
    assert sum(len(one) for one in replies(team).values()) == 0


def test_all_problems_of_a_file_are_said_at_once_with_their_lines(team: Scene, tmp_path: Path) -> None:
    """And nothing of it is done."""
    file = tmp_path / "round.csv"
    team.say("round", "acme/app#12", "--review", str(file))
    rows = table(file)
    rewrite(file, approves)
    rewrite(file, lambda row: row["ticket"] == rows[0]["ticket"] and row.update(decision="aprove\x1b[31m"))
    rewrite(file, lambda row: row["ticket"] == rows[1]["ticket"] and row.update(ticket="support:99"))
    rewrite(file, lambda row: row["ticket"] == rows[2]["ticket"] and row.update(text="\x1b]0;hello\x07"))
    rewrite(file, lambda row: row["ticket"] == rows[3]["ticket"] and row.update(round="1:1"))
    result = team.run("round", "acme/app#12", "--review", str(file), "--yes")
    lines = result.stderr.splitlines()
    assert (result.exit_code, len(lines)) == (4, 4), result.output
    assert all(line.startswith("round.csv, line ") for line in lines)
    assert "\x1b" not in result.stderr
    assert "'aprove' is no decision" in lines[0]
    assert "support:99 isn't in this round" in lines[1]
    assert "control characters" in lines[2]
    assert "another round" in lines[3]
    assert team.facts("round", "acme/app#12")["counts"]["approved"] == 0


def test_a_ticket_named_twice_and_an_empty_text_are_problems(team: Scene, tmp_path: Path) -> None:
    """Nobody can tell which line is meant, and nobody is sent nothing."""
    file = tmp_path / "round.csv"
    team.say("round", "acme/app#12", "--review", str(file))
    rows = table(file)
    rewrite(file, lambda row: row["ticket"] == rows[1]["ticket"] and row.update(ticket=rows[0]["ticket"]))
    twice = team.run("round", "acme/app#12", "--review", str(file), "--yes")
    assert f"{rows[0]['ticket']} is on line 2 already" in twice.stderr
    file.unlink()
    team.say("round", "acme/app#12", "--review", str(file))
    rewrite(file, approves)
    rewrite(file, lambda row: row["ticket"] == rows[0]["ticket"] and row.update(text="  "))
    empty = team.run("round", "acme/app#12", "--review", str(file), "--yes")
    assert (empty.exit_code, f"line 2: {rows[0]['ticket']} has no draft" in empty.stderr) == (4, True)


def test_a_file_that_is_none_of_ours_is_said_to_lack_its_columns(team: Scene, tmp_path: Path) -> None:
    """One sentence."""
    file = tmp_path / "round.csv"
    file.write_text("ticket,text\nsupport:1,hello\n", encoding="utf-8")
    result = team.run("round", "acme/app#12", "--review", str(file), "--yes")
    assert (result.exit_code, "lacks decision, round" in result.stderr) == (4, True)


def test_hostile_facts_of_customers_are_no_formulas(scene: Scene, tmp_path: Path) -> None:
    """A tier that somebody typed at the helpdesk."""
    for who in (person("one"), person("two"), person("three", '=cmd|"/c calc"!A1')):
        scene.reported_bug(who)
    scene.released()
    file = tmp_path / "round.csv"
    scene.say("round", "acme/app#12", "--review", str(file))
    assert [row["customer tier"] for row in table(file) if row["customer tier"]] == ['\'=cmd|"/c calc"!A1']


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n ab,;\""), st.characters(codec="utf-8")), max_size=12))
def test_every_text_comes_back_from_its_cell_exactly(text: str) -> None:
    """And begins with nothing that a spreadsheet calculates."""
    cell = to_cell(text)
    assert (from_cell(cell), cell[:1] in FORMULA_STARTS) == (text, False)


def test_the_list_names_rounds_of_news(team: Scene) -> None:
    """And `round send` has the agents reminded instead, as for old news."""
    assert [one["issue"] for one in json.loads(team.say("round", "list", "--json"))["rounds"]] == ["github:acme/app#12"]
    assert team.facts("round", "send", "acme/app#12")["released"] == 4


def test_help_is_the_groups_own(scene: Scene) -> None:
    """`round --help` explains rounds, and `round show --help` every option."""
    assert "bugbridge round acme/app#12 --approve ready" in scene.say("round", "--help")
    assert "--take-back" in scene.say("round", "show", "--help")
