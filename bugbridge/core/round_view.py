"""What a person sees of a round: where each ticket stands, in which group, and what may be done with it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from bugbridge.core.model import Workaround
from bugbridge.core.planning import CORRECTIONS
from bugbridge.core.policy import ENTERPRISE
from bugbridge.core.policy_model import LinkFacts
from bugbridge.core.records import LinkKey
from bugbridge.core.stages import NewsEvent

# What a "no" is called for by: a person brings it, as they do a correction, one by one.
CLEAR_NOS = frozenset({"declined", "clear-no"})
NO_TIER = "-"
# More than any reply needs, and less than any helpdesk takes.
LONGEST_REPLY = 20_000


class Standing(StrEnum):
    """Where a ticket stands in its round. `aside`: it is none of it, or not any more."""

    READY = "ready"
    EYE = "eye"
    APPROVED = "approved"
    SENT = "sent"
    KNOWN = "known"
    ASIDE = "aside"


WAITING = frozenset({Standing.READY, Standing.EYE})


class Eye(StrEnum):
    """Why a draft needs a person's eye before it is approved."""

    UNANSWERED = "unanswered"
    UNDELIVERED = "undelivered"
    ENTERPRISE = "enterprise"
    WORKAROUND_FAILED = "workaround-failed"
    CLEAR_NO = "clear-no"
    CORRECTION = "correction"
    SECURITY = "security"
    NO_DRAFT = "no-draft"
    LANGUAGE = "language"
    WORKAROUND_LANGUAGE = "workaround-language"
    NOBODY = "nobody"
    WROTE_SINCE = "wrote-since"
    IN_DOUBT = "in-doubt"


class Decision(StrEnum):
    """What a person says of one ticket of a round."""

    APPROVE = "approve"
    TAKE_BACK = "take back"


@dataclass(frozen=True, slots=True)
class DraftKnown:
    """What is known of an update's draft: whether there is one, in the customer's language, the workaround's text too,
    and whose the bug is to speak of."""

    exists: bool
    in_language: bool
    security: bool
    workaround_in_language: bool = True


def eye_of(facts: LinkFacts, reason: str, draft: DraftKnown, *, assigned: bool) -> tuple[Eye, ...]:
    """Say why a draft needs a person's eye; nothing where it is ready."""
    found = {
        Eye.UNANSWERED: facts.unanswered,
        Eye.ENTERPRISE: facts.tier == ENTERPRISE,
        Eye.WORKAROUND_FAILED: facts.workaround is Workaround.FAILED,
        Eye.CLEAR_NO: reason in CLEAR_NOS,
        Eye.CORRECTION: reason in CORRECTIONS,
        Eye.SECURITY: draft.security,
        Eye.NO_DRAFT: not draft.exists and not draft.security,
        Eye.LANGUAGE: draft.exists and not draft.in_language,
        Eye.WORKAROUND_LANGUAGE: draft.exists and not draft.workaround_in_language,
        Eye.NOBODY: not assigned,
    }
    return tuple(eye for eye, holds in found.items() if holds)


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One ticket in a round. `text` is what was approved, else the draft; `why` says how the customer knows, or why the
    ticket stands aside. Where it waits in words that somebody wrote and approved before, `draft` is the one as it is
    now, else None.

    `agent` is the party of whoever has the ticket, "" where nobody does; an approved reply goes out at `goes_at`, none
    while that isn't known, and can't be taken back any more while `sending`.
    """

    key: LinkKey
    ticket: str
    standing: Standing
    workaround: Workaround
    language: str
    tier: str = ""
    agent: str = ""
    eye: tuple[Eye, ...] = ()
    text: str = ""
    why: str = ""
    update_key: str = ""
    goes_at: datetime | None = None
    sending: bool = False
    draft: str | None = None

    def is_own(self, text: str) -> bool:
        """Whether these words are a person's own, and not the draft."""
        return text != (self.text if self.draft is None else self.draft)

    @property
    def group(self) -> str:
        """Name those that can be judged alike: by workaround, language and tier."""
        return f"{self.workaround}/{self.language}/{self.tier or NO_TIER}"


def mark_of(row: RoundRow) -> str:
    """Name what was shown of a ticket: its words, and why they need an eye or that they were approved."""
    drafts = (row.text,) if row.draft is None else (row.text, row.draft)
    shown = (str(row.standing is Standing.APPROVED), *row.eye, *drafts)
    return sha256("\0".join(shown).encode(errors="surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class RoundView:
    """One piece of news of a bug, by its issue, and every ticket that reports the bug."""

    bug_id: int
    issue: str
    news: NewsEvent
    rows: tuple[RoundRow, ...]

    def standing(self, standing: Standing) -> tuple[RoundRow, ...]:
        """Give the tickets that stand so."""
        return tuple(row for row in self.rows if row.standing is standing)

    def waiting(self) -> tuple[RoundRow, ...]:
        """Give the tickets that wait for a person's word, which can be let go of."""
        return tuple(row for row in self.rows if row.standing in (Standing.READY, Standing.EYE) and row.update_key)

    def counts(self) -> Mapping[str, int]:
        """Count the tickets by where they stand; none is counted as 0."""
        found = Counter(row.standing for row in self.rows)
        return {standing.value: found[standing] for standing in Standing}

    def groups(self) -> Mapping[str, tuple[RoundRow, ...]]:
        """Give the drafts that are ready by their group, the largest first."""
        found: dict[str, list[RoundRow]] = {}
        for row in self.standing(Standing.READY):
            found.setdefault(row.group, []).append(row)
        ordered = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
        return {name: tuple(rows) for name, rows in ordered}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants for one ticket; without a text the draft is meant as it stands.

    `seen` is the mark of what they were shown: where it isn't that any more, nothing is approved.
    """

    ticket_id: int
    decision: Decision
    text: str | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done: replies to approve with their words, those to take back, and what can't be done, by ticket.

    What was done already is in none of them.
    """

    approve: tuple[tuple[RoundRow, str], ...] = ()
    take_back: tuple[RoundRow, ...] = ()
    problems: tuple[tuple[int, str], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not self.approve and not self.take_back


def judge_wishes(view: RoundView, wishes: Sequence[Wish]) -> Judgement:
    """Say what of a person's wishes is to be done, and what can't be."""
    rows = {row.key.ticket_id: row for row in view.rows}
    approve, back, problems = [], [], []
    for wish in wishes:
        row = rows.get(wish.ticket_id)
        problem = _problem(row, wish)
        if problem or row is None:
            problems.append((wish.ticket_id, problem))
        elif wish.decision is Decision.TAKE_BACK:
            back += [row] if row.standing is Standing.APPROVED else []
        elif row.standing in WAITING or (row.standing is Standing.APPROVED and _text(row, wish) != row.text):
            approve.append((row, _text(row, wish)))
    return Judgement(tuple(approve), tuple(back), tuple(problems))


def _text(row: RoundRow, wish: Wish) -> str:
    return row.text if wish.text is None else wish.text


def _problem(row: RoundRow | None, wish: Wish) -> str:
    """Say what stands in the way of a wish, "" for nothing."""
    if row is None:
        return "isn't in this round."
    if wish.decision is Decision.TAKE_BACK:
        return _out(row)
    if row.standing is Standing.APPROVED:
        return _problem_of_approved(row, wish) if _text(row, wish) != row.text else ""
    if row.standing not in WAITING:
        return _gone(row)
    return unfit(row) or _unseen(row, wish) or _unfit_text(_text(row, wish))


def _problem_of_approved(row: RoundRow, wish: Wish) -> str:
    if row.sending:
        return "is being sent this moment, in the words approved before."
    return "was approved meanwhile in other words." if _unseen(row, wish) else ""


def _unseen(row: RoundRow, wish: Wish) -> str:
    return "changed since it was shown: read it again." if wish.seen and wish.seen != mark_of(row) else ""


def _out(row: RoundRow) -> str:
    if row.standing is Standing.SENT:
        return "was sent already, and can't be taken back."
    return "is being sent this moment, and can't be taken back." if row.sending else ""


def _gone(row: RoundRow) -> str:
    """A customer who knows by now is no problem: that is what the round is for."""
    return "isn't in this round any more." if row.standing is Standing.ASIDE else ""


def unfit(row: RoundRow) -> str:
    """Say why a ticket that waits can't be approved in any words, "" where it can."""
    if Eye.UNANSWERED in row.eye:
        return "can't be approved while its customer waits for an answer: answer them in the helpdesk first."
    if Eye.UNDELIVERED in row.eye:
        return (
            "couldn't be posted: the ticket's page and `bugbridge due --dead` say why, and `bugbridge retry` has it "
            "wait here again."
        )
    return ""


def _unfit_text(text: str) -> str:
    if not text.strip():
        return "has no draft: write the reply on the page of the round, or in a file with --review."
    if len(text) > LONGEST_REPLY:
        return f"has a reply of more than {LONGEST_REPLY:,} characters."
    return ""


def ready_of(rows: Iterable[RoundRow], ticket_ids: Collection[int]) -> list[Wish]:
    """Wish for the drafts that are ready on these tickets to be approved as they stand; words that somebody took back
    wait for whoever reads them."""
    drafts = [row for row in rows if row.standing is Standing.READY and row.draft is None]
    return [Wish(row.key.ticket_id, Decision.APPROVE) for row in drafts if row.key.ticket_id in ticket_ids]
