"""The made-up credentials that the stand-ins accept, and how each vendor's client presents them."""

import base64
import binascii

from starlette.requests import Request

EMAIL = "bugbridge@acme.example"
GITHUB_KEY = "sandbox-github-key"
JIRA_KEY = "sandbox-jira-key"
ZENDESK_KEY = "sandbox-zendesk-key"
ZENDESK_CLIENT = "bugbridge"
ZENDESK_CLIENT_KEY = "sandbox-zendesk-client-key"


def bearer(request: Request) -> str | None:
    """What follows `Bearer` or `token` in the Authorization header."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() in {"bearer", "token"} else None


def basic(request: Request) -> tuple[str, str] | None:
    """Name and key of basic authentication."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, key = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, key


def github_allows(request: Request) -> bool:
    """Whether a request to GitHub carries the right token."""
    return bearer(request) == GITHUB_KEY


def jira_allows(request: Request) -> bool:
    """Whether a request to Jira carries the right address and token."""
    return basic(request) == (EMAIL, JIRA_KEY)
