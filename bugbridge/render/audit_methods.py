"""How an audit counts: a word or a figure, and how it comes about."""

from collections.abc import Iterator

from bugbridge.core.audit_model import Audit
from bugbridge.core.audit_replies import HARDLY_NEWS, LEAST_UPDATES, MOSTLY_NEWS
from bugbridge.core.audit_trust import CLOSE, SAME, VAGUE
from bugbridge.core.survival import LEAST_AT_RISK, LEAST_FOR_CONFIDENCE, LEAST_FOR_FIGURES
from bugbridge.core.telling import CLOSED_WITHIN_BUSINESS_DAYS
from bugbridge.render.audit_phrases import counted, local_moment, percent, short

Row = tuple[str, str]


def method_rows(audit: Audit, zone: str) -> Iterator[Row]:
    """Say what was asked for, as of when, and how each figure shown is counted."""
    yield from _asked(audit, zone)
    yield from OF_A_FILE if audit.origin else OF_TICKETS
    yield from FIGURES
    if audit.unreleased and audit.days_to_release.n:
        yield RELEASE
    if audit.period is not None:
        yield from PERIOD
    if audit.replies.bugs:
        yield from CONVERSATIONS
    yield "advice", "Never applied by itself: a person changes the policy."


def _asked(audit: Audit, zone: str) -> Iterator[Row]:
    question = audit.question
    bugs = "all fixed bugs" if question.last is None else f"the {counted(question.last, 'bug')} fixed last"
    since = f", fixed at or after {local_moment(question.since, zone)}" if question.since else ""
    yield "bugs asked for", f"{bugs}{since}"
    of = f", of the file {short(audit.origin)}" if audit.origin else ""
    yield "as of", f"{local_moment(audit.made_at, zone)}{of}"


OF_A_FILE = (
    ("bug", "One line of the file; a repeated id is left out."),
    ("reported, fixed, released", "As the file says."),
)
OF_TICKETS = (
    ("bug", "One defect as customers meet it. Duplicates are followed to the bug that they repeat, and count as one."),
    ("reported", "When the earliest of its linked tickets was created, even where the issue is older or younger."),
    ("fixed", "The last close as fixed that no reopening followed; the first close is shown beside it."),
    ("released", "When the first release that holds the fix came out. Fixed and released are two things."),
)
FIGURES = (
    ("days", "Elapsed days of 86,400 seconds in UTC, not working days."),
    ("percentiles", "Linear between neighbours (Hyndman and Fan 1996, type 7); the median is the one of 50 %."),
    ("interval of a median", "95 %, from order statistics, which suppose nothing of how the days are spread."),
    ("too few", f"Fewer than {LEAST_FOR_FIGURES} fixes are listed; fewer than {LEAST_FOR_CONFIDENCE} carry a warning."),
)
RELEASE = (
    "half are released",
    "Kaplan-Meier over the fixed bugs: those in no release yet count for as long as they have waited for one.",
)
PERIOD = (
    (
        "period estimate",
        (
            "Kaplan-Meier over all bugs that were open at some time since the window began, with the earliest of the "
            "fixes asked for. Bugs enter at the age they had then (delayed entry); declined bugs are competing events, "
            f"neither fixed nor still open. A warning says where fewer than {LEAST_AT_RISK} bugs are watched at an age "
            "before the median."
        ),
    ),
    (
        "which to trust",
        (
            f"Both medians where they differ by {percent(SAME)} at most, or by {percent(CLOSE)} at most, each within "
            "the other's interval, and no reason that the bugs carry parts them; else that of the period. Neither "
            "where its median isn't reached or rests on too few bugs, or where fewer than "
            f"{LEAST_FOR_CONFIDENCE} fixes leave limits more than {VAGUE} times apart."
        ),
    ),
)
CONVERSATIONS = (
    ("link", "A customer's ticket with the bug that it reports: two tickets of one bug are two links."),
    ("news", "What happened to a bug that is worth telling; each piece counts once for each link."),
    (
        "update",
        (
            "An agent's public reply in which the customer heard something of this bug. It has news if any came since "
            "the update before it. While nobody could be reminded, as in history without BugBridge, every reply that "
            "nobody had asked for counts as one too: an estimate."
        ),
    ),
    ("reply asked for", "A public reply before which the customer had written; all others are proactive."),
    ("late", f"Told over {CLOSED_WITHIN_BUSINESS_DAYS} business days after the policy called for it."),
    (
        "whether updates paid",
        (
            f"They did where {percent(MOSTLY_NEWS)} or more carried news, in part from {percent(HARDLY_NEWS)} on, "
            f"hardly below that; of fewer than {LEAST_UPDATES} updates nothing is said."
        ),
    ),
    ("known for certain", "From our reply, an agent's word, or a reply that names the version or the issue."),
    ("probably known", "There was another public reply by an agent after the release."),
)
