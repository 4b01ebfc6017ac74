"""How a delivery proves who sent it: by a signature that only the shared secret makes, or by naming the secret."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bugbridge.core.instants import instant_from_text

TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Signature:
    """Where a vendor puts its HMAC, and how it makes it. Headers by name in lower case.

    What is signed is the body, after the text of the `timestamp_header`, an ISO 8601 instant, where there is one.
    """

    header: str
    algorithm: Literal["sha1", "sha256"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    timestamp_header: str = ""

    def signed(self, headers: Mapping[str, str], body: bytes) -> bytes:
        """Give the bytes that are signed, as they came; headers come as latin-1."""
        return headers.get(self.timestamp_header, "").encode("latin-1") + body

    def made(self, secret: str, signed: bytes) -> str:
        """Give the header that whoever knows the secret would send."""
        digest = hmac.digest(secret.encode(), signed, self.algorithm)
        return self.prefix + (digest.hex() if self.encoding == "hex" else base64.b64encode(digest).decode())


# https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries; Jira's is of the same form.
GITHUB = Signature("x-hub-signature-256", prefix="sha256=")
JIRA = Signature("x-hub-signature", prefix="sha256=")


def is_signed(signature: Signature, secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether the secret made this delivery's signature, and not more than five minutes ago where a time is signed.

    Clocks may go wrong by as much, so it may also lie ahead. An empty secret makes no signature.
    """
    made = signature.made(secret, signature.signed(headers, body))
    genuine = hmac.compare_digest(made.encode(), headers.get(signature.header, "").encode())
    if not secret or not genuine:
        return False
    return not signature.timestamp_header or _is_recent(headers.get(signature.timestamp_header, ""), now)


def names_secret(secret: str, given: str) -> bool:
    """Whether what is given is the secret, compared in constant time; an empty secret can't be named."""
    return bool(secret) and hmac.compare_digest(secret.encode(), given.encode())


def digest_of(signed: bytes) -> str:
    """Name a delivery by what was signed of it."""
    return "sha256:" + hashlib.sha256(signed).hexdigest()


def _is_recent(text: str, now: datetime) -> bool:
    try:
        return abs(now - instant_from_text(text)) <= TOLERANCE
    except (ValueError, OverflowError):  # no instant, or one that is none in UTC
        return False
