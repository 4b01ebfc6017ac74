"""The policy file as a JSON Schema, for editors; made from the very tables that the parser reads by.

What it can't say, the parser still does: an order of numbers, ids that are taken, rules that no facts reach.
JSON Schema, draft 2020-12: https://json-schema.org/draft/2020-12
"""

from collections.abc import Mapping

from bugbridge.core.policy_checks import TEXT, Check
from bugbridge.core.policy_file import ACTIONS, APPLIES_TO_KEYS, CONDITIONS, GRID_CELLS, RULE_KEYS, TABLES, VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "": {
        "version": "The form of this file.",
        "name": "What the team calls this policy; a later text of the same name takes its place.",
        "applies_to": "The tickets that this policy is for; every kind that is named has to fit. Without it, all.",
        "grid": "What a customer hears while the bug is open.",
        "tell": 'Which news counts where the grid says "news" or "every".',
        "cadence": 'How long until the next update where the grid says "every".',
        "limits": "So that nobody is pestered, neither a customer nor an agent.",
        "facts": "When something counts as what it looks like.",
        "frequency": "When a bug is frequent.",
        "rule": "Exceptions, which come before the grid; the first that fits decides.",
    },
    "grid": {
        "frequent": "For customers who meet the bug often.",
        "frequent, workaround": "For customers who meet the bug often, and for whom a workaround works.",
        "infrequent": "For customers who meet the bug rarely, or nobody knows yet how often.",
        "infrequent, workaround": "For customers who meet the bug rarely, and for whom a workaround works.",
        "enterprise": "For enterprise customers; it outranks the other lines.",
    },
    "tell": {
        "news": "The news that counts; released and declined are always told but under nothing.",
        "merge_days": "Fixed and released within this many days are one message.",
    },
    "cadence": {
        "chance_of_news": "Write again when there is this much of a chance of news.",
        "round_to_days": "Round the wait up to a multiple of this many days.",
        "curve_by": "Learn the chance from all bugs together, or from those of the same tracker or frequency.",
        "long_haul_days": "Where the typical bug takes this many days from report to fix or more…",
        "long_haul_min_days": "…nobody is written to more often than every so many days.",
        "backoff": "With too few fixes to learn from, each wait is this many times the one before.",
    },
    "limits": {
        "per_contact_days": "A customer sees one unasked message in this many days.",
        "per_enterprise_contact": "An enterprise customer sees this many in that time.",
        "batch_business_days": "What falls due for one customer within these business days goes out together.",
        "reminders_per_agent_day": "An agent gets this many reminders a day.",
        "round_from_tickets": "News for this many tickets or more is reviewed together, as a round; 0: never.",
        "repeat_after_business_days": "A reminder that nobody met is repeated once after this many days; 0: never.",
    },
    "facts": {
        "workaround_assumed_after_days": "A workaround told, and no complaint for this many days: it works.",
        "stalled_after_days": "Nothing has happened to the bug for this many days: ask the lead.",
        "recheck_unknown_days": "Look again after so many days at a bug of unknown frequency.",
        "promise_ahead_business_days": "A promise calls for its message this many business days before.",
        "override_days": "What is overridden by hand holds for so many days.",
    },
    "frequency": {
        "window_days": "Count the accounts that first reported it within these days.",
        "minimum_accounts": "At least this many accounts.",
        "minimum_weeks": "In at least this many weeks of the window; in fewer, it is spiking.",
        "rate_per_week": "New accounts a week that we must be sure of.",
        "share_of_active_accounts": "For large customer bases: this share of them a week.",
        "leave_after_low_checks": "Frequent no more after this many quiet weekly checks in a row.",
        "usage_minimum_accounts": "Judge by usage where at least this many accounts are active.",
        "usage_breadth": "The share of active accounts that use the flow, to become frequent and to stay it.",
        "usage_days_per_week": "On how many days a week they use it, to become frequent and to stay it.",
    },
    "rule": {
        "id": "What decisions call this rule; its own.",
        "when": "All of these conditions have to fit; without any, the rule always fits.",
        "tell": "What the customer hears; how it ends is always added but under nothing.",
        "every_days": "An update besides: the least and the most days between two.",
        "person": 'A question to a person: "agent: …" or "lead: …".',
        "once_per": "Ask once for each link, or once for the bug.",
        "within_business_days": "The question is to be answered within so many business days.",
        "recheck_days": "Look again after so many days.",
        "deliver": "As a reminder to the agent, or as a reply to the customer.",
        "backoff": "Each wait for an update is this many times the one before.",
        "because": "The reason, as agents will read it.",
    },
    "when": {
        "stage": "How far the bug is; any of these.",
        "untold": "The customer wasn't told any one of these yet.",
        "frequency": "How often customers meet the bug; any of these.",
        "workaround": "What the workaround is for this customer; any of these.",
        "tier": "The customer's plan; any of these.",
        "opt_out": "What the customer asked not to hear; any of these.",
        "ticket_status": "The ticket's status; any of these.",
        "unanswered": "Whether the customer waits for an answer; they get that first, so only false can be reached.",
        "release_planned": "Whether a release of the fix is planned.",
        "reopened_after_told": "Whether the bug came back after the customer was told of its release.",
        "silent_days": "For how many days nothing has happened to the bug.",
        "age_days": "How many days old the bug is.",
        "days_since_update": "How many days ago the last update was.",
        "brand": "The ticket's brand; any of these.",
        "language": "The customer's language; any of these.",
        "labels": "The issue has any of these labels.",
        "helpdesk": "The name of the helpdesk; any of these.",
        "tracker": "The name of the tracker; any of these.",
    },
}
"""What each key means, by the table that it stands in; "" is the file itself."""

APPLIES_TO_MEANINGS = {
    "helpdesk": "Tickets of any of these helpdesks, by their names in the configuration.",
    "brand": "Tickets of any of these brands.",
    "tag": "Tickets with any of these tags.",
}


def policy_schema() -> dict[str, object]:
    """Give the schema of the policy file."""
    top: dict[str, Mapping[str, object]] = {"version": {"const": VERSION}, "name": TEXT.schema}
    top["applies_to"] = _applies_to()
    top |= {name: _table(name, checks) for name, checks in TABLES.items()}
    top["rule"] = {"type": "array", "items": _rule()}
    return {
        "$schema": DIALECT,
        "title": "BugBridge's policy",
        **_closed("", top, required=["version", "grid"]),
    }


def _applies_to() -> dict[str, object]:
    return {**_object(APPLIES_TO_MEANINGS, _schemas(APPLIES_TO_KEYS), required=[]), "minProperties": 1}


def _table(name: str, checks: Mapping[str, Check]) -> dict[str, object]:
    return _closed(name, _schemas(checks), required=list(GRID_CELLS) if name == "grid" else [])


def _rule() -> dict[str, object]:
    keys = {**_schemas(RULE_KEYS), "when": _closed("when", _schemas(CONDITIONS), required=[])}
    return {**_closed("rule", keys, required=["id"]), "anyOf": [{"required": [action]} for action in ACTIONS]}


def _schemas(checks: Mapping[str, Check]) -> dict[str, Mapping[str, object]]:
    return {key: check.schema for key, check in checks.items()}


def _closed(name: str, keys: Mapping[str, Mapping[str, object]], *, required: list[str]) -> dict[str, object]:
    return _object(MEANINGS[name], keys, required=required)


def _object(
    meanings: Mapping[str, str], keys: Mapping[str, Mapping[str, object]], *, required: list[str]
) -> dict[str, object]:
    """An object with these keys and no others, each with what it means. Raises KeyError for one without a meaning."""
    properties = {key: {"description": meanings[key], **schema} for key, schema in keys.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}
