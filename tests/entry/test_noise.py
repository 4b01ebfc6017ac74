"""What limits hold back is shown with the date on which it goes out."""

from bugbridge.settings import shipped_folder
from tests.entry.scene import ANOTHER_CUSTOMER, Scene

TODAY, TOMORROW = "2026-06-15T09:", "2026-06-16T00:00:00"


def test_what_is_held_back_says_until_when(scene: Scene) -> None:
    """The agent has had their one reminder of the day, so the other customer hears tomorrow; it is due all the same."""
    shipped = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    limited = shipped.replace("reminders_per_agent_day = 8", "reminders_per_agent_day = 1")
    (scene.config.parent / "limited.toml").write_text(limited, encoding="utf-8")
    scene.config.write_text(f'policy = "limited.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    scene.reported_bug(ANOTHER_CUSTOMER)
    scene.released()
    (preview,) = scene.facts("send", "--dry-run")["would_post"]
    sent = scene.facts("send")
    assert (len(preview["updates"]), sent["posted"], sent["updates"]) == (1, 1, 1)
    (held,) = [row for row in scene.facts("due")["updates"] if row["state"] == "planned"]
    assert (held["due_at"][:14], held["not_before"][:19], held["overdue"]) == (TODAY, TOMORROW, True)
    assert "held until" in scene.say("due")
    assert "limits or quiet hours hold it until 2026-06-16 00:00 UTC." in scene.say("explain", held["ticket"])
