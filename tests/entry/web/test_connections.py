"""Connections over a real socket of this computer: whoever says nothing holds none, and keeps nobody out."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from fastapi import FastAPI

from bugbridge.entry.web.connections import Connection, web_server
from tests.entry.scene import Scene
from tests.entry.web.browsing import Browser

PATIENCE = 60.0  # seconds until something that has to happen counts as not happening
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = b"GET /healthz HTTP/1.1\r\nHost: 127."


class Hasty(Connection):
    """Waits a fraction of a second for a head."""

    head_seconds = 0.05


class Patient(Connection):
    """Waits for as long as a test takes, for three at a time."""

    head_seconds = PATIENCE
    most = 3


@pytest.fixture
def application(scene: Scene) -> FastAPI:
    """A team's web."""
    return Browser(scene).application


@contextmanager
def serving(application: FastAPI, connection: type[Connection]) -> Iterator[int]:
    """Serve meanwhile; gives the port."""
    server = web_server(application, connection)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def opened(port: int, said: bytes = b"") -> socket.socket:
    """Open a connection and say something on it."""
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    client.sendall(said)
    return client


def answered(client: socket.socket) -> bytes:
    """Give the first line of an answer, b"" where the connection was closed without one."""
    try:
        return client.recv(65_536).partition(b"\r\n")[0]
    except ConnectionResetError:  # what was said was never read
        return b""


def is_healthy(port: int) -> bool:
    with closing(opened(port, HEALTH)) as client:
        return answered(client).startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("said", [b"", b"G", HALF])
def test_who_never_says_what_they_want_is_not_waited_for(application: FastAPI, said: bytes) -> None:
    """Their connection is closed without a word."""
    with serving(application, Hasty) as port, closing(opened(port, said)) as client:
        assert answered(client) == b""


def test_nor_is_who_says_it_byte_by_byte(application: FastAPI) -> None:
    """Each byte gives no more time than there was."""
    with serving(application, Hasty) as port, closing(opened(port, HEALTH[:-1])) as client:
        client.settimeout(0.01)
        with pytest.raises((BrokenPipeError, ConnectionResetError, EOFError)):
            dribble(client)


def dribble(client: socket.socket) -> None:
    """Say one more header without end. Raises what tells that nobody listens."""
    for _ in range(int(PATIENCE / 0.01)):
        client.sendall(b"X")
        try:
            if client.recv(1) == b"":
                raise EOFError
        except TimeoutError:
            continue


def test_who_says_nothing_keeps_nobody_waiting(application: FastAPI) -> None:
    """Whoever asks meanwhile is answered."""
    with serving(application, Patient) as port, closing(opened(port, HALF)):
        assert is_healthy(port)


def test_an_answer_ends_no_connection(application: FastAPI) -> None:
    """The next request may come on it, in pieces, too."""
    with serving(application, Patient) as port, closing(opened(port, HEALTH)) as client:
        assert answered(client).startswith(b"HTTP/1.1 ")
        client.sendall(HALF)
        client.sendall(HEALTH[len(HALF) :])
        assert answered(client).startswith(b"HTTP/1.1 ")


def test_who_waits_longest_makes_room_for_who_comes(application: FastAPI) -> None:
    """So that nobody is kept out by connections on which nothing is said."""
    with serving(application, Patient) as port:
        clients = [opened(port, HALF) for _ in range(Patient.most)]
        assert is_healthy(port)
        assert answered(clients[0]) == b""
        for client in clients[1:]:
            client.sendall(HEALTH[len(HALF) :])
            assert answered(client).startswith(b"HTTP/1.1 ")
        for client in clients:
            client.close()
