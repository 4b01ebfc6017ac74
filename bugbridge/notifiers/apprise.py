"""Notifications by Apprise: a hundred services, each behind a URL, and a URL is a secret.

Apprise answers yes or no and says the rest in its log, which may quote the URL; so its log is shut, and what went wrong
is said in a sentence of our own. Each of its requests has a timeout, their sum and a name's resolution have none, so a
message is sent by a thread that is waited for only so long.
"""

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from bugbridge.core.errors import ConfigError, RemoteError

if TYPE_CHECKING:
    from apprise import NotifyBase

TIMEOUT = timedelta(seconds=20)


class AppriseNotifier:
    """One Apprise URL. Safe to share between threads."""

    def __init__(self, name: str, url: str, secret_hint: str = "", timeout: timedelta = TIMEOUT) -> None:
        """Read the URL; nothing is sent yet. Raises ConfigError where Apprise knows no service for it."""
        self.name = name
        self._hint = secret_hint or "its URL"
        self._timeout = timeout
        self._service = _service(url)
        self._under_way: threading.Thread | None = None
        self._turn = threading.Lock()
        if self._service is None:
            problem = (
                f"{name}: {self._hint} isn't a URL that Apprise can use; it has a service and what that needs, "
                "such as slack://TOKEN_A/TOKEN_B/TOKEN_C."
            )
            raise ConfigError([problem])

    def send(self, title: str, body: str) -> None:
        """Send a message as plain text.

        Raises RemoteError where the service refused it or can't be reached, or gave no answer in time; then it may
        have been sent. The sentence never holds the URL.
        """
        with self._turn:
            if self._under_way is not None and self._under_way.is_alive():
                raise RemoteError(f"{self.name}: the last notification is still under way; no other is sent meanwhile.")
            answers: list[bool] = []
            self._under_way = threading.Thread(target=self._give, args=(title, body, answers), daemon=True)
            self._under_way.start()
            self._under_way.join(self._timeout.total_seconds())
        if not answers:
            seconds = f"{self._timeout.total_seconds():g}"
            raise RemoteError(f"{self.name}: the notification service gave no answer within {seconds} seconds.")
        if not answers[0]:
            raise RemoteError(
                f"{self.name}: the notification service refused the message or can't be reached; check {self._hint}."
            )

    def _give(self, title: str, body: str, answers: list[bool]) -> None:
        """Hand a message to Apprise. Whatever a service's own code raises means no; its text may quote the URL."""
        from apprise import NotifyFormat

        try:
            answers.append(bool(self._service and self._service.notify(body, title, body_format=NotifyFormat.TEXT)))
        except Exception:  # noqa: BLE001 - as above
            answers.append(False)


def _service(url: str) -> "NotifyBase | None":
    """Give what Apprise makes of a URL, with its log shut for good; what is too long for a service comes in parts."""
    log = logging.getLogger("apprise")
    log.handlers = [logging.NullHandler()]
    log.propagate = False
    from apprise import Apprise, AppriseAsset, OverflowMode, PersistentStoreMode

    asset = AppriseAsset(
        app_id="BugBridge", app_desc="BugBridge", storage_mode=PersistentStoreMode.MEMORY, async_mode=False
    )
    service = Apprise.instantiate(url, asset=asset)
    if service is not None and service.overflow_mode is OverflowMode.UPSTREAM:  # unless the URL says what is wanted
        service.overflow_mode = OverflowMode.SPLIT
    return service
