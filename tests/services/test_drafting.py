"""Which draft an agent gets, and when none."""

from tests.services.scene import ISSUE, Scene


def test_a_reminder_for_an_issue_labelled_security_has_no_draft() -> None:
    """It says whose the wording is."""
    team = Scene().on(1)
    team.tracker.add(ISSUE, team.clock.at, labels=("security",))
    ticket = team.reported()
    team.on(2).is_released()
    team.decide()
    team.send()
    (note,) = team.helpdesk.notes(ticket)
    assert "there is no draft, since the wording belongs with the security team" in " ".join(note.body.split())
    assert "Draft:" not in note.body
