"""Both notifiers keep their port: the one in memory, and Apprise against a server of this machine."""

import io
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bugbridge.core.errors import ConfigError, RemoteError
from bugbridge.entry.logs import logging_to
from bugbridge.notifiers.apprise import AppriseNotifier
from bugbridge.notifiers.memory import MemoryNotifier
from tests.contracts.notifier import BODY, TITLE, NotifierContract

SECRET = "s3cr3t-channel"


class MemoryScene:
    """A notifier in memory."""

    secret = SECRET

    def __init__(self) -> None:
        self.notifier = MemoryNotifier("ada")

    def arrived(self) -> list[tuple[str, str]]:
        return self.notifier.sent

    def break_down(self) -> None:
        self.notifier.fail(RemoteError("ada: refused."))

    def recover(self) -> None:
        self.notifier.fail(None)


class Channel:
    """A web server that takes Apprise's JSON messages, refuses them, or keeps silent until it is told to go on."""

    secret = SECRET

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        self.status = 200
        self.go_on = threading.Event()
        self.go_on.set()
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.notifier = AppriseNotifier("ada", self.url, "BUGBRIDGE_ADA_URL")

    @property
    def url(self) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self._server.server_port}/{SECRET}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                channel.go_on.wait()
                if channel.status == 200:
                    channel.came.append((content["title"], content["message"]))
                self.send_response(channel.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        return Handler

    def arrived(self) -> list[tuple[str, str]]:
        return self.came

    def break_down(self) -> None:
        self.status = 500

    def recover(self) -> None:
        self.status = 200

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A channel of this machine."""
    made = Channel()
    yield made
    made.close()


class TestMemory(NotifierContract):
    """The one in memory."""

    @pytest.fixture
    def scene(self) -> MemoryScene:
        return MemoryScene()


class TestApprise(NotifierContract):
    """Apprise, over HTTP."""

    @pytest.fixture
    def scene(self, channel: Channel) -> Channel:
        return channel


def test_a_service_that_hangs_is_waited_for_so_long_and_no_second_message_is_piled_up(channel: Channel) -> None:
    """The caller goes on after its timeout; until the first message ended no other is begun."""
    channel.go_on.clear()
    hanging = AppriseNotifier("ada", channel.url, "BUGBRIDGE_ADA_URL", timeout=timedelta(milliseconds=50))
    with pytest.raises(RemoteError, match=r"^ada: the notification service gave no answer within 0.05 seconds\.$"):
        hanging.send(TITLE, BODY)
    with pytest.raises(RemoteError, match=r"^ada: the last notification is still under way; no other is sent"):
        hanging.send(TITLE, BODY)
    channel.go_on.set()
    assert hanging._under_way is not None
    hanging._under_way.join()
    assert channel.came == [(TITLE, BODY)]


@pytest.mark.parametrize("url", [SECRET, f"nosuch://{SECRET}", f"slack://{SECRET}", f"https:// {SECRET}"])
def test_what_is_no_url_of_apprise_is_refused_without_being_repeated(url: str) -> None:
    """One sentence names the variable and an example, and holds nothing of the value."""
    with pytest.raises(ConfigError) as caught:
        AppriseNotifier("ada", url, "BUGBRIDGE_ADA_URL")
    assert SECRET not in str(caught.value)
    assert str(caught.value).startswith("ada: BUGBRIDGE_ADA_URL isn't a URL that Apprise can use; ")


def test_apprise_logs_nothing(channel: Channel, capfd: pytest.CaptureFixture[str]) -> None:
    """Its log may quote the URL; neither a failure nor a bad URL reaches who listens to all logs, or the terminal."""
    stream = io.StringIO()
    with logging_to(stream, "text"):
        channel.break_down()
        with pytest.raises(RemoteError):
            channel.notifier.send(TITLE, BODY)
        with pytest.raises(ConfigError):
            AppriseNotifier("ada", f"slack://{SECRET}", "BUGBRIDGE_ADA_URL")
    assert (stream.getvalue(), capfd.readouterr()) == ("", ("", ""))


def test_a_mistake_inside_a_service_is_a_refusal(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a service's own code raises may quote its URL, so only that it failed is said."""

    def break_inside(*_arguments: Any, **_options: Any) -> bool:
        raise ZeroDivisionError(channel.url)

    monkeypatch.setattr(channel.notifier._service, "notify", break_inside)
    with pytest.raises(RemoteError) as caught:
        channel.notifier.send(TITLE, BODY)
    assert SECRET not in str(caught.value)


def test_what_is_too_long_for_a_service_comes_in_parts(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat that takes so many characters would refuse the whole; nothing of it is lost."""
    monkeypatch.setattr(channel.notifier._service, "body_maxlen", 40)
    channel.notifier.send("BugBridge", "- support:1: one reminder\n- support:2: another reminder")
    assert len(channel.came) == 2
    assert [body for _, body in channel.came] == ["- support:1: one reminder", "- support:2: another reminder"]


def test_a_service_that_shows_html_gets_plain_text_as_such(channel: Channel) -> None:
    """What looks like markup is shown as it is, and does nothing."""
    AppriseNotifier("ada", f"{channel.url}?format=html", "BUGBRIDGE_ADA_URL").send("BugBridge", "a <b>reminder</b>")
    ((_, body),) = channel.came
    assert ("<b>" in body, "&lt;b&gt;" in body) == (False, True)
