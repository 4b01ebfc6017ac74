"""A notifier in memory, for tests: it keeps what it was given, and fails when it is told so."""

from bugbridge.core.errors import RemoteError


class MemoryNotifier:
    """What was sent, as title and body, the oldest first."""

    def __init__(self, name: str = "memory") -> None:
        """Begin empty."""
        self.name = name
        self.sent: list[tuple[str, str]] = []
        self._fault: RemoteError | None = None

    def fail(self, error: RemoteError | None) -> None:
        """Take nothing from now on, or all again."""
        self._fault = error

    def send(self, title: str, body: str) -> None:
        """Keep a message."""
        if self._fault is not None:
            raise self._fault
        self.sent.append((title, body))
