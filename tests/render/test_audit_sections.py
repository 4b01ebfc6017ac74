"""What the sections of an audit hold."""

from dataclasses import replace

import pytest

from bugbridge.core.audit_model import (
    By,
    CurvePoint,
    Difference,
    Exclusion,
    Group,
    LeftOut,
    Question,
    Replies,
)
from bugbridge.core.spread import spread_of
from bugbridge.core.survival import Caution, Quantile
from bugbridge.render.audit_document import Chart, ChartKind, Paragraph, Table
from bugbridge.render.audit_reasons import CAUTIONS, DIFFERENCES, LEFT_OUT
from tests.core.builders import day
from tests.render.audit_reading import row, said, section, table, texts
from tests.render.audit_samples import from_csv, rich, tiny

CALLED_FOR = "updates that the policy called for"


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
        "them as still waiting, half are released within 64 days of the report (95 % interval: 51 to "
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


def test_groups_of_few_bugs_carry_one_note() -> None:
    """Below their tables, where any group has figures of fewer than 20 bugs."""
    note = Paragraph("The figures of a group with fewer than 20 bugs can move a lot with one bug more.")
    groups = [Group(By.TIER, name, spread_of([3.0] * n)) for name, n in (("a", 4), ("b", 19), ("c", 20))]
    with_few, without = (section(replace(rich(), groups=tuple(one)), "groups") for one in (groups, groups[::2]))
    assert with_few.blocks[-1] == note
    assert without.blocks[-1] != note


def test_a_quarter_is_that_of_the_fix() -> None:
    """In UTC, like all that is counted."""
    assert table(from_csv(), "groups").title == "By quarter of the fix, in UTC"


def test_what_nobody_knows_is_no_group() -> None:
    """A table of one row without a name says nothing."""
    audit = replace(rich(), groups=(Group(By.TIER, "", rich().days_to_fix),))
    assert texts(audit, "groups") == ["No bug's tier is known."]


def test_the_period_estimate_says_why_it_differs() -> None:
    """Its figures, what it counts, and the reasons."""
    found = table(rich(), "period")
    assert row(found, "days by which half of all are fixed") == ("49 (41 to 64)",)
    assert row(found, "bugs open at some time since 2026-03-07") == ("160",)
    assert row(found, "share that ends declined, as far as is known") == ("12 %",)
    assert texts(rich(), "period")[-1].startswith("The two medians differ because many stay open;")


def test_the_fix_with_which_the_period_begins_is_not_in_it() -> None:
    """Whoever counts 100 bugs above and 99 here is told why."""
    audit = rich()
    assert audit.period is not None
    assert table(audit, "period").note == ""
    one_fewer = replace(audit, period=replace(audit.period, fixed=99))
    assert table(one_fewer, "period").note == (
        "The period begins with the earliest of the 100 fixes. A bug fixed at that very moment, or at that of its "
        "report, was at no time open in it, so that 99 of the 100 count as fixed here."
    )
    of_all = replace(one_fewer, question=Question(last=None))
    assert table(of_all, "period").note.startswith("A bug fixed at the very moment of its report, or at which")


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
    assert row(found, CALLED_FOR) == ("260: 16 told late, 10 not told",)
    assert row(found, "updates sent") == ("260: 48 with news, 212 without",)
    assert row(found, "news that no update followed") == ("12 of 60",)
    assert row(found, "links told of the release") == (
        ("of 154 links whose bug was released, 114 were told (57 for certain, 37 %; 57 probably, 37 %), 40 weren't"),
    )
    assert row(found, "promises") == ("48 kept (80 % of those due), 8 late, 4 missed, 2 not due",)
    assert row(table(tiny(), "waiting"), "days from news to the update with it") == (
        "too few for a figure: 3, and it needs 5",
    )


def test_what_the_policy_called_for_is_said_of_the_links_for_which_there_was_one() -> None:
    """None called for under none reads as if all had been done."""
    known = Replies(bugs=25, links=106, under_policy=106, required=3, late=2, missed=1)
    cells = [
        row(table(replace(rich(), replies=replace(known, under_policy=links)), "waiting"), CALLED_FOR)
        for links in (106, 30, 0)
    ]
    assert cells == [
        ("3: 2 told late, 1 not told",),
        ("3: 2 told late, 1 not told, over 30 of 106 links; no policy was in force for the others",),
        ("not known: no policy was in force while they waited",),
    ]


def test_links_are_not_called_customers() -> None:
    """One customer may have several, and a ticket several bugs."""
    found = table(replace(rich(), replies=Replies(bugs=1, links=1, told_probable=1)), "waiting")
    assert row(found, "bugs whose conversations are known") == ("1, with 1 link (a customer's ticket with its bug)",)
    assert row(found, "links told of the release") == (
        "of 1 link whose bug was released, 1 was told (0 for certain, 0 %; 1 probably, 100 %), 0 weren't",
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
        "Of 96 bugs, 96 had more updates than news, 0 as many, 0 fewer; both for each link, which is a ticket with the "
        "bug that it reports."
    )
    assert charts[ChartKind.OPEN_BY_AGE].startswith("46 bugs are open: 1 for 3 to 7 days, 2 for 14 to 30 days,")


def test_the_half_of_the_curve_is_the_median() -> None:
    """However coarsely the curve is drawn: 14.48 days are 14 in the sentence, the table and below the picture."""
    audit = rich()
    assert audit.period is not None
    curve = (CurvePoint(0.0, 1.0), CurvePoint(14.6, 0.49))
    audit = replace(audit, period=replace(audit.period, curve=curve, median=Quantile(14.48, 7.04, 20.2)))
    charts = [block for block in section(audit, "charts").blocks if isinstance(block, Chart)]
    assert "half within 14 days" in charts[0].summary
    assert "fixed within 14 days" in said(audit).lead[2]
    assert row(table(audit, "period"), "days by which half of all are fixed") == ("14 (7 to 20)",)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (Question(last=100), "bugs fixed last"),
        (Question(last=None), "fixed bugs"),
        (Question(last=None, since=day(1)), "fixed bugs asked about"),
    ],
)
def test_only_the_last_ones_are_called_so(question: Question, name: str) -> None:
    """All fixed bugs, and those since a day, aren't `the bugs fixed last`."""
    audit = replace(rich(), question=question)
    assert said(audit).lead[2].startswith(f"The {name} took 41 days in the middle")
    charts = [block for block in section(audit, "charts").blocks if isinstance(block, Chart)]
    assert charts[0].summary.endswith(f"For comparison: the {name} took 41 days in the middle.")


def test_names_of_methods_stand_under_how_we_counted_alone() -> None:
    """A lead needs none of them to read the rest."""
    document = said(rich())
    for one in document.sections:
        assert ("Kaplan-Meier" in str(one.blocks)) is (one.id == "how-we-counted")
    methods = dict(table(rich(), "how-we-counted").rows)
    assert {"link", "news", "half are released"} <= set(methods)
    assert "half are released" not in dict(table(from_csv(), "how-we-counted").rows)


def test_pictures_without_anything_to_show_are_left_out() -> None:
    """A file of fixed bugs has no curve, no updates bug by bug, and no open bugs."""
    kinds = [block.kind for block in section(from_csv(), "charts").blocks if isinstance(block, Chart)]
    assert kinds == [ChartKind.FIX_TIMES]


def test_every_exclusion_has_its_count_reason_and_examples() -> None:
    """The first few by name, the others counted."""
    assert table(rich(), "left-out").rows == (
        ("14", "declined, which is no fix", "github:acme/app#901, github:acme/app#902, jira:ACME-903 and 11 more"),
    )
    assert table(rich(), "left-out", 1).rows == (
        ("9", "duplicates, which count with the bug that they repeat", "github:acme/app#911 and 8 more"),
        ("3", "reported by no ticket", "-"),
        ("1", "fixed before a customer's first ticket", "github:acme/app#921"),
    )


@pytest.mark.parametrize("reason", [LeftOut.NOT_FIXED, LeftOut.DECLINED, LeftOut.UNKNOWN_RESOLUTION])
def test_what_counts_among_all_bugs_is_not_called_in_no_figure(reason: LeftOut) -> None:
    """Open and declined bugs aren't measured, but stand in the estimate over all bugs, where there is one."""
    audit = replace(rich(), excluded=(Exclusion(reason, 4_900),))
    [found] = section(audit, "left-out").blocks
    assert isinstance(found, Table)
    assert found.title == 'Not among the fixed ones, but under "All bugs, the open ones too"'
    assert found.note.endswith("that they were open at some time since 2026-03-07.")
    assert table(replace(audit, period=None), "left-out").title == "In none of the figures"


def test_a_file_tells_of_reports_a_store_of_tickets() -> None:
    """So each says in its own words what was fixed too early."""
    early = replace(from_csv(), excluded=(Exclusion(LeftOut.FIXED_BEFORE_REPORTED, 2),))
    assert table(early, "left-out").rows == (("2", "fixed, declined or released before they were reported", "-"),)


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
