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
    links = f"{counted(replies.links, 'link')} (a customer's ticket with its bug)"
    yield "bugs whose conversations are known", f"{replies.bugs:,}, with {links}"
    asked = f"{replies.asked_for:,} asked for, {replies.proactive:,} proactive"
    yield "agents' public replies", f"{replies.replies:,}: {asked}"
    yield from _update_rows(replies)
    yield "longest silence of each link, in days", _spread(replies.silence)
    yield from _news_rows(replies)
    yield from _told_rows(replies)
    yield "promises", _promises(replies.promises)
    yield "reminders to agents", f"{replies.reminders:,}"


def _update_rows(replies: Replies) -> Iterator[Row]:
    yield "updates that the policy called for", _required(replies)
    yield "updates sent", f"{replies.updates:,}: {replies.newsful:,} with news, {replies.wasted:,} without"


def _required(replies: Replies) -> str:
    """Say what the policy called for, and over how many links where it wasn't in force for all."""
    if not replies.under_policy:
        return "not known: no policy was in force while they waited"
    known = f"{replies.required:,}: {replies.late:,} told late, {replies.missed:,} not told"
    if replies.under_policy == replies.links:
        return known
    over = f"over {replies.under_policy:,} of {counted(replies.links, 'link')}"
    return f"{known}, {over}; no policy was in force for the others"


def _news_rows(replies: Replies) -> Iterator[Row]:
    yield "news that no update followed", f"{replies.news_missed:,} of {replies.news:,}"
    yield "days from news to the update with it", _spread(replies.news_delay)


def _told_rows(replies: Replies) -> Iterator[Row]:
    links = replies.told_certain + replies.told_probable + replies.not_told
    if not links:
        yield "links told of the release", NONE
        return
    yield "links told of the release", _told(replies, links)
    yield "days from the release until they knew", _spread(replies.told_after)


def _told(replies: Replies, links: int) -> str:
    certain, probable = percent(replies.told_certain / links), percent(replies.told_probable / links)
    surely = f"{replies.told_certain:,} for certain, {certain}; {replies.told_probable:,} probably, {probable}"
    told, not_told = links - replies.not_told, replies.not_told
    were, werent = "was" if told == 1 else "were", "wasn't" if not_told == 1 else "weren't"
    of = f"of {counted(links, 'link')} whose bug was released"
    return f"{of}, {told:,} {were} told ({surely}), {not_told:,} {werent}"


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
