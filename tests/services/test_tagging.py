"""Tickets of which an agent was reminded carry a tag, so that a view lists them, until the customer was told."""

from bugbridge.core.errors import ConflictError, NotFoundError, RemoteError
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.services.going_live import pause
from bugbridge.services.tagging import TaggingResult, tag_due
from tests.services.scene import EVE, HELPDESK, Scene, with_a_release_due

TAG = "bugbridge_due"


def tag(scene: Scene, name: str = TAG) -> TaggingResult:
    """Take the step."""
    return tag_due(scene.helpdesk, scene.store, scene.clock, name)


def reminded() -> tuple[Scene, str]:
    """A scene on day 2 in which an agent was reminded of a release, and the ticket."""
    scene, ticket = with_a_release_due()
    scene.send()
    return scene, ticket


def tags(scene: Scene, ticket: str) -> tuple[str, ...]:
    """What the ticket carries."""
    return scene.helpdesk.ticket(ticket).tags


def test_a_reminder_sets_the_tag_once() -> None:
    """A second step changes nothing, and so doesn't reset anybody's timers."""
    scene, ticket = reminded()
    assert (tag(scene), tags(scene, ticket)) == (TaggingResult(tagged=1), (TAG,))
    version = scene.helpdesk.ticket(ticket).version
    assert (tag(scene), scene.helpdesk.ticket(ticket).version) == (TaggingResult(), version)


def test_what_is_only_planned_sets_no_tag() -> None:
    """Nobody was reminded yet."""
    scene, ticket = with_a_release_due()
    assert (tag(scene), tags(scene, ticket)) == (TaggingResult(), ())


def test_telling_the_customer_takes_it_off() -> None:
    """Other tags stay."""
    scene, ticket = reminded()
    scene.helpdesk.change(ticket, scene.clock.at, tags=("vip",))
    tag(scene)
    scene.on(3).replies(ticket, "It is fixed in 4.2.")
    scene.decide()
    assert (tag(scene), tags(scene, ticket)) == (TaggingResult(untagged=1), ("vip",))


def test_status_is_never_changed() -> None:
    """A tag opens nothing again."""
    scene, ticket = reminded()
    scene.solves(ticket)
    tag(scene)
    assert scene.helpdesk.ticket(ticket).status == "solved"


def test_a_tag_that_an_agent_took_off_stays_off() -> None:
    """People have the last word."""
    scene, ticket = reminded()
    tag(scene)
    scene.helpdesk.change(ticket, scene.clock.at, tags=())
    assert (tag(scene), tags(scene, ticket)) == (TaggingResult(), ())


def test_another_name_replaces_the_first_and_none_takes_it_off() -> None:
    """The setting holds for what was tagged before."""
    scene, ticket = reminded()
    tag(scene)
    assert (tag(scene, "due"), tags(scene, ticket)) == (TaggingResult(tagged=1, untagged=1), ("due",))
    assert (tag(scene, ""), tags(scene, ticket)) == (TaggingResult(untagged=1), ())


def test_nothing_is_written_while_posting_is_paused() -> None:
    """`pause` stops every write."""
    scene, ticket = reminded()
    pause(scene.store, HELPDESK)
    assert (tag(scene), tags(scene, ticket)) == (TaggingResult(), ())


def test_a_ticket_that_is_gone_is_asked_for_once() -> None:
    """A failure that lasts doesn't come back every half minute."""
    scene, ticket = reminded()
    scene.helpdesk.delete(ticket, scene.clock.at)
    assert len(tag(scene).problems) == 1
    assert tag(scene).problems == ()


def test_a_passing_failure_is_tried_again() -> None:
    """Nothing is remembered of what wasn't done."""
    scene, ticket = reminded()
    scene.helpdesk.fail(RemoteError("support is out of order"))
    assert tag(scene).problems == ("support is out of order",)
    scene.helpdesk.fail(None)
    assert (tag(scene), tags(scene, ticket)) == (TaggingResult(tagged=1), (TAG,))


def test_somebody_at_work_on_one_ticket_keeps_no_other_waiting() -> None:
    """A conflict is looked at again with the next step."""
    scene = Scene().on(1)
    first, second = scene.reported(), scene.reported(EVE)
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    set_tag = scene.helpdesk.set_tag

    def busy(ticket: RemoteTicket, name: str, *, on: bool) -> None:
        if ticket.remote_id == first:
            raise ConflictError("somebody is writing")
        set_tag(ticket, name, on=on)

    scene.helpdesk.set_tag = busy
    assert (tag(scene), tags(scene, second)) == (TaggingResult(tagged=1), (TAG,))
    scene.helpdesk.set_tag = set_tag
    assert (tag(scene), tags(scene, first)) == (TaggingResult(tagged=1), (TAG,))


def test_a_helpdesk_without_tags_is_left_alone() -> None:
    """As Request Tracker is."""
    scene, _ = reminded()
    scene.helpdesk.takes_tags = False
    scene.helpdesk.fail(NotFoundError("must not be asked"))
    assert tag(scene) == TaggingResult()
