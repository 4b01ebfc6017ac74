"""The five policies that config/README.md teaches are sound, and do on the sandbox's year what its text says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import Frequency, News, Stage, TicketStatus, Workaround
from bugbridge.core.policy import decide
from bugbridge.core.policy_file import parse_policy, policy_notes
from bugbridge.core.policy_model import LinkFacts, Policy, Ruling
from bugbridge.core.policy_words import policy_words
from bugbridge.core.replay_report import PolicyFigures
from bugbridge.entry.demonstration import Demonstration
from bugbridge.sandbox.world import SEED_NOW
from bugbridge.services.replaying import replay
from bugbridge.settings import shipped_folder
from tests.core.noise_scene import DAY, berlin, judged, note, sent, update, waits
from tests.core.replay_scene import in_turn

README = (Path(__file__).parents[2] / "config" / "README.md").read_text(encoding="utf-8")
CONSUMER, BUSINESS, ENTERPRISE = "consumer product", "business product", "enterprise-heavy"
VOLUNTEERS, REGULATED = "open source with volunteers", "regulated product"
SHIPPED = "the policy that comes with BugBridge"


@dataclass(frozen=True, slots=True)
class Example:
    """A section of the README that holds a whole policy."""

    text: str
    toml: str

    @property
    def policy(self) -> Policy:
        """What its block says."""
        return parse_policy(self.toml)

    @property
    def quoted(self) -> list[str]:
        """What it quotes of what commands say."""
        return re.findall(r"^> (.+)$", self.text, re.MULTILINE)


def _examples() -> Mapping[str, Example]:
    found = {}
    for section in README.split("\n### ")[1:]:
        for toml in re.findall(r"^```toml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            if "[grid]" in toml:
                example = Example(section, toml)
                found[example.policy.name] = example
    return found


EXAMPLES = _examples()


def test_there_is_one_for_each_kind_of_team() -> None:
    """Each block that is a whole policy is read without a problem, and five kinds of teams have one."""
    assert list(EXAMPLES) == [CONSUMER, BUSINESS, ENTERPRISE, VOLUNTEERS, REGULATED]
    assert len(re.findall(r"^\[grid\]", README, re.MULTILINE)) == len(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_check_notes_of_an_example_is_in_its_text(name: str) -> None:
    """A reader who copies it meets no note that they weren't told of."""
    example = EXAMPLES[name]
    notes = [problem.partition(": ")[2] for problem in policy_notes(example.toml, example.policy)]
    assert notes == [sentence for sentence in example.quoted if sentence.startswith("note: ")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_an_example_quotes_of_its_grid_is_what_show_says(name: str) -> None:
    """Word for word."""
    said = [sentence for sentence in EXAMPLES[name].quoted if not sentence.startswith("note: ")]
    assert said
    assert set(said) <= set(policy_words(EXAMPLES[name].policy).grid)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_writes_to_customers_by_itself(name: str) -> None:
    """Whether anything does is for a team to decide, and not for an example that was copied."""
    assert "deliver" not in EXAMPLES[name].toml


@pytest.mark.parametrize("part", ["grid", "cadence", "limits", "rules"])
def test_no_two_examples_are_alike_in_what_matters(part: str) -> None:
    """Each teaches another grid, cadence, limits and exceptions."""
    assert len({getattr(example.policy, part) for example in EXAMPLES.values()}) == len(EXAMPLES)


class _EndOfTheYear:
    """Stands still an hour after the seeded year ends, however long reading it takes."""

    def now(self) -> datetime:
        return SEED_NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def year() -> Mapping[str, PolicyFigures]:
    """Every example and the shipped policy, replayed over the sandbox's year."""
    shipped = parse_policy((shipped_folder() / "policy.toml").read_text(encoding="utf-8"))
    policies = {SHIPPED: shipped, **{name: example.policy for name, example in EXAMPLES.items()}}
    with Demonstration() as demonstration:
        demonstration.read()
        demonstration.plan()
        found = replay(demonstration.app.store, policies, _EndOfTheYear(), ALWAYS_OPEN, in_turn)
    assert (len(found.bugs), found.policies[0].metrics.links) == (94, 539)
    return {figures.name: figures for figures in found.policies}


def in_words(figures: PolicyFigures, instead_of: str = "") -> str:
    """What the README says of a replay."""
    metrics, load = figures.metrics, figures.load
    return (
        f"{metrics.sent} updates{instead_of}, {metrics.yield_share:.0%} of them with news; nine in ten links are never "
        f"silent for more than {metrics.silence_p90_days:.0f} days; {metrics.missed} pieces of news stay untold; "
        f"{load.messages_per_agent_week:.1f} messages per agent and week"
    ).replace("%", " %")


def test_the_figures_in_the_text_are_those_of_the_sandboxs_year(year: Mapping[str, PolicyFigures]) -> None:
    """Of the shipped policy, and of each example beside it; lines may be broken anywhere."""
    instead_of = f" instead of {year[SHIPPED].metrics.sent}"
    assert in_words(year[SHIPPED]) in " ".join(README.split())
    for name, example in EXAMPLES.items():
        assert in_words(year[name], instead_of) in " ".join(example.text.split())


def test_the_examples_send_from_few_to_many(year: Mapping[str, PolicyFigures]) -> None:
    """Volunteers least and a regulated product most, and between them as the text has it."""
    order = [VOLUNTEERS, CONSUMER, BUSINESS, SHIPPED, ENTERPRISE, REGULATED]
    assert all(year[fewer].metrics.sent < year[more].metrics.sent for fewer, more in pairwise(order))


def test_every_promise_that_fell_due_is_kept_under_each_example(year: Mapping[str, PolicyFigures]) -> None:
    """No policy touches promises."""
    assert {figures.metrics.promises_kept_share for figures in year.values()} == {1}


def test_a_regulated_product_misses_no_news_and_no_month(year: Mapping[str, PolicyFigures]) -> None:
    """Nobody waits longer than four weeks; more than half of the messages say that there is no news."""
    metrics = year[REGULATED].metrics
    assert metrics.missed == 0
    assert metrics.silence_most_days is not None
    assert metrics.silence_most_days <= 28
    assert metrics.waste > metrics.newsful


def test_the_other_examples_do_what_their_texts_say(year: Mapping[str, PolicyFigures]) -> None:
    """Consumers hear nearly nothing but news, a business loses half of the rest, enterprises hear within a day."""
    assert (year[CONSUMER].metrics.yield_share or 0) > 0.9
    assert year[BUSINESS].metrics.waste < 0.55 * year[SHIPPED].metrics.waste
    assert (year[ENTERPRISE].metrics.delay_mean_days or 9) < 1
    assert (year[ENTERPRISE].metrics.yield_share or 0) == pytest.approx(0.5, abs=0.02)


def test_a_consumer_never_sees_two_unasked_messages_in_a_week() -> None:
    """After one that was read on Monday the next waits a fortnight, how the bug ended doesn't."""
    limits = EXAMPLES[CONSUMER].policy.limits
    monday = berlin("2026-03-02T10:00")
    seen = note("workaround", posted="2026-03-02T09:00", met="2026-03-02T10:00")
    held = judged([update("reopened", monday + DAY)], "2026-03-03T10:00", seen, limits=limits)
    assert (sent(held), waits(held)) == ([], {"reopened": monday + timedelta(days=14)})
    assert sent(judged([update("released", monday + DAY)], "2026-03-03T10:00", seen, limits=limits)) == ["released"]


def ruled(name: str, **facts: object) -> Ruling:
    """What an example says of these facts."""
    return decide(LinkFacts(**facts), EXAMPLES[name].policy)  # type: ignore[arg-type]  # the fields of LinkFacts


def test_volunteers_say_nothing_of_a_vulnerability_before_its_release() -> None:
    """Not even of a workaround; of the release they do, and of a workaround for any other bug."""
    secret, heard = frozenset({"security"}), frozenset({News.WORKAROUND})
    assert not ruled(VOLUNTEERS, labels=secret, frequency=Frequency.FREQUENT, untold=heard).tell
    assert ruled(VOLUNTEERS, frequency=Frequency.FREQUENT, untold=heard, workaround=Workaround.KNOWN).tell == heard
    released = frozenset({News.RELEASED})
    assert ruled(VOLUNTEERS, labels=secret, stage=Stage.RELEASED, untold=released).tell == released


def test_volunteers_write_nothing_by_the_calendar() -> None:
    """No facts lead to an update without news."""
    policy = EXAMPLES[VOLUNTEERS].policy
    assert {cell.every_days for cell in (policy.grid.frequent, policy.grid.infrequent, policy.grid.enterprise)} == {
        None
    }
    assert {rule.every_days for rule in policy.rules} == {None}


@pytest.mark.parametrize(
    ("name", "facts", "rule_id", "every_days"),
    [
        (CONSUMER, {"tier": "free", "frequency": Frequency.FREQUENT}, "free-plan", None),
        (CONSUMER, {"ticket_status": TicketStatus.CLOSED, "age_days": 400.0}, "after-a-year", None),
        (BUSINESS, {"tier": "free", "frequency": Frequency.FREQUENT, "age_days": 200.0}, "free-plan", None),
        (
            BUSINESS,
            {"tier": "business", "frequency": Frequency.FREQUENT, "age_days": 200.0},
            "half-a-year-old",
            (42, 84),
        ),
        (BUSINESS, {"tier": "business", "frequency": Frequency.FREQUENT}, "grid-3", (14, 56)),
        (ENTERPRISE, {"tier": "enterprise", "frequency": Frequency.FREQUENT}, "enterprise-in-everyday-use", (7, 14)),
        (ENTERPRISE, {"tier": "enterprise"}, "grid-1", (7, 28)),
        (VOLUNTEERS, {"tier": "enterprise"}, "grid-1", None),
        (REGULATED, {"brand": "Hospitals"}, "hospitals", (7, 7)),
        (REGULATED, {"workaround": Workaround.CONFIRMED}, "grid-4", (28, 28)),
        (REGULATED, {"workaround": Workaround.CONFIRMED, "frequency": Frequency.FREQUENT}, "grid-2", (14, 14)),
    ],
)
def test_an_examples_rules_decide_as_its_text_says(
    name: str, facts: Mapping[str, object], rule_id: str, every_days: tuple[int, int] | None
) -> None:
    """By plan, brand, age, and how often the bug is met."""
    ruling = ruled(name, **facts)
    assert (ruling.rule_id, ruling.every_days) == (rule_id, every_days)


@pytest.mark.parametrize(
    ("name", "facts", "rule_id"),
    [
        (CONSUMER, {"labels": frozenset({"security"})}, "security"),
        (BUSINESS, {"workaround": Workaround.FAILED}, "workaround-failed"),
        (ENTERPRISE, {"tier": "enterprise", "age_days": 61.0}, "two-months-open"),
        (VOLUNTEERS, {"silent_days": 366.0}, "say-no-in-time"),
        (REGULATED, {"labels": frozenset({"safety"})}, "safety"),
        (REGULATED, {"stage": Stage.FIXED, "release_planned": True}, "promise-the-planned-release"),
        (REGULATED, {"stage": Stage.FIXED, "untold": frozenset({News.RELEASE_MOVED})}, "moved-release"),
        (REGULATED, {"silent_days": 31.0}, "silent-for-a-month"),
    ],
)
def test_an_example_asks_a_person_once_where_its_text_says_so(
    name: str, facts: Mapping[str, object], rule_id: str
) -> None:
    """What the customer hears is decided besides."""
    ruling = ruled(name, **facts)
    assert ruling.rule_id == rule_id
    assert ruling.person
    assert ruling.also is not None
    assert ruled(name, **facts, asked=frozenset({rule_id})).rule_id != rule_id
