"""What the daemon was told by signals, and how its loop wakes up for it.

A signal may reach a process in any of its threads, and only the main one runs Python's handlers: asleep at a lock, it
would oversleep the order. So it sleeps at a socket, into which Python itself writes when a signal arrives.
"""

import select
import signal
import socket
from contextlib import suppress
from types import FrameType


class Orders:
    """SIGTERM and SIGINT say stop, SIGHUP says reload; `stop` and `wake` may be called by any thread."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self.is_stopping = False
        self._is_to_reload = False
        self._hears, self._says = socket.socketpair()
        self._hears.setblocking(False)  # noqa: FBT003 - the library's signature
        self._says.setblocking(False)  # noqa: FBT003 - the same
        self._before = -1

    def listen(self) -> None:
        """Take signals from now on; in the main thread alone."""
        self._before = signal.set_wakeup_fd(self._says.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def close(self) -> None:
        """Sleep no more; a signal that comes now is still taken, so that it doesn't end us half-way."""
        signal.set_wakeup_fd(self._before)
        self._hears.close()
        self._says.close()

    def stop(self) -> None:
        """Say that it is to end."""
        self.is_stopping = True
        self.wake()

    def wake(self) -> None:
        """Have the loop look around at once."""
        with suppress(OSError):  # full: it is about to wake up; closed: it has ended
            self._says.send(b"\0")

    def wait(self, seconds: float) -> None:
        """Sleep until something was said, no longer than so many seconds."""
        if not self.is_stopping and select.select([self._hears], [], [], seconds)[0]:
            with suppress(BlockingIOError):
                self._hears.recv(4096)

    def takes_reload(self) -> bool:
        """Say whether a reload was asked for since this was last asked."""
        asked, self._is_to_reload = self._is_to_reload, False
        return asked

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._is_to_reload = True
        else:
            self.is_stopping = True
