"""Vendors are strangers to one another: each family of files stands alone, and a new one needs no list of them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bugbridge
from bugbridge.registry import HELPDESKS, TRACKERS

PACKAGE = Path(bugbridge.__file__).parent
FAMILIES = {"helpdesks": [*HELPDESKS, "memory"], "trackers": [*TRACKERS, "memory"]}
FILES = sorted(path for room in FAMILIES for path in (PACKAGE / room).glob("*.py"))


def family(room: str, module: str) -> str:
    """The vendor whose name a file begins with, "" for what vendors share."""
    return next((kind for kind in FAMILIES[room] if module == kind or module.startswith(f"{kind}_")), "")


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The room and module of every import of a vendor's file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for parts in (name.split(".") for name in names):
            if len(parts) > 2 and parts[0] == "bugbridge" and parts[1] in FAMILIES:
                yield parts[1], parts[2]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_no_vendor_imports_another(path: Path) -> None:
    """Not even a helper of theirs: what two need is in a file of no vendor's name."""
    own = family(path.parent.name, path.stem)
    others = {found for room, module in imported(path) if (found := family(room, module)) and room == path.parent.name}
    assert others <= {own}


def test_every_kind_has_its_family_of_files() -> None:
    """The check above looks at something."""
    assert {family(path.parent.name, path.stem) for path in FILES} == {"", "memory", *HELPDESKS, *TRACKERS}
