"""What an audit says first: the sentences that a lead reads before all figures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bugbridge.core.audit_model import (
    Audit,
    Difference,
    FollowUps,
    LongHaul,
    Question,
    Replies,
    ResolvedBug,
    Trust,
)
from bugbridge.core.spread import Spread, spread_of
from bugbridge.core.survival import Caution, Quantile
from bugbridge.render.audit_document import Paragraph
from bugbridge.render.audit_phrases import duration
from tests.core.builders import day
from tests.render.audit_reading import said, section, table
from tests.render.audit_samples import empty, few, from_csv, rich, tiny


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
    assert [one.split(",")[0] for one in advice] == [
        "Of 65 updates on bugs met often",
        "Of 154 links (a customer's ticket with its bug) whose bug was released",
    ]


@pytest.mark.parametrize(
    ("days", "last", "sentence"),
    [
        ([1, 2, 3, 4, 5], 100, "Of your 5 fixed bugs, half took 3 days or less; the slowest took 5."),
        ([1, 2, 3, 4, 5], 5, "Half of your last 5 bugs were fixed within 3 days; the slowest took 5."),
        ([0.1] * 9 + [40], None, "Of your 10 fixed bugs, half took 2 hours or less; the slowest took 40 days."),
        ([4.1564] * 18 + [79.4, 85, 90], None, "Of your 21 fixed bugs, half took 4.2 days or less; 3 took over 79."),
        ([0.01] * 30, None, "Of your 30 fixed bugs, half took 14 minutes or less; the slowest took 14 minutes."),
        (
            [0.0] * 6,
            None,
            "Of your 6 fixed bugs, half took less than a minute; the slowest took less than a minute.",
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
    assert first(audit) == "Of your 5,856 fixed bugs, half took 5 days or less; one in ten took over 157."


def test_bugs_are_counted_over_the_days_that_are_written() -> None:
    """The sentence is true of the rounded number, not of the one behind it."""
    days = [10.0] * 8 + [200.2, 200.2]
    assert duration(200.2) == "200 days"
    assert first(of_days(days)).endswith("; 2 took over 200.")


def test_bugs_since_a_day_name_it() -> None:
    """The day is that of the reader's zone."""
    since = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    audit = replace(of_days([3.0] * 7), question=Question(last=100, since=since))
    assert first(audit).startswith("Of the 7 bugs fixed since 2026-03-02, half took 3 days or less;")


@pytest.mark.parametrize(
    ("replies", "sentence"),
    [
        (Replies(), "What their customers heard isn't known, so whether updates paid can't be said."),
        (Replies(bugs=3), "You sent no updates."),
        (Replies(bugs=3, updates=1, wasted=1), "You sent 1 update; none carried news."),
        (Replies(bugs=3, updates=3, newsful=3), "You sent 3 updates; all carried news."),
        (Replies(bugs=3, updates=3, newsful=2, wasted=1), "You sent 3 updates; 1 carried no news."),
        (
            Replies(unknown=3, updates=20),
            "You sent 20 updates; whether they carried news isn't known, so whether they paid can't be said.",
        ),
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
        (FollowUps.UNKNOWN, "So whether updates pay can't be said, and 12 of 60"),
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


@pytest.mark.parametrize(
    ("upper", "why"),
    [
        (180.0, "half of all may be fixed within anything from 6 days to 180 days, so few are the fixes behind it."),
        (None, "half of all may be fixed within 6 days, or much later, so few are the fixes behind it."),
    ],
)
def test_limits_that_leave_everything_open_are_told(upper: float | None, why: str) -> None:
    """A median that may be ten times as long is none to plan by."""
    assert few().period is not None
    period = replace(few().period, median=Quantile(60.0, 6.0, upper), cautions=(Caution.FEW_FIXES,))
    assert said(replace(few(), trust=Trust.NEITHER, period=period)).lead[2].endswith(why)


@pytest.mark.parametrize(
    ("trust", "period_days", "ends"),
    [
        (Trust.BOTH, 48.0, "are fixed within 48 days: the two agree."),
        (Trust.PERIOD, 90.0, "Trust the 90 days more, though only 12 fixes stand behind them."),
    ],
)
def test_few_bugs_do_not_speak_for_bugs_as_a_whole(trust: Trust, period_days: float, ends: str) -> None:
    """Fewer than 20 may agree, or be the better guess, and no more is made of that."""
    assert trusted(few(), trust, period_days).endswith(ends)


def test_a_file_of_fixed_bugs_says_nothing_of_those_reported_now() -> None:
    """Nothing is known there of the open ones."""
    assert said(from_csv()).lead[2] == (
        "The fixed bugs took 7.8 days in the middle. Don't expect that of bugs reported now: how long the open ones "
        "have waited isn't known here."
    )


def test_a_file_says_up_to_when_it_tells() -> None:
    """Its last date, in the title and below the first sentence: for whoever reads an old file, today is another day."""
    assert said(from_csv()).title == "Bug audit of bugs.csv, as of 2026-06-15"
    assert said(from_csv()).lead[1] == "This is as of 2026-06-15, the last date in the file."
    assert said(replace(rich(), origin="bugs.csv")).lead[1] == (
        "This is as of 2026-06-15, the last date in the file: open bugs are counted up to it."
    )


def test_what_nobody_heard_of_is_said_in_one_sentence() -> None:
    """No second line begins with `so` and hangs in the air."""
    assert (
        said(from_csv())
        .lead[0]
        .endswith("You sent 20 updates; whether they carried news isn't known, so whether they paid can't be said.")
    )
    assert not [one for one in said(from_csv()).lead if one.startswith("So ")]


def test_a_long_haul_is_rounded_like_all_days() -> None:
    """It is the lower limit of the table's median, and no other number."""
    assert said(replace(rich(), long_haul=LongHaul(41.6, 30))).lead[3] == (
        "A long haul: half of all reported bugs take 42 days or more, so periodic updates are at least 30 days apart."
    )


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
