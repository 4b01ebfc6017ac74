"""`bugbridge wording`: every rule is tried on its own examples, and a team sees which rules count."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bugbridge.entry.cli import cli
from bugbridge.settings import shipped_folder
from bugbridge.wordings import read_wordings

HEAD = 'version = 1\nlanguage = "en"\n'
RULE = """
[[rule]]
id = "slang"
level = "info"
match = ["lol", ["rofl", "lmao"]]
message = "Slang."
suggest = "Say it plainly."
good = ["We know of it."]
bad = ["That is funny, lol.", "Rofl and lmao."]
"""
FRENCH = """
version = 1
language = "fr"
common_words = ["nous", "le", "est"]
[[rule]]
id = "bientot"
level = "error"
match = ["bientôt"]
message = "Une date que personne n'a prévue."
suggest = "Nous n'avons pas de date."
bad = ["Ce sera bientôt prêt."]
"""


@pytest.fixture(autouse=True)
def nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUGBRIDGE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def run(*arguments: str) -> tuple[int, str, str]:
    """Run a command of the group."""
    result = CliRunner().invoke(cli, ["wording", *arguments])
    return result.exit_code, result.stdout, result.stderr


def write(text: str, name: str = "own.toml") -> None:
    """Write a team's own file."""
    Path(name).write_text(text, encoding="utf-8")


def test_every_example_of_every_shipped_rule_holds() -> None:
    """In each language that comes with BugBridge."""
    code, said, problems = run("check")
    assert (code, problems) == (0, ""), said
    languages = read_wordings(shipped_folder())
    conclusions = [line for line in said.splitlines() if line.endswith(": all hold.")]
    assert [line.partition(":")[0] for line in conclusions] == list(languages)


def test_examples_are_counted_with_the_teams_own() -> None:
    """Rules add up, and so do their examples."""
    before = {one["language"]: one for one in json.loads(run("check", "--json")[1])["languages"]}["en"]
    write(HEAD + RULE)
    facts = json.loads(run("check", "own.toml", "--json")[1])
    after = {one["language"]: one for one in facts["languages"]}["en"]
    assert (after["rules"] - before["rules"], after["examples"] - before["examples"]) == (1, 3)
    assert facts["holds"] is True


def test_an_example_that_fails_is_named_with_what_was_expected() -> None:
    """It ends with 1; nothing of a file steers the terminal."""
    wrong = RULE.replace("We know of it.", "Lol, no.").replace("Rofl and lmao.", r"Rofl and \u001b[31mlaughter.")
    write(HEAD + wrong)
    code, said, _ = run("check", "own.toml")
    lines = [line for line in said.splitlines() if ", slang" in line]
    assert code == 1
    assert lines == [
        'en, slang (open): this good example is found: "Lol, no."',
        'en, slang (open): this bad example isn\'t found: "Rofl and laughter."',
        "en, slang: note: none of its examples has the pattern rofl & lmao",
    ]
    assert "examples: 2 fail." in said
    facts = json.loads(run("check", "own.toml", "--json")[1])
    english = next(one for one in facts["languages"] if one["language"] == "en")
    assert facts["holds"] is False
    assert english["failed"][0] == {"rule": "slang", "failure": "found", "text": "Lol, no.", "state": "open"}
    assert [(one["rule"], one["text"]) for one in english["unused"]] == [("slang", "rofl & lmao")]


def test_a_file_that_cant_be_read_ends_it_with_2() -> None:
    """All problems of all files, each with its file."""
    write("version = 2\nlanguage = 'en'", "one.toml")
    Path("two.toml").write_bytes(b"\xff")
    code, said, problems = run("check", "one.toml", "two.toml", "three.toml")
    assert (code, said) == (2, "")
    assert problems.splitlines() == [
        "The wording file two.toml isn't UTF-8 text: save it as UTF-8.",
        "The wording file three.toml can't be read: No such file or directory.",
        "one.toml:1: The wording must say version = 1.",
    ]


def test_another_language_has_its_own_line() -> None:
    """A team may bring one that BugBridge lacks."""
    write(FRENCH)
    code, said, _ = run("check", "own.toml")
    assert (code, "fr: 1 rule, 1 example: all hold." in said.splitlines()) == (0, True)


def test_the_configured_files_are_read_where_none_is_named() -> None:
    """One, or a list; a switched-off rule is listed as such, and so is a level that was changed."""
    write(HEAD + RULE + '[[rule]]\nid = "promise_timeline"\noff = true\n')
    write(FRENCH, "fr.toml")
    write("wording = ['own.toml', 'fr.toml']", "bugbridge.toml")
    listed = {(one["language"], one["id"]): one for one in json.loads(run("list", "--json")[1])["rules"]}
    assert listed["en", "slang"] == {
        "language": "en",
        "id": "slang",
        "level": "info",
        "on": True,
        "shipped": False,
        "files": ["own.toml"],
        "message": "Slang.",
    }
    assert listed["en", "promise_timeline"]["on"] is False
    assert listed["fr", "bientot"]["level"] == "error"
    rows = [" ".join(line.split()) for line in run("list")[1].splitlines()]
    assert "en promise_timeline error switched off by own.toml A time is promised that nobody has planned." in rows
    assert "en slang info your own Slang." in rows
    assert "fr: 1 rule, 1 example: all hold." in run("check")[1].splitlines()


def test_a_shipped_rule_that_a_team_changed_is_listed_with_the_file() -> None:
    """Of its message the first sentence says what it is about; a rule that nobody changed says nothing more."""
    write(HEAD + '[[rule]]\nid = "hedge"\nlevel = "error"\nmessage = "Be sure! Or say so. Really."\n')
    rows = [" ".join(line.split()) for line in run("list", "own.toml")[1].splitlines()]
    assert "en hedge error changed by own.toml Be sure!" in rows
    assert any(row.startswith("en blame error ") and "own.toml" not in row for row in rows)


def test_a_rule_without_a_bad_example_is_noted() -> None:
    """Nothing shows that it finds anything; it is no failure."""
    write(HEAD + RULE.replace('bad = ["That is funny, lol.", "Rofl and lmao."]', ""))
    code, said, _ = run("check", "own.toml")
    notes = [line for line in said.splitlines() if ", slang" in line]
    assert (code, notes) == (0, ["en, slang: note: it has no bad example, so that nothing shows what it finds"])
    english = next(one for one in json.loads(run("check", "own.toml", "--json")[1])["languages"] if one["rules"] > 1)
    assert english["untried"] == ["slang"]
