"""Facts for programs."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from bugbridge.core.model import News, Stage
from bugbridge.core.snapshots import Check
from bugbridge.render.json import jsonable, to_json


def test_facts_become_what_json_has() -> None:
    """Instants are UTC text, durations seconds, sets sorted lists, enums their words, records objects."""
    facts = {
        "at": datetime(2026, 6, 1, 9, tzinfo=UTC),
        "on": date(2026, 6, 1),
        "gap": timedelta(minutes=2),
        "untold": frozenset({News.RELEASED, News.FIXED}),
        Stage.OPEN: (1, None, 0.5, True),
        "check": Check("id", well=False, sentence="no"),
    }
    assert json.loads(to_json(facts)) == {
        "at": "2026-06-01T09:00:00.000000Z",
        "on": "2026-06-01",
        "gap": 120.0,
        "untold": ["fixed", "released"],
        "open": [1, None, 0.5, True],
        "check": {"id": "id", "well": False, "sentence": "no"},
    }


def test_json_cant_steer_a_terminal() -> None:
    """What isn't plain ASCII is escaped."""
    assert to_json("\x1b[31m\x9b\u202e") == '"\\u001b[31m\\u009b\\u202e"'


def test_what_has_no_form_is_refused() -> None:
    """Nothing is shown as `<object at 0x…>`."""
    with pytest.raises(TypeError, match="object has no form in JSON"):
        jsonable(object())
