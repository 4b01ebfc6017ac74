"""Signing in by OpenID Connect: the authorization code flow with PKCE, by state and nonce bound to one browser."""

import json
import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bugbridge.core.errors import BugBridgeError
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.entry.web.id_tokens import Expected, UntrustedError, claims_of
from bugbridge.http import RemoteClient
from bugbridge.ports import Clock
from bugbridge.settings import WEB, WEB_CLIENT_SECRET, secret_variable
from bugbridge.settings_parts import WebSettings

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

CALLBACK = "/sign-in/callback"
SCOPE = "openid email"
PATIENCE = (5, 10)  # seconds to connect and to read
DISCOVERED_FOR = timedelta(hours=1)
BEGUN_FOR = timedelta(minutes=10)
RANDOM_BYTES = 32

log = logging.getLogger("bugbridge.serve")


class NotSignedInError(Exception):
    """Nobody was signed in; the text is the sentence for whoever tried."""


class NothingTriedError(NotSignedInError):
    """Nobody tried to prove who they are: the provider couldn't be asked, or nothing was begun in this browser."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way, as the browser keeps it for us: what only it may send back, and where it goes on."""

    state: str
    nonce: str
    code_verifier: str
    following: str
    until: str

    def to_text(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Begun":
        """Read what `to_text` wrote."""
        return cls(**json.loads(text))

    def is_over(self, now: datetime) -> bool:
        """Whether it took too long."""
        return instant_from_text(self.until) <= now


class Provider:
    """Whoever knows the team's people; may be used from several threads."""

    def __init__(self, settings: WebSettings, client_secret: str, clock: Clock) -> None:
        """Ask nothing yet."""
        self.name = settings.oidc_name
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._client_secret = client_secret
        self._redirect_uri = settings.url.rstrip("/") + CALLBACK
        self._clock = clock
        self._turn = threading.Lock()
        self._discovered: tuple[Mapping[str, Any], datetime] | None = None

    def begin(self, following: str) -> tuple[str, Begun]:
        """Give the provider's address at which to sign in, and what the browser has to keep meanwhile.

        Raises NotSignedInError where the provider can't be asked.
        """
        until = instant_to_text(self._clock.now() + BEGUN_FOR)
        state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        about = self._about()
        with self._session(about) as session:
            address, _ = session.create_authorization_url(
                about["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return address, Begun(state, nonce, verifier, following, until)

    def address_of(self, begun: Begun | None, answer: Mapping[str, str]) -> str:
        """Give the verified e-mail address of whoever comes back from the provider with an answer.

        Raises NotSignedInError where the answer isn't to what this browser began, or proves nothing.
        """
        if begun is None or begun.is_over(self._clock.now()) or not _is_answer_to(begun, answer):
            raise NothingTriedError("This sign-in was begun elsewhere, or took more than ten minutes: begin it again.")
        if "code" not in answer:
            raise NotSignedInError(f"The provider, {self.name}, signed nobody in: begin again, or use a token.")
        try:
            claims = self._claims(begun, answer["code"])
        except UntrustedError as error:
            log.warning("signing in by %s failed: %s", self._issuer, error)
            raise NotSignedInError(
                f"What the provider, {self.name}, answered can't be trusted: `bugbridge serve` logs why."
            ) from None
        address, verified = claims.get("email"), claims.get("email_verified")
        if not isinstance(address, str) or not (verified is True or verified == "true"):  # some write it as a text
            raise NotSignedInError(
                f"The provider, {self.name}, hasn't verified your e-mail address: have it verified there first."
            )
        return address

    def _claims(self, begun: Begun, code: str) -> Mapping[str, Any]:
        about = self._about()
        tokens = self._tokens(about, begun, code)
        keys = self._asked(about["jwks_uri"])
        expected = Expected(about["issuer"], self._client_id, begun.nonce, self._clock.now())
        claims = claims_of(str(tokens.get("id_token", "")), keys, expected)
        if "email" in claims or "userinfo_endpoint" not in about:
            return claims
        more = self._asked(about["userinfo_endpoint"], {"Authorization": f"Bearer {tokens.get('access_token')}"})
        if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
            raise UntrustedError("what it says of the person is about another one")
        return more

    def _tokens(self, about: Mapping[str, Any], begun: Begun, code: str) -> Mapping[str, Any]:
        """Give what the code stands for; an error's own words may hold anything, and are left out."""
        from authlib.common.errors import AuthlibBaseError
        from requests import ConnectionError as NoConnectionError
        from requests import RequestException, Timeout

        try:
            with self._session(about) as session:
                tokens: Mapping[str, Any] = session.fetch_token(
                    about["token_endpoint"], code=code, code_verifier=begun.code_verifier
                )
        except (NoConnectionError, Timeout) as error:
            raise self._unusable(f"it gave no token for the code ({type(error).__name__})") from None
        except (AuthlibBaseError, RequestException, ValueError) as error:
            raise UntrustedError(f"it gave no token for the code ({type(error).__name__})") from None
        return tokens

    def _session(self, about: Mapping[str, Any]) -> "OAuth2Session":
        from authlib.integrations.requests_client import OAuth2Session

        usual = "client_secret_basic"
        methods = about.get("token_endpoint_auth_methods_supported") or [usual]
        session = OAuth2Session(
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method=usual if usual in methods else "client_secret_post",
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=PATIENCE,
        )
        session.max_redirects = 0  # the secret goes to the provider alone
        return session

    def _about(self) -> Mapping[str, Any]:
        """Give what the provider says of itself, read once an hour. Raises NotSignedInError where it can't be had."""
        known = self._discovered
        if known is not None and self._clock.now() < known[1]:
            return known[0]
        if not self._turn.acquire(blocking=False):  # one waits for a slow provider; the others don't keep us from work
            raise self._unusable("it is being asked already")
        try:
            found = self._discover()
            self._discovered = (found, self._clock.now() + DISCOVERED_FOR)
            return found
        finally:
            self._turn.release()

    def _discover(self) -> Mapping[str, Any]:
        found = self._asked(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if not isinstance(found, dict) or str(found.get("issuer", "")).rstrip("/") != self._issuer.rstrip("/"):
            raise self._unusable("it describes another issuer")
        scheme = urlsplit(self._issuer).scheme
        optional = ("userinfo_endpoint",) if "userinfo_endpoint" in found else ()
        for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri", *optional):
            if urlsplit(str(found.get(endpoint, ""))).scheme not in ("https", scheme):
                raise self._unusable(f"its {endpoint} is missing or not encrypted")
        return found

    def _asked(self, address: str, headers: Mapping[str, str] | None = None) -> object:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        hint = secret_variable(WEB, WEB_CLIENT_SECRET)
        origin = f"{parts.scheme}://{parts.netloc}"
        client = RemoteClient("sign-in", origin, headers=headers, secret_hint=hint, timeout=PATIENCE)
        try:
            return client.get_json(path)
        except BugBridgeError as error:
            raise self._unusable(str(error)) from None

    def _unusable(self, why: str) -> NothingTriedError:
        log.warning("nobody can sign in by %s: %s", self._issuer, why)
        return NothingTriedError(
            f"The provider, {self.name}, can't be used now: try again in a minute, or sign in by a token."
        )


def _is_answer_to(begun: Begun, answer: Mapping[str, str]) -> bool:
    return secrets.compare_digest(begun.state.encode(), answer.get("state", "").encode())
