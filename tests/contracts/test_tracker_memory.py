"""The in-memory tracker keeps the contract, so that services' tests mean something."""

from datetime import UTC, datetime, timedelta

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import ClosedAs
from bugbridge.trackers.memory import MemoryTracker
from tests.contracts.tracker import ReleasingTrackerContract, TrackerScene


class MemoryScene:
    """Changes issues a minute apart."""

    missing = "memory:acme/app#999"

    def __init__(self) -> None:
        self.tracker = MemoryTracker()
        self._now = datetime(2026, 6, 1, 9, tzinfo=UTC)
        self._made = 0

    def _later(self) -> datetime:
        self._now += timedelta(minutes=1)
        return self._now

    def open_issue(self) -> str:
        self._made += 1
        return self.tracker.add(f"memory:acme/app#{self._made}", self._later(), f"Export breaks {self._made}")

    def close(self, reference: str, closed_as: ClosedAs) -> None:
        self.tracker.close(reference, self._later(), closed_as)

    def reopen(self, reference: str) -> None:
        self.tracker.reopen(reference, self._later())

    def close_as_duplicate(self, reference: str, survivor: str) -> None:
        self.tracker.mark_duplicate(reference, survivor, self._later())

    def release(self, reference: str, version: str) -> None:
        self.tracker.release(reference, version, self._later())

    def break_down(self) -> None:
        self.tracker.fail(RemoteError("memory is down"))

    def recover(self) -> None:
        self.tracker.fail(None)


class TestMemoryTracker(ReleasingTrackerContract):
    @pytest.fixture
    def scene(self) -> TrackerScene:
        return MemoryScene()
