"""What customers heard while they waited, in rows of words."""

from collections.abc import Iterator

from bugbridge.core.audit_model import Audit, Replies
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.spread import Spread
from bugbridge.core.survival import LEAST_FOR_FIGURES
from bugbridge.render.audit_document import Block, Paragraph, Section, Table
from bugbridge.render.audit_phrases import NONE, counted, figure, percent

Row = tuple[str, str]


def waiting_section(audit: Audit) -> Section:
    """Show replies, updates, silence and promises, as far as the conversations are known."""
    return Section("waiting", "What customers heard while they waited", tuple(_blocks(audit.replies)))


def _blocks(replies: Replies) -> Iterator[Block]:
    if replies.bugs:
        yield Table("From the link until they knew how it ended", ("measure", "value"), tuple(_rows(replies)))
    elif replies.updates:
        sent = f"{counted(replies.updates, 'update')} {'was' if replies.updates == 1 else 'were'} sent"
        yield Paragraph(f"The file says that {sent}, and nothing else of the conversations.")


def _rows(replies: Replies) -> Iterator[Row]:
    yield "bugs whose conversations are known", f"{replies.bugs:,}, with {counted(replies.links, 'link')}"
    asked = f"{replies.asked_for:,} asked for, {replies.proactive:,} proactive"
    yield "agents' public replies", f"{replies.replies:,}: {asked}"
    yield from _update_rows(replies)
    yield "longest silence of each link, in days", _spread(replies.silence)
    yield from _news_rows(replies)
    yield from _told_rows(replies)
    yield "promises", _promises(replies.promises)
    yield "reminders to agents", f"{replies.reminders:,}"


def _update_rows(replies: Replies) -> Iterator[Row]:
    required = f"{replies.late:,} told late, {replies.missed:,} not told"
    yield "updates that the policy called for", f"{replies.required:,}: {required}"
    yield "updates sent", f"{replies.updates:,}: {replies.newsful:,} with news, {replies.wasted:,} without"


def _news_rows(replies: Replies) -> Iterator[Row]:
    yield "news that no update followed", f"{replies.news_missed:,} of {replies.news:,}"
    yield "days from news to the update with it", _spread(replies.news_delay)


def _told_rows(replies: Replies) -> Iterator[Row]:
    links = replies.told_certain + replies.told_probable + replies.not_told
    if not links:
        yield "customers told of the release", NONE
        return
    certain, probable = percent(replies.told_certain / links), percent(replies.told_probable / links)
    counts = f"{replies.told_certain:,} for certain ({certain}), {replies.told_probable:,} probably ({probable})"
    yield "customers told of the release, by link", f"{counts}, {replies.not_told:,} not"
    yield "days from the release until they knew", _spread(replies.told_after)


def _spread(days: Spread) -> str:
    """Write where a set of durations lies; too few of them have no figures."""
    if not days.n:
        return NONE
    if days.median is None:
        return f"too few for a figure: {days.n:,}, and it needs {LEAST_FOR_FIGURES}"
    figures = f"{figure(days.median)} in the middle, mean {figure(days.mean)}"
    return f"{figures}, 90 % within {figure(days.p90)}, worst {figure(days.worst)}"


def _promises(promises: PromiseCounts) -> str:
    share = promises.kept_share
    kept = "" if share is None else f" ({percent(share)} of those due)"
    rest = f"{promises.late:,} late, {promises.missed:,} missed, {promises.pending:,} not due"
    return f"{promises.kept:,} kept{kept}, {rest}"
