"""The main job by its commands: linked, watched, gone live, reminded once, told."""

from datetime import timedelta

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import TicketStatus
from bugbridge.entry import commands_work
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene


def test_an_agents_note_becomes_a_link(scene: Scene) -> None:
    """`sync` reads the note, and the issue that it names."""
    ticket = scene.reported_bug()
    read = scene.facts("sync")["read"]
    assert read["sync github"] == {"issues": 1, "missing": 0, "links": 1, "suggestions": 0}
    assert [link["state"] for link in scene.facts("show", ticket)["links"]] == ["linked"]


def test_in_watch_mode_nothing_is_posted(scene: Scene) -> None:
    """Before `go-live` a release calls for nothing, and `send` says why."""
    ticket = scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START)
    scene.say("sync")
    scene.say("release", "acme/app#12", "4.2")
    scene.say("plan")
    assert "Watch mode" in scene.say("send")
    assert "Watch mode" in scene.say("due")
    assert "watch mode" in scene.say("explain", ticket)
    assert scene.helpdesk.notes(ticket.partition(":")[2]) == ()


def test_a_released_bug_is_reminded_of_once(scene: Scene) -> None:
    """After `go-live` one internal note brings the draft; a second `send` posts nothing more."""
    ticket = scene.released()
    assert [update["reason"] for update in scene.facts("due")["updates"]] == ["released"]
    assert scene.facts("send")["posted"] == 1
    assert scene.facts("send")["posted"] == 0
    notes = scene.helpdesk.notes(ticket.partition(":")[2])
    assert [note.public for note in notes] == [False]
    assert "acme/app#12 is released in 4.2 and this customer hasn't been told." in notes[0].body
    assert "The problem you wrote about on 5 June is fixed in version 4.2, which is available now." in notes[0].body


def test_a_dry_run_posts_nothing(scene: Scene) -> None:
    """`send --dry-run` shows the note and leaves everything as it is."""
    ticket = scene.released()
    assert "is released in 4.2" in scene.say("send", "--dry-run")
    previews = scene.facts("send", "--dry-run")["would_post"]
    assert [(one["ticket"], one["issue"], one["reason"]) for one in previews] == [(ticket, BUG, "released")]
    assert {key for one in previews for key in one if key.endswith("id") or key in ("item", "key")} == set()
    assert scene.helpdesk.notes(ticket.partition(":")[2]) == ()


def test_a_reply_that_names_the_version_closes_the_reminder(scene: Scene) -> None:
    """A reminder ends when the customer has been told, not when the note is posted."""
    ticket = scene.released()
    scene.say("send")
    assert [update["state"] for update in scene.facts("due")["updates"]] == ["posted"]
    scene.helpdesk.write(ticket.partition(":")[2], AGENT, "It is fixed in 4.2.", scene.clock.now(), public=True)
    scene.read()
    assert scene.facts("due")["updates"] == []


def test_an_agents_word_closes_the_reminder(scene: Scene) -> None:
    """`told` serves where no reply can show it."""
    ticket = scene.released()
    scene.say("send")
    scene.say("told", ticket)
    scene.say("plan")
    assert scene.facts("due")["updates"] == []


def test_customers_words_are_in_the_draft(scene: Scene) -> None:
    """`show --words` keeps how customers call the bug."""
    scene.released()
    scene.say("show", "acme/app#12", "--words", "export problem")
    assert "The export problem you wrote about" in scene.say("send", "--dry-run")


def test_a_pause_stops_posting_at_once(scene: Scene) -> None:
    """`pause` holds what is due, `resume` lets it go on."""
    scene.released()
    scene.say("pause")
    assert "paused" in scene.say("send")
    scene.say("resume")
    assert scene.facts("send")["posted"] == 1


def test_news_from_before_going_live_is_background(scene: Scene) -> None:
    """What was released before `live_from` is never an update."""
    scene.reported_bug()
    scene.tracker.close(BUG, START - timedelta(days=8))
    scene.say("sync")
    scene.say("release", "acme/app#12", "4.2", "--on", f"{START - timedelta(days=7):%Y-%m-%d}")
    scene.say("go-live", "--from", f"{START - timedelta(days=5):%Y-%m-%d}", "--yes")
    scene.say("plan")
    assert scene.facts("due")["updates"] == []


def test_going_live_shows_the_backlog_and_asks(scene: Scene) -> None:
    """Without a date and a yes nothing changes."""
    scene.reported_bug()
    scene.read()
    result = scene.run("go-live", typed="2026-06-10\nn\n")
    assert result.exit_code == 1
    assert "1 link;" in result.stdout
    assert "support, with news from 2026-06-10 00:00 UTC on: 0 updates would be due at once" in result.stdout
    assert "Watch mode" in scene.say("send")


def test_a_failing_source_stops_no_other(scene: Scene) -> None:
    """`sync` reads what it can, says what failed in one sentence, and exits with 3."""
    scene.reported_bug()
    scene.tracker.fail(RemoteError("github answered 500."))
    result = scene.run("sync")
    assert (result.exit_code, result.stderr) == (3, "github answered 500.\n")
    assert "link support: " in result.stdout


def test_a_closed_ticket_is_shown_and_not_tried_again(scene: Scene) -> None:
    """What couldn't be posted stays on the list of what is due."""
    ticket = scene.released()
    scene.helpdesk.change(ticket.partition(":")[2], scene.clock.now(), status=TicketStatus.CLOSED)
    result = scene.run("send")
    assert (result.exit_code, result.stdout) == (3, "1 couldn't be posted.\n")
    assert ticket in result.stderr
    assert "couldn't be posted" in scene.say("due")
    assert "couldn't be posted" in scene.say("explain", ticket)


def test_the_audit_counts_what_was_resolved_and_sent(scene: Scene) -> None:
    """One bug, from its first report to its fix, with the reminder that it took."""
    scene.released()
    scene.say("send")
    report = scene.facts("audit")
    assert (report["n"], report["replies"]["reminders"]) == (1, 1)
    assert report["bugs"][0]["reference"] == BUG
    said = scene.say("audit", "--last", "20")
    assert "1 bug was fixed: too few for figures, which need 5. You sent no updates." in said
    assert f"{BUG}  2026-06-05  2026-06-14   9.0        0" in said


def test_going_live_decides_at_once(scene: Scene) -> None:
    """What is due is planned and counted, and the step that posts it is named."""
    ticket = scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START - timedelta(days=1))
    scene.say("sync")
    scene.say("release", "acme/app#12", "4.2")
    said = scene.say("go-live", "--from", "2026-06-10", "--yes")
    assert "support is live. 1 update is due: `bugbridge send` or the daemon posts it." in said
    assert "then fewer than one a day, for one agent." in said
    assert [update["ticket"] for update in scene.facts("due")["updates"]] == [ticket]


def test_going_live_with_yes_alone_means_now(scene: Scene) -> None:
    """Nobody is asked, and old news stays background."""
    scene.reported_bug()
    scene.read()
    facts = scene.facts("go-live", "--yes")
    assert (facts["live_from"][:16], facts["due"]) == ("2026-06-15T09:00", 0)


def test_going_live_as_json_asks_nothing(scene: Scene) -> None:
    """A program says from when on, or that now will do."""
    scene.reported_bug()
    scene.read()
    refused = scene.run("go-live", "--json")
    assert (refused.exit_code, "--from" in refused.stderr, refused.stdout) == (2, True, "")
    assert scene.facts("go-live", "--from", "2026-06-10")["live_from"] == "2026-06-10T00:00:00.000000Z"


def test_going_live_again_says_since_when_and_what_changes(scene: Scene) -> None:
    """Another start moves what counts as news."""
    scene.released()
    said = scene.say("go-live", "--from", "2026-06-14", "--yes")
    assert "support is live already, with news from 2026-06-10 00:00 UTC on." in said
    assert "older news that wasn't told becomes background" in said


def test_a_helpdesk_that_fails_is_said_with_the_next_try(scene: Scene) -> None:
    """`send` says why nothing was posted and when that is tried again, and exits with 3."""
    scene.released()
    scene.helpdesk.fail(RemoteError("support answered 503."))
    result = scene.run("send")
    assert (result.exit_code, result.stderr) == (3, "support answered 503.\n")
    assert result.stdout.startswith("1 will be tried again.\nThe next try is from 2026-06-15 09:0")


def test_a_dry_run_marks_closed_tickets_and_stops_nowhere_silently(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads it learns which notes may not be taken, and how many more there are."""
    tickets = [scene.reported_bug(ANOTHER_CUSTOMER), scene.released()]
    for ticket in tickets:
        scene.helpdesk.change(ticket.partition(":")[2], scene.clock.now(), status=TicketStatus.CLOSED)
    scene.read()
    monkeypatch.setattr(commands_work, "PREVIEWS_SHOWN", 1)
    said = scene.say("send", "--dry-run")
    assert f", {BUG} (closed: " in said
    assert "… and 1 more: `bugbridge send --dry-run --json` has them all." in said


def test_counts_are_said_in_words(scene: Scene) -> None:
    """One is one issue, and what is decided and kept is told apart."""
    scene.reported_bug()
    assert "sync github: 1 issue, 1 link.\n" in scene.say("sync")
    assert scene.say("plan").startswith("1 link decided, 1 decision kept, 1 frequency judged.")
    assert scene.say("plan").startswith("Nothing was to be decided.")
