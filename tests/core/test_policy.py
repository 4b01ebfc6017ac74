"""Which decision for which facts: what no policy may change, the shipped rules, and the grid."""

from dataclasses import replace
from pathlib import Path

import pytest

from bugbridge.core.model import TERMINAL_NEWS, Frequency, News, OptOut, Stage, TicketStatus, Workaround
from bugbridge.core.policy import decide
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import AnyOf, Cell, Hears, Is, LinkFacts, PolicyRule, Ruling, TellRules, Within

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
COUNTED_NEWS = frozenset(
    {
        News.WORKAROUND,
        News.RELEASED,
        News.DECLINED,
        News.REOPENED,
        News.RELEASE_PLANNED,
        News.RELEASE_MOVED,
    }
)
FREQUENT, UNKNOWN, SPIKING = Frequency.FREQUENT, Frequency.UNKNOWN, Frequency.SPIKING
OPEN, FIXED, RELEASED, DECLINED = Stage.OPEN, Stage.FIXED, Stage.RELEASED, Stage.DECLINED
CONFIRMED = Workaround.CONFIRMED

# What decides it: id, facts, the rule's id, and what of the ruling differs from silence.
TOLD_RELEASED = {"tell": {News.RELEASED}, "listens_to": COUNTED_NEWS}
EVERY_NEWS = {"listens_to": COUNTED_NEWS}
ROWS = [
    ("released and not told: tell once", {"stage": RELEASED, "untold": {News.RELEASED}}, "grid-5", TOLD_RELEASED),
    ("released and told: nothing", {"stage": RELEASED}, "done", {}),
    (
        "fixed, release planned, not told: tell, and a timeline may be named",
        {"stage": FIXED, "release_planned": True, "untold": {News.RELEASE_PLANNED}},
        "grid-5",
        {"tell": {News.RELEASE_PLANNED}, "listens_to": COUNTED_NEWS, "timeline_allowed": True},
    ),
    ("fixed without a plan, infrequent: nothing yet", {"stage": FIXED, "untold": {News.FIXED}}, "grid-5", EVERY_NEWS),
    (
        "open, enterprise, workaround confirmed: every 7 to 28 days",
        {"tier": "enterprise", "workaround": CONFIRMED},
        "grid-1",
        {"every_days": (7, 28), "listens_to": COUNTED_NEWS},
    ),
    (
        "open, spiking: the lead within a business day, once for the bug",
        {"frequency": SPIKING},
        "spiking",
        {
            "person": "lead: many customers at once; decide together",
            "once_per": "bug",
            "within_business_days": 1,
        },
    ),
    *(
        (
            f"open, frequent, workaround {workaround}: every 14 to 56 days",
            {"frequency": FREQUENT, "workaround": workaround},
            "grid-3",
            {"every_days": (14, 56), "listens_to": COUNTED_NEWS},
        )
        for workaround in (Workaround.NONE, Workaround.KNOWN, Workaround.TOLD, Workaround.FAILED)
    ),
    (
        "open, frequent, workaround confirmed: every 28 to 56 days",
        {"frequency": FREQUENT, "workaround": CONFIRMED},
        "grid-2",
        {"every_days": (28, 56), "listens_to": COUNTED_NEWS},
    ),
    (
        "open, infrequent, workaround confirmed: terminal news only",
        {"workaround": CONFIRMED},
        "grid-4",
        {"listens_to": TERMINAL_NEWS},
    ),
    ("open, infrequent, no workaround: each piece of news once", {}, "grid-5", EVERY_NEWS),
    (
        "open, unknown, no workaround: each piece of news once, and look again in 14 days",
        {"frequency": UNKNOWN},
        "grid-5",
        {"listens_to": COUNTED_NEWS, "recheck_days": 14},
    ),
    (
        "open, frequent, no periodic updates wanted: each piece of news once",
        {"frequency": FREQUENT, "opt_out": OptOut.NO_PERIODIC},
        "grid-3",
        {"listens_to": COUNTED_NEWS, "under": ("no-periodic",)},
    ),
    (
        "open, frequent, ticket solved: terminal news only",
        {"frequency": FREQUENT, "ticket_status": TicketStatus.SOLVED},
        "solved-tickets-hear-the-outcome",
        {"listens_to": TERMINAL_NEWS},
    ),
    (
        "open, frequent, silent for 200 days: the lead, once for the bug",
        {"frequency": FREQUENT, "silent_days": 200},
        "stalled",
        {"person": "lead: nothing moves here; fix it, decline it, or stop the updates", "once_per": "bug"},
    ),
    (
        "released, told, reopened: the agent, once",
        {"reopened_after_told": True, "untold": {News.REOPENED}},
        "wrongly-told",
        {
            "person": "agent: we told this customer that the bug is released, and it isn't; own the error",
            "tell": {News.REOPENED},
        },
    ),
    (
        "released, told, reopened, agent asked: as open",
        {"reopened_after_told": True, "frequency": FREQUENT, "asked": {"wrongly-told"}},
        "grid-3",
        {"every_days": (14, 56), "listens_to": COUNTED_NEWS},
    ),
    (
        "declined and not told: the agent, once",
        {"stage": DECLINED, "untold": {News.DECLINED}},
        "clear-no",
        {
            "person": "agent: the bug is declined; tell this customer a clear no, and the workaround if there is one",
            "tell": {News.DECLINED},
        },
    ),
    ("declined and told, enterprise: nothing", {"stage": DECLINED, "tier": "enterprise"}, "done", {}),
    ("declined and told, frequent: nothing", {"stage": DECLINED, "frequency": FREQUENT}, "done", {}),
    (
        "duplicate of a released bug, not told: tell once",
        {"stage": RELEASED, "untold": {News.RELEASED}, "duplicate": True},
        "grid-5",
        {**TOLD_RELEASED, "under": ("canonical",)},
    ),
    (
        "nothing more wanted, promise due tomorrow: a person",
        {"opt_out": OptOut.ALL, "promise_due": True, "promise_open": True, "untold": {News.WORKAROUND}},
        "opted-out",
        {"person": "agent: this customer asked to hear nothing more; settle the open promise to them by hand"},
    ),
    (
        "promise due tomorrow, customer unanswered: now, with all news",
        {"promise_due": True, "unanswered": True, "untold": {News.WORKAROUND, News.REOPENED}},
        "promised",
        {"now": True, "tell": {News.WORKAROUND, News.REOPENED}},
    ),
    (
        "open, frequent, unanswered: hold",
        {"frequency": FREQUENT, "unanswered": True, "untold": {News.WORKAROUND}},
        "reply-first",
        {"hold": True},
    ),
    (
        "open, spiking, lead asked: as frequent",
        {"frequency": SPIKING, "asked": {"spiking"}},
        "grid-3",
        {"every_days": (14, 56), "listens_to": COUNTED_NEWS},
    ),
]


@pytest.mark.parametrize(("facts", "rule_id", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_which_decision_for_which_facts(facts: dict[str, object], rule_id: str, expected: dict[str, object]) -> None:
    """Usual facts: open, infrequent, no workaround, ticket open and answered, nothing untold. The shipped policy."""
    ruling = decide(LinkFacts(**facts), SHIPPED)
    assert replace(ruling, because="", also=None) == Ruling(rule_id, "", **expected)


def test_matching_goes_on_beside_a_question() -> None:
    """While the lead is asked about a burst, its customers are updated as for any frequent bug."""
    ruling = decide(LinkFacts(frequency=SPIKING, untold=frozenset({News.WORKAROUND})), SHIPPED)
    assert ruling.also == decide(
        LinkFacts(frequency=SPIKING, untold=frozenset({News.WORKAROUND}), asked=frozenset({"spiking"})), SHIPPED
    )


def test_what_the_agent_tells_is_not_told_besides() -> None:
    """A clear no comes from the agent alone: nothing else is due beside it."""
    ruling = decide(LinkFacts(stage=DECLINED, untold=frozenset({News.DECLINED, News.WORKAROUND})), SHIPPED)
    assert (ruling.tell, ruling.also.rule_id) == (frozenset({News.DECLINED, News.WORKAROUND}), "done")


def test_a_settled_opt_out_is_silent() -> None:
    """The agent is asked once to release the customer from the promise; then there is nothing."""
    facts = LinkFacts(opt_out=OptOut.ALL, promise_open=True, asked=frozenset({"opted-out"}))
    assert decide(facts, SHIPPED) == Ruling("opted-out", "This customer asked to hear nothing more.")


def test_news_that_is_no_longer_true_is_not_told() -> None:
    """A bug released and reopened before anybody was told: its return is no secret, its release is no fact."""
    facts = LinkFacts(untold=frozenset({News.RELEASED, News.REOPENED, News.FIXED, News.DECLINED}))
    assert decide(facts, SHIPPED).tell == {News.REOPENED}


def test_fixed_waits_for_the_release_where_it_is_told_at_all() -> None:
    """`fixed` waits merge_days; if the bug is released meanwhile, only `released` is told."""
    policy = replace(SHIPPED, tell=TellRules(news=frozenset(News), merge_days=7))
    waiting = decide(LinkFacts(stage=FIXED, untold=frozenset({News.FIXED})), policy)
    merged = decide(LinkFacts(stage=RELEASED, untold=frozenset({News.FIXED, News.RELEASED})), policy)
    assert (waiting.tell, waiting.wait_days) == ({News.FIXED}, 7)
    assert (merged.tell, merged.wait_days) == ({News.RELEASED}, 0)


@pytest.mark.parametrize(
    ("stage", "every_days"),
    [(OPEN, (14, 56)), (Stage.IN_PROGRESS, (14, 56)), (FIXED, (14, 56)), (RELEASED, None), (DECLINED, None)],
)
def test_periodic_updates_run_until_the_bug_has_ended(stage: Stage, every_days: tuple[int, int] | None) -> None:
    """`every` runs in open, in progress and fixed, whatever is untold."""
    facts = LinkFacts(stage=stage, frequency=FREQUENT, untold=frozenset({News.WORKAROUND}))
    assert decide(facts, SHIPPED).every_days == every_days


@pytest.mark.parametrize("cell", [Cell(Hears.RELEASE), Cell(Hears.NEWS), Cell(Hears.EVERY, (14, 56))])
def test_the_end_is_told_under_everything_but_nothing(cell: Cell) -> None:
    """Even where no news counts, the release is told."""
    policy = replace(SHIPPED, grid=replace(SHIPPED.grid, infrequent=cell), tell=TellRules(news=frozenset()))
    assert decide(LinkFacts(stage=RELEASED, untold=frozenset({News.RELEASED})), policy).tell == {News.RELEASED}


def test_nothing_means_nothing() -> None:
    """Under `nothing` not even the release is told."""
    policy = replace(SHIPPED, grid=replace(SHIPPED.grid, infrequent=Cell(Hears.NOTHING)))
    assert decide(LinkFacts(stage=RELEASED, untold=frozenset({News.RELEASED})), policy).listens_to == frozenset()


def test_the_lead_is_asked_about_a_stalled_bug_only_where_updates_run() -> None:
    """Silence for 200 days troubles nobody who hears each piece of news once."""
    assert decide(LinkFacts(silent_days=200), SHIPPED).rule_id == "grid-5"


def test_stalled_begins_on_its_day_and_ends_with_its_question() -> None:
    """From 180 silent days on the lead is asked; once asked, updates go on as before."""
    facts = LinkFacts(frequency=FREQUENT, silent_days=180)
    later = [replace(facts, silent_days=179.9), facts, replace(facts, asked=frozenset({"stalled"}))]
    assert [decide(each, SHIPPED).rule_id for each in later] == ["grid-3", "stalled", "grid-3"]


@pytest.mark.parametrize(("stage", "rule_id"), [(OPEN, "stalled"), (Stage.IN_PROGRESS, "stalled"), (FIXED, "grid-3")])
def test_a_bug_stalls_only_while_it_is_not_fixed(stage: Stage, rule_id: str) -> None:
    """A fix that waits for its release is not for the lead to decide."""
    assert decide(LinkFacts(stage=stage, frequency=FREQUENT, silent_days=200), SHIPPED).rule_id == rule_id


@pytest.mark.parametrize("facts", [LinkFacts(promise_due=True), LinkFacts(promise_open=True)])
def test_any_promise_to_who_wants_to_hear_nothing_needs_a_person(facts: LinkFacts) -> None:
    """Whether it is due already or not."""
    assert decide(replace(facts, opt_out=OptOut.ALL), SHIPPED).person.startswith("agent: ")


def test_an_unknown_bug_with_a_workaround_is_looked_at_again_too() -> None:
    """It may turn out to be frequent, and frequent bugs are updated even with a workaround."""
    ruling = decide(LinkFacts(frequency=UNKNOWN, workaround=CONFIRMED), SHIPPED)
    assert (ruling.rule_id, ruling.listens_to, ruling.recheck_days) == ("grid-4", TERMINAL_NEWS, 14)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            LinkFacts(tier="enterprise"),
            "an enterprise customer, so they hear its news at once and get an update every 1 to",
        ),
        (
            LinkFacts(frequency=FREQUENT, workaround=CONFIRMED),
            "met often, but the workaround works for this customer, so",
        ),
        (
            LinkFacts(frequency=FREQUENT),
            "This bug is met often, so they hear its news at once and get an update every 2 to 8",
        ),
        (LinkFacts(workaround=CONFIRMED), "the workaround works for this customer, so they only hear how it ends."),
        (LinkFacts(), "This bug is met rarely, so they hear each piece of news once."),
        (LinkFacts(frequency=UNKNOWN), "It isn't known yet how often this bug is met, so they hear each piece of news"),
        (LinkFacts(stage=DECLINED), "The bug is declined, and there is nothing left to tell this customer."),
        (LinkFacts(duplicate=True), "This bug is a duplicate, so the surviving bug decides. This bug is met rarely"),
        (LinkFacts(ticket_status=TicketStatus.CLOSED), "They have moved on; they still want to know how it ended."),
        (LinkFacts(frequency=SPIKING), "The policy's rule spiking fits this customer, ticket and bug."),
    ],
)
def test_every_decision_gives_its_reason_in_plain_words(facts: LinkFacts, words: str) -> None:
    """Agents read it: a sentence, not an id."""
    assert words in decide(facts, SHIPPED).because


RULE_CONDITIONS = [
    (AnyOf("brand", frozenset({"acme"})), {"brand": "acme"}, {"brand": "other"}),
    (
        AnyOf("labels", frozenset({"data-loss"})),
        {"labels": frozenset({"x", "data-loss"})},
        {"labels": frozenset({"x"})},
    ),
    (Within("age_days", 10, 20), {"age_days": 20.0}, {"age_days": 20.1}),
    (Is("release_planned", value=False), {"release_planned": False}, {"release_planned": True}),
]


@pytest.mark.parametrize(("condition", "fits", "fails"), RULE_CONDITIONS)
def test_a_rule_decides_where_all_its_conditions_are_met(
    condition: AnyOf | Within | Is, fits: dict[str, object], fails: dict[str, object]
) -> None:
    """A list means any of, a range includes its ends, a boolean is itself; without a condition a rule fits always."""
    policy = replace(SHIPPED, rules=(PolicyRule("mine", when=(condition,), tell=frozenset()),))
    assert [decide(LinkFacts(**facts), policy).rule_id for facts in (fits, fails)] == ["mine", "grid-5"]


def test_the_first_rule_that_fits_decides() -> None:
    """Rules come in the file's order."""
    rules = (PolicyRule("first", tell=frozenset()), PolicyRule("second", tell=frozenset(News)))
    assert decide(LinkFacts(), replace(SHIPPED, rules=rules)).rule_id == "first"


def test_a_rule_that_asks_and_tells_goes_on_telling_once_asked() -> None:
    """The question is put once; the rest of the rule stays in force."""
    rule = PolicyRule("mine", person="lead: look", every_days=(7, 14), backoff=1.0, deliver="reply")
    policy = replace(SHIPPED, rules=(rule,))
    asked = decide(LinkFacts(asked=frozenset({"mine"})), policy)
    assert (asked.person, asked.every_days, asked.backoff, asked.deliver) == ("", (7, 14), 1.0, "reply")
    assert decide(LinkFacts(), policy).person == "lead: look"


def test_a_rule_with_a_cadence_tells_the_news_that_count() -> None:
    """`every_days` without `tell` is what a grid cell `every` is."""
    policy = replace(SHIPPED, rules=(PolicyRule("mine", every_days=(7, 14)),))
    assert decide(LinkFacts(), policy).listens_to == COUNTED_NEWS
