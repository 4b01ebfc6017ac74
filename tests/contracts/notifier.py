"""What every notifier keeps, the one in memory too. A module of tests gives the fixture `scene`."""

from typing import Protocol

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.ports import Notifier

TITLE, BODY = "BugBridge: 2 reminders", "- support:1: a reminder <b>\n- support:2: *another* one & more"


class NotifierScene(Protocol):
    """A notifier with the place that its messages come to."""

    notifier: Notifier
    secret: str
    """A part of the address that nobody may read."""

    def arrived(self) -> list[tuple[str, str]]:
        """Title and body of what came there, the oldest first."""
        ...

    def break_down(self) -> None:
        """Have the place refuse what comes."""
        ...

    def recover(self) -> None:
        """Have it take all again."""
        ...


class NotifierContract:
    """The rules of the port."""

    def test_a_message_arrives_as_it_was_given(self, scene: NotifierScene) -> None:
        """Once, in plain text: nothing in it is markup."""
        scene.notifier.send(TITLE, BODY)
        assert scene.arrived() == [(TITLE, BODY)]

    def test_a_failure_is_a_sentence_without_the_address(self, scene: NotifierScene) -> None:
        """Whoever reads a log can't write to the channel afterwards."""
        scene.break_down()
        with pytest.raises(RemoteError) as caught:
            scene.notifier.send(TITLE, BODY)
        assert scene.secret not in str(caught.value)
        assert (scene.notifier.name in str(caught.value), str(caught.value)[-1]) == (True, ".")

    def test_it_works_again_after_a_failure(self, scene: NotifierScene) -> None:
        """A failure leaves nothing behind, and is not repeated by itself."""
        scene.break_down()
        with pytest.raises(RemoteError):
            scene.notifier.send(TITLE, BODY)
        scene.recover()
        scene.notifier.send(TITLE, "once more")
        assert scene.arrived() == [(TITLE, "once more")]
