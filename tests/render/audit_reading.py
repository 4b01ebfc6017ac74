"""An audit's document as tests read it, for somebody in Berlin."""

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_document import Document, Paragraph, Section, Table
from bugbridge.render.audit_words import audit_document

ZONE = "Europe/Berlin"


def said(audit: Audit) -> Document:
    """The document, as somebody in Berlin reads it."""
    return audit_document(audit, ZONE)


def section(audit: Audit, name: str) -> Section:
    """One section of it."""
    return next(one for one in said(audit).sections if one.id == name)


def texts(audit: Audit, name: str) -> list[str]:
    """The paragraphs of a section."""
    return [block.text for block in section(audit, name).blocks if isinstance(block, Paragraph)]


def table(audit: Audit, name: str, number: int = 0) -> Table:
    """A table of a section."""
    return [block for block in section(audit, name).blocks if isinstance(block, Table)][number]


def row(found: Table, name: str) -> tuple[str, ...]:
    """The row of a table with this name, without it."""
    return next(cells[1:] for cells in found.rows if cells[0] == name)
