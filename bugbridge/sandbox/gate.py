"""The gate before each server: faults on demand, a count of what was asked, and the servers' own Date."""

import asyncio
import json
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bugbridge.sandbox.limits import Limit, Quota
from bugbridge.sandbox.wire import http_date
from bugbridge.sandbox.world import World

CONTROL = "/_sandbox/"
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
KINDS = ("status", "html", "empty", "truncated", "hang", "committed", "limited")


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose method and path match, once `after` of them went well.

    `kind` is one of: `status` (a JSON error), `html` (an HTML body), `empty` (no body), `truncated` (the true
    answer, cut in the middle), `hang` (silence for `seconds`, then 504, nothing done), `committed` (done, but
    answered 504) and `limited` (with Retry-After `retry_after`). `status` is what it answers, where the kind leaves
    a choice."""

    path: str
    kind: str
    times: int = 1
    method: str = ""
    status: int = 500
    seconds: float = 30.0
    retry_after: str = "1"
    after: int = 0

    def __post_init__(self) -> None:
        """ValueError for a kind that there is not."""
        if self.kind not in KINDS:
            msg = f"unknown kind of fault {self.kind!r}; there are {', '.join(KINDS)}"
            raise ValueError(msg)

    def hits(self, method: str, path: str) -> bool:
        """Whether a request meets this fault."""
        return self.times > 0 and self.method.upper() in {"", method} and re.search(self.path, path) is not None

    def strikes(self, method: str, path: str) -> bool:
        """Whether a request meets this fault and it is its turn; counts those that are let through before."""
        if not self.hits(method, path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True)
class Latency:
    """How many milliseconds requests whose method and path match take on top.

    Half of it passes before they are carried out and half before the answer leaves, so that a client may die on either
    side."""

    path: str
    milliseconds: float
    method: str = ""

    def of(self, method: str, path: str) -> float:
        """The seconds that a request takes on top."""
        slow = self.method.upper() in {"", method} and re.search(self.path, path)
        return self.milliseconds / 1000 if slow else 0.0


@dataclass
class Traffic:
    """What one server was asked: every request as method, path and status; the faults that wait, and the limits.

    `under_way` counts requests that came whole and are not answered yet, whether or not somebody still waits for
    that. What a paused client has half said is not among them: it is carried out once the rest comes, if it does."""

    requests: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    under_way: int = 0
    limits: list[Limit] = field(default_factory=list)
    quotas: dict[str, Quota] = field(default_factory=lambda: {name: Quota(name) for name in ("core", "graphql")})

    @property
    def counted(self) -> int:
        """Requests that cost something: all but those answered 304."""
        return sum(status != 304 for _, _, status in self.requests)

    @property
    def kinds(self) -> dict[str, int]:
        """How many requests were `free` (answered 304), `refused` (403 or 429), `graphql` and `rest`."""
        counts = dict.fromkeys(("free", "refused", "graphql", "rest"), 0)
        for _, path, status in self.requests:
            of_its_path = "graphql" if path.endswith("/graphql") else "rest"
            counts[{304: "free", 403: "refused", 429: "refused"}.get(status, of_its_path)] += 1
        return counts

    def limit(self, now: datetime) -> Limit | None:
        """The limit that holds now (UTC); those that are over are forgotten."""
        self.limits[:] = [limit for limit in self.limits if limit.until > now]
        return self.limits[0] if self.limits else None

    def forget(self) -> None:
        """Start counting again."""
        self.requests.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, used up once; None where it meets none."""
        return next((fault for fault in self.faults if fault.strikes(method, path)), None)

    def latency(self, method: str, path: str) -> float:
        """The seconds that a request takes on top of its work."""
        return sum(latency.of(method, path) for latency in self.latencies)


async def _received(receive: Receive) -> Receive | None:
    """Read all that a client has to say, and give it to be read once more; None where it was gone before the end.

    A server that has the whole request carries it out, whether or not its client still lives.
    """
    said = [await receive()]
    while said[-1].get("more_body"):
        said.append(await receive())
    if said[-1]["type"] == "http.disconnect":
        return None
    left = iter(said)

    async def again() -> Message:
        return next(left, None) or await receive()

    return again


def _late(send: Send, seconds: float) -> Send:
    """Let an answer leave so many seconds later."""

    async def late(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return late


class Gate:
    """An ASGI application around a server's own; the control endpoints pass it unseen."""

    def __init__(self, inner: ASGIApp, world: World, traffic: Traffic) -> None:
        """Guard `inner`."""
        self._inner = inner
        self._world = world
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the fault that waits for it."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._inner(scope, receive, send)
            return
        received = await _received(receive)
        if received is None:
            return
        self._traffic.under_way += 1
        try:
            await self._serve(scope, received, send)
        finally:
            self._traffic.under_way -= 1

    async def _serve(self, scope: Scope, received: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        with self._world.lock:
            fault, limit = self._traffic.take(method, path), self._traffic.limit(self._world.now())
            half = self._traffic.latency(method, path) / 2
        await asyncio.sleep(half)
        noting = self._noting(method, path, _late(send, half))
        if fault and fault.kind == "hang":  # counted when it comes: nobody waits for its answer
            self._note(method, path, 504)
            await self._fail(fault, scope, received, send)
        elif fault:
            await self._fail(fault, scope, received, noting)
        elif limit:
            await self._limit(limit, noting)
        else:
            await self._send(noting, *await self._ask(scope, received))

    def _noting(self, method: str, path: str, send: Send) -> Send:
        """Count a request before its answer leaves, so that whoever has the answer finds it counted."""

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(method, path, message["status"])
            await send(message)

        return noted

    def _note(self, method: str, path: str, status: int) -> None:
        with self._world.lock:
            self._traffic.requests.append((method, path, status))

    async def _ask(self, scope: Scope, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """The inner application's whole answer."""
        parts: list[bytes] = []
        start: MutableMapping[str, Any] = {}

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._inner(scope, receive, keep)
        return start["status"], list(start["headers"]), b"".join(parts)

    async def _limit(self, limit: Limit, send: Send) -> None:
        told = {"content-type": "application/json", **limit.headers(self._world.now())}
        headers = [(name.encode(), text.encode()) for name, text in told.items()]
        await self._send(send, limit.status, headers, json.dumps(limit.body()).encode())

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        plain, page = [(b"content-type", b"application/json")], [(b"content-type", b"text/html")]
        if fault.kind == "truncated":
            status, headers, body = await self._ask(scope, receive)
            kept = [pair for pair in headers if pair[0] not in {b"content-length", b"etag"}]
            await self._send(send, status, kept, body[: len(body) // 2])
            return
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "committed":
            await self._ask(scope, receive)
        if fault.kind in {"hang", "committed"}:
            await self._send(send, 504, page, HTML)
            return
        headers = {"html": page, "limited": [*plain, (b"retry-after", fault.retry_after.encode())]}.get(
            fault.kind, plain
        )
        bodies = {"html": HTML, "empty": b""}
        await self._send(send, fault.status, headers, bodies.get(fault.kind, b'{"message": "a fault of the sandbox"}'))

    async def _send(self, send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        kept = [pair for pair in headers if pair[0] not in {b"content-length", b"date"}]
        length = [] if status == 304 else [(b"content-length", str(len(body)).encode())]
        date = (b"date", http_date(self._world.now()).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*kept, date, *length]})
        await send({"type": "http.response.body", "body": body})
