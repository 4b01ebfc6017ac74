"""Advice before it is replayed: which figures speak against which key, and what the policy would be with it changed."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit_advice import CELLS, LOOKS, Candidate, Reason, candidates, worth
from bugbridge.core.audit_model import (
    Audit,
    By,
    FollowUps,
    Group,
    Period,
    Question,
    Replies,
    ResolvedBug,
    Saving,
    Trust,
)
from bugbridge.core.model import News
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import Policy
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Quantile

SHIPPED_TEXT = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")
SHIPPED = parse_policy(SHIPPED_TEXT)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
WELL = Audit(
    made_at=NOW,
    question=Question(by=()),
    n=100,
    follow_ups=FollowUps.PAID,
    trust=Trust.BOTH,
    replies=Replies(bugs=100, links=100, updates=100, newsful=80, wasted=20),
)
"""Nothing to say against: most updates carry news."""
HARDLY = replace(WELL, follow_ups=FollowUps.HARDLY, replies=replace(WELL.replies, newsful=24, wasted=76))
"""One update in four, less one, carries news."""


def changed_keys(audit: Audit, policy: Policy = SHIPPED) -> dict[str, tuple[str, str]]:
    """What is advised: by key, the value now and the value instead."""
    return {found.key: (found.now, found.instead) for found in candidates(audit, policy)}


def heard(audit: Audit = WELL, /, **counts: Any) -> Audit:
    """An audit in which customers heard this."""
    return replace(audit, replies=replace(audit.replies, **counts))


def typically(audit: Audit, days: float | None) -> Audit:
    """An audit by which the typical bug surely takes so many days."""
    return replace(audit, period=Period(None, 200, 100, 50, 50, Quantile(200, days, None)))


def with_values(**tables: Mapping[str, Any]) -> Policy:
    """The shipped policy with some keys changed, as a team would write them."""
    text = SHIPPED_TEXT
    for table, values in tables.items():
        for key, value in values.items():
            text = _with_line(text, table, key, json.dumps(value))
    return parse_policy(text)


def _with_line(text: str, table: str, key: str, value: str) -> str:
    """Change one line of a policy file as a lead would."""
    before, header, after = text.partition(f"\n[{table}]\n")
    named = re.escape(json.dumps(key) if table == "grid" else key)
    line = re.compile(rf"^({named} *= )(\[.*?\]|\"[^\"]*\"|\S+)", re.MULTILINE)
    assert line.search(after), key
    return before + header + line.sub(lambda match: match[1] + value, after, count=1)


def test_a_team_whose_updates_pay_gets_no_advice() -> None:
    """There is nothing to say against its policy."""
    assert candidates(WELL, SHIPPED) == ()


@pytest.mark.parametrize("few", [0, 19])
def test_nothing_is_advised_on_fewer_than_twenty_bugs(few: int) -> None:
    """Whatever the figures are, they rest on too little."""
    assert candidates(HARDLY, SHIPPED)
    assert candidates(replace(HARDLY, n=few), SHIPPED) == ()
    assert candidates(replace(HARDLY, n=20), SHIPPED)


def test_updates_without_news_are_to_be_further_apart() -> None:
    """Every cell with intervals is doubled; the others have none."""
    assert {key: values for key, values in changed_keys(HARDLY).items() if key.startswith("[grid]")} == {
        '[grid] "enterprise"': ('"every 1-4 weeks"', '"every 2-8 weeks"'),
        '[grid] "frequent"': ('"every 2-8 weeks"', '"every 4-16 weeks"'),
        '[grid] "frequent, workaround"': ('"every 4-8 weeks"', '"every 8-16 weeks"'),
    }


def test_the_figure_that_says_so_comes_with_it() -> None:
    """Numbers and ids, no sentence."""
    because = candidates(HARDLY, SHIPPED)[0].because
    assert (because.id, because.parameters) == (Reason.WITHOUT_NEWS, {"whose": "all", "updates": 100, "wasted": 76})


@pytest.mark.parametrize(("newsful", "updates", "speaks"), [(24, 100, True), (25, 100, False), (4, 19, False)])
def test_updates_have_too_little_news_under_one_in_four(newsful: int, updates: int, *, speaks: bool) -> None:
    """What the shipped policy asks for; and fewer than twenty updates say nothing."""
    audit = heard(HARDLY, updates=updates, newsful=newsful, wasted=updates - newsful)
    assert bool(candidates(audit, SHIPPED)) is speaks


def test_a_team_that_wants_more_news_is_held_to_its_own_wish() -> None:
    """It writes at an even chance, and 40 of 100 updates carry any; one that is content with a tenth isn't asked."""
    audit = heard(HARDLY, newsful=40, wasted=60)
    assert not candidates(audit, with_values(cadence={"chance_of_news": 0.1}))
    assert '[grid] "frequent"' in changed_keys(audit, with_values(cadence={"chance_of_news": 0.5}))


@pytest.mark.parametrize("verdict", [FollowUps.TOO_FEW, FollowUps.UNKNOWN])
def test_nothing_is_said_of_updates_that_the_audit_says_nothing_of(verdict: FollowUps) -> None:
    """The report is of one mind."""
    assert candidates(replace(HARDLY, follow_ups=verdict), SHIPPED) == ()


@pytest.mark.parametrize(
    ("now", "instead"),
    [
        ("every 10-14 weeks", '"every 13-26 weeks"'),
        ("every 13-13 weeks", '"every 13-26 weeks"'),
        ("every 20-20 weeks", '"every 20-26 weeks"'),
    ],
)
def test_intervals_grow_to_a_quarter_and_half_a_year_at_most(now: str, instead: str) -> None:
    """Never shorter than they are."""
    assert changed_keys(HARDLY, with_values(grid={"frequent": now}))['[grid] "frequent"'] == (json.dumps(now), instead)


@pytest.mark.parametrize("now", ["every 13-26 weeks", "every 30-60 weeks"])
def test_intervals_that_are_long_already_stay(now: str) -> None:
    """There is no longer one worth naming."""
    assert '[grid] "frequent"' not in changed_keys(HARDLY, with_values(grid={"frequent": now}))


def test_a_cell_rests_on_the_updates_of_its_own_bugs() -> None:
    """Those of frequent bugs lack news, those of enterprise customers are too few to tell, rare ones pay."""
    groups = (
        Group(By.FREQUENCY, "frequent", Spread(30), updates=30, wasted=25),
        Group(By.FREQUENCY, "spiking", Spread(5), updates=10, wasted=8),
        Group(By.FREQUENCY, "infrequent", Spread(65), updates=60, wasted=5),
        Group(By.TIER, "enterprise", Spread(20), updates=19, wasted=19),
    )
    audit = replace(HARDLY, question=Question(), groups=groups)
    every = with_values(grid={"infrequent": "every 4-8 weeks"})
    found = {one.key: one.because.parameters for one in candidates(audit, every) if one.key.startswith("[grid]")}
    figures = {"whose": "frequent", "updates": 40, "wasted": 33}
    assert found == {'[grid] "frequent"': figures, '[grid] "frequent, workaround"': figures}


@pytest.mark.parametrize(("days", "instead"), [(59.9, '"every 8-16 weeks"'), (60, '"news"')])
def test_where_bugs_take_months_rare_ones_need_no_intervals(days: float, instead: str) -> None:
    """From the long haul on, by the lower limit of the median; before it they are only further apart."""
    every = with_values(grid={"infrequent": "every 4-8 weeks"})
    assert changed_keys(typically(HARDLY, days), every)['[grid] "infrequent"'] == ('"every 4-8 weeks"', instead)


def test_enterprise_customers_and_frequent_bugs_keep_their_updates() -> None:
    """Even in the long haul they are told that there is no news."""
    found = changed_keys(typically(HARDLY, 200))
    assert found['[grid] "enterprise"'][1] == '"every 2-8 weeks"'
    assert found['[grid] "frequent"'][1] == '"every 4-16 weeks"'


@pytest.mark.parametrize(("chance", "instead"), [(0.25, "0.5"), (0.4, "0.5"), (0.3, "0.5"), (0.26, "0.5")])
def test_a_chance_of_news_that_isnt_met_is_doubled_up_to_even(chance: float, instead: str) -> None:
    """Waiting for more than an even chance is waiting for news, which the grid has a word for."""
    key = "[cadence] chance_of_news"
    found = changed_keys(HARDLY, with_values(cadence={"chance_of_news": chance}))
    assert found[key] == (json.dumps(chance), instead)


@pytest.mark.parametrize(("chance", "newsful"), [(0.5, 20), (0.2, 20), (0.1, 20)])
def test_a_chance_of_news_that_is_met_or_even_stays(chance: float, newsful: int) -> None:
    """As many updates carry news as the team wants, or it waits for an even chance already."""
    audit = heard(HARDLY, newsful=newsful, wasted=100 - newsful)
    assert "[cadence] chance_of_news" not in changed_keys(audit, with_values(cadence={"chance_of_news": chance}))


@pytest.mark.parametrize(
    ("days", "rules", "key", "values"),
    [
        (59.9, {"long_haul_days": 365}, "[cadence] long_haul_days", None),
        (60, {"long_haul_days": 365}, "[cadence] long_haul_days", ("365", "60")),
        (60, {}, "[cadence] long_haul_min_days", ("30", "60")),
        (70.8, {"long_haul_min_days": 40}, "[cadence] long_haul_min_days", ("40", "70")),
        (60, {"long_haul_min_days": 60}, "[cadence] long_haul_min_days", None),
        (None, {}, "[cadence] long_haul_min_days", None),
    ],
)
def test_months_count_as_a_long_haul_and_one_update_in_a_typical_life_does(
    days: float | None, rules: dict[str, int], key: str, values: tuple[str, str] | None
) -> None:
    """From two months on; there the least interval doubles, but not beyond how long the typical bug takes."""
    assert changed_keys(typically(HARDLY, days), with_values(cadence=rules)).get(key) == values


def test_what_no_figure_is_trusted_in_makes_no_long_haul() -> None:
    """And neither do updates that pay."""
    untrusted = replace(typically(HARDLY, 200), trust=Trust.NEITHER)
    assert "[cadence] long_haul_min_days" not in changed_keys(untrusted)
    assert "[cadence] long_haul_min_days" not in changed_keys(typically(WELL, 200))


@pytest.mark.parametrize(
    ("asked_for", "news_missed", "news", "speaks"),
    [(41, 10, 40, True), (40, 10, 40, False), (41, 9, 40, False), (41, 19, 19, False)],
)
def test_customers_who_ask_and_miss_news_are_to_hear_more(
    asked_for: int, news_missed: int, news: int, *, speaks: bool
) -> None:
    """More than half of 80 replies were asked for, and a quarter of the news passed them by."""
    audit = heard(replies=80, asked_for=asked_for, proactive=80 - asked_for, news=news, news_missed=news_missed)
    expected = {'[grid] "infrequent, workaround"': ('"release"', '"news"')} if speaks else {}
    assert changed_keys(audit) == expected


def test_who_hears_nothing_is_to_hear_how_it_ends_first() -> None:
    """One step at a time."""
    audit = heard(replies=20, asked_for=20, news=20, news_missed=20)
    nothing = with_values(grid={"infrequent, workaround": "nothing"})
    assert changed_keys(audit, nothing) == {'[grid] "infrequent, workaround"': ('"nothing"', '"release"')}


@pytest.mark.parametrize(("unreleased", "speaks"), [(49, False), (50, True)])
def test_fixes_are_told_where_half_of_them_have_no_known_release(unreleased: int, *, speaks: bool) -> None:
    """Whoever waits for the release never hears."""
    found = candidates(replace(WELL, unreleased=unreleased), SHIPPED)
    assert [one.key for one in found] == (["[tell] news"] if speaks else [])
    assert all(one.policy is not None and one.policy.tell.news == SHIPPED.tell.news | {News.FIXED} for one in found)


def test_a_team_that_tells_fixes_or_only_releases_isnt_told_to() -> None:
    """It does so already, or has nobody listen to news."""
    audit = replace(WELL, unreleased=100)
    assert candidates(audit, with_values(tell={"news": ["fixed"]})) == ()
    assert candidates(audit, with_values(grid=dict.fromkeys(CELLS, "release"))) == ()


def released_after(days: float, count: int = 20) -> Audit:
    """An audit of bugs that were released so many days after their fix."""
    fixed_at = NOW - timedelta(days=100)
    bug = ResolvedBug("github:acme/app#1", fixed_at, fixed_at, released_at=fixed_at + timedelta(days=days))
    return replace(WELL, bugs=(bug,) * count)


@pytest.mark.parametrize(
    ("days", "count", "instead"),
    [(7, 20, None), (7.1, 20, "14"), (14, 20, "14"), (28, 20, "28"), (28.1, 20, None), (14, 19, None)],
)
def test_a_fix_waits_for_its_release_up_to_four_weeks(days: float, count: int, instead: str | None) -> None:
    """So that three in four customers hear of both at once."""
    found = changed_keys(released_after(days, count), with_values(tell={"news": ["fixed"]}))
    assert found == ({"[tell] merge_days": ("7", instead)} if instead else {})


def test_merging_concerns_only_who_tells_fixes() -> None:
    """In the news that counts, or by a rule."""
    assert candidates(released_after(14), SHIPPED) == ()
    rule = '[[rule]]\nid = "all"\nwhen = { brand = ["acme"] }\ntell = "all"\n'
    assert changed_keys(released_after(14), parse_policy(SHIPPED_TEXT + rule)) == {"[tell] merge_days": ("7", "14")}


def told_after(days: float, not_told: int = 0, certain: int = 10, probable: int = 10) -> Audit:
    """An audit in which releases were told so late."""
    told = {"told_certain": certain, "told_probable": probable, "not_told": not_told}
    return heard(told_after=Spread(20, median=days), **told)


@pytest.mark.parametrize(
    ("audit", "speaks"),
    [
        (told_after(4), False),
        (told_after(4.1), True),
        (told_after(1, not_told=6), False),
        (told_after(1, not_told=7), True),
        (told_after(30, certain=9), False),
    ],
)
def test_releases_told_late_or_not_at_all_call_for_rounds(audit: Audit, *, speaks: bool) -> None:
    """Two business days and a weekend; a quarter untold; and at least twenty customers."""
    off = with_values(limits={"round_from_tickets": 0})
    assert changed_keys(audit, off) == ({"[limits] round_from_tickets": ("0", "3")} if speaks else {})


def test_customers_who_were_told_in_time_are_no_reproach() -> None:
    """Where many weren't told at all, nothing is said of when the others were."""
    (found,) = candidates(told_after(1, not_told=7), SHIPPED)
    assert found.because.parameters == {"links": 27, "not_told": 7, "days": None}


def test_with_rounds_it_is_practice_and_no_key() -> None:
    """A reply by BugBridge itself is never proposed."""
    (found,) = candidates(told_after(10), SHIPPED)
    assert found.because.parameters["days"] == 10
    assert (found.key, found.now, found.instead, found.policy) == ("[limits] round_from_tickets", "3", "", None)


@pytest.mark.parametrize(
    ("counts", "instead"),
    [
        ({"required": 20, "late": 3, "missed": 2, "reminders": 9}, {"[limits] reminders_per_agent_day": ("8", "16")}),
        ({"required": 20, "late": 3, "missed": 1, "reminders": 9}, {}),
        ({"required": 20, "late": 3, "missed": 2, "reminders": 10}, {}),
        ({"required": 20, "late": 3, "missed": 2, "reminders": 0}, {}),
        ({"required": 19, "late": 9, "missed": 9, "reminders": 9}, {}),
    ],
)
def test_updates_behind_with_few_reminders_call_for_more_a_day(
    counts: dict[str, int], instead: dict[str, tuple[str, str]]
) -> None:
    """A quarter late or missed, and not half as many reminders as updates; where none went out, the limit isn't why."""
    assert changed_keys(heard(**counts)) == instead


def test_reminders_stay_few_enough_to_be_met() -> None:
    """Sixteen a day are the most."""
    behind = heard(required=20, late=20, reminders=1)
    found = changed_keys(behind, with_values(limits={"reminders_per_agent_day": 12}))
    assert found == {"[limits] reminders_per_agent_day": ("12", "16")}
    assert changed_keys(behind, with_values(limits={"reminders_per_agent_day": 16})) == {}


def test_a_reminder_that_nobody_meets_is_to_be_repeated() -> None:
    """Where the team has that off, as many reminders as there were."""
    off = with_values(limits={"repeat_after_business_days": 0})
    found = changed_keys(heard(required=20, late=5, reminders=20), off)
    assert found == {"[limits] repeat_after_business_days": ("0", "3")}


@pytest.mark.parametrize(
    ("p90", "instead"), [(10, "28"), (28, "28"), (40, "42"), (84, "84"), (84.1, None), (91, None), (None, None)]
)
def test_the_lead_is_asked_sooner_where_most_bugs_are_quick(p90: float | None, instead: str | None) -> None:
    """A silence of 180 days is at least twice as long as nine in ten bugs take; never under four weeks."""
    audit = replace(WELL, days_to_fix=Spread(100, p90=p90))
    assert changed_keys(audit) == ({"[facts] stalled_after_days": ("180", instead)} if instead else {})


def test_where_the_bugs_fixed_last_dont_speak_for_all_nobody_is_called_slow() -> None:
    """The slow ones may be those that are still open."""
    audit = replace(WELL, days_to_fix=Spread(100, p90=10), trust=Trust.PERIOD)
    assert candidates(audit, SHIPPED) == ()


def everything(audit: Audit) -> Audit:
    """An audit that speaks against all that can be spoken against."""
    told = {"told_certain": 10, "told_probable": 10, "not_told": 20}
    asked = {"replies": 80, "asked_for": 60, "proactive": 20, "news": 90, "news_missed": 40}
    behind = {"required": 100, "late": 30, "missed": 30, "reminders": 10}
    spoken = heard(typically(audit, 80), **told, **asked, **behind)
    return replace(spoken, unreleased=80, bugs=released_after(14).bugs, days_to_fix=Spread(100, p90=10))


def test_the_shipped_file_with_one_line_changed_is_the_changed_policy() -> None:
    """What a lead writes by the advice is what was replayed."""
    found = [one for one in candidates(everything(HARDLY), SHIPPED) if one.policy is not None]
    assert {one.key.partition("]")[0] for one in found} == {"[grid", "[cadence", "[tell", "[limits", "[facts"}
    for one in found:
        table, _, key = one.key[1:].partition("] ")
        assert parse_policy(_with_line(SHIPPED_TEXT, table, key.strip('"'), one.instead)) == one.policy, one.key


CELL_TEXTS = st.one_of(
    st.sampled_from(["news", "release", "nothing"]),
    st.tuples(st.integers(1, 60), st.integers(0, 60)).map(lambda weeks: f"every {weeks[0]}-{sum(weeks)} weeks"),
)
TABLES = st.fixed_dictionaries(
    {
        "grid": st.fixed_dictionaries(dict.fromkeys(CELLS, CELL_TEXTS)),
        "tell": st.fixed_dictionaries(
            {"news": st.lists(st.sampled_from([str(news) for news in News])), "merge_days": st.integers(0, 20)}
        ),
        "cadence": st.fixed_dictionaries(
            {
                "chance_of_news": st.floats(0.01, 0.99),
                "long_haul_days": st.integers(1, 3650),
                "long_haul_min_days": st.integers(1, 90),
            }
        ),
        "limits": st.fixed_dictionaries(
            {
                "reminders_per_agent_day": st.integers(1, 40),
                "round_from_tickets": st.integers(0, 5),
                "repeat_after_business_days": st.integers(0, 5),
            }
        ),
        "facts": st.fixed_dictionaries({"stalled_after_days": st.integers(1, 400)}),
    }
)


def written(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """A policy file of these values."""
    lines = ["version = 1"]
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines)


@given(TABLES)
def test_every_policy_with_one_key_changed_is_what_its_file_would_be_read_as(tables: dict[str, dict[str, Any]]) -> None:
    """Whatever a team's policy says: the value now is the file's, and the value instead another one."""
    policy = parse_policy(written(tables))
    for one in candidates(everything(HARDLY), policy):
        table, _, key = one.key[1:].partition("] ")
        plain = key.strip('"')
        assert parse_policy(written(_with(tables, table, plain, one.now))) == policy
        if one.policy is not None:
            assert parse_policy(written(_with(tables, table, plain, one.instead))) == one.policy != policy


def _with(tables: Mapping[str, Mapping[str, Any]], table: str, key: str, value: str) -> Mapping[str, Mapping[str, Any]]:
    return {**tables, table: {**tables[table], key: json.loads(value)}}


@given(TABLES)
def test_a_key_is_advised_on_once(tables: dict[str, dict[str, Any]]) -> None:
    """Two values for one key would leave the lead to choose without a reason."""
    keys = [one.key for one in candidates(everything(HARDLY), parse_policy(written(tables)))]
    assert len(keys) == len(set(keys))


def test_a_replay_sees_what_customers_hear_alone() -> None:
    """Neither limits nor the lead's questions."""
    unseen = {one.key for one in candidates(everything(HARDLY), SHIPPED) if not one.replayable}
    assert unseen == {
        "[limits] round_from_tickets",
        "[limits] reminders_per_agent_day",
        "[facts] stalled_after_days",
    }


def test_every_reason_has_a_look_that_gives_it() -> None:
    """No id is dead."""
    off = with_values(
        limits={"round_from_tickets": 0, "repeat_after_business_days": 0},
        tell={"news": ["fixed"]},
        grid={"infrequent": "every 1-2 weeks"},
    )
    haul = with_values(cadence={"long_haul_days": 365})
    audit = everything(HARDLY)
    found: list[Candidate] = [one for policy in (SHIPPED, off, haul) for one in candidates(audit, policy)]
    assert {one.because.id for one in found} == set(Reason)
    assert all(any(list(look(audit, policy)) for policy in (SHIPPED, off, haul)) for look in LOOKS)


@pytest.mark.parametrize(
    ("updates", "missed", "chance", "expected"),
    [(60, 0, 0.25, 40), (100, 0, 0.25, 0), (60, 10, 0.25, 0), (60, 10, 0.5, 20), (120, -10, 0.25, 20)],
)
def test_a_piece_of_news_is_worth_as_many_updates_as_the_team_writes_for_one(
    updates: int, missed: int, chance: float, expected: float
) -> None:
    """At a chance of one in four that is four: 40 updates spared don't outweigh 10 pieces of news missed."""
    saving = Saving(20, 20, 100, updates, 10, 10 + missed, (0.0, 0.0, 0.0))
    assert worth(saving, with_values(cadence={"chance_of_news": chance})) == pytest.approx(expected)
