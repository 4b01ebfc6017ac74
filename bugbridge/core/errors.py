"""What can go wrong, as the caller must treat it; each kind carries the exit code of the command line."""

from collections.abc import Mapping, Sequence
from datetime import timedelta


class BugBridgeError(Exception):
    """The root. Its text is one sentence for people: what, where, and what to do; never a secret."""

    exit_code = 1


class UsageError(BugBridgeError):
    """A command was given something it can't take."""

    exit_code = 2


class RefusedError(UsageError):
    """What somebody asked for can't be done as things are; `code` and `details` say why in other words."""

    def __init__(self, code: str, sentence: str, details: Mapping[str, object] | None = None) -> None:
        """Keep the reason beside the sentence."""
        super().__init__(sentence)
        self.code = code
        self.details = details or {}


class ConfigError(BugBridgeError):
    """A configuration or policy file is wrong; all its problems are reported at once."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep every problem, each a whole sentence that names its place."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DataError(BugBridgeError):
    """What is stored, or was handed in as a file, can't be used."""

    exit_code = 4


class RemoteError(BugBridgeError):
    """A helpdesk or tracker didn't do what was asked; nothing was changed there."""

    exit_code = 3

    def __init__(self, sentence: str, *, permanent: bool = False, retry_after: timedelta | None = None) -> None:
        """Say whether asking again could help, and from when on if the remote side named a time."""
        self.permanent = permanent
        self.retry_after = retry_after
        super().__init__(sentence)


class RateLimitedError(RemoteError):
    """A source asks us to wait, or what it allows is nearly used up and the rest is left to people."""

    def __init__(self, sentence: str, retry_after: timedelta) -> None:
        """Say how long to leave the source alone."""
        super().__init__(sentence, retry_after=retry_after)


class NotFoundError(RemoteError):
    """The thing doesn't exist, or the token may not see it: the two can't be told apart."""

    def __init__(self, sentence: str) -> None:
        """Asking again doesn't help."""
        super().__init__(sentence, permanent=True)


class ForgottenError(NotFoundError):
    """The ticket is there, but it or its customer was forgotten, so that nothing is kept or done about it."""

    exit_code = 2


class MovedError(RemoteError):
    """What was asked for lives at another address now."""

    def __init__(self, sentence: str, location: str) -> None:
        """Keep the address as the remote side gave it."""
        self.location = location
        super().__init__(sentence, permanent=True)


class ConflictError(RemoteError):
    """A conditional write met a newer state; decide again from fresh state."""


class LockedError(RemoteError):
    """The ticket takes no more notes; a person has to write elsewhere."""

    def __init__(self, sentence: str) -> None:
        """Asking again doesn't help."""
        super().__init__(sentence, permanent=True)


class UnknownOutcomeError(RemoteError):
    """A write was sent and no usable answer came: it may or may not have happened."""


class SuspiciousEmptyError(RemoteError):
    """A source that used to hold things suddenly holds none; nothing is concluded from that."""
