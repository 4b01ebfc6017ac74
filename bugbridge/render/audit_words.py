"""An audit in words."""

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_document import Document


def audit_document(audit: Audit, zone: str) -> Document:
    """Put an audit into words; dates are those of the reader's zone, which is named."""
    del zone
    sent = f"Their customers heard {audit.replies.updates} updates."
    days = audit.days_to_fix
    if days.median is None:
        return Document("The audit", (f"{audit.n} bugs were fixed. {sent}",), ())
    return Document(
        "The audit", (f"Half of the last {audit.n} bugs were fixed within {days.median:.0f} days. {sent}",), ()
    )
