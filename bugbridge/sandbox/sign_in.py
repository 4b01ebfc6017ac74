"""The made-up credentials that the stand-ins accept, and how each vendor's client presents them."""

import base64
import binascii

from starlette.requests import Request

from bugbridge.sandbox.world import World

EMAIL = "bugbridge@acme.example"
GITHUB_KEY = "sandbox-github-key"
JIRA_KEY = "sandbox-jira-key"
JIRA_SCOPED_KEY = "sandbox-jira-scoped-key"
JIRA_PERSONAL_KEY = "sandbox-jira-personal-key"
CLOUD_ID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
GATEWAY = f"/ex/jira/{CLOUD_ID}"
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


def github_allows(request: Request, world: World) -> bool:
    """Whether a request to GitHub carries the right token, a person's or an app's that has not ended."""
    token = bearer(request)
    return token == GITHUB_KEY or world.app.admits(token, world.now())


def jira_allows(request: Request) -> bool:
    """Whether a request to Jira Cloud carries the right address and token: a scoped one works at the gateway alone."""
    return basic(request) == (EMAIL, JIRA_SCOPED_KEY if request.url.path.startswith(GATEWAY) else JIRA_KEY)


def data_center_allows(request: Request) -> bool:
    """Whether a request to Jira Data Center carries the right personal access token."""
    return bearer(request) == JIRA_PERSONAL_KEY
