"""Pictures of every page, for people to look at; scripts/test-web says how new ones are made."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.company import Company
from tests.web.pages import PAGES, Shown
from tests.web.window import HEIGHT, Window

IMAGES = Path(__file__).parent / "images"
# Where new pictures go that are to be looked at and committed; else they are thrown away.
NEW_IMAGES = "BUGBRIDGE_WEB_IMAGES"
# Bytes: a blank picture takes fewer, and no clone should carry more.
LEAST, MOST, MOST_COMMITTED = 5_000, 250_000, 150_000
WIDTH = 1440
LOOKED_AT = [one for one in PAGES if one.picture]


@pytest.mark.parametrize("shown", LOOKED_AT, ids=[one.name for one in LOOKED_AT])
def test_a_page_looks_like_something(
    company: Company, window: Callable[..., Window], tmp_path: Path, shown: Shown
) -> None:
    """The picture that was looked at and committed is of the same size."""
    view = window(WIDTH)
    page = shown.open(view, company)
    file = f"{shown.name}.png"
    picture = page.screenshot(path=Path(os.environ.get(NEW_IMAGES, tmp_path)) / file, animations="disabled")
    for one, most in ((picture, MOST), ((IMAGES / file).read_bytes(), MOST_COMMITTED)):
        assert struct.unpack(">II", one[16:24]) == (WIDTH, HEIGHT)
        assert LEAST < len(one) < most
