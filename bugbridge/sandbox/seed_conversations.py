"""What customers, agents and robots wrote on one ticket of the seeded history."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bugbridge.sandbox import seed_words
from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.seed_bugs import Bug
from bugbridge.sandbox.seed_issues import published_at
from bugbridge.sandbox.seed_people import ROBOT_ID
from bugbridge.sandbox.world import ROBOT_AUTHOR, SEED_NOW

GITHUB_SITE = "https://github.com"
JIRA_SITE = "https://acme.atlassian.net"
LAST_WORD = SEED_NOW - timedelta(minutes=10)
AUTO_CLOSE_DAYS = 28


@dataclass
class Line:
    """One comment to be; `author` is a Zendesk user id."""

    at: datetime
    author: int
    body: str
    public: bool
    channel: str = "web"


@dataclass
class Draft:
    """A ticket to be: its lines in any order, and how it stands."""

    created_at: datetime
    subject: str
    organization: int
    customer: int
    agent: int
    status: str = "open"
    solved_at: datetime | None = None
    lines: list[Line] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    suggestions: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    workaround: tuple[str, str, datetime] | None = None
    promise: tuple[str, datetime, date] | None = None

    def say(self, at: datetime, author: int, body: str, *, public: bool, channel: str = "web") -> None:
        """Add a line, unless the history ends before it."""
        if at < LAST_WORD:
            self.lines.append(Line(at, author, body, public, channel))

    @property
    def last_at(self) -> datetime:
        """When the last line was written."""
        return max(line.at for line in self.lines)

    @property
    def first_reply_at(self) -> datetime:
        """When an agent first answered in public; the ticket's beginning where none has."""
        return min(
            (line.at for line in self.lines if line.public and line.author == self.agent), default=self.created_at
        )


def written(chance: Chance, reference: str) -> str:
    """A reference in one of the forms that people use."""
    if "#" not in reference:
        return chance.pick((reference, f"{JIRA_SITE}/browse/{reference}", f"[the bug]({JIRA_SITE}/browse/{reference})"))
    repository, _, number = reference.partition("#")
    address = f"{GITHUB_SITE}/{repository}/issues/{number}"
    return chance.pick(
        (reference, address, f"{address}#issuecomment-8812", f"[the bug]({address})", f"{address}?ref=support")
    )


def open_conversation(chance: Chance, draft: Draft, part: str, fault: str) -> None:
    """The customer writes; an agent answers that it will be looked into."""
    words = chance.pick(seed_words.HOSTILE if chance.happens(0.04) else seed_words.OPENINGS)
    draft.say(draft.created_at, draft.customer, words.format(part=part, fault=fault), public=True, channel="email")
    draft.say(chance.later(draft.created_at, 0.3, 9), draft.agent, chance.pick(seed_words.FIRST_REPLIES), public=True)


def add_note(chance: Chance, draft: Draft, references: list[str]) -> None:
    """An agent's internal note that links the ticket to one or more bugs."""
    text = " and ".join(written(chance, reference) for reference in references)
    draft.say(
        chance.later(draft.first_reply_at, 0.1, 6),
        draft.agent,
        chance.pick(seed_words.NOTES).format(reference=text),
        public=False,
    )
    draft.links = list(references)


def chase(chance: Chance, draft: Draft, until: datetime) -> None:
    """The customer asks for news; most times an agent answers."""
    asked = chance.later(draft.created_at, 70, 900)
    if asked < until - timedelta(days=2):
        draft.say(asked, draft.customer, chance.pick(seed_words.CHASERS), public=True, channel="email")
        draft.say(chance.later(asked, 1, 30), draft.agent, chance.pick(seed_words.CHASER_REPLIES), public=True)


def leave_unanswered(chance: Chance, draft: Draft) -> None:
    """The customer has the last public word."""
    asked = chance.instant(max(draft.last_at, SEED_NOW - timedelta(days=6)), SEED_NOW - timedelta(hours=2))
    draft.say(asked, draft.customer, chance.pick(seed_words.CHASERS), public=True, channel="email")
    draft.status = "open"


def _solve(draft: Draft, at: datetime) -> None:
    if at < LAST_WORD:
        draft.solved_at = at
        draft.status = "closed" if at < SEED_NOW - timedelta(days=AUTO_CLOSE_DAYS) else "solved"


def _waiting(chance: Chance, draft: Draft) -> None:
    share = chance.share()
    draft.status = "open" if share < 0.4 else "pending" if share < 0.7 else "hold"
    if share > 0.88:
        _solve(draft, chance.later(draft.last_at, 1, 60))


def _answer(draft: Draft, at: datetime, body: str) -> None:
    draft.say(at, draft.agent, body, public=True)
    _solve(draft, at)


def _tell_released(chance: Chance, draft: Draft, bug: Bug, version: str, on: date) -> None:
    at = max(chance.later(published_at(on), 20, 60), chance.later(draft.last_at, 1, 5))
    share = chance.share() + (0.25 if bug.recent else 0.0)
    if share < 0.6:
        _answer(draft, at, chance.pick(seed_words.NAMED).format(part=bug.part, version=version))
    elif share < 0.75:
        _answer(draft, at, chance.pick(seed_words.UNNAMED))
    else:
        _waiting(chance, draft)


def conclude(chance: Chance, draft: Draft, bug: Bug) -> None:
    """How the ticket ended, if it has: told of the release or the refusal, or still waiting."""
    if bug.version and bug.released_on:
        _tell_released(chance, draft, bug, bug.version, bug.released_on)
    elif bug.outcome == "declined" and bug.closed_at and chance.happens(0.2 if bug.recent else 0.7):
        at = max(chance.later(bug.closed_at, 3, 50), chance.later(draft.last_at, 1, 5))
        _answer(draft, at, seed_words.REFUSED.format(part=bug.part))
    else:
        _waiting(chance, draft)


def offer_workaround(chance: Chance, draft: Draft, bug: Bug, state: str) -> None:
    """Record how far this customer is with the workaround; a public reply tells them of it."""
    draft.workaround = (bug.reference, state, draft.first_reply_at)
    if state == "known":
        return
    at = chance.later(draft.first_reply_at, 5, 20)
    draft.say(at, draft.agent, seed_words.WORKAROUND.format(part=bug.part), public=True)
    answers = {"confirmed": "That works for us, thank you.", "failed": "I tried that and it changes nothing."}
    if state in answers:
        draft.say(chance.later(at, 1, 5), draft.customer, answers[state], public=True, channel="email")
        at = chance.later(at, 6, 10)
        draft.say(at, draft.agent, "Thank you for letting me know.", public=True)
    draft.workaround = (bug.reference, state, at)


def promise(chance: Chance, draft: Draft, bug: Bug, due: date) -> None:
    """An agent says by when they will write again."""
    least = max(draft.last_at, published_at(due) - timedelta(days=12))
    made = chance.instant(
        least + timedelta(minutes=5),
        max(least, min(LAST_WORD, published_at(due)) - timedelta(hours=20)) + timedelta(minutes=9),
    )
    body = seed_words.PROMISED.format(weekday=due.strftime("%A"), day=due.day, month=due.strftime("%B"))
    draft.say(made, draft.agent, body, public=True)
    draft.promise = (bug.reference, made, due)


def misleading(chance: Chance, draft: Draft, reference: str, how: str) -> None:
    """Something that looks like a reference and makes no link."""
    text, at = written(chance, reference), chance.later(draft.last_at, 0.2, 4)
    notes = {"quoted": seed_words.QUOTED, "code block": seed_words.FENCED, "inline code": seed_words.INLINE}
    if how in notes:
        draft.say(at, draft.agent, notes[how].format(reference=reference), public=False)
        draft.ignored[reference] = how
        return
    draft.suggestions[reference] = how
    if how == "customer":
        draft.say(at, draft.customer, seed_words.HINT.format(reference=text), public=True, channel="email")
        draft.say(chance.later(at, 0.5, 3), draft.agent, "Thank you, I'll check that.", public=True)
    elif how == "public reply":
        draft.say(at, draft.agent, seed_words.PUBLIC_REFERENCE.format(reference=text), public=True)
    else:
        author, channel = (ROBOT_AUTHOR, "rule") if how == "trigger" else (ROBOT_ID, "api")
        draft.say(at, author, seed_words.ROBOT_NOTE.format(reference=text), public=False, channel=channel)
