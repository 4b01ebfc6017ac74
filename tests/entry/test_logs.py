"""Logs are for people on a terminal and for programs elsewhere, and quote nobody."""

import io
import json
import logging

import pytest

from bugbridge.core.errors import ConfigError
from bugbridge.entry.logs import Cycle, complain, in_cycle, log_format, logging_to

log = logging.getLogger("bugbridge.daemon")


class Terminal(io.StringIO):
    """A stream that a person reads along."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def failing(words: str) -> ZeroDivisionError:
    """Give an error as it is when it was raised."""
    with pytest.raises(ZeroDivisionError) as caught:
        raise ZeroDivisionError(words)
    return caught.value


def test_a_line_of_json_says_when_what_and_in_which_run() -> None:
    """One object a line; all lines of one run of a job share its id, and others have none."""
    stream = io.StringIO()
    with logging_to(stream, "json"):
        with in_cycle(Cycle("send", "3f9a2c1b")):
            log.info("send: %s", "1 reminder\nposted")
            log.debug("not worth a line")
        log.warning("stopping")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    common = {"logger": "bugbridge.daemon"}
    run = {"job": "send", "cycle": "3f9a2c1b"}
    assert first == {**common, "level": "INFO", "message": "send: 1 reminder\nposted", **run}
    assert second.keys() == {"time", "level", "logger", "message"}


def test_a_line_of_text_cant_steer_a_terminal() -> None:
    """What a helpdesk answered may stand in a sentence."""
    stream = io.StringIO()
    with logging_to(stream, "text"), in_cycle(Cycle("send", "3f9a2c1b")):
        log.warning("answered \x1b[31mred")
    assert stream.getvalue().endswith(" WARNING [3f9a2c1b] answered red\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_neither_a_mistake_nor_a_library_is_quoted(form: str) -> None:
    """Both may hold a customer's words; where it happened is enough to find it."""
    stream = io.StringIO()
    with logging_to(stream, form):
        log.error("failed", exc_info=failing("Carla's words"))
        logging.getLogger("urllib3.connectionpool").warning("retrying %s", "/tickets/4711?customer=Carla")
        logging.getLogger("a.library").error("Carla", exc_info=failing("Carla"))
    said = stream.getvalue()
    assert "Carla" not in said
    assert "4711" not in said
    assert said.count("ZeroDivisionError at ") == 2
    assert "urllib3.connectionpool said something at test_logs.py:" in said


def test_the_format_is_chosen_by_option_then_environment_then_terminal() -> None:
    """The nearest word counts."""
    environ = {"BUGBRIDGE_LOG": "json"}
    assert log_format("text", environ, io.StringIO()) == "text"
    assert log_format(None, environ, Terminal()) == "json"
    assert [log_format(None, {}, stream) for stream in (Terminal(), io.StringIO())] == ["text", "json"]
    with pytest.raises(ConfigError, match="must be text or json, not xml"):
        log_format(None, {"BUGBRIDGE_LOG": "xml"})


def test_every_problem_that_ends_the_daemon_has_its_line() -> None:
    """None is cut off, and none is a traceback."""
    stream = io.StringIO()
    with logging_to(stream, "json"):
        complain(ConfigError(["daemon.policy: one.", "daemon.calendar: two."]))
    said = [json.loads(line)["message"] for line in stream.getvalue().splitlines()]
    assert said == ["daemon.policy: one.", "daemon.calendar: two."]


def test_nothing_is_left_of_logging_afterwards() -> None:
    """A command that was run in a test, or by another program, leaves its caller's logging alone."""
    before = (logging.getLogger().level, list(logging.getLogger().handlers))
    with logging_to(io.StringIO(), "json"):
        pass
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
