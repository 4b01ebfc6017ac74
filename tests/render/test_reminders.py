"""A note of several reminders: each under its ticket, and none of them able to look like another's head."""

from bugbridge.core.records import Note
from tests.render.test_drafts import shipped


def rendered(*texts: str) -> str:
    """A note of reminders on tickets 1, 2, …"""
    updates = [{"ticket": f"support:{number}", "text": text} for number, text in enumerate(texts, start=1)]
    return shipped().text(Note("reminders", {"updates": updates}), "en")


def test_each_reminder_stands_whole_under_its_ticket() -> None:
    """How many there are is said first, and lines stay lines."""
    assert rendered("Due by Monday.\n\nDraft:\n\nOne.", "Due by Friday.") == (
        "2 updates are due for this customer. One message can tell them all; a `bug:` line belongs "
        "on the ticket that is named above the update.\n\n"
        "--- 1 of 2, support:1 ---\n\nDue by Monday.\n\nDraft:\n\nOne.\n\n"
        "--- 2 of 2, support:2 ---\n\nDue by Friday."
    )


def test_what_is_in_a_reminder_stays_data() -> None:
    """Template syntax isn't evaluated and terminal escapes are dropped, here as in a draft."""
    text = rendered("{{ 7 * 7 }}\x1b[31m", "two")
    assert ("{{ 7 * 7 }}" in text, "\x1b" in text) == (True, False)
