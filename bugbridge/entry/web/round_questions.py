"""What a lead is asked before replies of a round go out: what hurts in their words, and what nobody checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bugbridge.core.round_view import Eye, RoundRow
from bugbridge.core.wording_model import Level, WordingFinding
from bugbridge.entry.checking import reply_checker
from bugbridge.entry.round_words import said_of_wording, unchecked_words
from bugbridge.entry.sentences import counted
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.round_sheets import draft_mark
from bugbridge.render.languages import language_words
from bugbridge.render.plain import clean
from bugbridge.services.reply_checking import CheckedReply
from bugbridge.services.round_page import checked_words
from bugbridge.services.round_view import Outline

Coming = Sequence[tuple[RoundRow, str]]
GRAVE: Mapping[Eye, str] = {
    Eye.CLEAR_NO: "This is a no: the customer is told that what they hope for won't come.",
    Eye.CORRECTION: "This is a correction: the customer is told that what we told them before was wrong.",
}
"""What a person brings to a customer, and never by one click."""


@dataclass(frozen=True, slots=True)
class AskedReply:
    """A reply that somebody is asked about: whether in words of their own, and what is to be said of it."""

    row: RoundRow
    text: str
    check: CheckedReply | None

    @property
    def is_own(self) -> bool:
        """Whether these are words of a person's own."""
        return self.row.is_own(self.text)

    @property
    def warnings(self) -> list[str]:
        """Say what it is, and why nobody checked its words."""
        unchecked = unchecked_words(self.check) if self.check else ""
        return [*(words for eye, words in GRAVE.items() if eye in self.row.eye), *([unchecked] if unchecked else [])]

    @property
    def findings(self) -> Sequence[WordingFinding]:
        """What the check of replies found that hurts."""
        found = self.check.findings if self.check else ()
        return tuple(finding for finding in found if finding.level is not Level.INFO)

    @property
    def asks(self) -> bool:
        """Whether somebody is asked before it goes: an untouched draft without a finding goes at once."""
        return bool(self.is_own or self.warnings or self.findings)


def asked_replies(web: Web, outline: Outline, coming: Coming) -> list[AskedReply]:
    """Check the words of these replies."""
    found = checked_words(web.app.sender, reply_checker(web.app), outline, coming)
    return [AskedReply(row, text, found.get(row)) for row, text in coming]


def unchecked_drafts(web: Web, outline: Outline, coming: Coming) -> Iterator[str]:
    """Say which untouched drafts nobody checks: those in one language are worded alike, so that one tells of all."""
    alike: dict[str, list[tuple[RoundRow, str]]] = {}
    for row, text in coming:
        if not row.is_own(text):
            alike.setdefault(row.language, []).append((row, text))
    for language, drafts in alike.items():
        first = asked_replies(web, outline, drafts[:1])[0]
        words = unchecked_words(first.check) if first.check else ""
        if words:
            yield f"{counted(len(drafts), 'draft', 'drafts')} in {language_words(language)}: {words}"


def reply_in_question(one: AskedReply) -> Mapping[str, object]:
    """Give a reply as the question shows it."""
    return {
        "id": one.row.key.ticket_id,
        "ticket": one.row.ticket,
        "text": one.text,
        "draft": draft_mark(clean(one.row.text)),
        "is_own": one.is_own,
        "warnings": one.warnings,
        "found": [(finding.level.value, said_of_wording(finding)) for finding in one.findings],
    }
