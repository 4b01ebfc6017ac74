"""systemd is told what the daemon does, in datagrams; where nobody listens nothing happens."""

import socket
from pathlib import Path

import pytest

from bugbridge.entry.systemd import READY, reloading, tell_systemd


@pytest.mark.parametrize("is_abstract", [True, False])
def test_a_state_arrives_at_the_socket_that_systemd_names(tmp_path: Path, is_abstract: bool) -> None:  # noqa: FBT001
    """A path, or with an @ a name that no file has."""
    name = f"@{tmp_path.name}-bugbridge" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name.replace("@", "\0", 1))
        systemd.settimeout(10)
        tell_systemd(READY, {"NOTIFY_SOCKET": name})
        assert systemd.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_told(tmp_path: Path) -> None:
    """No socket was named, or its listener is gone."""
    tell_systemd(READY, {})
    tell_systemd(READY, {"NOTIFY_SOCKET": str(tmp_path / "gone")})


def test_reloading_names_the_instant() -> None:
    """systemd orders it against READY by the monotonic clock, in microseconds."""
    state, _, instant = reloading().partition("\nMONOTONIC_USEC=")
    assert (state, int(instant) > 0) == ("RELOADING=1", True)
