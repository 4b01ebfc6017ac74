"""A new link is confirmed in three lines and a first reply."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.events import LinkEvent
from bugbridge.core.model import LinkEventKind, Workaround
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.snapshots import RemotePerson
from bugbridge.services.bug_words import add_workaround, keep_words
from bugbridge.services.confirming import confirmation, confirmation_text
from bugbridge.services.intake import set_workaround
from bugbridge.settings import shipped_folder
from tests.services.scene import ANN, CARLA, EVE, ISSUE, Scene

OUR_RULE = """
[[rule]]
id = "ours"
when = { stage = ["open"] }
tell = "terminal"
because = "Our contract says so."
"""


def said(team: Scene, ticket: str, language: str = "en") -> str:
    """The note that confirms the link, for a team of this language."""
    return confirmation_text(replace(team.sender(), language=language), team.key(ticket))


def linked(**options: bool) -> tuple[Scene, str]:
    """A customer's ticket that an agent has just linked and not answered."""
    team = Scene(**options).on(1)
    ticket = team.writes_in()
    team.notes(ticket, f"This is {ISSUE}")
    team.read()
    return team, ticket


def meets_it(team: Scene, ticket: str, how_often: str) -> None:
    """The customer says how often they meet it."""
    key, at = team.key(ticket), team.clock.now()
    event = LinkEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        kind=LinkEventKind.MEETS_IT,
        value=how_often,
        occurred_at=at,
        source_key=f"meets:{how_often}",
    )
    team.store.append([event], actor=ANN, recorded_at=at)


def test_a_link_is_confirmed_with_its_workaround_its_next_date_and_a_promise() -> None:
    """Three lines, each with why, and a first reply that promises what the second line says."""
    team, ticket = linked()
    keep_words(team.store, team.issue(), "the export problem")
    add_workaround(team.store, team.clock, team.issue(), "export as CSV", "en", ANN)
    meets_it(team, ticket, "daily")
    assert said(team, ticket) == (
        "Linked to acme/app#12. Workaround: export as CSV, not yet sent to this customer.\n"
        "Updates: next by 16 January, because they meet it daily.\n"
        "You can promise: 'I'll write again by 16 January, with or without news.' "
        "Wrong bug? Write `bug: not this`.\n\n"
        "Draft of the first reply:\n\n"
        "Thank you for telling us about the export problem. Our developers know about it. "
        "Meanwhile, this works: export as CSV. If it doesn't work for you, reply here. "
        "We don't have a timeline right now. I'll write again by 16 January, with or without news."
    )


def test_where_no_update_is_due_the_confirmation_says_what_would_call_for_one() -> None:
    """And why; the promise has no date."""
    team, ticket = linked()
    add_workaround(team.store, team.clock, team.issue(), "Export\nas CSV.", "en", ANN)
    set_workaround(team.store, team.clock, team.key(ticket), Workaround.CONFIRMED, ANN)
    team.clock.forward(timedelta(seconds=1))
    meets_it(team, ticket, "once")
    workaround, updates, promise = said(team, ticket).splitlines()[:3]
    assert workaround == "Linked to acme/app#12. Workaround: Export as CSV. It works for this customer."
    assert updates == (
        "No update is due: they meet it only once so far, and the workaround works for them. You'll be reminded only "
        "if it is released, declined or comes back."
    )
    assert promise == (
        "You can promise: 'We don't have a timeline right now, but if that changes I'll let you know.' "
        "Wrong bug? Write `bug: not this`."
    )


def test_where_no_workaround_is_known_the_first_reply_asks_for_the_goal() -> None:
    """There may be another way; and nothing says that the bug will be fixed."""
    team, ticket = linked()
    text = said(team, ticket)
    assert "Workaround: none known." in text
    assert "What are you trying to get done? Tell me, so that I can look for another way meanwhile." in text
    assert "fix" not in text


def test_once_an_agent_has_answered_the_three_lines_stand_alone() -> None:
    """An answer from before the link is none."""
    team, ticket = linked()
    assert "Draft of the first reply:" in said(team, ticket)
    team.clock.forward(timedelta(hours=1))
    team.replies(ticket)
    team.read()
    assert len(said(team, ticket).splitlines()) == 3


def test_in_watch_mode_nothing_is_promised() -> None:
    """Nobody would be reminded to keep it."""
    text = said(*linked(live=False))
    assert "Updates: none until this helpdesk goes live" in text
    assert "You can promise: nothing, since nobody would be reminded of it." in text
    assert "I'll" not in text


def test_an_issue_labelled_security_has_no_first_reply() -> None:
    """Its wording belongs with the security team, and so do promises."""
    team, ticket = linked()
    team.tracker.add(ISSUE, team.clock.at, labels=("security",))
    team.read()
    assert "You can promise: nothing before you have asked the security team" in said(team, ticket)
    found = confirmation(team.sender(), team.key(ticket))
    assert (found.promise, found.draft) == ("nothing", "")


def test_a_released_bug_linked_by_hand_is_due_at_once() -> None:
    """The first reply tells it."""
    team = Scene().on(1)
    team.reported(EVE)
    team.is_released()
    team.sync()
    ticket = team.on(2).writes_in(CARLA)
    team.link()
    team.links_by_hand(ticket)
    lines = said(team, ticket).splitlines()
    assert lines[1] == "Updates: one is due now: acme/app#12 is released in 4.2 and this customer hasn't been told."
    assert lines[-1].endswith(
        "is fixed in version 4.2, which is available now. If you still see it in 4.2, reply here."
    )


@pytest.mark.parametrize(
    ("who", "rule", "why"),
    [
        (EVE, "", ", because they are an enterprise customer.\n"),
        (CARLA, "", "No update is due: it isn't known yet how often the bug is met. You'll be reminded only if "),
        (CARLA, OUR_RULE, "No update is due. Our contract says so. You'll be reminded only if "),
    ],
)
def test_the_reason_is_the_decisions(who: RemotePerson, rule: str, why: str) -> None:
    """What the customer is, how often they meet the bug, or the team's own rule in its own words."""
    team = Scene().on(1)
    ticket = team.writes_in(who)
    team.notes(ticket, f"This is {ISSUE}")
    team.read()
    team.policy = parse_policy((shipped_folder() / "policy.toml").read_text(encoding="utf-8") + rule)
    assert why in said(team, ticket)


def test_a_customers_language_is_the_drafts_and_the_teams_is_the_notes() -> None:
    """Customers' words and the workaround are in the team's: the words are left out, the workaround is flagged."""
    team = Scene().on(1)
    ticket = team.writes_in(replace(CARLA, locale="de-AT"))
    team.notes(ticket, f"This is {ISSUE}")
    team.read()
    keep_words(team.store, team.issue(), "the export problem")
    add_workaround(team.store, team.clock, team.issue(), "Export as CSV.", "en", ANN)
    lines, _, draft = said(team, ticket).partition("Draft of the first reply:\n\n")
    assert lines.startswith("Linked to acme/app#12. Workaround: Export as CSV. Not yet sent to this customer.")
    assert draft.startswith(
        "(The workaround's text is in English.)\n\nVielen Dank, dass Sie uns das Problem gemeldet haben. Unsere "
        "Entwicklung weiß davon. In der Zwischenzeit hilft Folgendes: Export as CSV."
    )


def test_a_german_team_reads_german() -> None:
    """All of it."""
    team, ticket = linked()
    workaround, updates, promise = said(team, ticket, "de").splitlines()[:3]
    assert workaround == "Mit acme/app#12 verknüpft. Workaround: keiner bekannt."
    assert updates == (
        "Keine Nachricht ist fällig: wie häufig der Fehler auftritt, ist noch nicht bekannt. Sie werden nur erinnert, "
        "wenn ein Workaround gefunden wird, eine Veröffentlichung geplant oder verschoben wird, die Korrektur "
        "veröffentlicht wird, die Behebung abgelehnt wird oder der Fehler wiederkehrt."
    )
    assert promise == (
        "Zusagen können Sie: „Einen Zeitplan haben wir derzeit nicht; wenn sich das ändert, gebe ich Ihnen Bescheid.“ "
        "Falscher Bug? `bug: not this` schreiben."
    )


def test_confirming_keeps_nothing() -> None:
    """It says what is known, and may be asked for again."""
    team, ticket = linked()
    head = team.store.head()
    assert said(team, ticket) == said(team, ticket)
    assert team.store.head() == head
