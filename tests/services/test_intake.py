"""Intake: what people say at BugBridge's own doors is kept once, as said, and refused where it can't be."""

from datetime import timedelta

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import RefusedError, UsageError
from bugbridge.core.facts import fold_link
from bugbridge.core.model import Entity, News, Stage, Workaround
from bugbridge.core.policy_model import LinkFacts
from bugbridge.services import intake
from bugbridge.services.bug_words import add_workaround, keep_words
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, POLICY, Scene, day


def fixed() -> tuple[Scene, str]:
    """A linked bug that was fixed on day 2; it is day 3."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(3).sync()
    return scene, ticket


def facts(scene: Scene, ticket: str) -> LinkFacts:
    """What the policy sees of a link now."""
    return fold_link(scene.history(scene.key(ticket)), scene.clock.now(), POLICY, ALWAYS_OPEN).facts


def test_a_fixed_bug_is_released_in_a_version_since_now() -> None:
    """Where the tracker knows no releases, a person says so."""
    scene, _ = fixed()
    folded = intake.mark_release(scene.store, scene.clock, scene.issue(), "4.2", None, ANN)
    assert (folded.stage, folded.version, folded.released_at) == (Stage.RELEASED, "4.2", day(3))


def test_a_release_to_come_is_a_plan() -> None:
    """It may be promised, and it isn't out."""
    scene, _ = fixed()
    folded = intake.mark_release(scene.store, scene.clock, scene.issue(), "4.2", day(9), ANN)
    assert (folded.stage, folded.planned_version, folded.news[-1].news) == (Stage.FIXED, "4.2", News.RELEASE_PLANNED)


def test_an_open_bug_cant_be_released() -> None:
    """A fix that isn't done is not in any version; nothing is kept."""
    scene = Scene().on(1)
    scene.reported()
    head = scene.store.head()
    with pytest.raises(RefusedError, match="is open"):
        intake.mark_release(scene.store, scene.clock, scene.issue(), "4.2", None, ANN)
    assert scene.store.head() == head


def test_saying_a_release_twice_says_it_once() -> None:
    """The second time nothing is new."""
    scene, _ = fixed()
    intake.mark_release(scene.store, scene.clock, scene.issue(), "4.2", None, ANN)
    head = scene.store.head()
    intake.mark_release(scene.store, scene.on(4).clock, scene.issue(), "4.2", None, ANN)
    assert scene.store.head() == head


def test_a_release_is_never_older_than_its_fix() -> None:
    """A mere date is the start of its day, and the fix may have come in the afternoon."""
    scene, _ = fixed()
    morning = day(2) - timedelta(hours=9)
    folded = intake.mark_release(scene.store, scene.clock, scene.issue(), "4.2", morning, ANN)
    assert folded.released_at == day(2)


def test_a_workarounds_text_is_kept_apart_from_its_event() -> None:
    """Free text lives in one place, where it can be deleted; customers learn that there is one."""
    scene, ticket = fixed()
    add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV", "en", ANN)
    history = scene.history(scene.key(ticket))
    text = scene.store.private(Entity.BUG, scene.issue().bug_id, "workaround:en")
    assert (text, facts(scene, ticket).workaround, "CSV" in repr(history)) == (
        "Export as CSV",
        Workaround.KNOWN,
        False,
    )


@pytest.mark.parametrize("state", [Workaround.TOLD, Workaround.CONFIRMED, Workaround.FAILED])
def test_what_the_workaround_is_for_a_customer_is_kept(state: Workaround) -> None:
    """The same workaround helps one and fails another."""
    scene, ticket = fixed()
    intake.set_workaround(scene.store, scene.clock, scene.key(ticket), state, ANN)
    assert facts(scene, ticket).workaround is state


@pytest.mark.parametrize("state", [Workaround.NONE, Workaround.KNOWN])
def test_that_there_is_a_workaround_is_no_customers_matter(state: Workaround) -> None:
    """It is recorded on the bug."""
    scene, ticket = fixed()
    with pytest.raises(UsageError):
        intake.set_workaround(scene.store, scene.clock, scene.key(ticket), state, ANN)


def test_a_promise_is_kept_until_it_is_met() -> None:
    """It falls due a working day before its time, and outranks all else."""
    scene, ticket = fixed()
    intake.add_promise(scene.store, scene.clock, scene.key(ticket), day(9), ANN)
    before = facts(scene, ticket)
    after = facts(scene.on(8.5), ticket)
    assert ((before.promise_open, before.promise_due), (after.promise_open, after.promise_due)) == (
        (True, False),
        (True, True),
    )


def test_a_promise_lies_ahead() -> None:
    """One for yesterday can't be kept."""
    scene, ticket = fixed()
    with pytest.raises(UsageError):
        intake.add_promise(scene.store, scene.clock, scene.key(ticket), day(3), ANN)


def test_an_agents_word_clears_all_news() -> None:
    """They spoke on the phone."""
    scene, ticket = fixed()
    intake.mark_release(scene.store, scene.clock, scene.issue(), "4.2", None, ANN)
    before = facts(scene, ticket).untold
    intake.say_told(scene.store, scene.on(4).clock, scene.key(ticket), ANN)
    assert (News.RELEASED in before, facts(scene, ticket).untold) == (True, frozenset())


def test_a_ticket_with_one_link_needs_no_issue_named() -> None:
    """With several, the issue is named; with none, there is nothing to speak of."""
    scene = Scene().on(1)
    ticket, bare = scene.reported(), scene.writes_in(EVE)
    scene.link()
    only = intake.the_link(scene.store, scene.row(ticket), None)
    scene.notes(ticket, "and acme/app#34")
    scene.read()
    named = intake.the_link(scene.store, scene.row(ticket), scene.issue(OTHER_ISSUE))
    assert (only, named) == (scene.key(ticket), scene.key(ticket, OTHER_ISSUE))
    with pytest.raises(UsageError, match="acme/app#12 and github:acme/app#34: say which with --issue"):
        intake.the_link(scene.store, scene.row(ticket), None)
    with pytest.raises(UsageError, match="isn't linked"):
        intake.the_link(scene.store, scene.row(bare), None)


def test_a_link_is_found_by_the_surviving_issue_too() -> None:
    """The ticket named the duplicate, the person names the survivor."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA, OTHER_ISSUE)
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(2))
    scene.on(2).sync()
    assert intake.the_link(scene.store, scene.row(ticket), scene.issue(ISSUE)) == scene.key(ticket, OTHER_ISSUE)


def test_customers_words_belong_to_the_surviving_bug() -> None:
    """Whichever of two issues is named, drafts of both use them."""
    scene = Scene().on(1)
    scene.reported(CARLA, OTHER_ISSUE)
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(2))
    scene.on(2).sync()
    keep_words(scene.store, scene.issue(OTHER_ISSUE), "the export problem")
    assert scene.store.private(Entity.BUG, scene.issue(ISSUE).bug_id, "words") == "the export problem"
