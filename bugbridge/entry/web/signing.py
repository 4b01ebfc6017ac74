"""What browsers keep for us and bring back: signed, so that nobody else can have made it."""

import base64
import binascii
import hmac
import secrets
from hashlib import sha256

SEPARATOR, PADDING = ".", "="  # the second would have a cookie put into quotes


class Signer:
    """Signs by one key; what it signed for one purpose counts for no other."""

    def __init__(self, key: str) -> None:
        """Take the team's key; without one it is made anew, so that nothing counts after this process."""
        self._key = key.encode() or secrets.token_bytes(32)

    def signed(self, text: str) -> str:
        """Give the signature of a text."""
        return hmac.new(self._key, text.encode(), sha256).hexdigest()

    def sealed(self, purpose: str, text: str) -> str:
        """Give a text with its signature, in characters that a cookie may have."""
        packed = base64.urlsafe_b64encode(text.encode()).decode().rstrip(PADDING)
        return f"{packed}{SEPARATOR}{self.signed(f'{purpose} {text}')}"

    def opened(self, purpose: str, value: str) -> str | None:
        """Give the text of what was sealed for this purpose; None for anything else."""
        packed, _, signature = value.partition(SEPARATOR)
        try:
            whole = packed + PADDING * (-len(packed) % 4)
            text = base64.b64decode(whole.encode(), altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError):
            return None
        genuine = hmac.compare_digest(self.signed(f"{purpose} {text}").encode(), signature.encode())
        return text if genuine else None
