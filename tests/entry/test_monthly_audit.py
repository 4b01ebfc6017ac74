"""The monthly audit by the daemon's job: who is sent it, what it says, and where one sees that it will come."""

from datetime import UTC, datetime, timedelta

import pytest

from bugbridge import app as wiring
from bugbridge.app import App, build_app
from bugbridge.core.audit_model import Audit, Question
from bugbridge.core.errors import RemoteError
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.entry import jobs
from bugbridge.entry.jobs import all_jobs
from bugbridge.entry.monthly_audit import audit_message
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.services.notifying import NotifyingResult
from bugbridge.settings import load_settings
from tests.entry.scene import BUG, START, Scene

LEAD = '\n[notifications.lead]\nto = "lead"\naudit = "monthly"\nzone = "Europe/Berlin"\n'
URL = '\n[web]\nurl = "https://bugbridge.acme.example/"\n'
DOWN = RemoteError("lead: the notification service refused the message or can't be reached; check BUGBRIDGE_LEAD_URL.")
HOSTILE = RemotePerson(
    "mallory",
    AuthorKind.CUSTOMER,
    name="Mallory <script>",
    address="mallory@evil.example",
    account=RemoteAccount("Evil & Sons", tier="=cmd()"),
)
SECRETS = ("mallory", "Mallory", "script", "evil", "Evil", "cmd", BUG, "support:")
JULY = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.fixture
def lead(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> MemoryNotifier:
    """A scene whose lead is sent the audit, in memory."""
    configure(scene, LEAD)
    notifier = MemoryNotifier("lead")
    monkeypatch.setattr(wiring.App, "notifier", lambda _app, _name: notifier)
    return notifier


def configure(scene: Scene, sections: str) -> None:
    """Add to the configuration."""
    scene.config.write_text(scene.config.read_text(encoding="utf-8") + sections, encoding="utf-8")


def app_of(scene: Scene) -> App:
    """Wire the scene's configuration."""
    return build_app(load_settings(scene.config, {}), {})


def take_step(scene: Scene) -> NotifyingResult:
    """Take the daemon's step once."""
    app = app_of(scene)
    result = jobs.run(app, next(job for job in all_jobs(app) if job.name == "audit"))
    assert isinstance(result, NotifyingResult)
    return result


def test_there_is_a_step_only_where_somebody_asks_for_it(scene: Scene) -> None:
    """A notification alone asks for none."""
    configure(scene, '\n[notifications.team]\nto = "team"\n')
    assert [job.name for job in all_jobs(app_of(scene)) if job.name == "audit"] == []
    configure(scene, LEAD)
    assert [job.name for job in all_jobs(app_of(scene)) if job.name == "audit"] == ["audit"]


def test_the_first_page_is_sent_after_the_months_end(scene: Scene, lead: MemoryNotifier) -> None:
    """The sentences that stand first, and where the rest is; once."""
    scene.released()
    assert take_step(scene) == NotifyingResult()
    scene.clock.at = JULY
    assert (take_step(scene), take_step(scene)) == (NotifyingResult(notified=1), NotifyingResult())
    ((title, body),) = lead.sent
    assert title.startswith("BugBridge: ")
    assert body.endswith("The whole of it: `bugbridge audit`. This comes once a month.")


def test_the_page_is_named_where_people_reach_it() -> None:
    """By its whole address."""
    _, body = audit_message(Audit(START, Question()), zone="UTC", address="https://bugbridge.acme.example")
    assert "The whole of it: https://bugbridge.acme.example/audit or `bugbridge audit`." in body


def test_the_configured_address_is_the_one_that_is_named(scene: Scene, lead: MemoryNotifier) -> None:
    """Without the slash at its end."""
    configure(scene, URL)
    take_step(scene)
    scene.clock.at = JULY
    take_step(scene)
    assert "The whole of it: https://bugbridge.acme.example/audit or" in lead.sent[0][1]


def test_nobodys_name_leaves_the_house(scene: Scene, lead: MemoryNotifier) -> None:
    """Neither a customer's, nor a ticket's or an issue's: figures alone."""
    scene.reported_bug(HOSTILE)
    scene.released()
    take_step(scene)
    scene.clock.at = JULY
    take_step(scene)
    assert [secret for secret in SECRETS if secret in str(lead.sent)] == []


def test_a_rehearsal_and_doctor_say_when_it_comes(scene: Scene, lead: MemoryNotifier) -> None:
    """In the reader's zone the one, in the team's the other; looking sends and begins nothing."""
    told = "The daemon sends them the audit, not before 2026-07-01 02:00 Europe/Berlin."
    assert told in scene.say("notify", "--dry-run")
    assert scene.facts("notify", "--dry-run")["recipients"][0]["audit_not_before"] == "2026-07-01T00:00:00.000000Z"
    line = "ok  audit.lead: the audit is sent to them by the daemon, not before 2026-07-01 00:00 UTC."
    assert line in scene.run("doctor").stdout
    assert (lead.sent, app_of(scene).store.job_runs()) == ([], ())


def test_doctor_says_that_it_could_not_be_sent(scene: Scene, lead: MemoryNotifier) -> None:
    """And when it is tried again; the step itself is well, since others may have been sent theirs."""
    take_step(scene)
    scene.clock.at = JULY
    lead.fail(DOWN)
    assert take_step(scene).problems == (str(DOWN),)
    said = scene.run("doctor")
    again = "BAD audit.lead: 1 try failed; the audit is sent to them by the daemon, not before 2026-07-01 09:10 UTC."
    assert (again in said.stdout, said.exit_code) == (True, 3)
    lead.fail(None)
    scene.clock.at += timedelta(minutes=11)
    assert take_step(scene) == NotifyingResult(notified=1)
    assert (
        "ok  audit.lead: the audit is sent to them by the daemon, not before 2026-08-01 00:00"
        in scene.run("doctor").stdout
    )


def test_a_notification_by_hand_sends_no_audit(scene: Scene, lead: MemoryNotifier) -> None:
    """`bugbridge notify` tells what is new, and a test is a test."""
    take_step(scene)
    scene.clock.at = JULY
    scene.say("notify")
    scene.say("notify", "--test")
    assert [title for title, _ in lead.sent] == ["BugBridge: a test"]
