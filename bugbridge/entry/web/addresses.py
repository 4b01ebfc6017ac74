"""Where webhooks are taken and the audit is shown; light enough for commands that serve nothing."""

from bugbridge.settings import WEBHOOK_FIELD, secret_variable
from bugbridge.settings_base import HelpdeskSection
from bugbridge.settings_parts import TrackerSettings

AUDIT_PAGE, AUDIT_API = "/audit", "/api/v1/audit"
CHECK_REPLY_API = "/api/v1/check-reply"


def hook_path(kind: str, name: str) -> str:
    """Give the path at which a tracker's or helpdesk's webhooks are taken; a secret path goes on after it."""
    return f"/hooks/{kind}/{name}"


def shown_path(name: str, part: HelpdeskSection | TrackerSettings) -> str:
    """Give the whole path for people: where it ends with the secret, with the variable that holds it instead."""
    path = hook_path(part.kind, name)
    return f"{path}/${secret_variable(name, WEBHOOK_FIELD)}" if has_secret_path(part) else path


def has_secret_path(part: HelpdeskSection | TrackerSettings) -> bool:
    """Whether its vendor signs nothing, so that only the secret in the address tells who sent a delivery."""
    return isinstance(part, HelpdeskSection) and not part.webhook.signature_header
