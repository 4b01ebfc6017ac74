"""From a helpdesk's delivery to a planned update: at once, whatever the polling intervals are."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import RemoteAccount
from bugbridge.entry import jobs
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import ANOTHER_CUSTOMER, START, Scene
from tests.entry.web.asking import Web, ask, at_work, cursors, until
from tests.entry.web.recipes import SECRET, zendesk

HOOK = "/hooks/zendesk/support"
ENTERPRISE = replace(ANOTHER_CUSTOMER, account=RemoteAccount("account-2", tier="enterprise"))


@pytest.fixture
def live(scene: Scene) -> Web:
    """A team on Zendesk that went live; one bug is known, acme/app#12."""
    scene.reported_bug()
    scene.read()
    scene.say("go-live", "--from", f"{START - timedelta(days=5):%Y-%m-%d}", "--yes")
    return Web(scene, {"support": SECRET}, "zendesk")


def new_ticket(web: Web) -> str:
    """A customer whose tier is written to every few weeks reports the known bug; only the helpdesk knows."""
    number = web.scene.helpdesk.add_ticket(START, requester=ENTERPRISE)
    web.scene.helpdesk.write(number, AGENT, "We look into it.", START, public=True)
    web.scene.helpdesk.write(number, AGENT, "That is acme/app#12.", START, public=False)
    return number


def deliver(web: Web, number: str, delivery: str = "delivery-1") -> int:
    """Have Zendesk tell of a ticket."""
    body = json.dumps({"type": "zen:event-type:ticket.comment_added", "detail": {"id": number}}).encode()
    return ask(web.application, HOOK, [body], zendesk(SECRET, body, web.scene.clock.now(), delivery))


def planned(web: Web) -> list[tuple[str, str]]:
    """The tickets with updates to come, and why."""
    return [(item["ticket"], item["reason"]) for item in web.scene.facts("due", "--days", "60")["updates"]]


def test_a_signed_delivery_becomes_a_planned_update(live: Web) -> None:
    """No daemon runs and nothing is polled: the delivery alone has a ticket read that was never seen, and decided."""
    number, before = new_ticket(live), cursors(live)
    assert planned(live) == []
    with at_work(live, "support", SECRET):
        assert deliver(live, number) == 202
        until(lambda: live.kept() == {} and planned(live) == [(f"support:{number}", "periodic")])
    assert cursors(live) == before


def test_a_failure_is_logged_and_the_daemon_follows_later(live: Web, caplog: pytest.LogCaptureFixture) -> None:
    """The hint stays, and a job of the daemon's takes it up."""
    number = new_ticket(live)
    live.scene.helpdesk.fail(RemoteError("support answered 500."))
    with at_work(live, "support", SECRET):
        deliver(live, number)
        until(lambda: "hints support: support answered 500." in caplog.messages)
    assert len(live.kept()) == 1
    live.scene.helpdesk.fail(None)
    for job in jobs.all_jobs(live.app):
        if job.name in {"hints support", "plan"}:
            jobs.run(live.app, job)
    assert (live.kept(), planned(live)) == ({}, [(f"support:{number}", "periodic")])


def test_a_ticket_that_is_not_there_ends_its_hint(live: Web) -> None:
    """A delivery about a deleted ticket isn't followed for ever."""
    with at_work(live, "support", SECRET):
        assert deliver(live, "999") == 202
        until(lambda: live.kept() == {})
    assert planned(live) == []
