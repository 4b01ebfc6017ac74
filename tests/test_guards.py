"""The guards that `scripts/mutate-guards` takes away stand where it looks for them."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[1]


def _guards() -> ModuleType:
    spec = spec_from_file_location("guards", CHECKOUT / "scripts" / "guards.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["guards"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("guard", _guards().GUARDS, ids=lambda guard: guard.name)
def test_every_guard_is_where_it_is_looked_for(guard: object) -> None:
    """Once, and with tests that exist; else taking it away would take nothing away."""
    assert (CHECKOUT / guard.path).read_text(encoding="utf-8").count(guard.text) == 1  # type: ignore[attr-defined]
    assert all((CHECKOUT / test).exists() for test in guard.tests)  # type: ignore[attr-defined]
