"""Before it begins the daemon says all that is wrong, with ids and hints; errors end it, warnings don't."""

import json
from pathlib import Path

import pytest

from bugbridge.app import build_app
from bugbridge.core.errors import ConfigError, DataError
from bugbridge.entry.good_policy import keep_good_policy
from bugbridge.entry.jobs import plan
from bugbridge.entry.startup import look_over, refuse, reloaded
from bugbridge.settings import load_settings, shipped_folder
from tests.entry.scene import CONFIG, Scene

TOKEN = "BUGBRIDGE_SUPPORT_TOKEN"


def written(folder: Path, text: str = CONFIG) -> Path:
    """Write a configuration."""
    path = folder / "bugbridge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_problems_are_said_together_with_ids_and_hints(scene: Scene) -> None:
    """A bad policy and a bad list of accounts: two lines on stderr, exit code 2, and no step was run."""
    text = scene.config.read_text(encoding="utf-8")
    scene.config.write_text('policy = "policy.toml"\n' + text, encoding="utf-8")
    scene.config.with_name("policy.toml").write_text("version = 7", encoding="utf-8")
    scene.config.with_name("accounts.csv").write_text("adress,tier\n", encoding="utf-8")
    result = scene.run("daemon")
    said = [json.loads(line)["message"] for line in result.stderr.splitlines()]
    assert result.exit_code == 2
    assert {line.partition(":")[0] for line in said} == {"daemon.policy", "daemon.accounts"}
    assert all(" Hint: " in line for line in said)
    assert scene.helpdesk._tickets == {}


def test_a_bad_list_of_people_is_said_with_a_hint(scene: Scene) -> None:
    """Like any other file that people wrote."""
    scene.config.with_name("people.csv").write_text("agent,nmae\n", encoding="utf-8")
    result = scene.run("daemon")
    said = [json.loads(line)["message"] for line in result.stderr.splitlines()]
    assert (result.exit_code, [line.partition(":")[0] for line in said]) == (2, ["daemon.people"])
    assert said[0].endswith(" Hint: correct the file, or [people] in the configuration.")


def test_a_database_that_cant_be_used_ends_it_with_4(scene: Scene) -> None:
    """It is no problem of the configuration."""
    scene.config.with_name("bugbridge.sqlite").write_text("not a database at all, but a text", encoding="utf-8")
    result = scene.run("daemon")
    assert (result.exit_code, "daemon.database: " in result.stderr) == (4, True)


def test_each_missing_secret_is_named(tmp_path: Path) -> None:
    """By the part that needs it and the variable that would hold it, before anything is asked."""
    app = build_app(load_settings(written(tmp_path), {}), {})
    findings = [finding for finding in look_over(app, {}) if finding.exit_code]
    assert [finding.id for finding in findings] == ["daemon.secret.support", "daemon.secret.github"]
    assert f"set {TOKEN}" in findings[0].sentence
    with pytest.raises(ConfigError) as caught:
        refuse(tuple(findings))
    assert len(caught.value.problems) == 2


def test_what_is_only_worth_knowing_ends_nothing(scene: Scene) -> None:
    """Watch mode, a pause, another clock: each a warning with what ends it."""
    app = build_app(load_settings(scene.config, {}), {})
    in_watch_mode = look_over(app, {"BUGBRIDGE_CLOCK": "2026-06-15T09:00:00Z"})
    scene.released()
    scene.say("pause")
    paused = look_over(app, {})
    assert [finding.id for finding in (*in_watch_mode, *paused)] == [
        "daemon.watch-mode.support",
        "daemon.clock",
        "daemon.paused.support",
    ]
    refuse((*in_watch_mode, *paused))


def test_a_configuration_without_parts_is_a_warning(tmp_path: Path) -> None:
    """There is nothing to do, but nothing wrong either."""
    app = build_app(load_settings(written(tmp_path, 'database = "bugbridge.sqlite"'), {}), {})
    assert [finding.id for finding in look_over(app, {})] == ["daemon.no-helpdesk", "daemon.no-tracker"]


def test_a_reload_reads_secrets_anew(tmp_path: Path) -> None:
    """A secret's file that holds another one now, or none: the new one is used, or the old app kept."""
    file = tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    environ = {f"{TOKEN}_FILE": str(file), "BUGBRIDGE_GITHUB_TOKEN": "x"}
    app = build_app(load_settings(written(tmp_path), environ), environ)
    app.helpdesk("support")
    file.write_text("", encoding="utf-8")
    assert reloaded(app, environ) is None
    file.write_text("second", encoding="utf-8")
    fresh = reloaded(app, environ)
    assert fresh is not None
    assert fresh.store is app.store
    assert fresh.helpdesk("support") is not app.helpdesk("support")


def test_a_reload_knows_new_sources_and_keeps_to_its_database(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A helpdesk that was added is declared; another database would be another team's."""
    environ = {TOKEN: "x", "BUGBRIDGE_GITHUB_TOKEN": "x", "BUGBRIDGE_SECOND_TOKEN": "x"}
    app = build_app(load_settings(written(tmp_path), environ), environ)
    second = '[helpdesks.second]\nkind = "request_tracker"\nurl = "https://second.example.com"\n'
    written(tmp_path, CONFIG + second)
    assert reloaded(app, environ) is not None
    assert "second" in {source.name for source in app.store.sources()}
    written(tmp_path, CONFIG.replace("bugbridge.sqlite", "another.sqlite"))
    assert reloaded(app, environ) is None
    assert any("database: another one needs a new start" in message for message in caplog.messages)
    assert not (tmp_path / "another.sqlite").exists()


def test_a_refused_reload_writes_nothing(tmp_path: Path) -> None:
    """A helpdesk is only known to the database once the configuration that names it is well."""
    environ = {TOKEN: "x", "BUGBRIDGE_GITHUB_TOKEN": "x"}
    app = build_app(load_settings(written(tmp_path), environ), environ)
    before = app.store.sources()
    written(tmp_path, CONFIG + '[helpdesks.second]\nkind = "request_tracker"\nurl = "https://second.example.com"\n')
    assert reloaded(app, environ) is None  # its secret is missing
    assert app.store.sources() == before


@pytest.mark.parametrize("question", ["head", "sources", "rulesets", "declare_source"])
def test_a_reload_while_the_database_cant_be_used_keeps_the_old_configuration(
    question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Locked, or its disk full, whatever is asked of it first: one sentence with its id, and the daemon goes on."""
    environ = {TOKEN: "x", "BUGBRIDGE_GITHUB_TOKEN": "x", "BUGBRIDGE_SECOND_TOKEN": "x"}
    app = build_app(load_settings(written(tmp_path), environ), environ)
    before = app.store.sources()
    written(tmp_path, CONFIG + '[helpdesks.second]\nkind = "request_tracker"\nurl = "https://second.example.com"\n')

    def locked(*_: object) -> None:
        raise DataError("The database can't be used (database is locked).")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(app.store, question, locked)
        assert reloaded(app, environ) is None
    *_, told, kept = caplog.messages
    assert "The database can't be used (database is locked). Hint: " in told
    assert sum("is locked" in message for message in caplog.messages) == 1
    assert kept == "the new configuration isn't taken on: the daemon goes on with the old one"
    assert app.store.sources() == before


def test_a_live_helpdesk_that_was_taken_out_of_the_configuration_is_a_warning(scene: Scene) -> None:
    """Its updates fall due and can't be posted; one that is paused, or that never went live, is as it should be."""
    scene.released()
    text = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(text.replace("[helpdesks.support]", "[helpdesks.other]"), encoding="utf-8")
    app = build_app(load_settings(scene.config, {}), {})
    (finding,) = [one for one in look_over(app, {}) if one.id == "daemon.left-out.support"]
    assert (finding.exit_code, finding.sentence, finding.hint) == (
        0,
        "support is live, but the configuration doesn't have it any more: its updates can't be posted.",
        f"put [helpdesks.support] back into {scene.config}, or run `bugbridge pause support`.",
    )
    scene.say("pause", "support")
    assert [one.id for one in look_over(app, {})] == ["daemon.watch-mode.other"]


def test_a_file_that_breaks_while_the_daemon_runs_changes_nothing_until_it_is_well(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """The policy before it decides on, each problem is said once, and the next good text is taken by itself."""
    text = scene.config.read_text(encoding="utf-8")
    scene.config.write_text('policy = "policy.toml"\n' + text, encoding="utf-8")
    file = scene.config.with_name("policy.toml")
    good = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    file.write_text(good, encoding="utf-8")
    app = build_app(load_settings(scene.config, {}), {})
    keep_good_policy(app)
    file.write_text("version = 7", encoding="utf-8")
    assert [app.policy_file.text == good for _ in range(2)] == [True, True]
    plan(app)
    assert sum("stays in force until" in message for message in caplog.messages) == 1
    file.write_text(good + "# better\n", encoding="utf-8")
    assert app.policy_file.text == good + "# better\n"


def test_a_broken_file_that_isnt_in_force_is_a_warning(scene: Scene) -> None:
    """A person applied another policy, which decides on."""
    scene.config.with_name("applied.toml").write_text(
        (shipped_folder() / "policy.toml").read_text(encoding="utf-8") + "# own\n", encoding="utf-8"
    )
    scene.say("policy", "apply", str(scene.config.with_name("applied.toml")), "--yes")
    text = scene.config.read_text(encoding="utf-8")
    scene.config.write_text('policy = "policy.toml"\n' + text, encoding="utf-8")
    scene.config.with_name("policy.toml").write_text("version = 7", encoding="utf-8")
    findings = look_over(build_app(load_settings(scene.config, {}), {}), {})
    assert ("daemon.policy.in-force", 0) in [(finding.id, finding.exit_code) for finding in findings]
    assert [finding for finding in findings if finding.exit_code] == []
