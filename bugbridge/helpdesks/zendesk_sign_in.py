"""Zendesk's OAuth client credentials (developer.zendesk.com, oauth/grant_type_tokens)."""

import time
from collections.abc import Callable

from bugbridge.helpdesks.client_credentials import ClientCredentials
from bugbridge.http import RemoteClient

TOKENS = "/oauth/tokens"
SCOPES = "read tickets:write"  # audits, where our markers are, are shown to the global `read` alone
LIFE = 7200  # seconds that a token is asked for; Zendesk allows 300 to 172,800


def client_credentials(
    client: RemoteClient, client_id: str, client_secret: str, monotonic: Callable[[], float] = time.monotonic
) -> ClientCredentials:
    """Give what signs requests; nothing is asked yet, and `client` must not sign its own."""
    request = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": SCOPES,
        "expires_in": LIFE,
    }
    return ClientCredentials(client.name, lambda: client.write_json("POST", TOKENS, request)[0], monotonic)
