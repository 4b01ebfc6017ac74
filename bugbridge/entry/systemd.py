"""What the daemon tells systemd, where that started it: that it is ready, that it still turns, that it stops."""

import os
import socket
import time
from collections.abc import Mapping

READY = "READY=1"
STOPPING = "STOPPING=1"
WATCHDOG = "WATCHDOG=1"


def reloading() -> str:
    """Give the state that says so, with the instant that systemd wants beside it; READY ends it."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def tell_systemd(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send a state as sd_notify(3) does; nothing where nobody listens any more, or ever did."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError:
            return  # systemd's own time-outs say what a state that didn't arrive means
