"""Reminders and drafts as plain text, from templates that a team may replace one by one."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bugbridge.core.errors import DataError
from bugbridge.core.notifications import NOTIFICATION, sample_message
from bugbridge.core.records import Note
from bugbridge.ports import Clock
from bugbridge.render.plain import clean, clean_line
from bugbridge.render.times import day, moment

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

FALLBACK_LANGUAGE = "en"
REMINDER = "reminder"
SEVERAL = "reminders"
NOT_DRAFTS = frozenset({REMINDER, SEVERAL, NOTIFICATION, "answer", "asks", "round", "round_head", "round_sent"})
TEMPLATE_NAME = re.compile(r"[a-z][a-z_-]*")
WRONG_USE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
OF_SEVERAL_LINES = frozenset({"draft", "text", "workaround"})
OPTIONAL = MappingProxyType(
    {
        "words": "",
        "wrote_at": None,
        "version": "",
        "workaround": "",
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
    }
)
"""Parameters that a template may ask for and a note may lack; any other that is missing is an error."""


class TemplateRenderer:
    """Renders notes from `FOLDER/LANGUAGE/ID.txt`, the first folder that has the file; `zone` is the reader's.

    Parameters are data: whatever stands in them is never evaluated, and what could steer a terminal or reorder text
    is dropped.
    """

    def __init__(self, folders: Sequence[Path], zone: str, clock: Clock) -> None:
        """Keep where templates are and how instants are written."""
        self._folders = tuple(folders)
        self._zone = zone
        self._clock = clock

    def text(self, note: Note, language: str) -> str:
        """Render as plain text; a language without this template has English.

        Raises DataError for an unknown note, or a template that is wrong.
        """
        from jinja2 import TemplateError

        parameters = {**OPTIONAL, **_harmless(note.parameters)}
        try:
            rendered = self._template(note.id, language).render(parameters)
        except TemplateError as error:
            raise DataError(f"The template for {note.id!r} can't be used: {error}") from None
        except WRONG_USE as error:
            # Such an error's text may quote a parameter, and those are a customer's words.
            raise DataError(f"The template for {note.id!r} can't be used: {type(error).__name__}.") from None
        return _tidy(rendered)

    def speaks(self, note_id: str, language: str) -> bool:
        """Tell whether there is a template in this very language (a tag such as `de-AT`), or in its own, `de`."""
        return any((folder / path).is_file() for folder in self._folders for path in _paths(note_id, language))

    def try_all(self, language: str) -> None:
        """Render every draft once with all its details and once with none, the reminder around each, a note of two,
        what is said of a round, and a notification.

        Finds a template that is wrong before it is needed. Raises DataError, as `text` does.
        """
        sample = self._sample()
        drafts = {path.stem for folder in self._folders for path in (folder / FALLBACK_LANGUAGE).glob("[!_]*.txt")}
        for name in sorted(drafts - NOT_DRAFTS):
            self.text(Note(name), language)
            draft = self.text(Note(name, sample), language)
            around = {**sample, "reason": name, "issue": "github:acme/app#12", "stage": "released", "draft": draft}
            reminder = self.text(Note(REMINDER, around), language)
            self.text(Note(SEVERAL, {"updates": [{"ticket": "support:1", "text": reminder}] * 2}), language)
        self._try_round(language)
        self.text(sample_message(self._clock.now()), language)

    def _try_round(self, language: str) -> None:
        """Render what an agent reads of a round with tickets of every kind, and of one that has none of theirs."""
        ticket, eye = "support:1", {"ticket": "support:2", "why": ["enterprise"], "draft": "sample"}
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

    def _template(self, note_id: str, language: str) -> "Template":
        if not TEMPLATE_NAME.fullmatch(note_id):
            raise DataError(f"There is no template for {note_id!r}.")
        return self._environment.select_template([*_paths(note_id, language), *_paths(note_id, FALLBACK_LANGUAGE)])

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

    def _written(self, write: Callable[[datetime, str, datetime], str]) -> Callable[[datetime], str]:
        return partial(_write_instant, write, self._zone, self._clock)


def _paths(note_id: str, language: str) -> list[str]:
    """Give where a note's template may be, the narrower language first."""
    return [f"{tag}/{note_id.replace('-', '_')}.txt" for tag in dict.fromkeys((language, language.partition("-")[0]))]


def _write_instant(write: Callable[[datetime, str, datetime], str], zone: str, clock: Clock, at: datetime) -> str:
    return write(at, zone, clock.now())


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
