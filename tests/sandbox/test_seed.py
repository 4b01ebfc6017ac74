"""The seeded history holds what the demonstration needs, and is the same wherever it is made."""

from collections import Counter
from datetime import datetime, timedelta
from math import log
from statistics import mean, pstdev

import pytest

from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.export import seed_document
from bugbridge.sandbox.seed import build_world
from bugbridge.sandbox.seed_bugs import LOG_DEVIATION_DAYS, LOG_MEAN_DAYS, plan_bugs
from bugbridge.sandbox.world import SEED_NOW, Ticket, World

WORLD = build_world()
LIVE_FROM = SEED_NOW - timedelta(days=14)


def tickets_by_bug(world: World) -> dict[str, list[Ticket]]:
    """Every linked bug with its tickets."""
    found: dict[str, list[Ticket]] = {}
    for number, truth in world.truth.items():
        for reference in truth.links:
            found.setdefault(reference, []).append(world.tickets[number])
    return found


def accounts_and_weeks(tickets: list[Ticket]) -> tuple[int, int]:
    """Organisations that first reported in the last eight weeks, and in how many of those weeks."""
    first: dict[int, datetime] = {}
    for ticket in tickets:
        first[ticket.organization_id] = min(first.get(ticket.organization_id, ticket.created_at), ticket.created_at)
    ages = [(SEED_NOW - moment).days for moment in first.values() if SEED_NOW - moment < timedelta(days=56)]
    return len(ages), len({age // 7 for age in ages})


def test_the_same_seed_makes_the_same_history() -> None:
    """Two builds of one seed are equal to the last character; another seed differs."""
    assert seed_document(build_world(7)) == seed_document(build_world(7))
    assert seed_document(build_world(7)) != seed_document(build_world(8))


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_seed_makes_a_whole_history(seed: int) -> None:
    """No seed runs out of duplicates to point at or of tickets to write."""
    assert len(build_world(seed).tickets) == 642


def test_the_promised_size() -> None:
    """At least 80 bugs with tickets, 600 tickets, 250 accounts, and 12 enterprise ones."""
    living = [ticket for ticket in WORLD.tickets.values() if ticket.status != "deleted"]
    assert len(tickets_by_bug(WORLD)) >= 80
    assert len(living) == 640
    assert len({ticket.organization_id for ticket in living}) >= 250
    assert sum(each.tier == "enterprise" for each in WORLD.organizations.values()) == 12


def test_github_bugs_stand_in_every_stage() -> None:
    """Open, closed for each reason, reopened; and some in progress by a label or an assignee."""
    linked = [WORLD.issue(reference) for reference in tickets_by_bug(WORLD) if "#" in reference]
    reasons = Counter(issue.state_reason for issue in linked)
    assert set(reasons) == {None, "completed", "not_planned", "duplicate", "reopened"}
    assert any("in progress" in issue.labels and issue.closed_at is None for issue in linked)
    assert any(issue.assignees and issue.closed_at is None for issue in linked)
    marked = {mark.reference for mark in WORLD.release_marks}
    assert any(issue.state_reason == "completed" and issue.reference not in marked for issue in linked)
    assert any(sum(event.kind == "closed" for event in issue.events) == 2 for issue in linked)


def test_jira_bugs_stand_in_every_stage() -> None:
    """Every status and resolution, fixed in released and in unreleased versions, and one reopened."""
    linked = [WORLD.jira_issue(reference) for reference in tickets_by_bug(WORLD) if "#" not in reference]
    assert {issue.status for issue in linked} == {"To Do", "In Progress", "Done"}
    assert {issue.resolution for issue in linked} == {None, "Fixed", "Won't Do", "Duplicate"}
    assert {WORLD.version(issue.project, name).released for issue in linked for name in issue.fix_versions} == {
        True,
        False,
    }
    assert any(change.before[1] == "Done" for issue in linked for change in issue.changes)


def test_a_duplicate_names_a_survivor_that_has_tickets() -> None:
    """GitHub says so by comment, Jira by link; both survivors are bugs of customers too."""
    linked = tickets_by_bug(WORLD)
    github = [WORLD.issue(each) for each in linked if "#" in each and WORLD.issue(each).state_reason == "duplicate"]
    said = [f"{issue.repository}#{issue.comments[-1].body.removeprefix('Duplicate of #')}" for issue in github]
    pointed = [issue.duplicate_of for issue in WORLD.jira_issues.values() if issue.resolution == "Duplicate"]
    assert len(said) == 4
    assert len(pointed) == 2
    assert set(said) | set(pointed) <= set(linked)
    assert [
        issue.reference for issue, other in zip(github, said, strict=True) if WORLD.issue(other).number > issue.number
    ] == []


def test_bugs_are_met_frequently_in_bursts_and_seldom() -> None:
    """Some by five accounts in three weeks or more, some by five within two weeks, most by fewer."""
    counts = [accounts_and_weeks(tickets) for tickets in tickets_by_bug(WORLD).values()]
    assert sum(accounts >= 5 and weeks >= 3 for accounts, weeks in counts) == 10
    assert sum(accounts >= 5 and weeks < 3 for accounts, weeks in counts) == 3
    assert sum(accounts < 5 for accounts, _ in counts) == 87


def test_one_account_writes_many_tickets_about_one_bug() -> None:
    """Frequency counts accounts, so there is a bug of which tickets alone would lie."""
    assert any(
        len(each) >= 4 and len({ticket.organization_id for ticket in each}) == 1
        for each in tickets_by_bug(WORLD).values()
    )


def test_the_last_fortnight_has_news_for_open_tickets() -> None:
    """Going live as of 14 days ago finds fixes, releases and refusals that waiting customers haven't heard of."""
    linked = tickets_by_bug(WORLD)
    released = {mark.reference for mark in WORLD.release_marks if mark.on > LIVE_FROM.date()}
    for issue in WORLD.jira_issues.values():
        days = [WORLD.version(issue.project, name).release_date for name in issue.fix_versions]
        released |= {issue.key for day in days if day and LIVE_FROM.date() < day <= SEED_NOW.date()}
    refused = {each for each in linked if "#" in each and WORLD.issue(each).state_reason == "not_planned"}
    late = {each for each in refused if WORLD.issue(each).updated_at > LIVE_FROM}
    waiting = [
        ticket
        for each in (released & set(linked)) | late
        for ticket in linked[each]
        if ticket.status not in {"solved", "closed"}
    ]
    assert len(released & set(linked)) >= 8
    assert len(late) == 2
    assert 15 <= len(waiting) <= 60


def test_what_looks_like_a_reference_and_is_no_link() -> None:
    """Customers, public replies, robots and finished bugs suggest; quotes and code do not even that."""
    suggested = Counter(how for truth in WORLD.truth.values() for how in truth.suggestions.values())
    ignored = Counter(how for truth in WORLD.truth.values() for how in truth.ignored.values())
    assert suggested == {"customer": 6, "public reply": 6, "trigger": 3, "robot": 3, "resolved before": 6}
    assert ignored == {"quoted": 6, "code block": 6, "inline code": 3}
    assert sum(len(truth.links) == 2 for truth in WORLD.truth.values()) == 14


def test_nothing_happens_after_the_history_ends() -> None:
    """No comment, change or event lies in the future of the servers' clock."""
    comments = [comment.created_at for ticket in WORLD.tickets.values() for comment in ticket.comments]
    updates = [ticket.updated_at for ticket in WORLD.tickets.values()]
    events = [
        event.at for repository in WORLD.issues.values() for issue in repository.values() for event in issue.events
    ]
    changes = [change.at for issue in WORLD.jira_issues.values() for change in issue.changes]
    assert max([*comments, *updates, *events, *changes]) < SEED_NOW


def test_a_linked_ticket_begins_while_its_bug_is_not_over() -> None:
    """References to bugs released or declined before the ticket began are suggestions, so links come earlier."""
    ends = {mark.reference: mark.on for mark in WORLD.release_marks}
    late = [
        (reference, ticket.id)
        for reference, tickets in tickets_by_bug(WORLD).items()
        for ticket in tickets
        if reference in ends and ticket.created_at.date() >= ends[reference]
    ]
    assert late == []


def test_comments_of_a_ticket_are_in_order() -> None:
    """Servers list them oldest first, the customer's words before all others."""
    orders = [[comment.created_at for comment in ticket.comments] for ticket in WORLD.tickets.values()]
    assert [order for order in orders if order != sorted(order)] == []


def test_promises_are_due_around_the_end() -> None:
    """Some were due before, one on the day itself, others after; each was made before it fell due."""
    days = sorted((promise.due - SEED_NOW.date()).days for promise in WORLD.promises)
    assert days == [-9, -4, -1, 0, 1, 2, 4, 8]
    assert [promise for promise in WORLD.promises if promise.made.date() >= promise.due] == []


def test_some_people_write_what_would_break_a_careless_program() -> None:
    """Markup, templates, spreadsheet commands and terminal escapes occur in messages, markup in a name."""
    text = "".join(comment.body for ticket in WORLD.tickets.values() for comment in ticket.comments)
    assert [sign for sign in ("<script>", "{{", "=cmd|", "\x1b]0;") if sign not in text] == []
    assert any("<b>" in user.name for user in WORLD.users.values())


def test_workarounds_reach_every_state() -> None:
    """Known, told, confirmed and failed all occur."""
    states = {state for workaround in WORLD.workarounds for state in workaround.tickets.values()}
    assert states == {"known", "told", "confirmed", "failed"}


def test_days_to_a_fix_have_the_fitted_tail() -> None:
    """Draws have the mean and deviation that were fitted, in logarithms of days."""
    chance = Chance(1)
    draws = [log(chance.lognormal(LOG_MEAN_DAYS, LOG_DEVIATION_DAYS)) for _ in range(20_000)]
    assert mean(draws) == pytest.approx(LOG_MEAN_DAYS, abs=0.05)
    assert pstdev(draws) == pytest.approx(LOG_DEVIATION_DAYS, abs=0.05)


def test_fixes_take_from_a_week_to_most_of_a_year() -> None:
    """A year's history cuts the tail off, and keeps enough of it to be seen."""
    fixed = [bug for bug in plan_bugs(Chance(2026)) if bug.outcome == "released" and bug.closed_at]
    days = sorted((bug.closed_at - bug.met_at).days for bug in fixed if bug.closed_at)
    assert days[len(days) // 10] <= 14
    assert days[-3] >= 180
