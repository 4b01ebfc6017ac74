"""The folder of BugBridge's app for Zendesk, as `zcli apps:package` and Admin Center take it."""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from bugbridge.core.errors import DataError

LOGO, SMALL_LOGO = 320, 128  # pixels each way
INK, PAPER = (11, 87, 208), (255, 255, 255)
NAME = "BugBridge"
AUTHOR = {"name": "Your team", "email": "support@example.com"}


def write_app(folder: Path, entry: str) -> None:
    """Write the app whose sidebar is at an address. Raises DataError where that can't be done, and for a folder that
    holds anything already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DataError(f"{folder} isn't empty: name another folder with -o.")
        for name, content in _files(entry):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise DataError(f"{folder} can't be written: {error.strerror}.") from None


def manifest(entry: str) -> Mapping[str, object]:
    """Describe the app: Zendesk opens the address with a token that it signs (`signedUrls`)."""
    return {
        "name": NAME,
        "author": AUTHOR,
        "defaultLocale": "en",
        "private": True,
        "location": {"support": {"ticket_sidebar": {"url": entry, "flexible": True}}},
        "signedUrls": True,
        "version": "1.0",
        "frameworkVersion": "2.0",
    }


def _files(entry: str) -> Iterator[tuple[str, bytes]]:
    words = {
        "app": {
            "name": NAME,
            "short_description": "The bugs behind a ticket, and what to tell its customer.",
            "long_description": "Shows the bugs that a ticket reports, and what the policy says of them.",
            "installation_instructions": "Nothing is to be filled in.",
        }
    }
    yield "manifest.json", _json(manifest(entry))
    yield "translations/en.json", _json(words)
    yield "assets/logo.png", _logo(LOGO)
    yield "assets/logo-small.png", _logo(SMALL_LOGO)


def _json(content: Mapping[str, object]) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def _logo(size: int) -> bytes:
    """Draw a bridge as a PNG: a road on two piers, with an arch of paper below it."""
    rows = b"".join(b"\0" + bytes(_row(size, y)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)  # 8 bits of red, green and blue
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _row(size: int, y: int) -> Iterator[int]:
    for x in range(size):
        is_bridge = 0.35 * size <= y < 0.75 * size and 0.1 * size <= x < 0.9 * size
        is_arch = (x - size / 2) ** 2 + (y - 0.8 * size) ** 2 < (0.3 * size) ** 2
        yield from INK if is_bridge and not is_arch else PAPER


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
