"""An audit in the form that is asked for."""

from enum import StrEnum

from bugbridge.core.audit_model import Audit


class Form(StrEnum):
    """How an audit can be put out."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


def written_audit(audit: Audit, form: Form, zone: str, *, on_web: bool = False) -> str:
    """Write the whole report as one text; dates are those of the reader's zone, in CSV and JSON UTC.

    CSV has the bugs that the audit lists, a thousand at most. A page that stands `on_web` leads to our other pages.
    """
    # Each form is imported on use: the page alone needs templates, the terminal alone needs rich.
    if form is Form.TEXT:
        from bugbridge.render.audit_text import audit_text

        return audit_text(audit, zone)
    if form is Form.MARKDOWN:
        from bugbridge.render.audit_markdown import audit_markdown

        return audit_markdown(audit, zone)
    if form is Form.HTML:
        from bugbridge.render.audit_page import audit_page

        return audit_page(audit, zone, on_web=on_web)
    return _for_programs(audit, form)


def _for_programs(audit: Audit, form: Form) -> str:
    if form is Form.CSV:
        from bugbridge.render.audit_csv import audit_csv

        return audit_csv(audit)
    from bugbridge.render.audit_json import audit_json

    return audit_json(audit)
