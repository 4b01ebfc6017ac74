"""Bad input gives one clear sentence and its exit code, never a traceback, and loses nothing."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import Check
from bugbridge.entry.cli import cli
from bugbridge.settings import shipped_folder
from tests.entry.scene import CONFIG, Scene


def one_sentence(stderr: str) -> bool:
    """Whether it is a single line without a traceback."""
    return stderr.count("\n") == 1 and "Traceback" not in stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["link", "support:999", "acme/app#12"], 3, "support:999"),
        (["link", "support:1", "acme/app#999"], 3, "github:acme/app#999 doesn't exist, or the token may not see it"),
        (["link", "nonsense", "acme/app#12"], 2, "'nonsense' names no ticket"),
        (["link", "support:1", "other/repository#12"], 2, "names no issue"),
        (["explain", "support:999"], 2, "support:999 isn't known here"),
        (["show", "acme/app#999"], 2, "github:acme/app#999 isn't known here"),
        (["show", "support:1", "--words", "export"], 2, "belong to a bug"),
        (["unlink", "support:999", "acme/app#12"], 2, "support:999 isn't known here"),
        (["sync", "gitlab"], 2, "no helpdesk or tracker named gitlab"),
        (["pause", "zendesk"], 2, "no helpdesk named 'zendesk'"),
        (["go-live", "--from", "2027-01-01", "--yes"], 2, "give a moment that has come"),
        (["policy", "check", "none.toml"], 2, "none.toml can't be read"),
    ],
)
def test_each_mistake_is_one_sentence(scene: Scene, arguments: list[str], code: int, words: str) -> None:
    """Unknown or unseen tickets and issues, and misspelt names, say what is meant and exit as documented."""
    scene.reported_bug()
    scene.read()
    result = scene.run(*arguments)
    assert (result.exit_code, words in result.stderr, one_sentence(result.stderr)) == (code, True, True), result.output


def test_five_mistakes_in_the_configuration_are_five_lines(tmp_path: Path) -> None:
    """All at once, each on its line, with exit code 2."""
    path = tmp_path / "bugbridge.toml"
    path.write_text(
        "languge = 'en'\ndatabase = 3\n[calendar]\nzone = 'Nowhere'\n[daemon]\nsync_seconds = 0\nplan_second = 1",
        encoding="utf-8",
    )
    result = CliRunner().invoke(cli, ["--config", str(path), "due"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 5), result.stderr


def test_a_wrong_token_is_one_sentence(scene: Scene) -> None:
    """What the remote side refuses is said; what was read before stays."""
    ticket = scene.reported_bug()
    scene.read()
    scene.helpdesk.fail(RemoteError("support refuses the token; check BUGBRIDGE_SUPPORT_TOKEN.", permanent=True))
    result = scene.run("sync")
    assert (result.exit_code, result.stderr) == (3, "support refuses the token; check BUGBRIDGE_SUPPORT_TOKEN.\n")
    assert len(scene.facts("show", ticket)["links"]) == 1


def test_a_missing_secret_names_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the environment's secret nothing is asked of anybody."""
    monkeypatch.delenv("BUGBRIDGE_SUPPORT_TOKEN", raising=False)
    path = tmp_path / "bugbridge.toml"
    path.write_text(CONFIG, encoding="utf-8")
    result = CliRunner().invoke(cli, ["--config", str(path), "link", "support:1", "acme/app#12"])
    assert (result.exit_code, "BUGBRIDGE_GITHUB_TOKEN" in result.stderr) == (2, True)


def test_a_missing_secret_is_a_configuration_to_mend(tmp_path: Path) -> None:
    """`sync` exits with 2 where nothing but secrets is missing, and names each variable once."""
    path = tmp_path / "bugbridge.toml"
    path.write_text(CONFIG, encoding="utf-8")
    result = CliRunner().invoke(cli, ["--config", str(path), "sync"])
    assert (result.exit_code, result.stderr.count("BUGBRIDGE_GITHUB_TOKEN,")) == (2, 1)


def test_a_database_that_cant_be_used_is_said_once(scene: Scene) -> None:
    """Every source would meet the same, so `sync` stops, with the exit code of a file."""
    scene.config.with_name("bugbridge.sqlite").write_text("not a database at all, but a text", encoding="utf-8")
    result = scene.run("sync")
    assert (result.exit_code, one_sentence(result.stderr)) == (4, True), result.stderr


def in_shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command with its redirections."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    shell = ["/bin/sh", "-c", command]
    return subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", "2>/dev/full >/dev/full", ">&- 2>&-"])
@pytest.mark.parametrize("arguments", ["--help", "policy check", "due"])
def test_an_output_that_cant_be_written_is_one_sentence(tmp_path: Path, redirection: str, arguments: str) -> None:
    """A full disk or a closed output ends with 4, and with a sentence where that can still be said."""
    (tmp_path / "bugbridge.toml").write_text('database = "bugbridge.sqlite"', encoding="utf-8")
    done = in_shell(tmp_path, f"{sys.executable} -m bugbridge {arguments} {redirection}")
    assert (done.returncode, done.stdout) == (4, "")
    assert "2>" in redirection or one_sentence(done.stderr), done.stderr


def test_a_pipe_that_nobody_reads_is_no_error_to_speak_of(tmp_path: Path) -> None:
    """`bugbridge due | head -0` is silent."""
    (tmp_path / "bugbridge.toml").write_text('database = "bugbridge.sqlite"', encoding="utf-8")
    done = in_shell(tmp_path, f"{sys.executable} -m bugbridge --help | true")
    assert (done.stdout, done.stderr) == ("", "")


def test_a_database_from_a_newer_version_is_left_alone(scene: Scene) -> None:
    """An older BugBridge says so with exit code 4."""
    scene.say("due")
    with sqlite3.connect("bugbridge.sqlite") as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('bugbridge', '999_later', 'now')"
        )
    connection.close()
    result = scene.run("due")
    assert (result.exit_code, "newer BugBridge" in result.stderr, one_sentence(result.stderr)) == (4, True, True)


def test_a_wrong_policy_says_all_its_problems(scene: Scene) -> None:
    """`policy check` exits with 2, a line for each problem."""
    text = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    wrong = text.replace("per_contact_days = 7", "per_contact_dais = 7").replace(
        '"infrequent"              = "news"', '"infrequent"              = "nonsense"'
    )
    Path("wrong.toml").write_text(wrong, encoding="utf-8")
    result = scene.run("policy", "check", "wrong.toml")
    assert (result.exit_code, result.stderr.count("\n") >= 2) == (2, True), result.stderr


def test_a_remote_sentence_cant_steer_the_terminal(scene: Scene) -> None:
    """Escapes in what a remote side says are dropped."""
    scene.tracker.fail(RemoteError("github says \x1b]0;owned\x07\x1b[31mno."))
    assert scene.run("sync").stderr == "github says no.\n"


def test_without_a_configuration_the_first_step_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new user reads of `init`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUGBRIDGE_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    result = CliRunner().invoke(cli, ["due"])
    assert (result.exit_code, "bugbridge init" in result.stderr) == (2, True)


def test_doctor_finds_a_remote_side_worse_than_all_else(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a helpdesk that can't be asked the exit code is 3, whatever else there is to mend."""
    refused = Check("sign-in", well=False, sentence="support refuses the token.")
    monkeypatch.setattr(scene.helpdesk, "check", lambda: (refused,))
    scene.config.write_text(f'policy = "none.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    result = scene.run("doctor")
    assert (result.exit_code, "BAD policy" in result.stdout, "BAD support.sign-in" in result.stdout) == (3, True, True)
