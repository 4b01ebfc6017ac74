"""Signing in as a GitHub App: its throw-away key, and tokens of its installation that end by the servers' clock."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

APP_ID = 4711
INSTALLATION_ID = 815
TOKEN_LIFE = timedelta(hours=1)
LONGEST_JWT_SECONDS = 600 + 60


@dataclass
class GitHubApp:
    """One app with one installation; `tokens` holds each token's end (UTC)."""

    tokens: dict[str, datetime] = field(default_factory=dict)

    @cached_property
    def _key(self) -> "RSAPrivateKey":
        """Made when it is first asked for, and never written anywhere."""
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        return generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_key(self) -> str:
        """The key that the app signs with, as PEM."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self._key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def knows(self, token: str | None) -> bool:
        """Whether this is a JWT of the app: signed with its key by RS256, and made for ten minutes at most.

        Whether it has ended is not asked: clients sign by their own clock, which is not this world's."""
        import jwt

        try:
            key = self._key.public_key()
            claims = jwt.decode(token or "", key, ["RS256"], options={"verify_exp": False, "verify_iat": False})
            return str(claims["iss"]) == str(APP_ID) and 0 < claims["exp"] - claims["iat"] <= LONGEST_JWT_SECONDS
        except (jwt.InvalidTokenError, KeyError, TypeError):
            return False

    def new_token(self, now: datetime) -> tuple[str, datetime]:
        """A token of the installation and its end, an hour from now; the older ones stay good until theirs."""
        token, end = f"ghs_{token_hex(18)}", now + TOKEN_LIFE
        self.tokens[token] = end
        return token, end

    def admits(self, token: str | None, now: datetime) -> bool:
        """Whether a token of the installation is still good."""
        return token in self.tokens and now < self.tokens[token]
