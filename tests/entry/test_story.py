"""The main job by its commands: linked, watched, gone live, reminded once, told."""

from datetime import timedelta

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import TicketStatus
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import BUG, START, Scene


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
    assert "github:acme/app#12 is released in 4.2 and this customer hasn't been told." in notes[0].body
    assert "The problem you wrote about on 5 June is fixed in version 4.2, which is available now." in notes[0].body


def test_a_dry_run_posts_nothing(scene: Scene) -> None:
    """`send --dry-run` shows the note and leaves everything as it is."""
    ticket = scene.released()
    assert "is released in 4.2" in scene.say("send", "--dry-run")
    assert [preview["ticket"] for preview in scene.facts("send", "--dry-run")["would_post"]] == [ticket]
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
    assert scene.facts("send")["dead"] == 1
    assert "couldn't be posted" in scene.say("due")
    assert "couldn't be posted" in scene.say("explain", ticket)


def test_the_audit_counts_what_was_resolved_and_sent(scene: Scene) -> None:
    """One bug, from its first report to its fix, with the reminder that it took."""
    scene.released()
    scene.say("send")
    report = scene.facts("audit")
    assert (report["all"]["n"], report["all"]["updates_sent"]) == (1, 1)
    assert report["bugs"][0]["reference"] == BUG
    assert "The last resolved bugs: 1. You sent 1 update." in scene.say("audit", "--last", "20")
