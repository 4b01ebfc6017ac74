"""Where things have their pages."""

from bugbridge.core.listings import Linked
from bugbridge.entry.web import board, bug_facts, link_health, policy_trials, promise_list, questions
from bugbridge.entry.web.paths import ticket_value


def test_an_erased_ticket_leads_nowhere() -> None:
    """It has no page, in whichever list it stands."""
    assert ticket_value("support:erased") == "support:erased"
    assert ticket_value("support:1") == Linked("support:1", "/tickets/support:1")
    for module in (board, bug_facts, link_health, policy_trials, promise_list, questions):
        assert (module.ticket_value, hasattr(module, "ticket_path")) == (ticket_value, False)
