"""An audit as a document: its title, and what is said first. Dates are those of the reader's zone."""

from collections.abc import Iterator

from bugbridge.core.audit_model import Audit, FollowUps, Period, Replies, Trust
from bugbridge.core.survival import LEAST_FOR_CONFIDENCE, LEAST_FOR_FIGURES, Caution
from bugbridge.render.advice_words import advice_sentences
from bugbridge.render.audit_chart_words import charts_section
from bugbridge.render.audit_document import Document, Section
from bugbridge.render.audit_ends import counted_section, left_out_section, unknown_section
from bugbridge.render.audit_phrases import (
    BELOW_ALL,
    as_written,
    counted,
    duration,
    fixed_bugs,
    local_date,
    percent,
    short,
)
from bugbridge.render.audit_reasons import and_because
from bugbridge.render.audit_sections import (
    bugs_section,
    fix_section,
    groups_section,
    open_section,
    period_section,
    slowest_section,
)
from bugbridge.render.audit_waiting_words import waiting_section

DAYS = " days"
# About one in ten takes over the 90 % percentile; where more do, many bugs took just as long, and rounding parts them.
MOST_OVER = 0.2


def audit_document(audit: Audit, zone: str) -> Document:
    """Put an audit into words; `zone` is the reader's."""
    return Document(
        title=_title(audit, zone),
        lead=tuple(_lead(audit, zone)),
        sections=tuple(section for section in _sections(audit, zone) if section.blocks),
    )


def _title(audit: Audit, zone: str) -> str:
    """Name the file that it is of, and the date as of which it was read, which for a file is seldom today."""
    date = local_date(audit.made_at, zone)
    return f"Bug audit of {short(audit.origin)}, as of {date}" if audit.origin else f"Bug audit, {date}"


def _sections(audit: Audit, zone: str) -> Iterator[Section]:
    if audit.n:
        yield from _measured(audit, zone)
    yield period_section(audit, zone)
    yield waiting_section(audit)
    yield open_section(audit)
    yield charts_section(audit)
    yield left_out_section(audit, zone)
    yield unknown_section(audit)
    yield counted_section(audit, zone)


def _measured(audit: Audit, zone: str) -> Iterator[Section]:
    if audit.days_to_fix.median is None:
        yield bugs_section(audit, zone)
        return
    yield fix_section(audit)
    yield slowest_section(audit, zone)
    yield groups_section(audit)


def _lead(audit: Audit, zone: str) -> Iterator[str]:
    if not audit.n:
        yield _nothing(audit, zone)
    else:
        yield f"{_fixed(audit, zone)} {_sent(audit.replies)}".rstrip()
        yield from _up_to(audit, zone)
        yield from _paid(audit)
        yield from _trusted(audit)
        yield from _long_haul(audit)
    for advice in audit.advice:
        yield " ".join(advice_sentences(advice))


def _nothing(audit: Audit, zone: str) -> str:
    since = audit.question.since
    when = f" since {local_date(since, zone)}" if since else ""
    if audit.origin:
        return f"There is nothing to measure: no bug in the file counts as fixed{when}."
    return f"There is nothing to measure: no bug that a ticket reports was fixed{when}."


def _fixed(audit: Audit, zone: str) -> str:
    """Say how long the bugs took: half of them, and how many took how much longer."""
    days = audit.days_to_fix
    if days.median is None:
        few = f"too few for figures, which need {LEAST_FOR_FIGURES}"
        return f"{counted(audit.n, 'bug')} {'was' if audit.n == 1 else 'were'} fixed: {few}."
    if audit.n == audit.question.last:
        last = f"your last {counted(audit.n, 'bug')}"
        return f"Half of {last} were fixed within {duration(days.median)}; {_slower(audit)}."
    return f"Of {_which(audit, zone)}, half took {_at_most(days.median)}; {_slower(audit)}."


def _which(audit: Audit, zone: str) -> str:
    """Name the bugs where they aren't the last so many: those fixed, not all that there are."""
    since = audit.question.since
    if since:
        return f"the {counted(audit.n, 'bug')} fixed since {local_date(since, zone)}"
    return f"your {counted(audit.n, 'fixed bug')}"


def _at_most(days: float) -> str:
    said = duration(days)
    return said if said == BELOW_ALL else f"{said} or less"


def _slower(audit: Audit) -> str:
    """Say how many took longer than nine in ten, or how long the slowest took where those are hardly any."""
    days = audit.days_to_fix
    ninety, worst = days.p90 or 0.0, days.worst or 0.0
    if len(audit.bugs) < audit.n:
        return f"one in ten took over {_long(audit, ninety)}"
    over = sum(bug.days > as_written(ninety) for bug in audit.bugs)
    if 1 < over <= audit.n * MOST_OVER:
        return f"{over:,} took over {_long(audit, ninety)}"
    return f"the slowest took {_long(audit, worst)}"


def _long(audit: Audit, days: float) -> str:
    """Write a duration, without its unit where the median before it says the same one."""
    said = duration(audit.days_to_fix.median or 0.0).endswith(DAYS)
    return duration(days).removesuffix(DAYS) if said else duration(days)


def _sent(replies: Replies) -> str:
    """Say how many updates were sent, and how many of them had no news."""
    if not replies.bugs and not replies.updates:
        return "What their customers heard isn't known, so whether updates paid can't be said."
    if not replies.updates:
        return "You sent no updates."
    paid = "" if replies.bugs else ", so whether they paid can't be said"
    return f"You sent {counted(replies.updates, 'update')}; {_without_news(replies)}{paid}."


def _without_news(replies: Replies) -> str:
    judged = _judged(replies)
    if not judged:
        return "whether they carried news isn't known"
    wasted = f"{replies.wasted:,} carried no news" if replies.newsful else "none carried news"
    wasted = wasted if replies.wasted else "all carried news"
    return wasted if judged == replies.updates else f"of the {judged:,} that are known in full, {wasted}"


def _judged(replies: Replies) -> int:
    """Count the updates of which it is known whether they carried news."""
    return replies.newsful + replies.wasted


def _paid(audit: Audit) -> Iterator[str]:
    """Say whether the updates paid, unless no conversation is known, which was said with them."""
    if not audit.replies.bugs:
        return
    if audit.follow_ups is FollowUps.UNKNOWN or not _judged(audit.replies):
        yield f"So whether updates pay can't be said{_untold(audit.replies)}."
        return
    figures = _carried(audit.replies)
    sentences = {
        FollowUps.PAID: f"The updates paid: {figures}.",
        FollowUps.PARTLY: f"The updates paid in part: {figures}.",
        FollowUps.HARDLY: f"The updates hardly paid: {figures}.",
        FollowUps.TOO_FEW: f"The updates are too few to say whether they paid: {figures}.",
    }
    yield sentences[audit.follow_ups]


def _carried(replies: Replies) -> str:
    """Give the figures that the verdict rests on: updates with news, and news without an update."""
    judged = _judged(replies)
    share = f" ({percent(replies.newsful / judged)})" if judged else ""
    return f"{replies.newsful:,} of {judged:,} carried news{share}{_untold(replies)}"


def _untold(replies: Replies) -> str:
    """Go on with how much news no update brought, where there is any."""
    if not replies.news_missed:
        return ""
    return f", and {replies.news_missed:,} of {counted(replies.news, 'piece')} of news had no update"


def _trusted(audit: Audit) -> Iterator[str]:
    """Say which median speaks for the bugs reported now, and why."""
    median = audit.days_to_fix.median
    if median is None:
        return
    of_all = audit.period.median.days if audit.period else None
    if audit.trust is Trust.NEITHER or of_all is None:
        yield _neither(audit, median)
    elif audit.trust is Trust.BOTH:
        yield _both(audit, median, of_all)
    else:
        yield _of_the_period(audit, median, of_all)


def _long_haul(audit: Audit) -> Iterator[str]:
    """Say where bugs surely take so long that nobody is written to often."""
    found = audit.long_haul
    if found is not None:
        taken = f"half of all reported bugs take {duration(found.typical_days)} or more"
        apart = counted(found.apart_days, "day")
        yield f"A long haul: {taken}, so periodic updates are at least {apart} apart."


def _neither(audit: Audit, median: float) -> str:
    return f"{_in_the_middle(audit, median)}. Don't expect that of bugs reported now: {_why_neither(audit)}."


def _why_neither(audit: Audit) -> str:
    period = audit.period
    if period is None:
        return "how long the open ones have waited isn't known here"
    if Caution.LIST_ONLY in period.cautions:
        return f"of all bugs only {period.fixed:,} were fixed in that time, too few to tell"
    if period.median.days is None:
        why = f" ({and_because(audit.differences)})" if audit.differences else ""
        return f"as far as can be seen, fewer than half of all bugs reported are ever fixed{why}"
    if Caution.FEW_AT_RISK in period.cautions:
        return "at some age too few bugs were being watched to tell"
    return f"{_anywhere(period)}, so few are the fixes behind it"


def _anywhere(period: Period) -> str:
    """Say where half of all bugs may be fixed, by limits that leave it open."""
    lower, upper = period.median.lower, period.median.upper
    if upper is None:
        return f"half of all may be fixed within {duration(lower or 0.0)}, or much later"
    return f"half of all may be fixed within anything from {duration(lower or 0.0)} to {duration(upper)}"


def _in_the_middle(audit: Audit, median: float) -> str:
    return f"The {fixed_bugs(audit)} took {duration(median)} in the middle"


def _both(audit: Audit, median: float, of_all: float) -> str:
    speak = "" if audit.n < LEAST_FOR_CONFIDENCE else ", and speak for bugs as a whole, not for one"
    half = f"half of all bugs reported are fixed within {duration(of_all)}"
    return f"{_in_the_middle(audit, median)}, and {half}: the two agree{speak}."


def _of_the_period(audit: Audit, median: float, of_all: float) -> str:
    why = f": {and_because(audit.differences)}" if audit.differences else ""
    half = f"take {duration(of_all)} or more" if of_all > median else f"are fixed within {duration(of_all)}"
    but = f"{_in_the_middle(audit, median)}, but half of all bugs reported {half}{why}."
    return f"{but} Trust the {duration(of_all)}{_as_a_whole(audit)}."


def _as_a_whole(audit: Audit) -> str:
    """Say how far the estimate of the period goes."""
    fixes = audit.period.fixed if audit.period else 0
    if fixes < LEAST_FOR_CONFIDENCE:
        return f" more, though only {counted(fixes, 'fix', 'fixes')} stand behind them"
    return ", which speak for bugs as a whole, not for one"


def _up_to(audit: Audit, zone: str) -> Iterator[str]:
    """Say up to when a file tells of its bugs."""
    if audit.origin:
        still = ": open bugs are counted up to it" if audit.period and audit.period.open else ""
        yield f"This is as of {local_date(audit.made_at, zone)}, the last date in the file{still}."
