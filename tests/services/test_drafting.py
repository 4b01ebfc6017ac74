"""Which draft an agent gets, in which language and with which date, and when none."""

from dataclasses import replace

import pytest

from bugbridge.core.model import Workaround
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.snapshots import RemotePerson
from bugbridge.services.bug_words import add_workaround, keep_words
from bugbridge.services.intake import set_workaround
from bugbridge.services.replying import held_replies
from bugbridge.settings import shipped_folder
from tests.services.scene import ANN, CARLA, EVE, ISSUE, Scene

REPLYING = parse_policy(
    (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    + '\n[[rule]]\nid = "by-reply"\nwhen = { stage = ["open"] }\ntell = ["workaround", "released", "declined"]\n'
    + 'deliver = "reply"\n'
)


def released_for(who: RemotePerson) -> tuple[Scene, str]:
    """A bug that this customer reported, with the team's words for it, is released and decided on."""
    team = Scene().on(1)
    ticket = team.reported(who)
    keep_words(team.store, team.issue(), "the export problem")
    team.on(2).is_released()
    team.decide()
    return team, ticket


def note_on(team: Scene, ticket: str) -> str:
    """The reminder that is posted."""
    team.send()
    (note,) = team.helpdesk.notes(ticket)
    return note.body


def test_a_reminder_for_an_issue_labelled_security_has_no_draft() -> None:
    """It says whose the wording is."""
    team = Scene().on(1)
    team.tracker.add(ISSUE, team.clock.at, labels=("security",))
    ticket = team.reported()
    team.on(2).is_released()
    team.decide()
    body = note_on(team, ticket)
    assert "there is no draft, since the wording belongs with the security team" in " ".join(body.split())
    assert "Draft:" not in body


def test_a_draft_is_in_the_customers_language_and_its_reminder_in_the_teams() -> None:
    """Customers' words for the bug are in the team's, so they are left out."""
    body = note_on(*released_for(replace(CARLA, locale="de-AT")))
    assert body.startswith("Due by Saturday 3 January 09:00: acme/app#12 is released in 4.2")
    assert body.endswith(
        "Draft:\n\nDas von Ihnen am 2. Januar gemeldete Problem ist in Version 4.2 behoben, und diese Version ist "
        "jetzt verfügbar. Falls es in 4.2 noch auftritt, antworten Sie bitte auf diese Nachricht."
    )


def test_a_language_without_templates_is_said_to_be_missing() -> None:
    """Nothing is translated: the agent is told in which language the draft is, and the team's words are in it."""
    body = note_on(*released_for(replace(CARLA, locale="fr")))
    assert (
        "Draft:\n\n(The customer reads French; this draft is in English: there is none in French.)\n\n"
        "The export problem you wrote about"
    ) in body


def test_a_customer_of_unknown_language_has_the_teams() -> None:
    """Without a word about it."""
    assert "Draft:\n\nThe export problem you wrote about" in note_on(*released_for(CARLA))


@pytest.mark.parametrize(("written_in", "flagged"), [("en", True), ("de", False), ("de-AT", False)])
def test_a_workaround_in_another_language_than_the_draft_is_flagged(written_in: str, *, flagged: bool) -> None:
    """It is quoted as it stands."""
    team = Scene().on(1)
    ticket = team.reported(replace(CARLA, locale="de"))
    add_workaround(team.on(2).store, team.clock, team.issue(), "Export as CSV.", written_in, ANN)
    team.decide()
    body = note_on(team, ticket)
    assert "lässt sich umgehen: Export as CSV." in body
    assert ("(The workaround's text is in English.)" in body) is flagged


@pytest.mark.parametrize(
    ("state", "said"),
    [(Workaround.TOLD, "Exporting as CSV still works."), (Workaround.FAILED, "exporting as CSV didn't work for you.")],
)
def test_a_draft_knows_what_the_workaround_is_for_this_customer(state: Workaround, said: str) -> None:
    """Sent, it still works; failed, it isn't offered again."""
    team = Scene().on(1)
    ticket = team.reported(EVE)
    add_workaround(team.store, team.clock, team.issue(), "Exporting as CSV", "en", ANN)
    set_workaround(team.on(2).store, team.clock, team.key(ticket), state, ANN)
    team.replies(ticket)
    team.on(12).decide()
    body = note_on(team, ticket)
    assert "There is no news on the problem you wrote about" in body
    assert said in body


def test_a_draft_names_the_date_that_its_reminder_will_come_to() -> None:
    """Once the agent has sent it, that very update is planned."""
    team = Scene().on(1)
    ticket = team.reported(EVE)
    team.on(12).decide()
    assert "I'll write again by 24 January, with or without news." in note_on(team, ticket)
    team.on(12.01).replies(ticket, "There is no news.")
    team.decide()
    (planned,) = [item for item in team.store.updates_of(team.key(ticket)) if item.state == "planned"]
    assert (planned.reason, planned.due_at.date().isoformat()) == ("periodic", "2026-01-24")


def test_a_release_is_followed_by_no_update() -> None:
    """So no date is named."""
    assert "I'll write again" not in note_on(*released_for(EVE))


def test_an_issue_of_one_of_two_trackers_of_a_kind_keeps_its_trackers_name() -> None:
    """Else nobody could tell which is meant."""
    team, ticket = released_for(CARLA)
    team.store.declare_source("internal", "memory", "tracker")
    assert "github:acme/app#12 is released in 4.2" in note_on(team, ticket)


@pytest.mark.parametrize(
    ("locale", "written_in", "goes_out"),
    [("en", "en", True), ("de", "de", True), ("de", "en", False), ("fr", "fr", False)],
)
def test_a_reply_goes_out_only_in_words_that_somebody_wrote_in_the_customers_language(
    locale: str, written_in: str, *, goes_out: bool
) -> None:
    """The template's as well as the workaround's; else the agent is reminded."""
    team = Scene().on(1)
    team.policy, team.replying = REPLYING, frozenset({"support"})
    ticket = team.reported(replace(CARLA, locale=locale))
    add_workaround(team.on(2).store, team.clock, team.issue(), "CSV.", written_in, ANN)
    team.decide()
    team.send()
    held = [delivery.ticket_id for delivery in held_replies(team.store)]
    assert (held == [team.row(ticket).id]) is goes_out
    assert (len(team.helpdesk.notes(ticket)) == 1) is not goes_out
