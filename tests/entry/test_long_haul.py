"""Where bugs surely take long, the audit says so, and what follows from it."""

import json

import pytest

from bugbridge.app import build_app
from bugbridge.core.events import Ruleset
from bugbridge.core.survival import Observation, curve_of, curve_to_text
from bugbridge.services.settling import DAEMON
from bugbridge.settings import load_settings
from tests.entry.scene import Scene

SENTENCE = (
    "A long haul: half of all reported bugs take 90 days or more, so periodic updates are at least 30 days apart."
)


def keep_curve(scene: Scene, count: int, days: float) -> None:
    """Keep a curve of so many bugs, each fixed after so many days."""
    curve = curve_of([Observation(days, "fixed") for _ in range(count)])
    at = scene.clock.now()
    body = json.dumps({"scope": "all", "curve": json.loads(curve_to_text(curve))})
    ruleset = Ruleset(hash="c", kind="curve", body=body, in_force_from=at, occurred_at=at, source_key="curve")
    build_app(load_settings(scene.config, {}), {}).store.append([ruleset], actor=DAEMON, recorded_at=at)


@pytest.mark.parametrize(("count", "days", "said"), [(20, 90, True), (19, 90, False), (20, 50, False)])
def test_the_audit_says_that_it_is_a_long_haul(scene: Scene, count: int, days: float, said: bool) -> None:  # noqa: FBT001 - a case
    """With twenty fixes whose median is surely 60 days or more."""
    scene.released()
    keep_curve(scene, count, days)
    assert (SENTENCE in " ".join(scene.say("audit").split())) is said
    assert (SENTENCE in scene.say("audit", "--format", "html")) is said
    expected = {"typical_days": 90.0, "apart_days": 30} if said else None
    assert scene.facts("audit")["long_haul"] == expected
