"""The first minutes: a configuration is written, never over another, and can be used at once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bugbridge.entry.cli import cli


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin where nothing is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUGBRIDGE_CONFIG", raising=False)


def run(*arguments: str) -> tuple[int, str, str]:
    """Run a command in the current folder."""
    result = CliRunner().invoke(cli, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_init_writes_what_can_be_used_at_once() -> None:
    """The written files are valid, and the next steps are said."""
    code, said, _ = run("init")
    assert (code, "bugbridge doctor" in said, "posts nothing until `bugbridge go-live`" in said) == (0, True, True)
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["bugbridge.toml", "policy.toml"]
    assert run("policy", "check")[0] == 0


def test_the_written_configuration_names_the_files_beside_it() -> None:
    """The policy and the database lie in the same folder."""
    run("init")
    run("due")
    assert Path("bugbridge.sqlite").exists()
    assert "policy.toml is well" in run("policy", "check")[1]


@pytest.mark.parametrize("name", ["bugbridge.toml", "policy.toml"])
def test_init_overwrites_nothing(name: str) -> None:
    """One file that is there already stops it before anything is written."""
    Path(name).write_text("mine", encoding="utf-8")
    code, _, said = run("init")
    assert (code, said) == (2, f"{name} exists here already; not overwritten.\n")
    assert [path.name for path in Path.cwd().iterdir()] == [name]
    assert Path(name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (["due"], "No helpdesk is configured"),
        (["sync"], "add a helpdesk and a tracker"),
        (["audit"], "bugbridge sync"),
        (["send"], "bugbridge go-live"),
        (["go-live"], "No helpdesk is configured"),
        (["pause"], "No helpdesk is configured"),
        (["link", "4711", "acme/app#12"], "no helpdesk is configured"),
    ],
)
def test_an_empty_state_says_what_to_do_next(arguments: list[str], next_step: str) -> None:
    """Where there is nothing to show, the sentence names the next step."""
    run("init")
    _, said, refused = run(*arguments)
    assert next_step.lower() in (said + refused).lower()


def test_doctor_is_unwell_without_a_helpdesk() -> None:
    """A configuration that can't do the main job exits with 2."""
    run("init")
    code, said, _ = run("doctor")
    assert (code, "BAD helpdesks: No helpdesk is configured" in said) == (2, True)


def test_doctor_goes_on_after_a_wrong_policy() -> None:
    """Every part is looked at, whatever the others say."""
    run("init")
    Path("policy.toml").write_text("version = 2", encoding="utf-8")
    code, said, _ = run("doctor")
    assert (code, "BAD policy: " in said, "database: " in said) == (2, True, True)


def test_doctor_exits_with_the_worst_of_what_it_found() -> None:
    """A database that can't be used is worse than a configuration to mend."""
    run("init")
    Path("bugbridge.sqlite").write_text("not a database at all, but a text", encoding="utf-8")
    code, said, _ = run("doctor")
    assert (code, "BAD database: " in said, "BAD helpdesks: " in said) == (4, True, True)


def test_doctor_finds_a_broken_template() -> None:
    """Every template is tried, before the first note needs it."""
    run("init")
    Path("bugbridge.toml").write_text("templates = 'mine'\ndatabase = 'bugbridge.sqlite'", encoding="utf-8")
    Path("mine/en").mkdir(parents=True)
    Path("mine/en/fixed.txt").write_text("{{ wrods }}", encoding="utf-8")
    code, said, _ = run("doctor")
    assert (code, "BAD templates: The template for 'fixed' can't be used" in said) == (4, True)


@pytest.mark.parametrize("arguments", [["policy", "check", "broken.toml"], ["policy", "check"], ["plan"]])
def test_a_wrong_policy_is_named_by_its_file(arguments: list[str]) -> None:
    """Whether it is the configured one or another, each problem begins with the file that holds it."""
    Path("bugbridge.toml").write_text("policy = 'broken.toml'\ndatabase = 'bugbridge.sqlite'", encoding="utf-8")
    Path("broken.toml").write_text("version = 2", encoding="utf-8")
    code, _, said = run(*arguments)
    assert (code, all("broken.toml:1: " in line for line in said.splitlines())) == (2, True)


def test_the_first_steps_include_deciding() -> None:
    """Without `plan` nothing is ever due, so both lists of first steps name it."""
    assert all("bugbridge plan" in said for said in (run("init")[1], run("--help")[1]))
