"""The crash test's own eyes: a note repeated, lost, unasked for or unrecorded is seen, whatever else is right."""

from dataclasses import replace

import pytest

from scripts.crash.desk import CUSTOMERS_PER_BUG, FIRST_CUSTOMER, RACING, is_racing
from scripts.crash.evidence import Delivery, Evidence, Meaning, Note
from scripts.crash.verdict import Verdict, judge, told

CARLA = Meaning(str(FIRST_CUSTOMER + CUSTOMERS_PER_BUG), "github:acme/app#1", "released", "phase 2")
RELEASED = Delivery("BB-1", "4001", "posted", (CARLA,))
PERIODIC = Delivery("BB-2", "4001", "posted", (CARLA._replace(reason="periodic", occasion="number 1"),))
FIRST, SECOND = Note("4001", "91", "BB-1"), Note("4001", "92", "BB-2")
UNDISTURBED = Evidence((FIRST, SECOND), (RELEASED, PERIODIC))
RACER = Meaning(str(FIRST_CUSTOMER + CUSTOMERS_PER_BUG + RACING), "github:acme/app#1", "released", "phase 2")


def verdict_of(*notes: Note, deliveries: tuple[Delivery, ...] = (RELEASED, PERIODIC)) -> Verdict:
    """Judge a run that left these notes."""
    return judge(told(UNDISTURBED), Evidence(notes, deliveries), is_racing)


def test_an_equal_run_is_well() -> None:
    """The same updates on the same tickets, each once; in which order they were posted is of no consequence."""
    assert verdict_of(SECOND, FIRST) == Verdict(updates=2)


def test_a_lost_note_is_seen() -> None:
    """It is missing on the helpdesk though the database calls it posted, and is counted once."""
    verdict = verdict_of(FIRST)
    assert (verdict.lost, verdict.repeated, len(verdict.problems)) == (1, 0, 2)
    assert verdict.problems[0].startswith("Lost: periodic of github:acme/app#1 (number 1)")


def test_a_note_posted_twice_by_one_delivery_is_seen() -> None:
    """Two notes bear one marker."""
    verdict = verdict_of(FIRST, SECOND, Note("4001", "93", "BB-1"))
    assert (verdict.lost, verdict.repeated) == (0, 1)
    assert "Repeated: 2 notes bear the marker BB-1." in verdict.problems


def test_an_update_told_by_two_deliveries_is_seen() -> None:
    """Each marker is there once, and yet the customer's agent reads the same twice, even on another ticket."""
    again = replace(RELEASED, marker="BB-3", ticket="4002")
    verdict = verdict_of(FIRST, SECOND, Note("4002", "93", "BB-3"), deliveries=(RELEASED, PERIODIC, again))
    assert (verdict.lost, verdict.repeated) == (0, 1)
    assert verdict.problems == (f"Repeated: {CARLA}, 2 notes (on 4001, 4002).",)


def test_an_update_of_another_run_is_seen() -> None:
    """What the undisturbed run didn't post is wrong too."""
    more = Delivery("BB-3", "4001", "posted", (CARLA._replace(occasion="phase 5"),))
    verdict = verdict_of(FIRST, SECOND, Note("4001", "93", "BB-3"), deliveries=(RELEASED, PERIODIC, more))
    assert [problem.partition(":")[0] for problem in verdict.problems] == ["Not in the undisturbed run"]


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (replace(RELEASED, marker="BB-9"), "belongs to no delivery"),
        (replace(RELEASED, state="unknown"), "stands there, but its delivery is unknown"),
        (replace(RELEASED, ticket="4002"), "has its delivery on 4002"),
        (replace(RELEASED, meanings=()), "is posted, but tells nothing"),
        (replace(RELEASED, state="dead"), "Given up: the delivery BB-1"),
        (replace(RELEASED, unwanted=(CARLA,)), "Not called for any more when it was claimed or posted"),
    ],
)
def test_a_disagreement_between_helpdesk_and_database_is_seen(delivery: Delivery, said: str) -> None:
    """Every note has its delivery and every posted delivery its note and its meaning."""
    verdict = verdict_of(FIRST, SECOND, deliveries=(delivery, PERIODIC))
    assert any(said in problem for problem in verdict.problems), verdict.problems


def test_an_answer_tells_no_update_and_is_looked_at_as_any_note() -> None:
    """It is no delivery of nothing, and one that is repeated or lost is seen."""
    answer, note = Delivery("BB-5", "4001", "posted", (), answer="linked:12"), Note("4001", "95", "BB-5")
    known = (RELEASED, PERIODIC, answer)
    assert verdict_of(FIRST, SECOND, note, deliveries=known) == Verdict(updates=2)
    assert "Repeated: 2 notes bear the marker BB-5." in verdict_of(FIRST, SECOND, note, note, deliveries=known).problems
    assert any(problem.startswith("Lost:") for problem in verdict_of(FIRST, SECOND, deliveries=known).problems)


def test_a_racing_customer_may_be_told_or_not_but_once() -> None:
    """What agents do at any moment decides whether they are owed something; a repetition is wrong all the same."""
    race = Delivery("BB-4", "4007", "posted", (RACER,))
    once, twice = Note("4007", "94", "BB-4"), Note("4007", "95", "BB-4")
    assert is_racing(RACER.customer)
    assert not verdict_of(FIRST, SECOND, once, deliveries=(RELEASED, PERIODIC, race)).problems
    assert verdict_of(FIRST, SECOND, once, twice, deliveries=(RELEASED, PERIODIC, race)).repeated == 1
