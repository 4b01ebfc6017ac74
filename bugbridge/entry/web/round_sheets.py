"""What comes back of a round's page: words, what was shown, and which tickets are meant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bugbridge.core.round_view import Decision, RoundRow, Standing, Wish, mark_of
from bugbridge.entry.web.limits import LONGEST_TYPED
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import MALFORMED
from bugbridge.entry.web.visiting import Form
from bugbridge.render.plain import clean

TEXT, MARK, SEND, TICKETS, ROUND, ACT = "text", "mark", "send", "tickets", "round", "act"
DRAFT, OFFERED, LEFT, SHOW, AFTER = "draft", "offered", "left", "show", "after"
INCOMPLETE = "The form isn't whole: reload the page and try again."


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it came back: what to do, to what, of which piece of news, and by ticket its words and its mark.

    `chosen` are the tickets that were ticked to go with the others, `left` those that could be and weren't. `drafts`
    name the words that stood in a field at first; `show` and `after` are the page's. Of the words of `unclean` tickets
    control characters were taken out.
    """

    verb: str
    object: str
    news_seq: int
    texts: Mapping[int, str]
    marks: Mapping[int, str]
    chosen: frozenset[int]
    left: frozenset[int] = frozenset()
    drafts: Mapping[int, str] = field(default_factory=dict)
    show: str = ""
    after: str = ""
    unclean: frozenset[int] = frozenset()

    @property
    def own_words(self) -> Mapping[int, str]:
        """What somebody wrote, by ticket: all that isn't the draft that stood there."""
        return {one: text for one, text in self.texts.items() if self.drafts.get(one) != draft_mark(text)}

    @property
    def ticket_id(self) -> int:
        """The only ticket that is meant."""
        return _number(self.object)

    def text_for(self, row: RoundRow) -> str:
        """Give the words for a ticket: those that came back, else its draft as it is shown."""
        return self.texts.get(row.key.ticket_id, clean(row.text))

    def wish_for_one(self) -> Wish:
        """Wish for the one ticket that is meant to be approved in the words that came back."""
        ticket_id = self.ticket_id
        if ticket_id not in self.texts or ticket_id not in self.marks:
            raise Refused(MALFORMED, INCOMPLETE)
        return Wish(ticket_id, Decision.APPROVE, self.texts[ticket_id], self.marks[ticket_id])

    def takes(self, row: RoundRow) -> bool:
        """Whether a ticket goes with the others: it is ready and wasn't unticked, or was ticked while it was ready."""
        ticket_id = row.key.ticket_id
        if ticket_id in self.marks:
            return ticket_id in self.chosen
        return row.standing is Standing.READY

    def wish_for(self, row: RoundRow) -> Wish:
        """Wish for a ticket to be approved as it was shown on the page, or as it is now where it wasn't on it."""
        ticket_id = row.key.ticket_id
        return Wish(ticket_id, Decision.APPROVE, self.text_for(row), self.marks.get(ticket_id, mark_of(row)))

    def wishes_confirmed(self) -> list[Wish]:
        """Wish for what was confirmed: each ticket by its mark, in words of one's own where there are any."""
        return [Wish(one, Decision.APPROVE, self.texts.get(one), mark) for one, mark in self.marks.items()]


def read_sheet(form: Form) -> Sheet:
    """Read a form. Raises Refused for one that isn't whole."""
    verb, _, meant = form.get(ACT, "").partition(" ")
    typed = {ticket_id: text.replace("\r\n", "\n") for ticket_id, text in _by_ticket(form, TEXT)}
    texts = {ticket_id: clean(text) for ticket_id, text in typed.items()}
    marks = {**dict(_by_ticket(form, MARK)), **dict(_marked(form.get(TICKETS, "").split()))}
    chosen = frozenset(ticket_id for ticket_id, _ in _by_ticket(form, SEND))
    offered = {ticket_id for ticket_id, _ in _by_ticket(form, OFFERED)} - chosen
    return Sheet(
        verb=verb,
        object=meant,
        news_seq=_number(form.get(ROUND, "")),
        texts=texts,
        marks=marks,
        chosen=chosen,
        left=frozenset(offered.union(map(_number, form.get(LEFT, "").split()))),
        drafts=dict(_by_ticket(form, DRAFT)),
        show=form.get(SHOW, ""),
        after=form.get(AFTER, "")[:LONGEST_TYPED],
        unclean=frozenset(one for one, text in typed.items() if texts[one] != text),
    )


def draft_mark(text: str) -> str:
    """Name the words that stand in a field, so that others are told from them."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def written_marks(wishes: Sequence[Wish]) -> str:
    """Write down what was shown, as `read_sheet` reads it from the field `tickets`."""
    return " ".join(f"{wish.ticket_id}:{wish.seen}" for wish in wishes)


def _marked(written: Sequence[str]) -> Iterator[tuple[int, str]]:
    for one in written:
        ticket_id, _, mark = one.partition(":")
        yield _number(ticket_id), mark


def _by_ticket(form: Form, name: str) -> Iterator[tuple[int, str]]:
    for key, value in form.items():
        kind, _, ticket_id = key.partition(" ")
        if kind == name and ticket_id:
            yield _number(ticket_id), value


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Refused(MALFORMED, INCOMPLETE)
    return int(text)
