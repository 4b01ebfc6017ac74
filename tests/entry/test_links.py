"""What people say by hand: links, workarounds, promises, releases."""

from datetime import timedelta

import pytest

from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import BUG, START, Scene


def unlinked(scene: Scene) -> str:
    """Have a ticket and an issue that don't know of each other."""
    scene.tracker.add(BUG, START - timedelta(days=30))
    number = scene.helpdesk.add_ticket(START - timedelta(days=10))
    scene.helpdesk.write(number, AGENT, "We look into it.", START - timedelta(days=9), public=True)
    return number


@pytest.mark.parametrize(
    "ticket", ["support:{}", "{}", "#{}", "https://rt.example.com/Ticket/Display.html?id={}", "SUPPORT:{}"]
)
@pytest.mark.parametrize(
    "issue", [BUG, "acme/app#12", "https://github.com/acme/app/issues/12", "https://github.com/acme/app/pull/12"]
)
def test_a_link_can_be_named_in_many_ways(scene: Scene, ticket: str, issue: str) -> None:
    """References, bare numbers and pasted addresses all name the same two."""
    number = unlinked(scene)
    assert scene.facts("link", ticket.format(number), issue) == {
        "ticket": f"support:{number}",
        "issue": BUG,
        "linked": True,
    }


def test_linking_says_what_comes_of_it(scene: Scene) -> None:
    """Whoever links a ticket reads when the next update is due, or that none is."""
    said = scene.say("link", unlinked(scene), "acme/app#12")
    assert said.startswith("Linked support:1 to github:acme/app#12.\nNo update is due")


def test_linking_twice_says_so_and_does_nothing(scene: Scene) -> None:
    """The second time is no mistake, and no event."""
    number = unlinked(scene)
    scene.say("link", number, "acme/app#12")
    assert scene.say("link", number, "acme/app#12") == (
        "support:1 is linked to github:acme/app#12 already; nothing was done.\n"
    )


def test_unlinking_withdraws_and_is_remembered(scene: Scene) -> None:
    """A person's unlink stands against the note that made the link, until a person links again."""
    ticket = scene.released()
    assert len(scene.facts("due")["updates"]) == 1
    assert scene.facts("unlink", ticket, "acme/app#12")["unlinked"] is True
    assert scene.facts("unlink", ticket, "acme/app#12")["unlinked"] is False
    scene.helpdesk.write(ticket.partition(":")[2], AGENT, "acme/app#12 again", scene.clock.now(), public=False)
    scene.read()
    assert scene.facts("due")["updates"] == []
    assert [link["state"] for link in scene.facts("show", ticket)["links"]] == ["unlinked"]
    assert scene.facts("link", ticket, "acme/app#12")["linked"] is True


def test_a_promise_is_due_before_its_date(scene: Scene) -> None:
    """A date alone means the end of that day, and the reminder comes a business day before it."""
    ticket = scene.reported_bug()
    scene.read()
    scene.say("go-live", "--from", "2026-06-01", "--yes")
    said = scene.say("promise", "add", ticket, "2026-06-15")
    assert said == f"Kept: {ticket} hears from us by 2026-06-15 23:59 UTC.\n"
    scene.say("plan")
    assert [update["reason"] for update in scene.facts("due")["updates"]] == ["promised"]


def test_a_promise_in_the_past_is_refused(scene: Scene) -> None:
    """Nothing can be promised for yesterday."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("promise", "add", ticket, "2026-06-01")
    assert (result.exit_code, "lies ahead" in result.stderr) == (2, True)


@pytest.mark.parametrize("typed", ["Friday", "2026-13-01", ""])
def test_what_is_no_date_is_refused(scene: Scene, typed: str) -> None:
    """The sentence shows what a date looks like."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("promise", "add", ticket, typed)
    assert (result.exit_code, "write 2026-06-12" in result.stderr) == (2, True)


def test_a_workaround_is_kept_for_the_bug_and_for_the_customer(scene: Scene) -> None:
    """Its text belongs to the issue; whether it worked, to the ticket."""
    ticket = scene.reported_bug()
    scene.read()
    scene.say("workaround", "acme/app#12", "Export as CSV.")
    scene.say("workaround", ticket, "confirmed")
    scene.say("plan")
    assert scene.facts("show", "acme/app#12")["workaround"] == "Export as CSV."
    assert scene.facts("explain", ticket)["explanations"][0]["facts"]["workaround"] == "confirmed"


def test_a_customers_workaround_has_three_states(scene: Scene) -> None:
    """Anything else is refused with the three."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("workaround", ticket, "Export as CSV.")
    assert (result.exit_code, "told, confirmed or failed" in result.stderr) == (2, True)


def test_what_isnt_fixed_cant_be_released(scene: Scene) -> None:
    """`release` on an open bug is a mistake, said with exit code 4."""
    scene.reported_bug()
    scene.read()
    result = scene.run("release", "acme/app#12", "4.2")
    assert (result.exit_code, "close it as fixed first" in result.stderr) == (4, True)


def test_a_release_can_lie_ahead(scene: Scene) -> None:
    """With a date to come the release is planned."""
    scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START)
    scene.say("sync")
    assert scene.say("release", "acme/app#12", "4.2", "--on", "2026-07-01") == (
        "github:acme/app#12 is planned for release in 4.2.\n"
    )
