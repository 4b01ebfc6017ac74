"""Sentences that several commands say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bugbridge.core.model import UpdateState

if TYPE_CHECKING:
    from bugbridge.services.explaining import Explanation


UNDELIVERED = {
    "ticket-locked": "couldn't be posted, since the ticket is closed and takes no more notes",
    "ticket-gone": "couldn't be posted, since the ticket is gone",
    "refused": "couldn't be posted, since the helpdesk refused it",
}


def next_update(explanation: "Explanation", zone: str) -> str:
    """Say when the next update is due and why, or that none is and what would change that."""
    from bugbridge.render.times import stamp

    states = {item.state for item in explanation.updates}
    if UpdateState.DEAD in states:
        reason = UNDELIVERED.get(explanation.undelivered[-1] if explanation.undelivered else "", UNDELIVERED["refused"])
        return f"The reminder {reason}: write to the customer all the same, then say so with `bugbridge told`."
    if UpdateState.POSTED in states:
        return "The agent was reminded; this closes once the customer has been told."
    if explanation.next_at is not None:
        updates = explanation.output.get("updates", [])
        reasons = ", ".join(str(update["reason"]).replace("_", " ") for update in updates)
        return f"Next update: {stamp(explanation.next_at, zone)} ({reasons})."
    if explanation.watch_mode:
        return "No update is due: this helpdesk is in watch mode until `bugbridge go-live`."
    listens = [str(news).replace("_", " ") for news in explanation.output.get("listens_to", [])]
    return f"No update is due. You'll be reminded only of: {', '.join(listens)}." if listens else "No update is due."


def counted(count: int, what: str) -> str:
    """Say `1 link`, `2 links`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def tally(counts: Mapping[str, int]) -> str:
    """Say what a step did, such as `2 posted, 1 withdrawn`; "" if nothing."""
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
