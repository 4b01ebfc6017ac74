"""The token by which Zendesk says who opened its app, and that it was opened there.

Zendesk signs it with a key that is the app's own (RS256); the team puts the public half into BUGBRIDGE_NAME_APP_KEY.
https://developer.zendesk.com/documentation/apps/build-an-app/building-a-server-side-app/part-5-secure-the-app/
"""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bugbridge.core.errors import UsageError
from bugbridge.entry.web.limits import LONGEST_APP_TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

APP_KEY = "app_key"
ALGORITHM = "RS256"  # never what the token itself names
SKEW = timedelta(minutes=1)
CLAIMS = ("exp", "iss", "aud", "sub")
UNTRUSTED = "This wasn't opened by the Zendesk app that is set up here: reload the ticket in Zendesk."


def agent_of(token: str, public_key: str, web_url: str, now: datetime) -> str:
    """Give the id of the user for whom Zendesk made a token.

    Raises UsageError for one that isn't signed with the app's key, is none of this account's, or has run out.
    """
    claims = _claims(token, public_key)
    host = re.escape(urlsplit(web_url).hostname or "")
    if not host or not re.fullmatch(rf"(?:https://)?{host}/?", str(claims["iss"])):
        raise UsageError(UNTRUSTED)
    if not re.fullmatch(rf"https://{host}/api/v2/apps/installations/[0-9]{{1,20}}\.json", str(claims["aud"])):
        raise UsageError(UNTRUSTED)
    user = re.fullmatch(rf"https://{host}/api/v2/users/([1-9][0-9]{{0,19}})\.json", str(claims["sub"]))
    if user is None or not _is_valid_at(claims, now.timestamp()):
        raise UsageError(UNTRUSTED)
    return user[1]


def _claims(token: str, public_key: str) -> "Mapping[str, Any]":
    """Read what is signed; its times and its audience are judged here, by our clock and by what this account is."""
    import jwt

    unchecked = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud"), False)
    options: Any = {**unchecked, "require": list(CLAIMS)}
    try:
        return jwt.decode(token[:LONGEST_APP_TOKEN], public_key, [ALGORITHM], options)
    except (jwt.PyJWTError, ValueError):  # a key that is none raises either
        raise UsageError(UNTRUSTED) from None


def _is_valid_at(claims: "Mapping[str, Any]", now: float) -> bool:
    skew = SKEW.total_seconds()
    expires, begins = claims["exp"], claims.get("nbf", 0)
    if not _is_instant(expires) or not _is_instant(begins):
        return False
    return bool(begins - skew <= now < expires + skew)


def _is_instant(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
