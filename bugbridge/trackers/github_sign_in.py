"""How BugBridge signs in to GitHub: with a token, or as the installation of an App whose tokens renew themselves."""

import threading
from dataclasses import dataclass, field

from github import Auth, Github, GithubException
from jwt.exceptions import PyJWTError

from bugbridge.core.errors import RemoteError
from bugbridge.trackers.client import TIMEOUT, token_variable


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, or an App's installation with the App's private key (PEM)."""

    name: str
    token: str = field(default="", repr=False)
    app_id: int = 0
    installation_id: int = 0
    private_key: str = field(default="", repr=False)

    @property
    def variable(self) -> str:
        """The environment variable that holds the secret."""
        token = token_variable(self.name)
        return f"{token.removesuffix('_TOKEN')}_PRIVATE_KEY" if self.app_id else token

    @property
    def secrets(self) -> tuple[str, ...]:
        """Words that no sentence may hold."""
        return tuple(word for word in (self.token, self.private_key) if word)

    def sign_in(self, api_url: str) -> Auth.Auth:
        """Give what signs requests; threads may share it."""
        return _Installation(self, api_url) if self.app_id else Auth.Token(self.token)


class _Installation(Auth.Auth):
    """An installation's token, fetched when it is needed and again a minute before it ends, by one thread at a time."""

    def __init__(self, credentials: Credentials, api_url: str) -> None:
        self._lock = threading.Lock()
        self._name = credentials.name
        self._variable = credentials.variable
        key = credentials.private_key.replace("\\n", "\n")  # as files for environments write line ends
        app = Auth.AppAuth(credentials.app_id, key)
        client = Github(
            base_url=api_url,
            auth=app,
            timeout=TIMEOUT,
            retry=0,
            seconds_between_requests=0,
            seconds_between_writes=0,
            user_agent="bugbridge",
        )
        self._renewed = app.get_installation_auth(credentials.installation_id, requester=client.requester)

    @property
    def token_type(self) -> str:
        """The scheme of the Authorization header."""
        return "token"

    @property
    def token(self) -> str:
        """Raises RemoteError where GitHub gives no token; `from None`, because the causes quote keys and headers."""
        with self._lock:
            try:
                return self._renewed.token
            except GithubException as error:
                raise self._refused(error.status) from None
            except (PyJWTError, ValueError, TypeError):
                sentence = f"{self._name}: the private key can't be used: check {self._variable} (PEM, as downloaded)."
                raise RemoteError(sentence, permanent=True) from None

    def _refused(self, status: int) -> RemoteError:
        if status >= 500 or status in (403, 429):
            return RemoteError(f"{self._name} gave no token for the App: it answered {status}.")
        return RemoteError(
            f"{self._name} refuses to sign the App in: check app_id, installation_id and {self._variable}.",
            permanent=True,
        )
