"""How the board says where bugs stand, and what stands on a bug's time line."""

from collections.abc import Mapping

from bugbridge.core.board_bugs import Entry, Lane
from bugbridge.core.model import Frequency, News, Stage

STAGE_WORDS: Mapping[Stage, str] = {
    Stage.OPEN: "open",
    Stage.IN_PROGRESS: "in progress",
    Stage.FIXED: "fixed, not released yet",
    Stage.RELEASED: "released",
    Stage.DECLINED: "declined",
}

FREQUENCY_WORDS: Mapping[Frequency, str] = {
    Frequency.FREQUENT: "frequent",
    Frequency.INFREQUENT: "infrequent",
    Frequency.UNKNOWN: "not known yet",
    Frequency.SPIKING: "spiking",
}

NEWS_SAID: Mapping[News, str] = {
    News.IN_PROGRESS: "work began",
    News.WORKAROUND: "a workaround was found",
    News.FIXED: "it was fixed",
    News.RELEASE_PLANNED: "a release was planned",
    News.RELEASE_MOVED: "the planned release was moved",
    News.RELEASED: "it was released",
    News.DECLINED: "it was declined",
    News.REOPENED: "it came back",
}

LANE_NAMES: Mapping[Lane, str] = {
    Lane.NEWS: "News",
    Lane.LINK: "Links",
    Lane.UPDATE: "Updates",
    Lane.SILENCE: "Silences",
}

_SAID = {
    "linked": "the ticket was linked",
    "unlinked": "the ticket was unlinked",
    "suggested": "a link was suggested",
    "promise_made": "a message was promised",
    "told": "the customer was told",
    "waited": "the customer waited without a word",
}


def entry_words(one: Entry) -> str:
    """Say what an entry of a time line tells, beginning with a small letter."""
    if one.lane is Lane.NEWS:
        return NEWS_SAID[News(one.kind)] + (f" in {one.detail}" if one.detail else "")
    detail = one.detail.replace("_", " ")
    match one.kind:
        case "workaround":
            return f"the workaround is {detail} for the customer"
        case "meets_it":
            return (
                "how often the customer meets it isn't known"
                if detail == "unknown"
                else f"the customer meets it {detail}"
            )
        case "due":
            return f"an update is due: {detail}"
        case "reminded":
            return f"the agent was reminded: {detail}"
        case "sent":
            return f"a reply was sent: {detail}"
    return _SAID[one.kind]


def days_waited(one: Entry) -> int | None:
    """Count the whole days of a silence; None for anything else."""
    return (one.until - one.at).days if one.until is not None else None
