"""The main job, on a real Request Tracker, by the real program."""

import re

import pytest

from tests.real.engineers import Engineers
from tests.real.people import People, next_second
from tests.real.program import Program, now
from tests.real.stories import VERSION, reminder_due, reported


def test_the_daemon_does_the_main_job(people: People, engineers: Engineers, program: Program) -> None:
    """A note makes a link, the release one internal reminder, and the agent's word to the customer ends it."""
    begun, issue = now(), engineers.open_issue()
    ticket = reported(people, issue)
    with program.daemon() as daemon:
        program.until(lambda: program.explanation(ticket).get("issue") == f"github:{issue}")
        program.go_live(begun)
        engineers.close_as_completed(issue)
        program.until(lambda: program.facts("show", f"github:{issue}")["stage"] == "fixed")
        assert people.posted_by_bugbridge(ticket) == []
        program.facts("release", f"github:{issue}", VERSION)
        program.until(lambda: people.posted_by_bugbridge(ticket) != [])
        next_second()
        people.agent_replies(ticket, f"The export is fixed in version {VERSION}, which is available now.")
        program.until(lambda: program.states(ticket) == [("released", "told")])
    assert program.explanation(ticket)["rule_id"] == "done"
    (reminder,) = people.posted_by_bugbridge(ticket)
    first, *_, last = reminder.text.splitlines()
    assert (daemon.returncode, reminder.kind) == (0, "Comment")
    assert f"{issue} is released in {VERSION}" in first
    assert re.fullmatch(r"Ref BB-[0-9A-Z]+", last)
    assert reminder.text not in people.texts_seen_by_customer(ticket)
    assert [update for update in program.facts("due")["updates"] if update["ticket"] == f"desk:{ticket}"] == []


def test_a_ticket_is_tagged_while_its_reminder_is_open(people: People, engineers: Engineers, program: Program) -> None:
    """A saved search lists it until the customer was told; what agents tagged it with stays."""
    ticket, _ = reminder_due(people, engineers, program)
    people.add_tag(ticket, "vip")
    program.facts("send")
    reminded = people.tags(ticket)
    next_second()
    people.agent_replies(ticket, f"The export is fixed in version {VERSION}, which is available now.")
    for command in ("sync", "plan", "send"):
        program.facts(command)
    assert (sorted(reminded), people.tags(ticket)) == (["bugbridge_due", "vip"], ["vip"])


def test_unlinking_stops_a_planned_reminder(people: People, engineers: Engineers, program: Program) -> None:
    """It stays unlinked though the note that made the link is read again, and nothing is posted."""
    ticket, issue = reminder_due(people, engineers, program)
    assert program.facts("unlink", f"desk:{ticket}", f"github:{issue}")["unlinked"] is True
    for command in ("sync", "plan", "send"):
        program.facts(command)
    assert people.posted_by_bugbridge(ticket) == []
    assert program.explanation(ticket) == {}


def test_watch_mode_posts_nothing(people: People, engineers: Engineers, program: Program) -> None:
    """Whatever happens before someone says so, Request Tracker is only read."""
    issue = engineers.open_issue()
    ticket = reported(people, issue)
    program.facts("sync")
    engineers.close_as_completed(issue)
    program.facts("sync")
    program.facts("release", f"github:{issue}", VERSION)
    program.facts("plan")
    assert program.facts("send")["posted"] == 0
    assert people.posted_by_bugbridge(ticket) == []


@pytest.mark.parametrize("token", ["1-35-0123456789abcdef0123456789abcdef", "hunter2"], ids=["unknown", "malformed"])
@pytest.mark.parametrize("words", [("sync", "desk"), ("link", "desk:1", "acme/app#1")], ids=["sync", "link"])
def test_a_wrong_token_is_one_sentence(program: Program, token: str, words: tuple[str, ...]) -> None:
    """It names the variable to look at, never what stands in it, and the exit code says that a remote side refused."""
    program.use_token(token)
    done = program.run(*words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (3, "", 1)
    assert ("BUGBRIDGE_DESK_TOKEN" in done.stderr, token in done.stderr) == (True, False)


def test_the_doctor_finds_the_rights_of_the_documentation_enough(program: Program) -> None:
    """Signed in with a user that has them, nothing is amiss."""
    checks = program.facts("doctor")["checks"]
    assert [check["sentence"] for check in checks if not check["well"]] == []
