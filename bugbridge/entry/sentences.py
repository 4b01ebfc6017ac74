"""Sentences that several commands say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from bugbridge.core.model import Review, UpdateState
from bugbridge.core.noise import held_until
from bugbridge.core.promises import PromiseEvent
from bugbridge.entry.ways import COMMAND_LINE, Ways

if TYPE_CHECKING:
    from bugbridge.services.explaining import Explanation

STATES = {
    UpdateState.PLANNED: "planned",
    UpdateState.CLAIMED: "being posted",
    UpdateState.POSTED: "reminded",
    UpdateState.TOLD: "told",
    UpdateState.WITHDRAWN: "withdrawn",
    UpdateState.DEAD: "couldn't be posted",
}
"""How people read where an update is."""

AWAITED = {
    PromiseEvent.RELEASED: "when it is released",
    PromiseEvent.FIXED: "when it is fixed",
    PromiseEvent.WORKAROUND: "when there is a workaround",
    PromiseEvent.NEWS: "when there is news",
}
"""What a conditional promise waits for, as people say it."""

NOTHING_DUE = "Taken back, but nothing is due: the policy calls for no update of this bug now."
"""What comes of saying that a customer is still to be told where no rule has them told anything."""

COUNTED: Mapping[str, tuple[str, str]] = {
    "tickets": ("ticket", "tickets"),
    "issues": ("issue", "issues"),
    "links": ("link", "links"),
    "suggestions": ("suggestion", "suggestions"),
    "people": ("customer erased", "customers erased"),
    "organisations": ("organisation erased", "organisations erased"),
    "messages": ("message's id erased", "messages' ids erased"),
    "private_values": ("private value erased", "private values erased"),
    "forgotten": ("forgotten ticket left out", "forgotten tickets left out"),
    "missing": ("issue that can't be read", "issues that can't be read"),
    "decided": ("link decided", "links decided"),
    "changed": ("decision kept", "decisions kept"),
    "checked": ("frequency judged", "frequencies judged"),
    "posted": ("reminder posted", "reminders posted"),
    "replied": ("reply sent", "replies sent"),
    "held": ("reply held so that it can be stopped", "replies held so that they can be stopped"),
    "found": ("was posted already", "were posted already"),
    "updates": ("update in all", "updates in all"),
    "withdrawn": ("withdrawn", "withdrawn"),
    "retried": ("will be tried again", "will be tried again"),
    "stale": ("held back until its tracker is read again", "held back until their trackers are read again"),
    "dead": ("couldn't be posted", "couldn't be posted"),
    "tagged": ("ticket tagged", "tickets tagged"),
    "untagged": ("tag taken off", "tags taken off"),
    "notified": ("notification sent", "notifications sent"),
    "unsent": ("notification not sent", "notifications not sent"),
}
"""What steps count, in words: of one, and of several."""

UNDELIVERED = {
    "ticket-locked": "couldn't be posted, since the ticket is closed and takes no more notes",
    "ticket-gone": "couldn't be posted, since the ticket is gone",
    "reply-unknown": "may have reached the customer, but the helpdesk never said so",
    "outcome-unknown": "may have been posted, but the helpdesk never said so",
    "refused": "couldn't be posted, since the helpdesk refused it ({rights} tries each right)",
}


def why_undelivered(code: str, ways: Ways = COMMAND_LINE) -> str:
    """Say why something couldn't be posted."""
    return UNDELIVERED.get(code, UNDELIVERED["refused"]).format(rights=ways.rights)


def next_update(explanation: "Explanation", zone: str, ways: Ways = COMMAND_LINE) -> str:
    """Say when the next update is due and why, or that none is and what would change that."""
    from bugbridge.render.times import stamp

    states = {item.state for item in explanation.updates}
    if UpdateState.DEAD in states:
        return _undelivered(explanation.undelivered[-1] if explanation.undelivered else "", ways)
    if UpdateState.POSTED in states:
        return "The agent was reminded; this closes once the customer has been told."
    if UpdateState.CLAIMED in states:
        return f"A message is on its way: {ways.due} says how far, and until when a reply is held."
    if explanation.waits_in_round:
        return f"It waits for a person's word in a round: {ways.rounds}."
    reviews = {item.review for item in explanation.updates if item.state is UpdateState.PLANNED}
    if Review.APPROVED in reviews:
        return "Its reply is approved, and goes to the customer with the next sending, after ten minutes."
    if Review.DROPPED in reviews:
        return "It was let be in its round, so nobody is reminded of it; what happens from now on is told."
    if explanation.next_at is not None:
        updates = explanation.output.get("updates", [])
        reasons = ", ".join(str(update["reason"]).replace("_", " ") for update in updates)
        return f"Next update: {stamp(explanation.next_at, zone)} ({reasons}){_held(explanation, zone)}."
    if explanation.watch_mode:
        return f"No update is due: this helpdesk is in watch mode until {ways.go_live}."
    listens = [str(news).replace("_", " ") for news in explanation.output.get("listens_to", [])]
    return f"No update is due. You'll be reminded only of: {', '.join(listens)}." if listens else "No update is due."


def _undelivered(code: str, ways: Ways) -> str:
    """Say what couldn't be posted, and what a person can do."""
    reason = why_undelivered(code, ways)
    match code:
        case "ticket-locked":
            return f"The reminder {reason}: answer the customer in a follow-up ticket, and this closes by itself."
        case "reply-unknown":
            looks = f"look at the ticket, and {ways.told} if it is there; {ways.retry} reminds the agent"
            return f"The reply {reason}: {looks}."
    again = f"{ways.retry} tries again; or write to the customer all the same, then {ways.told}"
    return f"The reminder {reason}: {again}."


def _held(explanation: "Explanation", zone: str) -> str:
    from bugbridge.render.times import stamp

    planned = [held_until(item) for item in explanation.updates if item.state is UpdateState.PLANNED]
    held = [until for until in planned if until is not None]
    return f"; limits or quiet hours hold it until {stamp(min(held), zone)}" if held else ""


def counted(count: int, one: str, many: str = "") -> str:
    """Say `1 link`, `2 links`; `many` where the plural isn't made with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def tally(counts: Mapping[str, object]) -> str:
    """Say what a step did, such as `2 reminders posted, 1 withdrawn`; "" if nothing."""
    said = [counted(count, *COUNTED.get(name, (name, name))) for name, count in counts.items() if _is_some(count)]
    return ", ".join(said)


def _is_some(count: object) -> TypeGuard[int]:
    return isinstance(count, int) and count > 0
