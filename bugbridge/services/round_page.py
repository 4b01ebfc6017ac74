"""A round as somebody reviews it: all that they may see is counted, and the tickets of one page are worded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from bugbridge.core.access import Visitor
from bugbridge.core.errors import UsageError
from bugbridge.core.listings import PAGE_ROWS
from bugbridge.core.places import Place, place_text, read_place
from bugbridge.core.round_view import WAITING, RoundRow, RoundView, Standing
from bugbridge.core.wording_model import Level, WordingFinding
from bugbridge.services.claiming import Sender
from bugbridge.services.reply_checking import About, CheckedReply, ReplyChecker, about_history
from bugbridge.services.round_view import Outline, outline_round, worded_rows

# What the wording of is still to be judged: what was sent can't be helped.
JUDGED = WAITING | {Standing.APPROVED}
ORDER = {standing: place for place, standing in enumerate(Standing)}

FIRST: Place = (0, "", 0, 0)
NO_WORDS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ShownTicket:
    """One ticket on a page: the words for it, which are its draft or somebody's own, its customer's name, "" where it
    isn't known, and what the check of replies says of these words, None where they are judged no more."""

    row: RoundRow
    words: str
    customer: str
    check: CheckedReply | None = None

    @property
    def errors(self) -> tuple[WordingFinding, ...]:
        """What hurts in these words."""
        found = self.check.findings if self.check else ()
        return tuple(finding for finding in found if finding.level is Level.ERROR)


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A round without its drafts, and those of its tickets that a page shows; `next` as in a `Slice`."""

    view: RoundView
    tickets: tuple[ShownTicket, ...]
    next: str = ""


def outline_for(sender: Sender, visitor: Visitor, bug_id: int, news_seq: int | None = None) -> Outline:
    """Outline what a visitor may see of a bug's round. Raises UsageError where there is none, for them."""
    canonical = sender.store.canonical_bug(bug_id)
    among = None if visitor.sees_everything else sender.store.tickets_in_sight(visitor, canonical)
    outline = outline_round(sender, canonical, news_seq=news_seq, among=among)
    if not outline.view.rows:
        raise UsageError(f"No round waits for {outline.view.issue}.")
    return outline


def page_of_round(
    sender: Sender,
    checker: ReplyChecker,
    outline: Outline,
    standing: Standing | None,
    after: str,
    own: Mapping[int, str] = NO_WORDS,
) -> RoundPage:
    """Give the tickets that stand so, or all, those that are ready first and by their groups; `after` is the `next` of
    the page before, or "". Raises UsageError for any other.

    Tickets for which somebody wrote words of their `own` are on it as well, wherever they stand by now.
    """
    rows = sorted((row for row in outline.view.rows if standing in (None, row.standing)), key=_place)
    end = read_place(after, FIRST)
    behind = [row for row in rows if _place(row) > end] if after else rows
    besides = [row for row in outline.view.rows if row.key.ticket_id in own and row not in behind[:PAGE_ROWS]]
    shown = worded_rows(sender, outline, sorted([*behind[:PAGE_ROWS], *besides], key=_place))
    more = place_text(*_place(behind[PAGE_ROWS - 1])) if len(behind) > PAGE_ROWS else ""
    return RoundPage(outline.view, shown_tickets(sender, checker, outline, shown, own), more)


def shown_tickets(
    sender: Sender,
    checker: ReplyChecker,
    outline: Outline,
    rows: Sequence[RoundRow],
    own: Mapping[int, str] = NO_WORDS,
) -> tuple[ShownTicket, ...]:
    """Give worded tickets with their customers' names, and what the check of replies says of their words; words of
    somebody's `own` stand in place of a draft."""
    words = {row: own.get(row.key.ticket_id, row.text) if row.standing in WAITING else row.text for row in rows}
    customers = sender.store.customers({row.key.ticket_id for row in rows})
    found = checked_words(sender, checker, outline, words.items())
    return tuple(ShownTicket(row, words[row], customers.get(row.key.ticket_id, ""), found.get(row)) for row in rows)


def checked_words(
    sender: Sender, checker: ReplyChecker, outline: Outline, texts: Iterable[tuple[RoundRow, str]]
) -> Mapping[RoundRow, CheckedReply]:
    """Check these words for tickets of a round; the same words about the same are checked once."""
    known: dict[tuple[str, About], CheckedReply] = {}
    found: dict[RoundRow, CheckedReply] = {}
    for row, text in texts:
        if row.standing not in JUDGED or not text.strip():
            continue
        asked = (text, about_history(sender, outline.members[row.key].history, outline.common.curves))
        if asked not in known:
            known[asked] = checker.check(*asked)
        found[row] = known[asked]
    return found


def group_mark(row: RoundRow) -> str:
    """Name a ticket's group where its own name doesn't fit: that holds what people typed at a helpdesk."""
    return sha256(row.group.encode(errors="surrogatepass")).hexdigest()[:16]


def _place(row: RoundRow) -> tuple[int, str, int, int]:
    group = group_mark(row) if row.standing is Standing.READY else ""
    return ORDER[row.standing], group, row.key.ticket_id, row.key.bug_id
