"""The worked example: four bugs, five customers, four policies, reproduced day by day."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay import LinkRecord
from bugbridge.core.replay_metrics import Metrics, measure
from bugbridge.core.replay_report import replayed
from tests.core.builders import day, frequency, has_workaround, linked, stage, tier, workaround
from tests.core.replay_scene import (
    EVERY_14_DAYS,
    EXAMPLE_EVERY,
    ON_CHANGE,
    ON_RELEASE,
    days_told,
    policy,
    record,
    rule,
)

SHARED = Path(__file__).parents[3] / "shared" / "data" / "replay_case.json"
NOW = 210

POLICIES: Mapping[str, Policy] = {
    "every 14 days": policy(rule("all", EVERY_14_DAYS)),
    "on change": policy(rule("all", ON_CHANGE)),
    "on release": policy(rule("all", ON_RELEASE)),
    "example": policy(
        rule("everyday", EXAMPLE_EVERY, 'frequency = ["frequent"]'),
        rule("enterprise", EXAMPLE_EVERY, 'tier = ["enterprise"]'),
        rule("works-around", ON_RELEASE, 'workaround = ["confirmed"]'),
        rule("others", ON_CHANGE),
    ),
}

# The example's bugs: what happened to each, and each customer with the day of the link.
OPEN = stage(0, "open")
B1 = [OPEN, frequency(0, "frequent"), stage(20, "in_progress"), stage(45, "fixed"), stage(52, "released")]
B2 = [OPEN, frequency(0, "infrequent"), has_workaround(0, "confirmed"), stage(200, "released")]
B3 = [OPEN, frequency(0, "infrequent"), tier("enterprise"), stage(100, "declined")]
B4 = [OPEN, frequency(0, "infrequent"), stage(90, "in_progress")]
LINKS: Mapping[str, tuple[str, float, list[Event]]] = {
    "A": ("B1", 0, B1),
    "B": ("B1", 10, B1),
    "C": ("B2", 5, B2),
    "D": ("B3", 30, B3),
    "E": ("B4", 60, B4),
}
DAYS_TOLD: Mapping[str, Mapping[str, list[float]]] = {
    "every 14 days": {
        "A": [14, 28, 42, 52],
        "B": [24, 38, 52],
        "C": [*range(19, 188, 14), 200],
        "D": [44, 58, 72, 86, 100],
        "E": [*range(74, 201, 14)],
    },
    "on change": {"A": [20, 45, 52], "B": [20, 45, 52], "C": [200], "D": [100], "E": [90]},
    "on release": {"A": [52], "B": [52], "C": [200], "D": [100], "E": []},
    "example": {"A": [14, 20, 34, 45, 52], "B": [20, 34, 45, 52], "C": [200], "D": [44, 65, 97, 100], "E": [90]},
}


def records() -> list[LinkRecord]:
    """The five links."""
    return [record(linked(at), *events, ticket=customer, bug=bug) for customer, (bug, at, events) in LINKS.items()]


def measured(name: str) -> Metrics:
    """One policy's measures."""
    courses = [replayed(one, {name: POLICIES[name]}, ALWAYS_OPEN, day(NOW)).courses[name] for one in records()]
    return measure(courses, ALWAYS_OPEN, day(NOW))


@pytest.mark.parametrize("name", POLICIES)
def test_every_customer_is_written_to_on_the_worked_examples_days(name: str) -> None:
    """Day by day, by a policy in the file's own terms."""
    told = {
        one.ticket: days_told(replayed(one, {name: POLICIES[name]}, ALWAYS_OPEN, day(NOW)).courses[name])
        for one in records()
    }
    assert told == DAYS_TOLD[name]


@pytest.mark.parametrize(
    ("name", "sent", "useful", "share", "silence", "delay", "missed"),
    [
        ("every 14 days", 36, 7, 0.194, 14, 4.22, 0),
        ("on change", 9, 9, 1.0, 195, 0, 0),
        ("on release", 4, 4, 1.0, 195, 9.75, 1),
        ("example", 15, 9, 0.6, 195, 0, 0),
    ],
)
def test_the_measures_are_the_worked_examples(
    name: str, sent: int, useful: int, share: float, silence: float, delay: float, missed: int
) -> None:
    """Each as it can be worked out by hand."""
    found = measured(name)
    assert (found.sent, found.newsful, found.waste) == (sent, useful, sent - useful)
    assert (found.silence_most_days, found.missed, found.closed_loop) == (silence, missed, 1.0)
    assert found.yield_share == pytest.approx(share, abs=0.0005)
    assert found.delay_mean_days == pytest.approx(delay, abs=0.005)


def shared_events(bug: Mapping[str, Any]) -> list[Event]:
    """What happened to a bug of the shared file."""
    happened: list[Event] = [OPEN, frequency(0, bug["frequency"])]
    happened += [stage(event["at"], event["kind"]) for event in bug["events"]]
    happened += [has_workaround(0, "confirmed"), workaround(-1)] if bug["workaround"] else []
    return [*happened, tier(bug["tier"])] if "tier" in bug else happened


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not beside this checkout")
def test_the_shared_case_is_reproduced_for_all_four_policies() -> None:
    """The file's own bugs, days and figures."""
    case = json.loads(SHARED.read_text(encoding="utf-8"))
    for name, expected in case["policies"].items():
        told, courses = {}, []
        for bug in case["bugs"]:
            for link in bug["links"]:
                one = record(linked(link["at"]), *shared_events(bug))
                found = replayed(one, {name: POLICIES[name]}, ALWAYS_OPEN, day(case["now"])).courses[name]
                told[link["customer"]] = days_told(found)
                courses.append(found)
        assert told == case["update_days"][name]
        figures = measure(courses, ALWAYS_OPEN, day(case["now"]))
        assert (figures.sent, figures.newsful, figures.missed, figures.silence_most_days) == (
            expected["sent"],
            expected["newsful"],
            expected["missed"],
            expected["max_silence"],
        )
        assert figures.yield_share == pytest.approx(expected["yield"], abs=0.0005)
        assert figures.delay_mean_days == pytest.approx(expected["mean_delay"], abs=0.005)
