"""What a wording rule is, what a reply is judged by, and what was found in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bugbridge.core.model import Stage
from bugbridge.core.wording_matching import Openings
from bugbridge.core.wording_patterns import Macros, Pattern


class Level(StrEnum):
    """How much a finding hurts; a reply with an error isn't ready to be sent."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Scope(StrEnum):
    """Whether a rule looks for something in each sentence, or misses something in the whole reply."""

    SENTENCE = "sentence"
    REPLY = "reply"


FIXED_RELEASE_PLANNED = "fixed_release_planned"
STATES = (*(stage.value for stage in Stage), FIXED_RELEASE_PLANNED)


class Need(StrEnum):
    """When a rule over the whole reply applies."""

    WORKAROUND_UNSENT = "workaround_unsent"
    FIRST_REPLY = "first_reply"
    NEXT_DATE_DUE = "next_date_due"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the bug and the ticket that a reply is about.

    `workaround_unsent`: one is known that this customer wasn't sent. `next_date_due`: the policy plans a next update,
    so that its date can be named.
    """

    stage: Stage = Stage.OPEN
    release_planned: bool = False
    workaround_unsent: bool = False
    first_reply: bool = False
    next_date_due: bool = False

    @classmethod
    def of_state(cls, state: str) -> "Situation":
        """Give the situation that a state's name stands for."""
        planned = state == FIXED_RELEASE_PLANNED
        return cls(Stage.FIXED if planned else Stage(state), release_planned=planned)

    @property
    def state(self) -> str:
        """The name that `of_state` takes."""
        return FIXED_RELEASE_PLANNED if FIXED_RELEASE_PLANNED in self.states else self.stage.value

    @property
    def states(self) -> frozenset[str]:
        """The names by which rules ask for the stage."""
        planned = self.stage is Stage.FIXED and self.release_planned
        return frozenset({self.stage.value, FIXED_RELEASE_PLANNED} if planned else {self.stage.value})

    @property
    def needs(self) -> frozenset[Need]:
        """What rules over the whole reply apply."""
        said = {
            Need.WORKAROUND_UNSENT: self.workaround_unsent,
            Need.FIRST_REPLY: self.first_reply,
            Need.NEXT_DATE_DUE: self.next_date_due,
        }
        return frozenset(need for need, holds in said.items() if holds)


@dataclass(frozen=True, slots=True)
class Frame:
    """Patterns that all have to be in one sentence (who, what, when), as the file has them and as they are matched."""

    texts: tuple[str, ...]
    patterns: tuple[Pattern, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that a rule has to find, or to leave alone, at a stage: the rule's own tests."""

    text: str
    state: str = Stage.OPEN.value


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. A frame in `match` is a finding unless

    - a pattern of `unless` overlaps it, or one of `without` is anywhere in its sentence,
    - a pattern of `unless_before` overlaps it that begins in the sentence before, whose end is a comma then,
    - a pattern of `next_step` is in its sentence or the next one,
    - the bug's state is one of `allowed_states`, or it isn't one of `only_states` where there are any.

    A rule over the whole reply is a finding where `needs` holds and nothing matches. `level_in` is the level in a
    state, where it differs. `message` says why it hurts, `suggest` what to write instead.
    """

    id: str
    level: Level
    match: tuple[Frame, ...]
    message: str
    suggest: str
    unless: tuple[Frame, ...] = ()
    unless_before: tuple[Frame, ...] = ()
    without: tuple[Frame, ...] = ()
    next_step: tuple[Frame, ...] = ()
    allowed_states: frozenset[str] = frozenset()
    only_states: frozenset[str] = frozenset()
    level_in: Mapping[str, Level] = field(default_factory=dict)
    scope: Scope = Scope.SENTENCE
    needs: Need | None = None
    good: tuple[Example, ...] = ()
    bad: tuple[Example, ...] = ()

    @property
    def asks_for_the_state(self) -> bool:
        """Whether what it finds, or how much that hurts, depends on how far the bug is."""
        return bool(self.allowed_states or self.only_states or self.level_in)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All that it looks for."""
        return (*self.match, *self.unless, *self.unless_before, *self.without, *self.next_step)


@dataclass(frozen=True, slots=True)
class PromiseFrames:
    """How agents promise to write again: the frames of it, and by what event each conditional one is tied.

    What a frame of `unless` overlaps is no promise. A date or an event that a frame of `elsewhere` overlaps says when
    something else is: "if you send it by Friday".
    """

    dated: tuple[Frame, ...] = ()
    unless: tuple[Frame, ...] = ()
    elsewhere: tuple[Frame, ...] = ()
    events: Mapping[str, tuple[Frame, ...]] = field(default_factory=dict)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All that is looked for."""
        return (
            *self.dated,
            *self.unless,
            *self.elsewhere,
            *(frame for frames in self.events.values() for frame in frames),
        )


@dataclass(frozen=True)
class Wording:
    """The rules of one language. `common_words` are those by which a text in it is told from other languages."""

    language: str
    common_words: frozenset[str]
    macros: Macros
    rules: tuple[Rule, ...]
    promises: PromiseFrames = PromiseFrames()

    @cached_property
    def openings(self) -> Openings:
        """By which words all its patterns can begin; worked out once."""
        frames = [frame for rule in self.rules for frame in rule.frames]
        return Openings(patterns_of([*frames, *self.promises.frames]), self.macros)


def patterns_of(frames: Iterable[Frame]) -> tuple[Pattern, ...]:
    """Give the patterns of frames."""
    return tuple(pattern for frame in frames for pattern in frame.patterns)


@dataclass(frozen=True, slots=True)
class WordingFinding:
    """What a rule found: `start` and `end` are places in the reply as it was given, counted in characters."""

    rule: str
    level: Level
    start: int
    end: int
    text: str
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a reply, and its language; without rules for that, `checked` is False and nothing is said."""

    findings: tuple[WordingFinding, ...]
    language: str
    checked: bool
