"""Pictures of the audit's page, for people to look at; scripts/test-browser says how new ones are made."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.audits import page
from tests.browser.chromium import DARK, LIGHT, TELEPHONE, WIDE, Chromium

Save = Callable[[str], Path]
IMAGES = Path(__file__).parent / "images"
# Where new pictures go that are to be looked at and committed; else they are thrown away.
NEW_IMAGES = "BUGBRIDGE_BROWSER_IMAGES"
# Bytes: a blank picture of this size takes fewer, and no clone should carry more.
LEAST, MOST = 30_000, 300_000


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("width", [WIDE, TELEPHONE])
@pytest.mark.parametrize(("part", "element", "most"), [("top", "body", 1_000), ("charts", "#charts", 3_000)])
def test_pictures(
    chromium: Chromium, saved: Save, tmp_path: Path, part: str, element: str, most: int, width: int, theme: str
) -> None:
    """The page shows something; the picture that was looked at and committed is of the same width."""
    chromium.show(saved(page("seasoned")), width, theme)
    picture, file = chromium.picture(element, most), f"audit-{theme}-{width}-{part}.png"
    (Path(os.environ.get(NEW_IMAGES, tmp_path)) / file).write_bytes(picture)
    for one in (picture, (IMAGES / file).read_bytes()):
        assert _size(one)[0] == width
        assert LEAST < len(one) < MOST


def test_themes_differ(chromium: Chromium, saved: Save) -> None:
    """The same part is another picture in the other theme."""
    pictures = set()
    for theme in (LIGHT, DARK, DARK):
        chromium.show(saved(page("seasoned")), theme=theme)
        pictures.add(chromium.picture("#charts", 500))
    assert len(pictures) == 2


def _size(picture: bytes) -> tuple[int, int]:
    """A PNG's width and height, as its first part has them."""
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
