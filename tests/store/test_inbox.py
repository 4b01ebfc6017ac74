"""The inbox: a delivery counts once, and stays open until it was followed."""

from tests.store.scene import START, Scene, day

ISSUE = "github:acme/app#12"


def test_a_delivery_is_kept_once() -> None:
    """A repetition changes nothing, whatever it is about and also once the first was followed."""
    scene = Scene()
    store = scene.store
    assert store.receive_hint(scene.tracker, "github:1", ISSUE, START) is True
    assert store.receive_hint(scene.tracker, "github:1", "github:acme/app#34", day(1)) is False
    assert store.open_hints(scene.tracker) == {"github:1": ISSUE}
    store.handle_hints(["github:1"], day(2))
    assert store.receive_hint(scene.tracker, "github:1", ISSUE, day(3)) is False
    assert store.open_hints(scene.tracker) == {}


def test_open_hints_are_one_source_s_and_come_in_order() -> None:
    """The oldest is first; another tracker's are not among them."""
    scene = Scene()
    jira = scene.store.declare_source("jira", "jira", "tracker").id
    scene.store.receive_hint(scene.tracker, "github:2", ISSUE, day(2))
    scene.store.receive_hint(scene.tracker, "github:1", ISSUE, day(1))
    scene.store.receive_hint(jira, "jira:1", "jira:APP-1", day(1))
    assert list(scene.store.open_hints(scene.tracker)) == ["github:1", "github:2"]
    assert scene.store.open_hints(jira) == {"jira:1": "jira:APP-1"}


def test_only_those_that_were_followed_are_closed() -> None:
    """One that came meanwhile is still to be followed."""
    scene = Scene()
    for number in (1, 2):
        scene.store.receive_hint(scene.tracker, f"github:{number}", ISSUE, day(number))
    scene.store.handle_hints(["github:1"], day(3))
    assert scene.store.open_hints(scene.tracker) == {"github:2": ISSUE}


def test_forgetting_keeps_what_is_open_and_what_is_new() -> None:
    """Only deliveries followed before that instant are dropped, so only they would count again."""
    scene = Scene()
    for number in (1, 2, 3):
        scene.store.receive_hint(scene.tracker, f"github:{number}", ISSUE, START)
    scene.store.handle_hints(["github:1"], day(1))
    scene.store.handle_hints(["github:2"], day(2))
    scene.store.forget_hints(day(2))
    again = [scene.store.receive_hint(scene.tracker, f"github:{number}", ISSUE, day(9)) for number in (1, 2, 3)]
    assert again == [True, False, False]
