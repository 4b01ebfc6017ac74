"""How each kind of helpdesk sends its webhooks, by its own documentation and without a line of what is tested.

Sources: Zendesk developer.zendesk.com/documentation/webhooks/verifying (recipe), …/documentation/webhooks/
anatomy-of-a-webhook-request (headers), …/api-reference/webhooks/event-types/ticket-events (payload); Help Scout
developer.helpscout.com/webhooks (recipe, headers, that the body is the conversation); Zammad's lib/user_agent.rb
(set_signature) and admin-docs.zammad.org/en/latest/manage/webhook/payload.html (headers, payload). Freshdesk and
Request Tracker sign nothing: what they send is what their users configure.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bugbridge.registry import helpdesk_sections

SECRET = "It's a Secret to Everybody"
TICKET = "4711"
Headers = dict[str, str]


def zendesk(secret: str, body: bytes, at: datetime, delivery: str) -> Headers:
    """Base64 of the HMAC with SHA-256 over the timestamp and the body; the time has whole seconds."""
    sent_at = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.new(secret.encode(), sent_at.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Invocation-Id": delivery,
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": sent_at,
    }


def help_scout(secret: str, body: bytes, _at: datetime, _delivery: str) -> Headers:
    """Base64 of the HMAC with SHA-1 over the body; nothing names the delivery."""
    digest = hmac.new(secret.encode(), body, hashlib.sha1).digest()
    return {"X-HelpScout-Event": "convo.note.created", "X-HelpScout-Signature": base64.b64encode(digest).decode()}


def zammad(secret: str, body: bytes, _at: datetime, delivery: str) -> Headers:
    """`sha1=` and the HMAC with SHA-1 over the body in hexadecimal."""
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return {
        "X-Hub-Signature": f"sha1={digest}",
        "X-Zammad-Delivery": delivery,
        "X-Zammad-Trigger": "Notify BugBridge",
    }


Recipe = Callable[[str, bytes, datetime, str], Headers]
RECIPES: Mapping[str, Recipe] = {"zendesk": zendesk, "help_scout": help_scout, "zammad": zammad}

PAYLOADS: Mapping[str, Mapping[str, object]] = {
    "zendesk": {
        "type": "zen:event-type:ticket.comment_added",
        "account_id": 22129848,
        "id": "2b24ef10-19d4-4740-93cf-8f98ec4776c0",
        "time": "2026-06-15T09:00:00Z",
        "zendesk_event_version": "2022-11-06",
        "subject": f"zen:ticket:{TICKET}",
        "detail": {"id": TICKET, "subject": "a customer's words", "status": "OPEN"},
        "event": {"comment": {"id": "99", "body": "a customer's words", "is_public": False}},
    },
    "help_scout": {"id": int(TICKET), "number": 12, "type": "email", "subject": "a customer's words"},
    "zammad": {
        "ticket": {"id": int(TICKET), "number": "61004", "title": "a customer's words"},
        "article": {"id": 104, "ticket_id": int(TICKET), "body": "a customer's words"},
    },
}

KINDS = sorted(helpdesk_sections())
SIGNING = [kind for kind in KINDS if kind in RECIPES]
NAMING = [kind for kind in KINDS if kind not in RECIPES]


def body_of(kind: str) -> bytes:
    """A delivery about the ticket 4711: as documented, else as configured, with the vendor's placeholder filled in."""
    if kind in PAYLOADS:
        return json.dumps(PAYLOADS[kind]).encode()
    configured: str = helpdesk_sections()[kind].webhook.body
    return re.sub(r"\{\{.*?\}\}|\bID\b", TICKET, configured).encode()
