"""`bugbridge notify`, its job and its line in `doctor`; and that notes are posted whatever becomes of notifications."""

import signal
import threading
from collections.abc import Iterator

import pytest

from bugbridge import app as wiring
from bugbridge.app import App, build_app
from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.entry import jobs
from bugbridge.entry.daemon import Daemon
from bugbridge.entry.jobs import all_jobs
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.settings import load_settings
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, Scene

SECTIONS = """
[notifications.ada]
to = "agent"
agent = "support:agent-1"

[notifications.team]
to = "team"
when = "daily"
at = 10:00:00
zone = "Europe/Berlin"
"""
LONG_ENOUGH = 20  # seconds, that only a test which fails waits for
DOWN = RemoteError("ada: the notification service refused the message or can't be reached; check BUGBRIDGE_ADA_URL.")
BAD_URL = (
    "ada: BUGBRIDGE_ADA_URL isn't a URL that Apprise can use; it has a service and what that needs, such as "
    "slack://TOKEN_A/TOKEN_B/TOKEN_C.\n"
)


class Notifiers(dict[str, MemoryNotifier]):
    """Those of a configuration, by name."""

    def __missing__(self, name: str) -> MemoryNotifier:
        self[name] = MemoryNotifier(name)
        return self[name]


def switch_on(scene: Scene, sections: str = SECTIONS) -> None:
    """Have people notified."""
    scene.config.write_text(scene.config.read_text(encoding="utf-8") + sections, encoding="utf-8")


@pytest.fixture
def notifiers(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Notifiers:
    """A scene in which Ada and the team are notified, in memory."""
    switch_on(scene)
    made = Notifiers()
    monkeypatch.setattr(wiring.App, "notifier", lambda _app, name: made[name])
    return made


def reminded(scene: Scene) -> str:
    """Somebody is told from now on, and an agent is reminded; gives the ticket's reference."""
    scene.run("notify")
    ticket = scene.released()
    scene.say("send")
    return ticket


def app_of(scene: Scene) -> App:
    """Wire the scene's configuration, with steps as often as can be."""
    switch_on(scene, "\n[daemon]\nlink_seconds = 1\nsync_seconds = 1\nplan_seconds = 1\nsend_seconds = 1\n")
    return build_app(load_settings(scene.config, {}), {})


def test_nobody_is_notified_until_somebody_is_named(scene: Scene) -> None:
    """The empty state says what to write where, and there is no job."""
    for option in ([], ["--test"], ["--dry-run"]):
        assert scene.say("notify", *option).startswith("Nobody is notified: add a section [notifications.NAME] to")
    assert scene.facts("notify") == {"recipients": []}
    assert [job.name for job in all_jobs(app_of(scene)) if job.name == "notify"] == []


def test_what_is_new_is_told_once(scene: Scene, notifiers: Notifiers) -> None:
    """And the command says what it did, also where that is nothing."""
    ticket = reminded(scene)
    assert scene.say("notify") == "1 notification sent. `bugbridge notify --dry-run` shows what comes next.\n"
    assert notifiers["ada"].sent == [("BugBridge: 1 reminder", f"- {ticket}: a reminder about {BUG} (released)")]
    assert scene.say("notify").startswith("Nobody is to be told anything now. ")


def test_a_rehearsal_shows_who_would_be_told_what_and_when(scene: Scene, notifiers: Notifiers) -> None:
    """First that they begin with what comes; then the message, with its time in their own zone."""
    begins = "not told anything yet; the first `bugbridge notify`, or the daemon, begins with what happens after it."
    assert scene.say("notify", "--dry-run") == f"--- ada: {begins}\n--- team: {begins}\n"
    ticket = reminded(scene)
    text = f"BugBridge: 1 reminder\n- {ticket}: a reminder about {BUG} (released)\n"
    later = "not before 2026-06-16 10:00 Europe/Berlin, with what is new by then"
    assert scene.say("notify", "--dry-run") == f"--- ada: now\n{text}--- team: {later}\n{text}"
    scene.say("notify")
    ada, team = scene.facts("notify", "--dry-run")["recipients"]
    assert (ada["would_send"], team["would_send"]["at"]) == (None, "2026-06-16T08:00:00.000000Z")
    assert len(notifiers["ada"].sent) == 1


def test_a_test_message_goes_to_those_named(scene: Scene, notifiers: Notifiers) -> None:
    """Or to everybody; nothing else is told by it."""
    reminded(scene)
    assert scene.say("notify", "--test", "ada") == "ada: a test message was sent; see whether it came.\n"
    assert scene.facts("notify", "--test") == {"sent": ["ada", "team"], "failed": {}}
    assert [title for title, _ in notifiers["ada"].sent] == ["BugBridge: a test"] * 2
    assert len(notifiers["team"].sent) == 1


def test_what_could_not_be_sent_is_said_with_its_exit_code(scene: Scene, notifiers: Notifiers) -> None:
    """On stderr, once; it is told later, and doctor shows it until then."""
    reminded(scene)
    notifiers["ada"].fail(DOWN)
    for arguments in (["notify"], ["notify", "--test", "ada"]):
        result = scene.run(*arguments)
        assert (result.exit_code, result.stderr) == (3, f"{DOWN}\n")
    said = scene.run("doctor").stdout
    assert "BAD notifications.ada: 1 try failed since 2026-06-15 09:" in said
    assert "ok  notifications.team: the team, daily: not told anything yet." in said


def test_doctor_says_how_each_is_told(scene: Scene, notifiers: Notifiers) -> None:
    """And nothing is sent by looking."""
    assert "ok  notifications.ada: no ticket of support:agent-1 was read yet" in scene.run("doctor").stdout
    reminded(scene)
    scene.say("notify")
    assert "ok  notifications.ada: the agent, at-once: last told 2026-06-15 09:" in scene.run("doctor").stdout
    assert len(notifiers["ada"].sent) == 1


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "ada needs a secret: set BUGBRIDGE_ADA_URL, or BUGBRIDGE_ADA_URL_FILE to a file that holds it.\n"),
        ({"BUGBRIDGE_ADA_URL": "s3cr3t"}, BAD_URL),
    ],
)
def test_a_missing_or_wrong_url_is_said_and_never_shown(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    """By `doctor` and by a test, with the exit code of the configuration."""
    switch_on(scene, SECTIONS.partition("[notifications.team]")[0])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    tested, doctor = scene.run("notify", "--test"), scene.run("doctor")
    assert (tested.exit_code, tested.stderr) == (2, said)
    assert f"BAD notifications.ada: {said}" in doctor.stdout
    assert "s3cr3t" not in tested.output + doctor.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--test", "--dry-run"], "Choose one of --test and --dry-run."),
        (["ada"], "Names go with --test; without it everybody is told what is new."),
        (["--test", "eve"], "There is no [notifications.eve] in the configuration; it has: ada, team."),
    ],
)
def test_wrong_uses_are_refused(scene: Scene, notifiers: Notifiers, arguments: list[str], said: str) -> None:
    """In a sentence, with nothing sent."""
    result = scene.run("notify", *arguments)
    assert (result.exit_code, result.stderr, dict(notifiers)) == (2, f"{said}\n", {})


@pytest.fixture
def _keep_signals() -> Iterator[None]:
    """Give the test runner its own signal handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_keep_signals")
def test_notes_are_posted_while_a_notification_hangs(
    scene: Scene, notifiers: Notifiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon posts the second note while the notification of the first is under way."""
    scene.run("notify")
    tickets = [scene.reported_bug(ANOTHER_CUSTOMER), scene.released()]
    app = app_of(scene)
    jobs.send(app, lambda: sum(notes_on(scene, tickets)) > 0)
    assert sorted(notes_on(scene, tickets)) == [0, 1]
    hangs, posted = threading.Event(), threading.Event()
    posted_meanwhile: list[bool] = []
    post = scene.helpdesk.add_note
    daemon = Daemon(app)

    def hang(_title: str, _body: str) -> None:
        hangs.set()
        posted_meanwhile.append(posted.wait(LONG_ENOUGH))
        daemon.stop()

    def post_meanwhile(ticket: RemoteTicket, body: str, marker: str) -> str:
        hangs.wait(LONG_ENOUGH)
        remote_id = post(ticket, body, marker)
        posted.set()
        return remote_id

    monkeypatch.setattr(notifiers["ada"], "send", hang)
    monkeypatch.setattr(scene.helpdesk, "add_note", post_meanwhile)
    daemon.run()
    assert posted_meanwhile == [True]
    assert notes_on(scene, tickets) == [1, 1]


def test_notes_are_posted_while_notifications_fail(scene: Scene, notifiers: Notifiers) -> None:
    """Each note is posted once, whatever `notify` meets before and after it."""
    scene.run("notify")
    ticket = scene.reported_bug(ANOTHER_CUSTOMER)
    tickets = [ticket, scene.released()]
    notifiers["ada"].fail(DOWN)
    for _ in range(2):
        scene.say("send")
        assert scene.run("notify").exit_code in (0, 3)
    assert notes_on(scene, tickets) == [1, 1]


def notes_on(scene: Scene, tickets: list[str]) -> list[int]:
    """How many notes of ours stand on each."""
    return [len(scene.helpdesk.notes(ticket.partition(":")[2])) for ticket in tickets]
