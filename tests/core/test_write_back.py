"""What is said on an issue of those who wait: when, in which words, and with what left out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.events import BugEvent
from bugbridge.core.model import BugEventKind, Workaround
from bugbridge.core.write_back import (
    Counts,
    Kept,
    Step,
    WriteBackRules,
    comment_due,
    comment_text,
    count_customers,
    digest_of,
    global_id_of,
    is_security,
    kept_of,
    label_due,
    rounded_down,
    step_value,
    ticket_steps,
)
from tests.core.builders import day

ISSUE, ANOTHER_ISSUE = 7, 8
TEN = Counts(10, 2)
SETTLES = timedelta(minutes=2)


def written(counts: Counts, on: float, *, public: bool = False) -> Kept:
    """A comment of ours with these counts, last edited on a day."""
    return Kept("123", digest_of(comment_text(counts, public=public)), day(on))


def event(seq: int, on: float, value: str) -> BugEvent:
    """A step of ours, kept."""
    kind = BugEventKind.WRITTEN_BACK
    return BugEvent(bug_id=1, kind=kind, value=value, occurred_at=day(on), source_key=f"key {seq}", seq=seq)


@pytest.mark.parametrize(
    ("customers", "lacking", "text"),
    [
        (14, 2, "14 customers report this; 2 have no workaround."),
        (14, 1, "14 customers report this; 1 has no workaround."),
        (14, 14, "14 customers report this; none has a workaround."),
        (14, 0, "14 customers report this; all have a workaround."),
        (2, 1, "2 customers report this; 1 has no workaround."),
        (1, 1, "1 customer reports this and has no workaround."),
        (1, 0, "1 customer reports this and has a workaround."),
        (0, 0, "No customer reports this."),
    ],
)
def test_a_comment_counts_customers_and_those_without_a_workaround(customers: int, lacking: int, text: str) -> None:
    """Numbers, and nothing else."""
    assert comment_text(Counts(customers, lacking), public=False) == text


@pytest.mark.parametrize(
    ("customers", "lacking", "sentence"),
    [
        (14, 14, "10 or more customers report this; none has a workaround."),
        (14, 3, "10 or more customers report this; 2 or more have no workaround."),
        (4, 1, "2 or more customers report this; 1 has no workaround."),
        (1, 1, "1 customer reports this and has no workaround."),
        (0, 0, "No customer reports this."),
    ],
)
def test_a_public_comment_is_rounded_and_says_what_it_holds_to(customers: int, lacking: int, sentence: str) -> None:
    """DESIGN's tenth sentence."""
    assurance = "No customer data is posted here; this comment is edited, never repeated."
    assert comment_text(Counts(customers, lacking), public=True) == f"{sentence} {assurance}"


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (4, 2),
        (5, 5),
        (9, 5),
        (10, 10),
        (19, 10),
        (20, 20),
        (50, 50),
        (99, 50),
        (100, 100),
        (1234, 1000),
    ],
)
def test_public_counts_are_rounded_down_to_one_two_or_five(number: int, rounded: int) -> None:
    """1, 2, 5, 10, 20, 50, 100, …"""
    assert rounded_down(number) == rounded


@given(st.integers(1, 10**9))
def test_rounding_never_exaggerates_and_never_loses_more_than_three_fifths(number: int) -> None:
    """The worst is 4.9…, said as 2."""
    assert number / 2.5 < rounded_down(number) <= number


def test_an_account_counts_once_and_lacks_a_workaround_if_one_of_its_people_does() -> None:
    """Known, told and confirmed are workarounds; none and a failed one aren't."""
    links = [
        (1, Workaround.CONFIRMED),
        (1, Workaround.FAILED),
        (2, Workaround.NONE),
        (2, Workaround.NONE),
        (3, Workaround.KNOWN),
        (4, Workaround.TOLD),
    ]
    assert count_customers(links) == Counts(4, 2)


def test_no_links_are_no_customers() -> None:
    """An unlinked bug is reported by nobody."""
    assert count_customers([]) == Counts(0, 0)


def test_the_first_comment_is_due_once_somebody_reports_the_bug() -> None:
    """A comment of nobody is none."""
    assert [comment_due(Kept(), counts, day(1), SETTLES) for counts in (Counts(), Counts(1))] == [False, True]


@pytest.mark.parametrize(("after_days", "due"), [(0, False), (6.99, False), (7, True), (30, True)])
def test_a_comment_is_edited_at_most_weekly(after_days: float, due: bool) -> None:  # noqa: FBT001 - a test's parameter
    """However often the number changes meanwhile."""
    assert comment_due(written(TEN, 1), Counts(11, 2), day(1 + after_days), SETTLES) == due


@pytest.mark.parametrize("public", [False, True])
def test_a_comment_whose_text_stays_is_not_edited(public: bool) -> None:  # noqa: FBT001 - a test's parameter
    """An edit that says the same is noise, and no request."""
    assert not comment_due(written(TEN, 1, public=public), TEN, day(60), SETTLES)


def test_a_public_comment_whose_rounded_text_stays_is_not_edited() -> None:
    """14 and 15 customers are both "10 or more"."""
    assert not comment_due(written(Counts(14, 2), 1, public=True), Counts(15, 2), day(60), SETTLES)


def test_a_comment_in_doubt_is_left_alone_until_it_has_settled() -> None:
    """It may still be on its way; looked for too early it would be posted twice."""
    doubt = replace(Kept(), begun_at=day(1))
    waits = [timedelta(0), SETTLES - timedelta(seconds=1), SETTLES]
    assert [comment_due(doubt, TEN, day(1) + wait, SETTLES) for wait in waits] == [False, False, True]


def test_the_label_is_due_from_the_threshold_on_and_once() -> None:
    """A person who takes it off has the last word; an empty label is none."""
    rules = WriteBackRules(label_from=10)
    assert [label_due(Kept(), Counts(number), rules) for number in (9, 10, 11)] == [False, True, True]
    assert not label_due(Kept(labelled=True), TEN, rules)
    assert not label_due(Kept(), TEN, replace(rules, label=""))


@pytest.mark.parametrize(
    ("tickets", "ended", "steps"),
    [
        ({1: Step.LINKED}, False, [(2, Step.LINKED)]),
        ({1: Step.LINKED, 2: Step.LINKED}, False, []),
        ({1: Step.LINKED}, True, [(1, Step.RESOLVED)]),
        ({1: Step.RESOLVED}, False, [(1, Step.LINKED), (2, Step.LINKED)]),
        ({1: Step.LINKED, 2: Step.LINKED, 3: Step.LINKED}, False, [(3, Step.UNLINKED)]),
        ({1: Step.LINKED, 2: Step.UNLINKED, 3: Step.UNLINKED}, False, [(2, Step.LINKED)]),
    ],
)
def test_tickets_are_linked_struck_through_at_the_end_and_unlinked(
    tickets: dict[int, Step],
    ended: bool,  # noqa: FBT001 - a test's parameter
    steps: list[tuple[int, Step]],
) -> None:
    """Tickets 1 and 2 report the bug; a bug that ended gets no new links, and one reopened has its own back."""
    assert list(ticket_steps(Kept(tickets=tickets), [2, 1], ended=ended)) == steps


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["security"], True),
        (["bug", "Type: SECURITY issue"], True),
        (["cybersecurity"], True),
        (["secure"], False),
        ([], False),
    ],
)
def test_any_label_with_the_word_security_counts(labels: list[str], expected: bool) -> None:  # noqa: FBT001 - a test's parameter
    """In any case, and as a part of a longer one: rather once too often."""
    assert is_security(labels) == expected


def test_what_we_did_is_folded_in_the_order_in_which_we_did_it() -> None:
    """The tracker's clock may be behind ours: a comment written after it was begun settles it all the same."""
    events = [
        event(2, 1, step_value(ISSUE, Step.WRITTEN, comment="123", digest="abc", customers=1, without_workaround=1)),
        event(1, 2, step_value(ISSUE, Step.BEGUN)),
        event(3, 3, step_value(ISSUE, Step.LABELLED, customers=10)),
        event(4, 3, step_value(ISSUE, Step.LINKED, ticket=5)),
        event(5, 4, step_value(ISSUE, Step.RESOLVED, ticket=5)),
        event(6, 5, step_value(ANOTHER_ISSUE, Step.BEGUN)),
    ]
    assert kept_of(events, ISSUE) == Kept("123", "abc", day(1), None, labelled=True, tickets={5: Step.RESOLVED})
    assert kept_of(events, ANOTHER_ISSUE) == Kept(begun_at=day(5))


@given(st.text(max_size=5000))
def test_a_ticket_has_one_short_name_that_tells_nothing(reference: str) -> None:
    """Jira takes 255 characters at most and keeps one link a name."""
    name = global_id_of(reference)
    assert (name, len(name) <= 255) == (global_id_of(reference), True)
    assert set(name.removeprefix("bugbridge:")) <= set("0123456789abcdef")
