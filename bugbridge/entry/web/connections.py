"""Connections of `bugbridge serve`: whoever opens one says soon what they want, and only so many are open at a time.

Uvicorn closes a connection that is quiet after an answer, and the Guard bounds a request's body. What comes before a
request is nobody's but ours: no application is asked until the head is whole.
"""

import asyncio
from collections.abc import Iterator

from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from bugbridge.entry.web.limits import HEAD_SECONDS, MOST_CONNECTIONS, STOP_SECONDS


class Connection(H11Protocol):
    """One connection, on which requests follow each other.

    Of too many the one is closed that waited longest for a request: uvicorn's own `limit_concurrency` would refuse
    whoever comes, /healthz too, as long as others hold connections on which they say nothing.
    """

    head_seconds = HEAD_SECONDS
    most = MOST_CONNECTIONS

    waits_since = 0.0  # by the loop's clock
    _in_time: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Wait for a head from the beginning."""
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        self._expect_head()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        super().connection_lost(exc)
        self._expect_nothing()

    def data_received(self, data: bytes) -> None:
        """Wait on where this isn't all of a head; what comes piece by piece has no more time than the rest."""
        super().data_received(data)
        if self.waits:
            self._expect_head()
        else:
            self._expect_nothing()

    def on_response_complete(self) -> None:
        """Let the next request come as late as uvicorn does, until its first byte is there."""
        self.waits_since = self.loop.time()
        super().on_response_complete()

    def _expect_head(self) -> None:
        if self._in_time is None:
            self._in_time = self.loop.call_later(self.head_seconds, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._in_time is not None:
            self._in_time.cancel()
            self._in_time = None

    def _make_room(self) -> None:
        """Close this very connection where all others are being answered."""
        there = list(self._open())
        if len(there) > self.most:
            min((one for one in there if one.waits), key=lambda one: one.waits_since).transport.close()

    def _open(self) -> "Iterator[Connection]":
        for one in self.connections:
            if isinstance(one, Connection) and not one.transport.is_closing():
                yield one


def web_server(application: FastAPI, connection: type[Connection] = Connection) -> Server:
    """Give the server of an application: of HTTP alone, and without a word of its own."""
    config = Config(
        application,
        log_config=None,
        access_log=False,  # it would show the addresses, and with them secrets
        server_header=False,
        http=connection,  # h11 bounds the head of a request; a quicker one that may be installed doesn't
        ws="none",  # a library for web sockets may be installed; an offer to upgrade is no reason to refuse a delivery
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return Server(config)
