"""How this process is named in leases and claims, so that people find it and that no other one ever has its name.

Two containers may share a host's name and both run as process 1, and a number is given to another process later. So a
name also tells where such a number means something, a boot of a computer and a namespace of processes on it, and has a
part that each process draws by chance: `host:pid/where/chance`. People are only shown `host:pid`.
"""

import hashlib
import os
import secrets
import socket
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


def process_name() -> str:
    """Name this process, always alike."""
    return _name(os.getpid())


def shown(name: str) -> str:
    """Say it to people: `host:pid`."""
    return name.partition("/")[0]


def is_dead(name: str) -> bool:
    """Say whether it names a process that is surely no more; false where that can't be told from here.

    It can be told where the process was of our namespace and boot. A system that doesn't name them, as macOS, hides
    whether it was, so that there nobody counts as dead.
    """
    place, _, where = name.partition("/")
    process = place.rpartition(":")[2]
    here = _where()
    if not here or where.partition("/")[0] != here or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _name(process: int) -> str:
    return f"{socket.gethostname()}:{process}/{_where()}/{secrets.token_hex(8)}"


def _where() -> str:
    """Tell this boot's namespace from all others; "" where the system doesn't say."""
    try:
        told = f"{_BOOT.read_text(encoding='ascii')} {_NAMESPACE.readlink()}"
    except OSError:
        return ""
    return hashlib.sha256(told.encode()).hexdigest()[:16]
