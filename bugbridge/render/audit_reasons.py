"""Why figures differ, why they are shaky, and why something is in none of them, in words."""

from collections.abc import Sequence

from bugbridge.core.audit_model import Difference, LeftOut
from bugbridge.core.survival import LEAST_AT_RISK, LEAST_FOR_CONFIDENCE, LEAST_FOR_FIGURES, Caution

DIFFERENCES = {
    Difference.YOUNG_HISTORY: "the history is short, so the slow bugs of its time are still open",
    Difference.GROWTH: "more bugs are reported than before, and of the new ones only the quick ones are fixed yet",
    Difference.NEVER_FIXED: "many stay open",
    Difference.DECLINED: "many were declined, which is no fix",
    Difference.BULK_CLOSED: "many old bugs were closed at once",
    Difference.CHANCE: "the bugs are few enough for chance to part them",
}
"""Why the median of the bugs fixed last and that of all bugs differ."""

CAUTIONS = {
    Caution.LIST_ONLY: f"Fewer than {LEAST_FOR_FIGURES} fixes: no estimate can be made of them.",
    Caution.FEW_FIXES: f"Fewer than {LEAST_FOR_CONFIDENCE} fixes: the next ones can move the estimate a lot.",
    Caution.FEW_AT_RISK: (
        f"At some age before the median fewer than {LEAST_AT_RISK} bugs were being watched, and each of them moves "
        "the estimate a lot."
    ),
}
"""What a reader of the period estimate must know."""

LEFT_OUT = {
    LeftOut.NOT_CHOSEN: "not among those that --where chose",
    LeftOut.NOT_FIXED: "not fixed",
    LeftOut.DECLINED: "declined, which is no fix",
    LeftOut.DUPLICATE: "duplicates, which count with the bug that they repeat",
    LeftOut.NOT_YET: "with a date later than now",
    LeftOut.BEFORE_SINCE: "fixed before the time asked about",
    LeftOut.FIXED_BEFORE_REPORTED: "fixed, declined or released before they were reported",
    LeftOut.NO_TICKET: "reported by no ticket",
    LeftOut.NO_ID: "without an id",
    LeftOut.REPEATED_ID: "with an id that stands further up in the file",
    LeftOut.UNREADABLE_DATE: "with a date that can't be read",
    LeftOut.NO_REPORT_DATE: "without the date of the report",
    LeftOut.NO_END_DATE: "said to have ended, without a date",
    LeftOut.UNKNOWN_RESOLUTION: "with a resolution that isn't known here",
    LeftOut.IMPOSSIBLE_LOCAL_TIME: "with a local time that the clock skipped",
    LeftOut.OVERLONG_CELL: "with an overlong cell",
    LeftOut.WRONG_CELL_COUNT: "with more or fewer cells than columns",
}
"""Why something that was looked at is in no figure."""


def and_because(differences: Sequence[Difference]) -> str:
    """Join reasons into one clause: `many stay open; many were declined, which is no fix`."""
    return "; ".join(DIFFERENCES[difference] for difference in differences)
