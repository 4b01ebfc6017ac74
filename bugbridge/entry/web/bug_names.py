"""What lists say of a bug beside its reference, so that people recognise it."""

from collections.abc import Iterable, Mapping

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import BugName
from bugbridge.core.listings import Column
from bugbridge.entry.web.here import Web
from bugbridge.render.plain import clean_line

LONGEST_EXAMPLE = 80  # characters of a subject
ABOUT = Column("about", "About")
NOTHING = BugName("", "")


def abouts(web: Web, visitor: Visitor, references: Iterable[str]) -> Mapping[str, str]:
    """Say of each bug what customers call it, else how the newest ticket in sight begins that reports it; all in one
    query, and "" where neither is known."""
    asked = frozenset(references)
    names = web.app.store.bug_names(visitor, asked) if asked else {}
    return {reference: about(names.get(reference, NOTHING)) for reference in asked}


def about(name: BugName) -> str:
    """Say what a bug is about: `export problem`, or `e.g. “Export hangs”`, which is one customer's subject."""
    subject = clean_line(name.example)
    if name.words or not subject:
        return name.words
    return f"e.g. “{subject if len(subject) <= LONGEST_EXAMPLE else f'{subject[: LONGEST_EXAMPLE - 1]}…'}”"
