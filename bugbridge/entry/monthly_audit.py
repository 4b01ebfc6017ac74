"""The audit as a message: its first page, and where the whole is to be read."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bugbridge.entry.web.addresses import AUDIT_PAGE
from bugbridge.entry.whole_audit import whole_audit
from bugbridge.render.plain import clean, clean_line

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.audit_model import Audit
    from bugbridge.services.audit_sending import AuditReader, AuditSending


def audit_sending(app: "App") -> "AuditSending":
    """All that sending the audit needs: of the last 100 resolved bugs, by the team's calendar. Raises ConfigError."""
    from bugbridge.core.audit_model import Question
    from bugbridge.services.audit_sending import AuditSending

    return AuditSending(
        store=app.store,
        clock=app.clock,
        readers=tuple(_readers(app)),
        zone=ZoneInfo(app.settings.calendar.zone),
        notifier=app.notifier,
        audit=partial(whole_audit, app, Question()),
        words=partial(audit_message, zone=app.settings.calendar.zone, address=app.settings.web.url),
    )


def _readers(app: "App") -> "Iterator[AuditReader]":
    from bugbridge.services.audit_sending import AuditReader

    for recipient in app.recipients:
        if app.settings.notifications[recipient.name].audit == "monthly":
            yield AuditReader(recipient.name, recipient.timing.calendar)


def audit_message(audit: "Audit", *, zone: str, address: str = "") -> tuple[str, str]:
    """Give title and text. The sentences that stand first hold figures alone, so nobody's name leaves the house.

    `address` is where people reach `bugbridge serve`, "" where they don't.
    """
    from bugbridge.render.audit_words import audit_document

    document = audit_document(audit, zone)
    where = f"{address}{AUDIT_PAGE} or `bugbridge audit`" if address else "`bugbridge audit`"
    lines = (*document.lead, f"The whole of it: {where}. This comes once a month.")
    return clean_line(f"BugBridge: {document.title}"), clean("\n\n".join(lines))
