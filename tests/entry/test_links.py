"""What people say by hand: links, workarounds, promises, releases."""

from datetime import timedelta

import pytest

from bugbridge.helpdesks.memory import AGENT, CUSTOMER
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
    facts = scene.facts("link", ticket.format(number), issue)
    assert (facts["ticket"], facts["issue"], facts["linked"]) == (f"support:{number}", BUG, True)


def test_linking_says_what_comes_of_it(scene: Scene) -> None:
    """Whoever links a ticket reads of the workaround, of updates, of what can be promised, and gets a first reply."""
    said = scene.say("link", unlinked(scene), "acme/app#12")
    assert said == (
        "Linked support:1 to acme/app#12. Workaround: none known.\n"
        "Updates: none until this helpdesk goes live (`bugbridge go-live`).\n"
        "You can promise: nothing, since nobody would be reminded of it. Wrong bug? Write `bug: not this`.\n\n"
        "Draft of the first reply:\n\n"
        "Thank you for telling us about the problem. Our developers know about it. "
        "What are you trying to get done? Tell me, so that I can look for another way meanwhile.\n"
    )


def test_a_program_reads_what_comes_of_linking(scene: Scene) -> None:
    """What people read in three lines stands in fields, also where the two were linked already."""
    number = unlinked(scene)
    scene.say("sync")
    scene.say("go-live", "--from", "2026-06-01", "--yes")
    first, again = (scene.facts("link", number, "acme/app#12") for _ in range(2))
    assert (first.pop("linked"), again.pop("linked")) == (True, False)
    assert first == again
    assert {name: first[name] for name in ("workaround", "workaround_state", "next_update_at", "can_promise")} == {
        "workaround": "",
        "workaround_state": "none",
        "next_update_at": None,
        "can_promise": "news",
    }
    assert first["hears"] == ["declined", "release_moved", "release_planned", "released", "reopened", "workaround"]
    assert first["because"].startswith("It isn't known yet how often this bug is met")
    assert "What are you trying to get done?" in first["draft"]


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
    assert said == f"Kept: {ticket} hears from us by the end of 2026-06-15 UTC.\n"
    scene.say("plan")
    assert [update["reason"] for update in scene.facts("due")["updates"]] == ["promised"]


def test_a_promise_in_the_past_is_refused(scene: Scene) -> None:
    """Nothing can be promised for yesterday."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("promise", "add", ticket, "2026-06-01")
    assert (result.exit_code, "lies ahead" in result.stderr) == (2, True)


@pytest.mark.parametrize("typed", ["soon", "2026-13-01", ""])
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
    assert (result.exit_code, "told, worked (confirmed) or failed" in result.stderr) == (2, True)


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
    planned = "github:acme/app#12 is planned for release in 4.2 on 2026-07-01"
    assert scene.say("release", "acme/app#12", "4.2", "--on", "2026-07-01") == f"{planned}.\n"
    assert scene.say("release", "acme/app#12", "4.2", "--on", "2026-07-01") == f"{planned} already; nothing was done.\n"


def test_a_second_release_says_what_is_kept(scene: Scene) -> None:
    """A bug that is out in one version isn't out in another because somebody says so."""
    scene.released()
    assert scene.say("release", "acme/app#12", "4.3") == f"{BUG} is released in 4.2 already; nothing was done.\n"
    facts = scene.facts("release", "acme/app#12", "4.3")
    assert (facts["version"], facts["changed"]) == ("4.2", False)


def test_a_release_of_today_is_now(scene: Scene) -> None:
    """A customer who was linked this morning hears of a release of today; by midnight's date they wouldn't."""
    ticket = scene.reported_bug()
    scene.tracker.close(BUG, START - timedelta(days=1))
    scene.say("go-live", "--from", "2026-06-10", "--yes")
    scene.helpdesk.write(ticket.partition(":")[2], AGENT, "acme/app#12, this morning", START, public=False)
    scene.read()
    scene.say("release", "acme/app#12", "4.2", "--on", "2026-06-15")
    news = scene.facts("show", "acme/app#12")["news"]
    assert [(one["news"], one["at"][:13]) for one in news if one["news"] == "released"] == [
        ("released", "2026-06-15T09")
    ]


@pytest.mark.parametrize("version", ["", "  ", "4.2\n5", "4\x1b[31m", "4.\u202e2", "9" * 101])
def test_a_version_is_a_name_that_can_be_read(scene: Scene, version: str) -> None:
    """Customers are told it, so nothing empty, hidden or endless is kept."""
    scene.released()
    result = scene.run("release", "acme/app#12", version)
    assert (result.exit_code, "1 to 100 characters, such as 4.2" in result.stderr) == (2, True)


@pytest.mark.parametrize("state", ["told", "confirmed", "failed", "known", "none", " Told "])
def test_what_became_of_a_workaround_isnt_its_text(scene: Scene, state: str) -> None:
    """Every customer would read "told" as advice: such a word belongs to a ticket."""
    scene.reported_bug()
    scene.read()
    result = scene.run("workaround", "acme/app#12", state)
    assert (result.exit_code, "name the ticket" in result.stderr) == (2, True)
    assert scene.facts("show", "acme/app#12")["workaround"] == ""


@pytest.mark.parametrize("by", ["2027-06-18", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_promise_lies_at_most_a_year_ahead(scene: Scene, by: str) -> None:
    """What nobody can know, and what no calendar reckons with, is refused in a sentence."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("promise", "add", ticket, by)
    assert (result.exit_code, result.stderr.count("\n"), "Traceback" in result.output) == (2, 1, False)


def test_a_link_is_made_under_a_policy_that_can_be_read(scene: Scene) -> None:
    """With a broken policy nothing is read or linked, since nothing could be decided."""
    number = unlinked(scene)
    scene.config.write_text(f'policy = "broken.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    scene.config.with_name("broken.toml").write_text("version = 2", encoding="utf-8")
    assert scene.run("link", number, "acme/app#12").exit_code == 2
    assert scene.run("show", f"support:{number}").exit_code == 2


def test_an_open_promise_is_shown_with_its_ticket(scene: Scene) -> None:
    """Until a public reply meets it."""
    ticket = scene.reported_bug()
    scene.read()
    scene.say("promise", "add", ticket, "2026-06-19")
    assert "A message is promised by the end of 2026-06-19 UTC." in scene.say("show", ticket)
    scene.helpdesk.write(ticket.partition(":")[2], AGENT, "No news so far.", scene.clock.now(), public=True)
    scene.read()
    assert [link["promised_by"] for link in scene.facts("show", ticket)["links"]] == [None]


def test_a_suggestion_says_how_to_link_it(scene: Scene) -> None:
    """`sync` counts it, `show` names the command, and `explain` says that there is nothing but that."""
    number = unlinked(scene)
    scene.helpdesk.write(number, CUSTOMER, "Is it acme/app#12?", START - timedelta(days=8), public=True)
    assert "1 suggestion" in (said := scene.say("sync"))
    assert "`bugbridge show TICKET` shows it" in said
    assert f"suggested: `bugbridge link support:{number} {BUG}` links it." in scene.say("show", f"support:{number}")
    result = scene.run("explain", number)
    assert (result.exit_code, "only suggested" in result.stderr) == (2, True)


def test_told_says_where_only_a_reply_will_do(scene: Scene) -> None:
    """A message that was promised by a day is a message, whatever the customer heard otherwise."""
    ticket = scene.reported_bug()
    scene.read()
    scene.say("go-live", "--from", "2026-06-01", "--yes")
    scene.say("promise", "add", ticket, "2026-06-15")
    said = scene.say("told", ticket)
    assert "They were promised a message by the end of 2026-06-15 UTC: only a public reply keeps that." in said
    assert scene.facts("told", ticket)["reply_owed_by"] is not None
