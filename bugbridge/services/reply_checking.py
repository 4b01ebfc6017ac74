"""Check a reply before it is sent: by what is known of its ticket's bug and customer, or by what one says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.facts import fold_link
from bugbridge.core.first_reply import first_reply
from bugbridge.core.model import AuthorKind, Stage, Workaround
from bugbridge.core.promise_finding import find_promises
from bugbridge.core.promises import PromiseEvent, SaidPromise
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey
from bugbridge.core.replies import language_of
from bugbridge.core.wording import judge
from bugbridge.core.wording_language import clearly_another, is_told, primary_tag
from bugbridge.core.wording_model import Level, Situation, Verdict, Wording, WordingFinding
from bugbridge.ports import Clock
from bugbridge.services.claiming import Sender
from bugbridge.services.curves import curve_book

AGENTS = frozenset({AuthorKind.AGENT, AuthorKind.SELF})


@dataclass(frozen=True, slots=True)
class About:
    """What a reply is about. `language` is the one that it is in, if somebody says so; where its few words don't tell,
    it is taken for one in the `likely_language`, or in the team's."""

    situation: Situation = field(default_factory=Situation)
    language: str = ""
    likely_language: str = ""


@dataclass(frozen=True, slots=True)
class QuotedPromise:
    """A promise that a reply makes, with its words; `due_at` in UTC or the `event` that it waits for."""

    start: int
    end: int
    text: str
    due_at: datetime | None
    event: PromiseEvent | None


@dataclass(frozen=True, slots=True)
class CheckedReply:
    """What was found in a reply. One that isn't `checked`, since its language has no rules, has not passed.

    `language_assumed`: nobody named the language, and the words don't tell it. `seems_in`: somebody named it, and the
    words clearly tell this other one. `state` is how far the bug was taken to be; `by_state`: a finding depends on it.
    """

    findings: tuple[WordingFinding, ...]
    promises: tuple[QuotedPromise, ...]
    checked: bool
    language: str
    language_assumed: bool
    seems_in: str
    state: str
    by_state: bool

    @property
    def has_errors(self) -> bool:
        """Whether anything in it hurts so much that it isn't ready to be sent."""
        return any(finding.level is Level.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class ReplyChecker:
    """What checks replies: the rules by language, the hours and the clock by which promised dates are meant, and the
    team's language."""

    wordings: Mapping[str, Wording]
    calendar: WorkCalendar
    clock: Clock
    team_language: str = "en"

    def check(self, text: str, about: About) -> CheckedReply:
        """Check one reply."""
        likely = primary_tag(about.likely_language or self.team_language)
        verdict = judge(text, self.wordings, about.situation, about.language, likely)
        said = find_promises(text, self.clock.now(), self.calendar, verdict.language, self.wordings)
        promises = tuple(_quoted(promise, text) for promise in said)
        return CheckedReply(
            findings=verdict.findings,
            promises=promises,
            checked=verdict.checked,
            language=verdict.language,
            language_assumed=self._is_assumed(text, about, verdict.language),
            seems_in=clearly_another(text, verdict.language, self.wordings) if about.language else "",
            state=about.situation.state,
            by_state=self._depends_on_state(verdict),
        )

    def _is_assumed(self, text: str, about: About, language: str) -> bool:
        return bool(language) and not about.language and not is_told(text, language, self.wordings)

    def _depends_on_state(self, verdict: Verdict) -> bool:
        wording = self.wordings.get(verdict.language)
        asking = {rule.id for rule in wording.rules if rule.asks_for_the_state} if wording else frozenset()
        return any(finding.rule in asking for finding in verdict.findings)


def _quoted(promise: SaidPromise, text: str) -> QuotedPromise:
    words = text[promise.start : promise.end]
    return QuotedPromise(promise.start, promise.end, words, promise.due_at, promise.event)


def about_link(sender: Sender, key: LinkKey) -> About:
    """Gather what the next reply on a ticket is about, as far as is known now.

    Raises ValueError if it was never linked, and ConfigError if the calendar is never open.
    """
    history = sender.store.link_history(key, KnownUpTo(sender.store.head()))
    return about_history(sender, history, curve_book(sender.store))


def about_history(sender: Sender, history: LinkHistory, curves: CurveBook) -> About:
    """Say the same of a link whose history was read already."""
    return About(_situation(sender, history, curves), likely_language=language_of(history, sender.language))


def _situation(sender: Sender, history: LinkHistory, curves: CurveBook) -> Situation:
    """What is released needs no way around, so that nobody lacks one."""
    policy, now = sender.policies.of(history).policy, sender.clock.now()
    state = fold_link(history, now, policy, sender.calendar)
    coming = first_reply(state, now, policy, sender.calendar, curves)
    facts = state.facts
    return Situation(
        stage=facts.stage,
        release_planned=facts.release_planned,
        workaround_unsent=facts.workaround is Workaround.KNOWN and facts.stage is not Stage.RELEASED,
        first_reply=not any(message.public and message.author_kind in AGENTS for message in history.messages),
        next_date_due=coming.next_at is not None,
    )
