"""Bringing a helpdesk's history along, as a person sees it: what it takes, whether to, and what came of it."""

from datetime import timedelta

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import RecordedLink, RemoteMessage
from bugbridge.entry.progress import paced
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import BUG, START, Scene

SINCE = ("--since", "2026-01-01")


def with_history(scene: Scene) -> str:
    """Have a ticket of March whose note names a bug; reading began in the middle of May."""
    scene.tracker.add(BUG, START - timedelta(days=120))
    at = START - timedelta(days=100)
    number = scene.helpdesk.add_ticket(at)
    scene.helpdesk.write(number, AGENT, "acme/app#12", at, public=False)
    scene.helpdesk.write(number, AGENT, "We look into it.", at, public=True)
    scene.say("sync")
    return number


def test_a_first_sync_leaves_old_tickets_to_a_backfill(scene: Scene) -> None:
    """Thirty days are read unless the configuration says otherwise."""
    number = with_history(scene)
    assert scene.run("show", f"support:{number}").exit_code == 2


def test_it_says_what_it_takes_and_asks(scene: Scene) -> None:
    """Requests, minutes, and the share of what the helpdesk allows; no is an answer."""
    number = with_history(scene)
    asked = scene.run("backfill", *SINCE, typed="n\n")
    assert asked.stdout.startswith(
        "support: 1 ticket changed between then and 2026-05-16 09:00 UTC: 2 requests, about 1 minute at 50 % of the"
        " 600 requests a minute that support allows."
    )
    assert (asked.exit_code, scene.run("show", f"support:{number}").exit_code) == (1, 2)


def test_it_links_and_plans_nothing(scene: Scene) -> None:
    """Old notes are found; nobody is written to."""
    number = with_history(scene)
    scene.say("go-live", "--from", "2026-01-01", "--yes")
    said = scene.say("backfill", *SINCE, "--yes")
    assert "Nothing that happened before is told because of it." in said
    scene.say("sync")
    scene.say("plan")
    assert [link["state"] for link in scene.facts("show", f"support:{number}")["links"]] == ["linked"]
    assert scene.facts("due")["updates"] == []


def test_a_dry_run_reads_nothing(scene: Scene) -> None:
    """And its facts are those that were said."""
    with_history(scene)
    facts = scene.facts("backfill", *SINCE, "--dry-run", "--share", "100")
    assert (facts["tickets"], facts["requests"], facts["share_percent"], facts["resumes"]) == (1, 2, 100, False)
    assert facts["minutes"] == pytest.approx(2 / 600)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--since", "2027-01-01", "--yes"), "--since names a day that has been: '2027-01-01' is still to come."),
        ((*SINCE, "--json"), "With --json nothing is asked: say --yes, or --dry-run."),
        (("--since", "last year"), "'last year' is no date: write 2026-06-12, or '2026-06-12 16:00'."),
    ],
)
def test_what_cant_be_is_one_sentence(scene: Scene, arguments: tuple[str, ...], sentence: str) -> None:
    """With exit code 2."""
    result = scene.run("backfill", *arguments)
    assert (result.exit_code, result.stderr) == (2, f"{sentence}\n")


def test_a_failure_says_that_the_same_command_goes_on(scene: Scene) -> None:
    """What was read is kept."""
    with_history(scene)

    def fails(_remote_id: str) -> tuple[RemoteMessage, ...]:
        raise RemoteError("support failed.")

    scene.helpdesk.messages = fails
    result = scene.run("backfill", *SINCE, "--yes")
    assert (result.exit_code, result.stderr) == (
        3,
        "support failed. What was read is kept: the same command goes on from there.\n",
    )


def test_it_keeps_to_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second apart, ten tickets take a second less what they took themselves."""
    now, slept, shown = [100.0], [], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: (slept.append(seconds), now.__setitem__(0, now[0] + seconds)))
    step = paced(shown.append, 0.1)
    for took in (0.02, 0.5, 0.0, 0.0):
        now[0] += took
        step(1)
    assert (shown, now[0]) == ([1, 1, 1, 1], pytest.approx(100.0 + 0.1 + 0.5 + 0.1))


def test_links_that_exist_are_shown_before_they_are_imported(scene: Scene) -> None:
    """A dry run names each; then they are linked, once."""
    number = with_history(scene)
    scene.helpdesk.record_link(RecordedLink(number, "acme/app#12"))
    scene.helpdesk.record_link(RecordedLink(number, "OTHER-1"))
    shown = scene.say("import", "links", "--dry-run")
    assert "Looked through 1 ticket and found 1 link." in shown
    assert "1 link names no issue of a configured project, such as OTHER-1: add the project to its tracker." in shown
    assert scene.run("show", f"support:{number}").exit_code == 2
    assert scene.facts("import", "links")["imported"]["tickets"] == 1
    scene.say("sync")
    assert [link["state"] for link in scene.facts("show", f"support:{number}")["links"]] == ["linked"]
    assert scene.facts("import", "links", "--dry-run")["links"][0]["state"] == "linked"
    assert "nothing new" in scene.say("import", "links")


def test_where_nothing_is_linked_yet_it_says_so(scene: Scene) -> None:
    """An empty state is no error."""
    assert scene.say("import", "links") == "Looked through 0 tickets and found 0 links. Imported: nothing new.\n"
