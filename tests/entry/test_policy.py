"""The policy at the command line: checked, said in sentences, and described for editors."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from bugbridge.entry.cli import cli
from bugbridge.settings import shipped_folder

SHIPPED = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
LATE = '\n[[rule]]\nid = "late"\nwhen = { ticket_status = ["closed"], stage = ["fixed"] }\ntell = "all"\n'
OLD = (
    '\n[[rule]]\nid = "old"\nwhen = { age_days = { min = 365 } }\ntell = "terminal"\nbecause = "\\u001b[31mSo be it."\n'
)


@pytest.fixture(autouse=True)
def only_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin beside a policy file, without a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUGBRIDGE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    Path("mine.toml").write_text(SHIPPED, encoding="utf-8")


def run(*arguments: str) -> tuple[int, str, str]:
    """Run a command of the group."""
    result = CliRunner().invoke(cli, ["policy", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_well_policy_is_well_with_notes() -> None:
    """A rule of which one above takes a part is no mistake, but worth knowing."""
    code, said, _ = run("check", "mine.toml")
    first, note = said.splitlines()
    line = 1 + SHIPPED.splitlines().index('id = "spiking"')
    assert (code, first) == (0, "mine.toml is well: the policy 'default' has its grid and 2 rules besides.")
    assert note == (
        f'mine.toml:{line - 1}: note: rule "spiking" still applies where the ticket is open or pending; rule '
        '"solved-tickets-hear-the-outcome" above takes the rest.'
    )


def test_notes_are_facts_too() -> None:
    """A program gets them apart from the sentence."""
    code, said, _ = run("check", "mine.toml", "--json")
    facts = json.loads(said)
    assert (code, facts["rules"], len(facts["notes"])) == (0, 2, 1)


def test_an_unreachable_rule_is_a_mistake_with_its_line() -> None:
    """Nobody is to believe in a rule that never applies."""
    Path("mine.toml").write_text(SHIPPED + LATE, encoding="utf-8")
    code, said, problem = run("check", "mine.toml")
    line = len(SHIPPED.splitlines()) + 2
    assert (code, said) == (2, "")
    assert problem == (
        f'mine.toml:{line}: rule "late" is unreachable: rule "solved-tickets-hear-the-outcome" above takes all of it; '
        'move it above "solved-tickets-hear-the-outcome", or narrow "solved-tickets-hear-the-outcome".\n'
    )


def test_a_policy_is_said_in_sentences_with_its_grid() -> None:
    """What a team reads aloud: the grid, the rules with their reasons, the table, cadence and limits."""
    code, said, _ = run("show", "mine.toml")
    wanted = [
        "Enterprise customers hear each piece of news, and an update every 1 to 4 weeks.",
        "Because: They have moved on; they still want to know how it ended.",
        "met often               every 2-8 weeks      every 4-8 weeks",
        "each wait is 1.5 times the one before.",
        "An agent gets at most 8 reminders a day.",
    ]
    places = [said.find(words) for words in wanted]
    assert (code, -1 in places, places) == (0, False, sorted(places))


def test_what_is_said_of_a_policy_cannot_steer_the_terminal() -> None:
    """A policy may come from somebody else."""
    Path("mine.toml").write_text(SHIPPED + OLD, encoding="utf-8")
    said = run("show", "mine.toml")[1]
    assert ("So be it." in said, "\x1b" in said) == (True, False)


def test_a_policy_without_rules_shows_none() -> None:
    """There is no heading over nothing."""
    Path("mine.toml").write_text(SHIPPED.partition("[[rule]]")[0], encoding="utf-8")
    code, said, _ = run("show", "mine.toml")
    assert (code, "Exceptions" in said, "The grid" in said) == (0, False, True)


def test_a_shown_policy_is_json_that_every_program_reads() -> None:
    """A range without an end has none, rather than an infinity that JSON doesn't know."""
    Path("mine.toml").write_text(SHIPPED + OLD, encoding="utf-8")
    code, said, _ = run("show", "mine.toml", "--json")
    facts = json.loads(said, parse_constant=pytest.fail)
    assert (code, facts["policy"]["rules"][2]["when"]) == (0, [{"fact": "age_days", "least": 365.0, "most": None}])
    assert facts["sentences"]["rules"][2]["sentence"] == (
        "Where the bug's age is at least 365 days: the customer hears only how it ends."
    )


def test_a_wrong_policy_is_not_shown() -> None:
    """Its problems are said instead, with exit code 2."""
    Path("mine.toml").write_text("version = 2", encoding="utf-8")
    code, said, problem = run("show", "mine.toml")
    assert (code, said, problem.startswith("mine.toml:1: The policy must say version = 1.")) == (2, "", True)


def test_the_schema_comes_without_a_configuration() -> None:
    """An editor needs nothing but the schema."""
    code, said, _ = run("schema")
    schema = json.loads(said)
    Draft202012Validator.check_schema(schema)
    assert (code, schema["$schema"]) == (0, "https://json-schema.org/draft/2020-12/schema")
    assert not Draft202012Validator(schema).is_valid({"version": 2})


@pytest.mark.parametrize("command", ["check", "show"])
def test_without_a_file_the_configured_policy_is_meant(command: str) -> None:
    """The one that decisions are made by."""
    Path("bugbridge.toml").write_text('policy = "mine.toml"\ndatabase = "bugbridge.sqlite"', encoding="utf-8")
    Path("mine.toml").write_text(SHIPPED.replace('name = "default"', 'name = "ours"'), encoding="utf-8")
    code, said, _ = run(command)
    assert (code, "'ours'" in said) == (0, True)
