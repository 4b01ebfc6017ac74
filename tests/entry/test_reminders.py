"""The verbs of a note at the command line: later, give, not-needed, still-due."""

import pytest

from tests.entry.scene import Scene


def reminded(scene: Scene) -> str:
    """Have an agent reminded of a release; give the ticket's reference."""
    ticket = scene.released()
    scene.say("send")
    return ticket


def states(scene: Scene) -> list[str]:
    return [update["state"] for update in scene.facts("due")["updates"]]


def test_later_says_until_when(scene: Scene) -> None:
    """A local time with its zone."""
    ticket = reminded(scene)
    assert f"of {ticket} from 2026-06-29 09:0" in scene.say("later", ticket.partition(":")[2], "2w")
    assert scene.facts("later", ticket, "3d")["until"].startswith("2026-06-18T09:0")


def test_the_third_time_is_refused_with_what_to_do(scene: Scene) -> None:
    """One sentence, exit code 2."""
    ticket = reminded(scene)
    scene.say("later", ticket, "1d")
    scene.say("later", ticket, "1d")
    result = scene.run("later", ticket, "1d")
    assert (result.exit_code, result.stderr) == (
        2,
        "support:1, github:acme/app#12 was put off twice already: tell the customer now.\n",
    )


@pytest.mark.parametrize("delay", ["soon", "0d", "99w", "-1d"])
def test_what_is_no_delay_is_refused(scene: Scene, delay: str) -> None:
    """With what to write instead."""
    ticket = reminded(scene)
    result = scene.run("later", ticket, "--", delay)
    assert (result.exit_code, "write 3d for days or 2w for weeks" in result.stderr) == (2, True)


def test_not_needed_ends_it_and_still_due_brings_it_back(scene: Scene) -> None:
    """An undo for what was said too soon."""
    ticket = reminded(scene)
    scene.say("not-needed", ticket, "They moved on.")
    assert states(scene) == []
    scene.say("still-due", ticket)
    assert states(scene) == ["posted"]


def test_told_closes_the_reminder_at_once(scene: Scene) -> None:
    """Nobody has to plan before the list is right."""
    ticket = reminded(scene)
    scene.say("told", ticket)
    assert states(scene) == []


def test_a_reason_is_needed(scene: Scene) -> None:
    """The next one who looks will want to know."""
    ticket = reminded(scene)
    result = scene.run("not-needed", ticket, " ")
    assert (result.exit_code, "Say why" in result.stderr) == (2, True)


def test_somebody_else_sees_to_it(scene: Scene) -> None:
    """By their id at the helpdesk."""
    ticket = reminded(scene)
    assert "go to support:agent-1" in scene.say("give", ticket, "support:agent-1")
    result = scene.run("give", ticket, "nobody")
    assert (result.exit_code, "'nobody' is no agent of support; known are: Ada Agent" in result.stderr) == (2, True)
