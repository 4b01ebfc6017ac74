"""A reminder is posted once on a real Request Tracker, whatever happens around it."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from bugbridge.helpdesks.request_tracker import RequestTracker
from bugbridge.services.attempts import LEASE_SLACK
from bugbridge.services.sending import SendingResult
from tests.real.engineers import Engineers
from tests.real.people import People
from tests.real.program import Program, now
from tests.real.proxy import AnswerLostError, Proxy
from tests.real.stories import VERSION, reminder_due

POSTING = ("POST", "/comment$")
HINDERED = 3  # the exit code where nothing could be posted, with a sentence why
RELEASED_POSTED = [("released", "posted")]


def long_enough(people: People) -> timedelta:
    """Give how long a note in doubt is left alone: its lease, then the time in which it could still arrive."""
    return 4 * RequestTracker("desk", people.url, "").timeout + LEASE_SLACK + timedelta(seconds=5)


@pytest.mark.parametrize("before", [False, True], ids=["after posting", "before posting"])
def test_a_daemon_killed_between_posting_and_recording_repeats_nothing(
    people: People, engineers: Engineers, program: Program, proxy: Proxy, *, before: bool
) -> None:
    """Its successor looks for the note by its marker, late enough to be sure, and posts only what isn't there."""
    ticket, _ = reminder_due(people, engineers, program)
    with program.daemon() as daemon:

        def die() -> None:
            daemon.kill()
            raise AnswerLostError

        proxy.arm(*POSTING, die, before=before)
        program.until(lambda: daemon.poll() is not None)
    posted = len(people.posted_by_bugbridge(ticket))
    assert (daemon.returncode, posted) == (-9, 0 if before else 1)
    nothing = {**asdict(SendingResult()), "problems": []}
    untouched = {"tags": {"desk": {"tagged": 0, "untagged": 0, "problems": []}}}
    assert program.facts("send") == {**nothing, **untouched}
    assert program.states(ticket) == [("released", "claimed")]
    with program.daemon(start=now() + long_enough(people)) as successor:
        program.until(lambda: program.states(ticket) == RELEASED_POSTED)
    assert (successor.returncode, program.facts("send")["posted"]) == (0, 0)
    assert [posted.kind for posted in people.posted_by_bugbridge(ticket)] == ["Comment"]


def test_a_lost_answer_repeats_nothing(people: People, engineers: Engineers, program: Program, proxy: Proxy) -> None:
    """The connection broke after Request Tracker had done it: the note is found, not posted again."""
    ticket, _ = reminder_due(people, engineers, program)

    def lose() -> None:
        raise AnswerLostError

    proxy.arm(*POSTING, lose)
    assert program.facts("send", code=HINDERED)["retried"] == 1
    with program.daemon(start=now() + long_enough(people)):
        program.until(lambda: program.states(ticket) == RELEASED_POSTED)
    assert [posted.kind for posted in people.posted_by_bugbridge(ticket)] == ["Comment"]


def test_a_ticket_that_changes_while_it_is_read_gets_one_reminder(
    people: People, engineers: Engineers, program: Program, proxy: Proxy
) -> None:
    """Nothing is posted on what may not hold any more; the next pass reads again and posts."""
    ticket, _ = reminder_due(people, engineers, program)
    proxy.arm("GET", f"/ticket/{ticket}/attachments", lambda: people.agent_notes(ticket, "I'm on it."))
    assert (program.facts("send")["retried"], people.posted_by_bugbridge(ticket)) == (1, [])
    program.facts("send")
    program.facts("send")
    assert [posted.kind for posted in people.posted_by_bugbridge(ticket)] == ["Comment"]


def test_an_agent_who_tells_the_customer_meanwhile_is_not_reminded(
    people: People, engineers: Engineers, program: Program, proxy: Proxy
) -> None:
    """The reply came in between reading and posting: what it says is known before anything is posted."""
    ticket, _ = reminder_due(people, engineers, program)
    reply = f"Good news: version {VERSION} fixes it."
    proxy.arm("GET", f"/ticket/{ticket}/attachments", lambda: people.agent_replies(ticket, reply))
    program.facts("send")
    program.facts("send")
    assert (proxy.armed, people.posted_by_bugbridge(ticket)) == (False, [])
