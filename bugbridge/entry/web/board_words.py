"""What lists of the board say of an update."""

from bugbridge.core.board import BoardUpdate, Counted
from bugbridge.core.listings import Linked, Value
from bugbridge.core.model import Review, UpdateState
from bugbridge.core.noise import held_until, intended_at
from bugbridge.entry.sentences import STATES, why_undelivered
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.paths import round_path
from bugbridge.render.times import stamp

ASKED_FOR = {"clear-no": "declined, needs a clear no", "wrongly-told": "reopened after it was told"}
"""What the policy's own questions to the agent are about, in words; the team's are called by their rules."""


def reason_words(reason: str) -> str:
    """Say for which reason an update is due."""
    return ASKED_FOR.get(reason, reason.replace("_", " "))


def state_words(one: BoardUpdate, zone: str, *, reviews: bool) -> Value:
    """Say where an update is, and why a person is asked; whoever `reviews` rounds is led to its own."""
    item = one.item
    if item.state is UpdateState.DEAD:
        return why_undelivered(item.state_reason, PAGES)
    if one.reply_unknown:
        return "its reply may have reached the customer: BugBridge looks whether it did"
    if one.reply_at is not None:
        return f"reply held until {stamp(one.reply_at, zone)}"
    if item.review is Review.WAITING:
        waits = "waits for its round"
        return Linked(waits, round_path(one.bug)) if reviews else waits
    if item.review is Review.APPROVED and item.state is UpdateState.PLANNED:
        return "its reply is approved"
    if one.repeated:
        return "reminded twice"
    put_off = item.state is UpdateState.PLANNED and held_until(item) is not None
    return f"planned, put off from {stamp(intended_at(item), zone)}" if put_off else STATES[item.state]


def count_words(counted: Counted) -> str:
    """Say how many there are."""
    return f"{counted.number:,} or more" if counted.more else f"{counted.number:,}"
