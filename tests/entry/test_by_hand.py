"""What a person says of what goes out: stop a reply, try again, leave a customer in peace, look at a round."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.errors import LockedError
from bugbridge.helpdesks.memory import CUSTOMER
from bugbridge.settings import shipped_folder
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene

REPLY_RULE = """
[[rule]]
id = "tell-of-releases-ourselves"
when = { stage = ["released"] }
tell = "terminal"
deliver = "reply"
"""


def lets_replies_out(scene: Scene) -> None:
    """The policy says reply for releases, and the helpdesk allows it."""
    shipped = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    (scene.config.parent / "replies.toml").write_text(shipped + REPLY_RULE, encoding="utf-8")
    config = scene.config.read_text(encoding="utf-8")
    config = config.replace('kind = "request_tracker"', 'kind = "request_tracker"\nallow_replies = true')
    scene.config.write_text(f'policy = "replies.toml"\n{config}', encoding="utf-8")


def test_a_held_reply_is_listed_and_can_be_stopped(scene: Scene) -> None:
    """Then the agent is reminded instead."""
    lets_replies_out(scene)
    ticket = scene.released()
    (preview,) = scene.facts("send", "--dry-run")["would_post"]
    assert "reply to the customer" in scene.say("send", "--dry-run")
    assert (preview["channel"], scene.facts("send")["held"]) == ("reply", 1)
    assert "reply held until" in scene.say("due")
    assert "A message is on its way" in scene.say("explain", ticket)
    assert scene.facts("cancel", ticket) == {"ticket": ticket, "cancelled": 1}
    assert scene.run("cancel", ticket).exit_code == 2
    scene.say("plan")
    assert scene.facts("send")["posted"] == 1


def test_a_reply_that_nobody_stops_is_sent(scene: Scene) -> None:
    """Ten minutes later, by the next pass."""
    lets_replies_out(scene)
    scene.released()
    assert "1 reply held so that it can be stopped" in scene.say("send")
    scene.clock.at += timedelta(minutes=10)
    assert "1 reply sent" in scene.say("send")


def test_what_couldnt_be_posted_is_listed_with_its_reason_and_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ticket was closed, and somebody opened it again."""
    ticket = scene.released()
    assert "Everything that was due could be posted." in scene.say("due", "--dead")

    def refuses(*_: object) -> str:
        raise LockedError("support:1 is closed.")

    with monkeypatch.context() as patched:
        patched.setattr(scene.helpdesk, "add_note", refuses)
        assert scene.run("send").exit_code == 3
    (dead,) = scene.facts("due", "--dead")["dead"]
    assert (dead["ticket"], dead["why"]) == (ticket, "ticket-locked")
    assert "closed and takes no more notes" in " ".join(scene.say("due", "--dead").split())
    assert scene.facts("retry", ticket)["retried"] == [{"ticket": ticket, "reason": "released"}]
    scene.say("plan")
    assert scene.facts("send")["posted"] == 1


@pytest.mark.parametrize("arguments", [(), ("--all", "support:1")])
def test_what_to_try_again_has_to_be_said(scene: Scene, arguments: tuple[str, ...]) -> None:
    """One or the other, never by accident."""
    result = scene.run("retry", *arguments)
    assert (result.exit_code, "--all" in result.stderr) == (2, True)


def test_trying_all_again_where_nothing_waits_says_so(scene: Scene) -> None:
    """An empty list is good news."""
    assert "nothing to try again" in scene.say("retry", "--all")


def test_a_customer_who_opts_out_hears_nothing_until_it_is_undone(scene: Scene) -> None:
    """On all of their tickets."""
    ticket = scene.released()
    assert "hears nothing more" in scene.say("opt-out", ticket)
    scene.say("plan")
    assert scene.facts("send")["posted"] == 0
    assert scene.facts("opt-out", ticket, "--undo")["opt_out"] == "none"
    scene.say("plan")
    assert scene.facts("send")["posted"] == 1
    assert scene.run("opt-out", ticket, "--undo", "--periodic").exit_code == 2


def watched(scene: Scene, *groups: str) -> list[str]:
    """Tickets of a released bug, in watch mode, each in its group."""
    customers = (CUSTOMER, ANOTHER_CUSTOMER)
    tickets = [scene.reported_bug(who) for who, _ in zip(customers, groups or ("", ""), strict=False)]
    for ticket, group in zip(tickets, groups, strict=False):
        number = ticket.partition(":")[2]
        scene.helpdesk._show(replace(scene.helpdesk.ticket(number), group=group))
    scene.tracker.close(BUG, START - timedelta(days=1))
    scene.say("sync")
    scene.say("release", "acme/app#12", "4.2", "--on", "2026-06-14")
    scene.say("plan")
    return tickets


def test_a_pilot_goes_live_by_group(scene: Scene) -> None:
    """The others' reminders wait, and a group that nobody is in is refused with those that there are."""
    tickets = watched(scene, "Support DE", "Support FR")
    wrong = scene.run("go-live", "--group", "Support", "--from", "2026-06-01", "--yes")
    assert (wrong.exit_code, "'Support DE' (1 link), 'Support FR' (1 link)" in wrong.stderr) == (2, True)
    facts = scene.facts("go-live", "--group", "Support DE", "--from", "2026-06-01", "--yes")
    assert (facts["backlog"]["due"], facts["due"], facts["groups"]) == (1, 1, ["Support DE"])
    assert scene.facts("send")["posted"] == 1
    assert "watch mode" in scene.say("explain", tickets[1])


def test_old_news_kept_for_a_round_goes_out_when_somebody_has_looked(scene: Scene) -> None:
    """One bug's round, but for one ticket that is left waiting, and then that one is let be."""
    tickets = watched(scene)
    said = scene.say("go-live", "--from", "2026-06-01", "--old", "round", "--yes")
    assert "2 old updates wait for you: `bugbridge round list`." in said
    assert (scene.facts("send")["posted"], scene.facts("due")["updates"][0]["review"]) == (0, "waiting")
    assert "waits for its round" in scene.say("due")
    assert "It waits for a person's word in a round" in scene.say("explain", tickets[0])
    assert "acme/app#12" in scene.say("round", "list")
    assert scene.facts("round", "send", "acme/app#12", "--except", tickets[1])["released"] == 1
    scene.say("plan")
    assert scene.facts("send")["posted"] == 1
    assert scene.facts("round", "drop", "acme/app#12")["dropped"] == 1
    assert "No round waits." in scene.say("round", "list")
    assert [row["ticket"] for row in scene.facts("due")["updates"]] == [tickets[0]]
    assert "It was let be in its round" in scene.say("explain", tickets[1])
    assert scene.run("round", "send", "acme/app#12").exit_code == 2


def test_old_news_that_is_only_listed_is_shown_and_told_by_nobody(scene: Scene) -> None:
    """A clean start: the list says what the team might want to tell by themselves."""
    tickets = watched(scene)
    said = scene.say("go-live", "--from", "2026-06-01", "--old", "listed", "--yes")
    assert all(ticket in said for ticket in tickets)
    assert scene.facts("send")["posted"] == 0


def test_a_round_needs_a_bug_that_is_known(scene: Scene) -> None:
    """And --except tickets that leave something over."""
    tickets = watched(scene)
    scene.say("go-live", "--from", "2026-06-01", "--old", "round", "--yes")
    assert scene.run("round", "send", "acme/app#99").exit_code == 2
    stranger = scene.reported_bug(ANOTHER_CUSTOMER)
    scene.say("sync")
    assert "isn't in this round" in scene.run("round", "send", "acme/app#12", "--except", stranger).stderr
    spared = [part for ticket in tickets for part in ("--except", ticket)]
    assert scene.run("round", "send", "acme/app#12", *spared).exit_code == 2


def test_a_pause_outlives_going_live_with_a_round(scene: Scene) -> None:
    """Somebody paused before, and only somebody resumes."""
    watched(scene)
    scene.say("pause")
    scene.say("go-live", "--from", "2026-06-01", "--old", "round", "--yes")
    scene.say("round", "send", "acme/app#12")
    assert scene.facts("send")["posted"] == 0
    scene.say("resume")
    assert scene.facts("send")["posted"] == 2


def test_a_promise_isnt_listed_as_told_by_nobody(scene: Scene) -> None:
    """It will be, so the list of what won't be leaves it out; and the JSON says since when news is told."""
    tickets = watched(scene)
    scene.say("promise", "add", tickets[0], "2026-06-15 20:00")
    facts = scene.facts("go-live", "--from", "2026-06-01", "--old", "listed", "--yes")
    assert [update["ticket"] for update in facts["backlog"]["updates"]] == [tickets[1]]
    assert facts["live_from"].startswith("2026-06-15")


def test_going_live_later_ends_no_reminder_as_told(scene: Scene) -> None:
    """The older news is background then, which is not the same as told."""
    ticket = scene.released()
    scene.say("send")
    scene.say("go-live", "--yes")
    (update,) = scene.facts("show", ticket)["links"][0]["updates"]
    assert update["state"] == "withdrawn"


def test_what_becomes_of_old_news_can_be_chosen_before_going_live(scene: Scene) -> None:
    """Whoever sees how much is due is told the choices there."""
    watched(scene)
    result = scene.run("go-live", "--from", "2026-06-01", typed="n\n")
    assert ("`--old listed`" in result.stdout, "`--old round`" in result.stdout) == (True, True)


def test_a_start_to_come_is_refused_before_anything_is_shown(scene: Scene) -> None:
    """One who mistyped the year reads one sentence."""
    scene.reported_bug()
    scene.read()
    result = scene.run("go-live", "--from", "2027-06-01", "--yes")
    assert (result.exit_code, result.stdout) == (2, "")


def test_doctor_says_where_anything_is_posted(scene: Scene) -> None:
    """Watch mode, live since when and for whom, or paused; and a tracker that holds back what rests on it."""
    watched(scene, "EU", "US")
    before = posting(scene)
    scene.say("go-live", "--group", "EU", "--from", "2026-06-01", "--yes")
    live = posting(scene)
    scene.say("pause")
    assert ("watch mode" in before, "live, with news of EU since 2026-06-01" in live) == (True, True)
    assert "paused" in posting(scene)
    scene.clock.at += timedelta(hours=2)
    assert any("held back until" in line for line in doctor(scene))


def posting(scene: Scene) -> str:
    """What `doctor` says of posting to the helpdesk."""
    return next(line for line in doctor(scene) if line.startswith("support.posting"))


def doctor(scene: Scene) -> list[str]:
    """The lines of `doctor`, whatever it ends with."""
    checks = json.loads(scene.run("doctor", "--json").stdout)["checks"]
    return [f"{check['id']}: {check['sentence']}" for check in checks]


def test_doctor_says_where_rules_and_leave_to_reply_disagree(scene: Scene) -> None:
    """A rule that says reply, and no helpdesk that allows it."""
    lets_replies_out(scene)
    config = scene.config.read_text(encoding="utf-8").replace("allow_replies = true", "allow_replies = false")
    scene.config.write_text(config, encoding="utf-8")
    scene.reported_bug()
    scene.read()
    assert any(line.startswith("replies: tell-of-releases-ourselves says reply") for line in doctor(scene))


def test_leave_to_reply_is_true_and_nothing_that_looks_like_it(scene: Scene) -> None:
    """A word in quotes gives no leave to write to customers."""
    lets_replies_out(scene)
    config = scene.config.read_text(encoding="utf-8").replace("allow_replies = true", 'allow_replies = "yes"')
    scene.config.write_text(config, encoding="utf-8")
    result = scene.run("due")
    assert (result.exit_code, "allow_replies" in result.stderr) == (2, True)


def test_a_check_of_a_database_that_isnt_there_says_so(scene: Scene) -> None:
    """A restore to the wrong place must not look well."""
    result = scene.run("check")
    assert (result.exit_code, "There is no database at" in result.stderr) == (4, True)
