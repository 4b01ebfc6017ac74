"""Reminders and drafts as plain text, from templates that a team may replace one by one."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bugbridge.core.errors import DataError
from bugbridge.core.first_reply import DATE, IF_NEWS
from bugbridge.core.model import Workaround
from bugbridge.core.notifications import NOTIFICATION, sample_message
from bugbridge.core.records import Note
from bugbridge.ports import Clock
from bugbridge.render.plain import clean, clean_line
from bugbridge.render.times import day, moment

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.runtime import Context
    from jinja2.sandbox import SandboxedEnvironment

FALLBACK_LANGUAGE = "en"
REMINDER = "reminder"
SEVERAL = "reminders"
LINKED = "linked"
NOT_DRAFTS = frozenset({REMINDER, SEVERAL, LINKED, NOTIFICATION, "answer", "asks", "round", "round_head", "round_sent"})
WORKAROUND_STATE = "workaround_state"
TEMPLATE_NAME = re.compile(r"[a-z][a-z_-]*")
WRONG_USE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
OF_SEVERAL_LINES = frozenset({"draft", "text", "workaround"})
OPTIONAL = MappingProxyType(
    {
        "words": "",
        "wrote_at": None,
        "version": "",
        "workaround": "",
        WORKAROUND_STATE: "",
        "since": None,
        "next_at": None,
        "told_at": None,
        "told_version": "",
        "release_at": None,
        "due_at": None,
        "silent_since": None,
        "question": "",
        "ticket": "",
        "security": False,
        "promise": "",
        "hears": (),
        "watch_mode": False,
        "due": "",
        "why": "",
        "frequency": "",
        "judged_by": "",
        "works": False,
        "rule": "",
        "draft": "",
        "customer_language": "",
        "draft_language": "",
        "workaround_language": "",
        "receiver": "",
        "absence": "",
        "absent": "",
        "absent_until": None,
        "applies_to": "",
        "again": False,
        "suggestion": "",
    }
)
"""Parameters that a template may ask for and a note may lack; any other that is missing is an error."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A clock that stands, so that trying templates takes no time."""

    at: datetime

    def now(self) -> datetime:
        return self.at


class TemplateRenderer:
    """Renders notes from `FOLDER/LANGUAGE/ID.txt`, the first folder that has the file; `zone` is the reader's.

    Where a note says what the workaround is for the customer, `ID_STATE.txt` comes before `ID.txt`. A language without
    the template has the team's, else English. Parameters are data: whatever stands in them is never evaluated, and what
    could steer a terminal or reorder text is dropped.
    """

    def __init__(self, folders: Sequence[Path], zone: str, clock: Clock, language: str = FALLBACK_LANGUAGE) -> None:
        """Keep where templates are, how instants are written, and the team's language."""
        self._folders = tuple(folders)
        self._zone = zone
        self._clock = clock
        self._language = language

    def text(self, note: Note, language: str) -> str:
        """Render as plain text. Raises DataError for an unknown note, or a template that is wrong."""
        with _one_sentence(note):
            parameters = {**OPTIONAL, **_harmless(note.parameters)}
            return _tidy(self._template(note, language).render(parameters))

    def language_of(self, note: Note, language: str) -> str:
        """Give the language in which a note for a reader of this one is rendered. Raises DataError as `text` does."""
        with _one_sentence(note):
            return str(self._template(note, language).name).partition("/")[0]

    def speaks(self, note_id: str, language: str) -> bool:
        """Tell whether there is a template in this very language (a tag such as `de-AT`), or in its own, `de`."""
        return any((folder / path).is_file() for folder in self._folders for path in _paths(note_id, language))

    def try_all(self) -> None:
        """Render, in every language that has a folder, every draft once with all its details, in each state of the
        workaround, and once with none, the notes around each, what is said of a round, and a notification.

        Finds a template that is wrong before it is needed. Raises DataError, as `text` does.
        """
        still = TemplateRenderer(self._folders, self._zone, _Standing(self._clock.now()), self._language)
        english = {path.stem for folder in self._folders for path in (folder / FALLBACK_LANGUAGE).glob("[!_]*.txt")}
        of_one_state = {f"{name}_{state.value}" for name in english for state in Workaround}
        for language in sorted({path.name for folder in self._folders for path in folder.glob("*/")}):
            for name in sorted(english - of_one_state - NOT_DRAFTS):
                still._try_draft(name, language)
            still._try_round(language)
            still.text(sample_message(still._clock.now()), language)

    def _try_draft(self, name: str, language: str) -> None:
        sample = self._sample()
        self.text(Note(name), language)
        for state in Workaround:
            self.text(Note(name, {**sample, WORKAROUND_STATE: state.value}), language)
        for promise in (DATE, IF_NEWS):
            self._try_around(self.text(Note(name, {**sample, "promise": promise}), language), name, promise, language)

    def _try_around(self, draft: str, name: str, promise: str, language: str) -> None:
        around = {**self._sample(), "reason": name, "issue": "acme/app#12", "promise": promise, "draft": draft}
        reminder = self.text(Note(REMINDER, around), language)
        self.text(Note(SEVERAL, {"updates": [{"ticket": "support:1", "text": reminder}] * 2}), language)
        for details in (around, {**around, "due": "", "watch_mode": False}, {"issue": "acme/app#12"}):
            self.text(Note(LINKED, details), language)

    def _try_round(self, language: str) -> None:
        """Render what an agent reads of a round with tickets of every kind, and of one that has none of theirs."""
        ticket, eye = "support:1", {"tickets": ["support:2"], "why": ["enterprise"], "draft": "sample"}
        news = {"issue": "github:acme/app#12", "reason": "released", "version": "4.2", "say_told": False}
        counts = dict.fromkeys(("tickets", "ready", "eye", "approved", "sent", "known", "aside"), 1)
        head = self.text(Note("round_head", {**news, **counts, "until": "sample"}), language)
        for ready, needing in (([ticket], [eye]), ([], [])):
            parameters = {**news, "ready": ready, "eye": needing, "head": head, "draft": "sample"}
            self.text(Note("round", parameters), language)
        for tickets in ([ticket], []):
            self.text(Note("round_sent", {**news, "tickets": tickets}), language)

    def _sample(self) -> dict[str, object]:
        """Give made-up details: an instant for what may be missing as none, a word for what may be empty."""
        return {name: self._clock.now() if empty is None else "sample" for name, empty in OPTIONAL.items()}

    def _template(self, note: Note, language: str) -> "Template":
        if not TEMPLATE_NAME.fullmatch(note.id):
            raise DataError(f"There is no template for {note.id!r}.")
        state = str(note.parameters.get(WORKAROUND_STATE, ""))
        languages = dict.fromkeys((language, self._language, FALLBACK_LANGUAGE))
        return self._environment.select_template([path for each in languages for path in _paths(note.id, each, state)])

    @cached_property
    def _environment(self) -> "SandboxedEnvironment":
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        environment = SandboxedEnvironment(
            loader=FileSystemLoader([str(folder) for folder in self._folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["day"] = self._written(day)
        environment.filters["moment"] = self._written(moment)
        return environment

    def _written(self, write: Callable[[datetime, str, datetime, str], str]) -> Callable[["Context", datetime], str]:
        """Write instants in the language of the template that asks, whoever the reader is."""
        from jinja2 import pass_context

        def written(context: "Context", at: datetime) -> str:
            return write(at, self._zone, self._clock.now(), str(context.name).partition("/")[0])

        return pass_context(written)


@contextmanager
def _one_sentence(note: Note) -> Iterator[None]:
    """Say what is wrong with a template in one sentence that quotes no parameter."""
    from jinja2 import TemplateError

    try:
        yield
    except TemplateError as error:
        raise DataError(f"The template for {note.id!r} can't be used: {error}") from None
    except WRONG_USE as error:
        # Such an error's text may quote a parameter, and those are a customer's words.
        raise DataError(f"The template for {note.id!r} can't be used: {type(error).__name__}.") from None


def _paths(note_id: str, language: str, workaround_state: str = "") -> list[str]:
    """Give where a note's template may be, the narrower language first, and in each the one for the state."""
    name = note_id.replace("-", "_")
    stems = dict.fromkeys((f"{name}_{workaround_state}" if workaround_state else name, name))
    return [f"{tag}/{stem}.txt" for tag in dict.fromkeys((language, language.partition("-")[0])) for stem in stems]


def _harmless(parameters: Mapping[str, object]) -> dict[str, object]:
    return {key: _harmless_value(value, several_lines=key in OF_SEVERAL_LINES) for key, value in parameters.items()}


def _harmless_value(value: object, *, several_lines: bool) -> object:
    if isinstance(value, str):
        return clean(value).strip() if several_lines else clean_line(value)
    if isinstance(value, Mapping):
        return _harmless({str(key): inner for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return [_harmless_value(inner, several_lines=several_lines) for inner in value]
    return value


def _tidy(text: str) -> str:
    """Drop spaces at line ends and runs of blank lines that conditions left behind."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)
