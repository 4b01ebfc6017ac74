"""An audit as one page that stands by itself."""

from html import escape

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_words import audit_document


def audit_page(audit: Audit, zone: str) -> str:
    """Write the page; `zone` is the reader's."""
    document = audit_document(audit, zone)
    return f"<!doctype html><title>{escape(document.title)}</title><p>{escape(' '.join(document.lead))}</p>"
