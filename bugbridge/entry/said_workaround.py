"""What a person records as a workaround, checked as customers will read it: by the command and on the bug's page."""

from typing import TYPE_CHECKING

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Workaround
from bugbridge.core.records import IssueRow
from bugbridge.entry.naming import language_tag
from bugbridge.entry.ways import COMMAND_LINE, Ways

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.bug_words import NewWorkaround

# What may be said of a customer's workaround beside the state's own word.
OTHER_WORDS = {"worked": Workaround.CONFIRMED}


def said_workaround(
    app: "App",
    issue: IssueRow,
    words: str | None,
    language: str | None,
    applies_to: str,
    accept: int | None,
    *,
    is_new: bool | None,
    ways: Ways = COMMAND_LINE,
) -> "NewWorkaround":
    """Gather what is to be recorded. Raises UsageError for what customers mustn't read."""
    from bugbridge.core.bug_words import Words, problem_of_words, problem_of_workaround
    from bugbridge.services.bug_words import NewWorkaround, numbered_suggestion

    if words is not None and accept is not None:
        raise UsageError("A suggestion is accepted as it stands: give --accept or words of your own, not both.")
    listed = ways.suggestions.format(issue=issue.reference)
    suggestion = numbered_suggestion(app.store, issue, accept, listed) if accept is not None else None
    text = suggestion.text if suggestion else (words or "").strip()
    if text.lower() in {*Workaround, *OTHER_WORDS}:
        raise UsageError(f"{text!r} is what became of a workaround for one customer: name the ticket, not the issue.")
    applies = applies_to.strip()
    if problem := problem_of_workaround(text, app.references) or problem_of_words(applies, app.references):
        raise UsageError(problem)
    said = Words(text, language_tag(language or app.settings.language), applies)
    return NewWorkaround(said, is_new, suggestion.seq if suggestion else None)
