"""Pictures of every page, for people to look at; `scripts/test-web --pictures` takes new ones."""

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.web.company import Company
from tests.web.pages import PAGES, SIDEBAR, Shown
from tests.web.window import HEIGHT, WIDTHS, Window

IMAGES = Path(__file__).parent / "images"
# Where new pictures go that are to be looked at and committed.
NEW_IMAGES = "BUGBRIDGE_WEB_IMAGES"
# Bytes: a blank picture takes fewer, and no clone should carry more.
LEAST, MOST = 5_000, 150_000
COLOURS = 256  # as many as a palette holds: a page has few, and the picture takes half of the bytes
LOOKED_AT = [one for one in PAGES if one.picture]


@pytest.mark.parametrize("shown", LOOKED_AT, ids=[one.name for one in LOOKED_AT])
def test_a_page_looks_like_something(company: Company, window: Callable[..., Window], shown: Shown) -> None:
    """The picture that was looked at and committed is of the same size."""
    width = WIDTHS[0] if shown.route == SIDEBAR else WIDTHS[-1]
    picture = reduced(shown.open(window(width), company).screenshot(animations="disabled"))
    file = f"{shown.name}.png"
    if NEW_IMAGES in os.environ:
        (Path(os.environ[NEW_IMAGES]) / file).write_bytes(picture)
    for one in (picture, (IMAGES / file).read_bytes()):
        assert struct.unpack(">II", one[16:24]) == (width, HEIGHT)
        assert LEAST < len(one) < MOST


def reduced(picture: bytes) -> bytes:
    """Give the same PNG with fewer colours."""
    file = io.BytesIO()
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    whole.quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return file.getvalue()
