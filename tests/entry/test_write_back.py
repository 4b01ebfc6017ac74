"""`bugbridge write-back`: what it shows, what it refuses, and when the daemon does it."""

from dataclasses import asdict

import pytest

from bugbridge import app as wiring
from bugbridge.app import App, build_app
from bugbridge.core.errors import ConfigError, RemoteError
from bugbridge.core.write_back import WriteBackRules
from bugbridge.entry.jobs import all_jobs
from bugbridge.settings import load_settings
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, Scene
from tests.services.tracker_writer import MemoryWriter

ON = 'projects = ["acme/app"]\nwrite_back = true\nlabel_from = 2'
ONE = "1 customer reports this and has no workaround."
OFF = "Switch it on with write_back = true under [trackers.github]; --dry-run shows beforehand what that writes."


@pytest.fixture
def writer(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> MemoryWriter:
    """What the scene's tracker is written to by."""
    made = MemoryWriter("github", scene.clock)
    monkeypatch.setattr(wiring.App, "tracker_writer", lambda _app, _name: made)
    return made


def switch_on(scene: Scene, more: str = "") -> None:
    """Have it written to."""
    text = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(text.replace('projects = ["acme/app"]', ON + more), encoding="utf-8")


def app_of(scene: Scene) -> App:
    """Wire the scene's configuration."""
    return build_app(load_settings(scene.config, {}), {})


def test_it_is_off_until_somebody_switches_it_on(scene: Scene, writer: MemoryWriter) -> None:
    """The empty state says how; nothing is asked, and no job does it."""
    scene.reported_bug()
    scene.read()
    assert scene.say("write-back") == f"Writing back is switched off for every tracker. {OFF}\n"
    assert writer.calls == []
    assert [job.name for job in all_jobs(app_of(scene)) if "write-back" in job.name] == []


def test_a_tracker_that_is_off_is_refused_by_name(scene: Scene, writer: MemoryWriter) -> None:
    """With the same way out, and the exit code of a wrong use."""
    result = scene.run("write-back", "github")
    assert (result.exit_code, result.stderr) == (2, f"Writing back to github is switched off. {OFF}\n")
    assert writer.calls == []


def test_a_rehearsal_needs_no_switch_and_writes_nothing(scene: Scene, writer: MemoryWriter) -> None:
    """So that one sees beforehand what it would write."""
    scene.reported_bug()
    scene.read()
    shown = scene.say("write-back", "github", "--dry-run")
    assert shown == f"--- {BUG}: a comment would be written\n{ONE}\n"
    assert writer.writes() == []


def test_it_writes_once_and_says_what(scene: Scene, writer: MemoryWriter) -> None:
    """The second run has nothing to do, and says why."""
    switch_on(scene)
    scene.reported_bug()
    scene.read()
    assert scene.say("write-back") == f"--- {BUG}: a comment written\n{ONE}\n"
    assert scene.say("write-back", "github").startswith("github: nothing is to be written; comments are edited at most")
    assert writer.texts(BUG) == [ONE]


def test_its_facts_are_json(scene: Scene, writer: MemoryWriter) -> None:
    """For programs."""
    switch_on(scene)
    scene.reported_bug()
    scene.reported_bug(ANOTHER_CUSTOMER)
    scene.read()
    facts = scene.facts("write-back", "--dry-run")
    text = "2 customers report this; none has a workaround."
    lines = [(line["issue"], line["action"], line["outcome"], line["text"]) for line in facts["trackers"]["github"]]
    assert lines == [
        (BUG, "comment", "would_write", text),
        (BUG, "label", "would_write", "customers-waiting"),
    ]
    assert (facts["dry_run"], facts["failed"], writer.writes()) == (True, {}, [])


def test_a_public_issue_is_refused_by_default_and_that_is_no_failure(scene: Scene, writer: MemoryWriter) -> None:
    """One clear sentence."""
    switch_on(scene)
    writer.public = True
    scene.reported_bug()
    scene.read()
    sentence = f'{BUG} is public: nothing is written there unless [trackers.github] has public = "allow".'
    assert scene.say("write-back") == f"--- {BUG}: refused\n{sentence}\n"


def test_what_fails_is_said_and_exits_with_3(scene: Scene, writer: MemoryWriter) -> None:
    """Programs can tell."""
    switch_on(scene)
    scene.reported_bug()
    scene.read()
    writer.fail(before=RemoteError("github answered 500."))
    result = scene.run("write-back")
    assert (result.exit_code, result.stdout) == (3, f"--- {BUG}: a comment failed\ngithub answered 500.\n")


def test_an_unknown_tracker_is_named_with_those_there_are(scene: Scene, writer: MemoryWriter) -> None:
    """A misspelt name is one sentence."""
    result = scene.run("write-back", "gitlab")
    assert (result.exit_code, "it has: github." in result.stderr, writer.calls) == (2, True, [])


def test_the_daemon_does_it_daily_where_it_is_on(scene: Scene, writer: MemoryWriter) -> None:
    """Comments are edited weekly at most, so more often would be in vain."""
    switch_on(scene)
    scene.reported_bug()
    scene.read()
    app = app_of(scene)
    (job,) = [job for job in all_jobs(app) if job.name == "write-back github"]
    assert (job.seconds, asdict(job.run())["written"]) == (86_400, 1)
    assert writer.texts(BUG) == [ONE]


def test_the_keys_reach_the_rules(scene: Scene, writer: MemoryWriter) -> None:
    """As they are written in the file."""
    switch_on(scene, '\npublic = "allow"\nlabel = "waiting"')
    assert app_of(scene).back_writer("github").rules == WriteBackRules(
        public_allowed=True, label="waiting", label_from=2
    )
    assert writer.calls == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('public = "maybe"', "public"),
        ('label = "two words"', "label: a label has no spaces"),
        ("label_from = 0", "label_from"),
        ('write_back = "sometimes"', "write_back"),
    ],
)
def test_a_wrong_key_is_one_sentence(scene: Scene, line: str, problem: str) -> None:
    """It names section and key."""
    text = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(f"{text}{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        load_settings(scene.config, {})


def test_each_tracker_has_its_writer_made_once(scene: Scene) -> None:
    """With the tracker's own address and secret."""
    app = build_app(load_settings(scene.config, {}), {"BUGBRIDGE_GITHUB_TOKEN": "t"})
    assert (app.tracker_writer("github").name, app.tracker_writer("github")) == ("github", app.tracker_writer("github"))
