"""How often customers meet a bug, shown, answered and overridden by command."""

import pytest

from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson
from tests.entry.scene import Scene


def reported(scene: Scene) -> str:
    """Have a bug that was judged; give its ticket."""
    ticket = scene.reported_bug()
    scene.read()
    return ticket


def refused(scene: Scene, *arguments: str) -> str:
    """Run a command that is used wrongly, and give what it says: one line."""
    result = scene.run(*arguments)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1), result.output
    return result.stderr


def meets(scene: Scene, ticket: str) -> str:
    """Decide, and give how often the ticket's customer meets the bug."""
    scene.say("plan")
    return str(scene.facts("explain", ticket)["explanations"][0]["facts"]["frequency"])


def test_an_answer_changes_what_the_customer_hears(scene: Scene) -> None:
    """Who meets a bug daily is kept updated."""
    ticket = reported(scene)
    before = meets(scene, ticket)
    said = scene.say("meets", ticket, "Daily")
    assert said == f"The customer of {ticket} meets it daily.\n"
    assert (before, meets(scene, ticket)) == ("unknown", "frequent")


def test_an_answer_given_again_does_nothing(scene: Scene) -> None:
    """And says so."""
    ticket = reported(scene)
    scene.say("meets", ticket, "once", "--issue", "acme/app#12")
    assert scene.say("meets", ticket, "once").endswith("meets it once already; nothing was done.\n")
    assert scene.facts("meets", ticket, "sometimes") == {"ticket": ticket, "meets_it": "sometimes", "changed": True}


def test_an_unknown_answer_or_ticket_is_refused_in_one_sentence(scene: Scene) -> None:
    """With what can be said."""
    ticket = reported(scene)
    assert "daily, sometimes or once, not 'weekly'" in refused(scene, "meets", ticket, "weekly")
    assert "isn't known here" in refused(scene, "meets", "support:99", "daily")


def test_the_verdict_is_shown_with_its_sentence(scene: Scene) -> None:
    """How it was decided is left to --detail."""
    reported(scene)
    said = scene.say("frequency", "acme/app#12")
    assert said == "github:acme/app#12 is of unknown frequency: 1 customer in 11 days.\n"


def test_the_detail_says_how_sure_we_are_and_when_it_would_change(scene: Scene) -> None:
    """Bounds, hysteresis and what a check's certainty means."""
    for number in range(6):
        scene.reported_bug(RemotePerson(f"customer {number}", AuthorKind.CUSTOMER))
    scene.read()
    said = scene.say("frequency", "acme/app#12", "--detail").splitlines()
    assert said[0] == "github:acme/app#12 is spiking: 6 customers in 11 days."
    assert "We are 90 % sure that at least one new customer a week reports this." in said
    assert any("Frequent begins where the first of these is 0.25" in line for line in said)
    assert any("90 % is for each check" in line for line in said)


def test_a_frequent_bug_says_what_lets_it_leave(scene: Scene) -> None:
    """Four quiet weeks in a row."""
    scene.reported_bug()
    scene.read()
    start = scene.clock.at
    for number in range(6):
        scene.clock.at = start.replace(month=7, day=1 + 5 * number)
        ticket = scene.helpdesk.add_ticket(scene.clock.at, requester=RemotePerson(f"c{number}", AuthorKind.CUSTOMER))
        scene.say("link", f"support:{ticket}", "acme/app#12")
        scene.say("plan")
    said = scene.say("frequency", "acme/app#12", "--detail")
    assert "is frequent: " in said
    assert "until 4 weekly checks in a row find 0.125 a week or less; so far 0 did." in said


def test_an_override_is_shown_with_its_author_reason_and_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """And beside it what the evidence says."""
    monkeypatch.setenv("LOGNAME", "ann")
    ticket = reported(scene)
    said = scene.say("frequency", "acme/app#12", "frequent", "--because", "They lose orders.", "--until", "2026-07-01")
    assert said == (
        "github:acme/app#12 counts as frequent until 2026-07-01 23:59 UTC, says ann: They lose orders.\n"
        "By itself it would be of unknown frequency: 1 customer in 11 days.\n"
    )
    assert meets(scene, ticket) == "frequent"


def test_an_override_ends_by_itself_after_the_policys_days(scene: Scene) -> None:
    """Ninety where the policy says nothing else; said again it isn't prolonged."""
    reported(scene)
    arguments = ("frequency", "acme/app#12", "infrequent", "--because", "One robot wrote all of them.")
    facts, again = scene.facts(*arguments), scene.facts(*arguments)
    assert (facts["override"]["until"][:10], facts["changed"], again["changed"]) == ("2026-09-13", True, False)
    assert (again["override"], scene.say(*arguments).splitlines()[0]) == (
        facts["override"],
        "It is so already; nothing was done.",
    )


def test_an_override_can_be_taken_back(scene: Scene) -> None:
    """Twice does nothing."""
    ticket = reported(scene)
    scene.say("frequency", "acme/app#12", "frequent", "--because", "They lose orders.")
    assert scene.facts("frequency", "acme/app#12", "--clear")["changed"] is True
    assert scene.facts("frequency", "acme/app#12", "--clear")["changed"] is False
    assert meets(scene, ticket) == "unknown"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["frequent"], "needs its reason: add --because"),
        (["often", "--because", "So."], "overridden to frequent or infrequent, not 'often'"),
        (["spiking", "--because", "So."], "overridden to frequent or infrequent, not spiking"),
        (["frequent", "--because", "So.", "--until", "2026-06-01"], "still to come"),
        (["frequent", "--because", "So.", "--until", "soon"], "write 2026-06-12"),
        (["frequent", "--because", "So.", "--clear"], "not both"),
        (["--because", "So."], "say frequent or infrequent as well"),
    ],
)
def test_a_wrong_override_is_refused_in_one_sentence(scene: Scene, arguments: list[str], sentence: str) -> None:
    """And changes nothing."""
    reported(scene)
    assert sentence in refused(scene, "frequency", "acme/app#12", *arguments)
    assert scene.facts("frequency", "acme/app#12")["override"] is None


def test_a_reason_can_steer_no_terminal(scene: Scene) -> None:
    """What people type is shown without its escapes."""
    reported(scene)
    said = scene.say("frequency", "acme/app#12", "frequent", "--because", "See \x1b[2Jhere.")
    assert "\x1b" not in said


def test_a_bug_that_was_never_judged_says_so(scene: Scene) -> None:
    """With what judges it."""
    scene.reported_bug()
    scene.say("sync")
    assert scene.say("frequency", "acme/app#12") == (
        "github:acme/app#12 isn't judged yet: `bugbridge plan` judges it.\n"
    )
