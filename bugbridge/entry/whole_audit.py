"""The audit with its advice, as the command, the page and the monthly message share it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.audit_model import Audit, Question
    from bugbridge.services.replaying import Progress


def whole_audit(app: "App", question: "Question") -> "Audit":
    """Audit, and add what is advised. Raises ConfigError for a broken policy, and DataError."""
    from bugbridge.services.auditing import run_audit

    return with_advice(app, run_audit(app.store, app.clock, question, app.calendar))


def with_advice(app: "App", audit: "Audit", progress: "Progress" = lambda _done, _of: None) -> "Audit":
    """Add what is advised on the policy in force, where there is a bug to learn from.

    Raises ConfigError for a broken policy, and DataError.
    """
    from bugbridge.entry.random_draws import draws
    from bugbridge.services.advising import advised

    if not audit.n:
        return audit
    return advised(app.store, audit, app.policy, app.clock, app.calendar, draws, progress)
