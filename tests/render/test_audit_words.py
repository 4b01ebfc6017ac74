"""What an audit says: the sentences that a lead reads first, and what its sections hold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bugbridge.core.audit_model import (
    Audit,
    By,
    Difference,
    FollowUps,
    Group,
    LeftOut,
    Question,
    Replies,
    ResolvedBug,
    Trust,
)
from bugbridge.core.spread import Spread, spread_of
from bugbridge.core.survival import Caution, Quantile
from bugbridge.render.audit_document import Chart, ChartKind, Document, Paragraph, Section, Table
from bugbridge.render.audit_phrases import duration
from bugbridge.render.audit_reasons import CAUTIONS, DIFFERENCES, LEFT_OUT
from bugbridge.render.audit_words import audit_document
from tests.core.builders import day
from tests.render.audit_samples import empty, few, from_csv, rich, tiny

ZONE = "Europe/Berlin"


def said(audit: Audit) -> Document:
    """The document, as somebody in Berlin reads it."""
    return audit_document(audit, ZONE)


def section(audit: Audit, name: str) -> Section:
    """One section of it."""
    return next(one for one in said(audit).sections if one.id == name)


def texts(audit: Audit, name: str) -> list[str]:
    """The paragraphs of a section."""
    return [block.text for block in section(audit, name).blocks if isinstance(block, Paragraph)]


def table(audit: Audit, name: str, number: int = 0) -> Table:
    """A table of a section."""
    return [block for block in section(audit, name).blocks if isinstance(block, Table)][number]


def row(found: Table, name: str) -> tuple[str, ...]:
    """The row of a table with this name, without it."""
    return next(cells[1:] for cells in found.rows if cells[0] == name)


def of_days(days: Sequence[float], last: int | None = 100) -> Audit:
    """An audit of bugs that took so many days, of which nothing else is known."""
    bugs = tuple(ResolvedBug(f"github:acme/app#{number}", day(0), day(took)) for number, took in enumerate(days))
    return Audit(day(2_000), Question(last), n=len(days), days_to_fix=spread_of(days), bugs=bugs)


def first(audit: Audit) -> str:
    """The first sentence, on days."""
    return f"{said(audit).lead[0].split('. ')[0].removesuffix('.')}."


def test_the_ninth_sentence_with_the_teams_figures() -> None:
    """Half of the bugs, how many took how much longer, and what the updates carried."""
    assert said(rich()).lead[0] == (
        "Half of your last 100 bugs were fixed within 41 days; 10 took over 200. You sent 260 updates; 212 carried no "
        "news."
    )


def test_the_lead_goes_on_to_what_paid_what_to_trust_and_advice() -> None:
    """In this order, one paragraph each; then a paragraph for each piece of advice."""
    _, paid, trust, *advice = said(rich()).lead
    assert paid == "The updates hardly paid: 48 of 260 carried news (18 %), and 12 of 60 pieces of news had no update."
    assert trust == (
        "The bugs fixed last took 41 days in the middle, but half of all bugs reported take 49 days or more: many stay "
        "open; more bugs are reported than before, and of the new ones only the quick ones are fixed yet. Trust the 49 "
        "days, which speak for bugs as a whole, not for one."
    )
    assert [one.split(",")[0].partition(" whose")[0] for one in advice] == [
        "Of 65 updates on bugs met often",
        "On 40 of 154 tickets",
    ]


@pytest.mark.parametrize(
    ("days", "last", "sentence"),
    [
        ([1, 2, 3, 4, 5], 100, "Half of your 5 bugs were fixed within 3 days; the slowest took 5."),
        ([1, 2, 3, 4, 5], 5, "Half of your last 5 bugs were fixed within 3 days; the slowest took 5."),
        ([0.1] * 9 + [40], None, "Half of your 10 bugs were fixed within 2 hours; the slowest took 40 days."),
        ([4.1564] * 18 + [79.4, 85, 90], None, "Half of your 21 bugs were fixed within 4.2 days; 3 took over 79."),
        ([0.01] * 30, None, "Half of your 30 bugs were fixed within 14 minutes; the slowest took 14 minutes."),
        (
            [0.0] * 6,
            None,
            "Half of your 6 bugs were fixed within less than a minute; the slowest took less than a minute.",
        ),
    ],
)
def test_the_first_sentence_fits_any_bugs(days: Sequence[float], last: int | None, sentence: str) -> None:
    """`last` where there were as many as asked for; short times in hours; where one bug alone is slow, how slow."""
    assert first(of_days(days, last)) == sentence


def test_all_bugs_are_counted_with_separators() -> None:
    """Of more bugs than are listed, one in ten is slow; nobody counts them one by one."""
    audit = replace(
        of_days([1.0, 2.0]), n=5_856, days_to_fix=Spread(5_856, 4.99, 4.7, 5.4, 61.7, 0.8, 34, 157.3, 1_744)
    )
    audit = replace(audit, question=Question(last=None))
    assert first(audit) == "Half of your 5,856 bugs were fixed within 5 days; one in ten took over 157."


def test_bugs_are_counted_over_the_days_that_are_written() -> None:
    """The sentence is true of the rounded number, not of the one behind it."""
    days = [10.0] * 8 + [200.2, 200.2]
    assert duration(200.2) == "200 days"
    assert first(of_days(days)).endswith("; 2 took over 200.")


def test_bugs_since_a_day_name_it() -> None:
    """The day is that of the reader's zone."""
    since = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    audit = replace(of_days([3.0] * 7), question=Question(last=100, since=since))
    assert first(audit).startswith("Half of your 7 bugs since 2026-03-02 were fixed")


@pytest.mark.parametrize(
    ("replies", "sentence"),
    [
        (Replies(), "What their customers heard isn't known."),
        (Replies(bugs=3), "You sent no updates."),
        (Replies(bugs=3, updates=1, wasted=1), "You sent 1 update; none carried news."),
        (Replies(bugs=3, updates=3, newsful=3), "You sent 3 updates; all carried news."),
        (Replies(bugs=3, updates=3, newsful=2, wasted=1), "You sent 3 updates; 1 carried no news."),
        (Replies(unknown=3, updates=20), "You sent 20 updates; whether they carried news isn't known."),
        (
            Replies(bugs=3, unknown=1, updates=20, newsful=4, wasted=8),
            "You sent 20 updates; of the 12 that are known in full, 8 carried no news.",
        ),
    ],
)
def test_updates_are_said_as_far_as_they_are_known(replies: Replies, sentence: str) -> None:
    """Nothing is claimed of updates that nobody read."""
    assert said(replace(of_days([3.0] * 7), replies=replies)).lead[0].endswith(sentence)


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        (FollowUps.PAID, "The updates paid: 48 of 260"),
        (FollowUps.PARTLY, "The updates paid in part: 48 of 260"),
        (FollowUps.HARDLY, "The updates hardly paid: 48 of 260"),
        (FollowUps.TOO_FEW, "The updates are too few to say whether they paid: 48 of 260"),
        (FollowUps.UNKNOWN, "So whether the updates paid can't be said."),
    ],
)
def test_each_verdict_on_updates_has_its_words(verdict: FollowUps, begins: str) -> None:
    """With the figures that it rests on."""
    assert said(replace(rich(), follow_ups=verdict)).lead[1].startswith(begins)


@pytest.mark.parametrize(
    ("replies", "sentence"),
    [
        (Replies(bugs=7), "So whether updates pay can't be said."),
        (Replies(bugs=7, unknown=1, updates=20), "So whether updates pay can't be said."),
        (
            Replies(bugs=7, news=12, news_missed=11),
            "So whether updates pay can't be said, and 11 of 12 pieces of news had no update.",
        ),
    ],
)
def test_no_verdict_is_given_on_updates_that_nobody_sent_or_read(replies: Replies, sentence: str) -> None:
    """No share of none is given; the news that passed customers by is."""
    assert said(replace(of_days([3.0] * 7), replies=replies, follow_ups=FollowUps.TOO_FEW)).lead[1] == sentence


def trusted(
    audit: Audit, trust: Trust, median: float | None, *differences: Difference, caution: Sequence[Caution] = ()
) -> str:
    """What is said of the medians, where the period's is this one."""
    assert audit.period is not None
    period = replace(audit.period, median=Quantile(median, None, None), cautions=tuple(caution))
    return said(replace(audit, trust=trust, period=period, differences=differences)).lead[2]


def test_where_both_medians_agree_it_says_so() -> None:
    """And that neither is a forecast for one bug."""
    assert trusted(rich(), Trust.BOTH, 42.0) == (
        "The bugs fixed last took 41 days in the middle, and half of all bugs reported are fixed within 42 days: the "
        "two agree, and speak for bugs as a whole, not for one."
    )


def test_where_old_bugs_were_closed_in_bulk_the_period_is_shorter() -> None:
    """The sentence turns with the figures."""
    assert trusted(rich(), Trust.PERIOD, 20.0, Difference.BULK_CLOSED) == (
        "The bugs fixed last took 41 days in the middle, but half of all bugs reported are fixed within 20 days: many "
        "old bugs were closed at once. Trust the 20 days, which speak for bugs as a whole, not for one."
    )


@pytest.mark.parametrize(
    ("median", "caution", "why"),
    [
        (None, (), "as far as can be seen, fewer than half of all bugs reported are ever fixed (many stay open)."),
        (49.0, (Caution.FEW_AT_RISK,), "at some age too few bugs were being watched to tell."),
        (None, (Caution.LIST_ONLY,), "of all bugs only 100 were fixed in that time, too few to tell."),
    ],
)
def test_where_neither_median_may_be_trusted_it_says_why(
    median: float | None, caution: Sequence[Caution], why: str
) -> None:
    """The past is told, and taken for nothing else."""
    found = trusted(rich(), Trust.NEITHER, median, Difference.NEVER_FIXED, caution=caution)
    assert found == ("The bugs fixed last took 41 days in the middle. Don't expect that of bugs reported now: " + why)


def test_a_file_of_fixed_bugs_says_nothing_of_those_reported_now() -> None:
    """Nothing is known there of the open ones."""
    assert said(from_csv()).lead[2].endswith("reported now: how long the open ones have waited isn't known here.")


def test_fewer_than_five_bugs_are_listed_without_statistics() -> None:
    """One line each, and no figure of days anywhere but their own."""
    document = said(tiny())
    assert document.lead[0].startswith("3 bugs were fixed: too few for figures, which need 5. You sent 9 updates;")
    assert [one.id for one in document.sections if one.id in ("bugs", "report-to-fix", "groups", "slowest")] == ["bugs"]
    assert table(tiny(), "bugs").rows[1] == ("github:acme/app#2", "2026-05-17", "2026-06-13", "27", "3")
    assert not [one for one in document.lead if "in the middle" in one]


def test_fewer_than_twenty_bugs_carry_a_warning() -> None:
    """It stands before the figures, set apart."""
    assert section(few(), "report-to-fix").blocks[0] == Paragraph(
        "12 bugs are few: the next ones can move these figures a lot. With 20 they begin to hold.", is_warning=True
    )
    assert not [block for block in section(rich(), "report-to-fix").blocks if getattr(block, "is_warning", False)]


def test_no_bugs_say_so() -> None:
    """In one sentence, with the day that was asked for."""
    assert said(empty()).lead == (
        "There is nothing to measure: no bug that a ticket reports was fixed since 2026-06-01.",
    )
    assert [one.id for one in said(empty()).sections] == ["left-out", "unknown", "how-we-counted"]


def test_report_to_fix_has_every_figure() -> None:
    """The last close beside the first one and the release, with n, the median's interval, mean, percentiles, worst."""
    found = table(rich(), "report-to-fix")
    assert found.columns == ("days from report", "bugs", "median", "mean", "25 %", "75 %", "90 %", "worst")
    assert row(found, "to the fix (last close)") == ("100", "41 (29 to 57)", "88", "18", "95", "200", "1,053")
    assert [cells[0] for cells in found.rows[1:]] == ["to the first close", "to the release"]
    reopened, unreleased = texts(rich(), "report-to-fix")
    assert reopened == (
        "12 % of the bugs were closed as fixed more than once: the first close was too early there, and the last one "
        "counts."
    )
    assert unreleased == (
        "20 fixed bugs are in no release yet: github:acme/app#2, github:acme/app#7, jira:ACME-12 and 17 more. Counting "
        "them as still waiting (Kaplan-Meier), half are released within 64 days of the report (95 % interval: 51 to "
        "78)."
    )


def test_groups_stand_in_a_table_a_dimension() -> None:
    """What has no tier is named so, and what isn't listed is counted."""
    by_tier = table(rich(), "groups", 1)
    assert [cells[0] for cells in by_tier.rows] == ["enterprise", "standard", "no tier"]
    assert by_tier.note.startswith("And 12 more, with fewer bugs.")
    assert "A bug of several tiers counts in each." in by_tier.note
    assert by_tier.columns == ("tier", "bugs", "median", "90 %", "worst", "updates", "no news")


def test_groups_show_no_updates_where_none_are_known() -> None:
    """A nought would be a claim."""
    assert table(from_csv(), "groups").columns == ("quarter", "bugs", "median", "90 %", "worst", "updates")
    silent = replace(from_csv(), replies=Replies(unknown=40))
    assert table(silent, "groups").columns == ("quarter", "bugs", "median", "90 %", "worst")


def test_what_nobody_knows_is_no_group() -> None:
    """A table of one row without a name says nothing."""
    audit = replace(rich(), groups=(Group(By.TIER, "", rich().days_to_fix),))
    assert texts(audit, "groups") == ["Of none of the bugs a tier is known."]


def test_the_period_estimate_says_why_it_differs() -> None:
    """Its figures, what it counts, and the reasons."""
    found = table(rich(), "period")
    assert row(found, "days by which half of all are fixed") == ("49 (41 to 64)",)
    assert row(found, "bugs open at some time since 2026-03-07") == ("160",)
    assert row(found, "share that ends declined, as far as is known") == ("12 %",)
    assert texts(rich(), "period")[-1].startswith("The two medians differ because many stay open;")


def test_the_parts_of_the_period_add_up() -> None:
    """Bugs that were closed nobody knows how are named where there are any."""
    period = rich().period
    assert period is not None
    closed = replace(rich(), period=replace(period, bugs=167))
    assert row(table(closed, "period"), "of these closed, nobody knows how") == ("7",)
    assert "of these closed, nobody knows how" not in [cells[0] for cells in table(rich(), "period").rows]


def test_what_customers_heard_is_counted() -> None:
    """Replies, updates, silence, news, the release and promises."""
    found = table(rich(), "waiting")
    assert row(found, "agents' public replies") == ("356: 144 asked for, 212 proactive",)
    assert row(found, "updates that the policy called for") == ("260: 16 told late, 10 not told",)
    assert row(found, "updates sent") == ("260: 48 with news, 212 without",)
    assert row(found, "news that no update followed") == ("12 of 60",)
    assert row(found, "customers told of the release, by link") == (
        "57 for certain (37 %), 57 probably (37 %), 40 not",
    )
    assert row(found, "promises") == ("48 kept (80 % of those due), 8 late, 4 missed, 2 not due",)
    assert row(table(tiny(), "waiting"), "days from news to the update with it") == (
        "too few for a figure: 3, and it needs 5",
    )


def test_of_a_file_only_its_updates_are_said() -> None:
    """And what it can't tell is named."""
    assert texts(from_csv(), "waiting") == [
        "The file says that 20 updates were sent, and nothing else of the conversations."
    ]
    assert texts(from_csv(), "unknown") == [
        "What the customers of 40 bugs heard: their conversations aren't known.",
        "How long open bugs have waited, and how many bugs are declined: only fixed ones are known here.",
        "How often bugs came back after a fix: one date of a fix is known of each, not how often it was closed.",
        "When fixes reached customers: no release is known.",
        "How long any one bug will take: these figures are of many.",
    ]


def test_pictures_say_what_they_show() -> None:
    """Each sentence carries the facts for whoever can't see it."""
    charts = {block.kind: block.summary for block in section(rich(), "charts").blocks if isinstance(block, Chart)}
    assert set(charts) == set(ChartKind)
    assert charts[ChartKind.SURVIVAL] == (
        "Of all bugs reported, a quarter within 25 days, half within 49 days, three quarters within 130 days are "
        "fixed; after 400 days, 18 % have had no fix. For comparison: the bugs fixed last took 41 days in the middle."
    )
    assert charts[ChartKind.FIX_TIMES] == (
        "Of 100 bugs, 34 took 30 to 91 days, more than in any other bar; the slowest took 1,053 days."
    )
    assert charts[ChartKind.UPDATES_AGAINST_NEWS] == (
        "Of 96 bugs, 96 had more updates than news, 0 as many, 0 fewer; both for each link."
    )
    assert charts[ChartKind.OPEN_BY_AGE].startswith("46 bugs are open: 1 for 3 to 7 days, 2 for 14 to 30 days,")


def test_pictures_without_anything_to_show_are_left_out() -> None:
    """A file of fixed bugs has no curve, no updates bug by bug, and no open bugs."""
    kinds = [block.kind for block in section(from_csv(), "charts").blocks if isinstance(block, Chart)]
    assert kinds == [ChartKind.FIX_TIMES]


def test_every_exclusion_has_its_count_reason_and_examples() -> None:
    """The first few by name, the others counted."""
    assert table(rich(), "left-out").rows[:3] == (
        ("14", "declined, which is no fix", "github:acme/app#901, github:acme/app#902, jira:ACME-903 and 11 more"),
        ("9", "duplicates, which count with the bug that they repeat", "github:acme/app#911 and 8 more"),
        ("3", "reported by no ticket", "-"),
    )


def test_everything_that_needs_words_has_some() -> None:
    """No reason, difference or caution is without."""
    assert set(LEFT_OUT) == set(LeftOut)
    assert set(DIFFERENCES) == set(Difference)
    assert set(CAUTIONS) == set(Caution)


def test_methods_are_those_of_the_source() -> None:
    """A file says itself when bugs were reported; no method is told for what isn't shown."""
    names, names_of_file = ([cells[0] for cells in table(one, "how-we-counted").rows] for one in (rich(), from_csv()))
    assert {"reported", "period estimate", "which to trust", "update", "late"} < set(names)
    assert not {"reported", "period estimate", "which to trust", "update", "late"} & set(names_of_file)
    assert row(table(rich(), "how-we-counted"), "as of") == ("2026-06-15 10:00 Europe/Berlin",)
    assert row(table(from_csv(), "how-we-counted"), "as of") == (
        "2026-06-15 10:00 Europe/Berlin, of the file bugs.csv",
    )
