"""Where the time comes from: the machine's clock, or one that starts at another instant."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """A clock that starts at another instant and ticks on from there, for demonstrations; each process starts anew."""

    def __init__(self, start: datetime) -> None:
        """Begin at this instant now."""
        self._shift = start - datetime.now(UTC)

    def now(self) -> datetime:
        """Give the shifted instant in UTC."""
        return datetime.now(UTC) + self._shift
