"""What was told just when it stopped being true is owned: nobody is left with a release that was taken back."""

from datetime import timedelta

from bugbridge.core.model import News
from tests.services.scene import HELPDESK, ISSUE, REPLIES, Scene, day
from tests.services.test_note_lines import reminded


def reasons(scene: Scene, ticket: str) -> list[str]:
    return [reason for reason, state in scene.updates(ticket) if state in ("planned", "posted")]


def test_an_agent_who_told_before_the_reopening_was_known_corrects_it() -> None:
    """The issue came back at nine, the agent wrote at ten, and we read it at eleven."""
    scene, ticket = reminded()
    scene.on(3).tracker.reopen(ISSUE, scene.clock.at)
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "It is fixed in 4.2.")
    scene.link()
    scene.clock.forward(timedelta(hours=1))
    scene.decide()
    assert "wrongly-told" in reasons(scene, ticket)


def test_an_agent_who_names_the_version_to_take_it_back_has_corrected_it() -> None:
    """Once it is known, a reply that names the version owns the error."""
    scene, ticket = reminded()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "It is fixed in 4.2.")
    scene.decide()
    scene.on(3).tracker.reopen(ISSUE, scene.clock.at)
    scene.decide()
    assert "wrongly-told" in reasons(scene, ticket)
    scene.on(4).replies(ticket, "I told you it was fixed in 4.2. It isn't.")
    scene.decide()
    assert "wrongly-told" not in reasons(scene, ticket)


def test_a_reply_of_ours_that_went_out_too_late_is_corrected() -> None:
    """The release was taken back between our last reading and the sending."""
    scene = Scene().on(1)
    scene.policy, scene.replying = REPLIES, frozenset({HELPDESK})
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    scene.clock.forward(timedelta(minutes=10))
    scene.tracker.reopen(ISSUE, scene.clock.at)
    scene.clock.forward(timedelta(minutes=1))
    assert scene.send().replied == 1
    scene.clock.forward(timedelta(minutes=1))
    scene.decide()
    assert scene.clock.at < day(3)
    assert {News.REOPENED.value, "wrongly-told"} & set(reasons(scene, ticket)) == {"wrongly-told"}
