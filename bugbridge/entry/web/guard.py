"""What holds for every request, wherever it goes: its body comes soon and isn't too large, and its answer tells
browsers that nothing runs, loads or frames it unless the answer itself says otherwise."""

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bugbridge.entry.web.answers import HEADERS
from bugbridge.entry.web.limits import BODY_LIMIT, BODY_SECONDS
from bugbridge.entry.web.statuses import TOO_LARGE

TOO_SLOW = 408
TOO_SLOW_A_BODY = f"The request didn't come within {BODY_SECONDS:.0f} seconds: send it again."
TOO_LARGE_A_BODY = f"A request has at most {BODY_LIMIT:,} bytes."


class Guard:
    """Stands before all addresses; `body_seconds` is how long a body may take from its beginning to its end."""

    def __init__(self, application: ASGIApp, body_seconds: float = BODY_SECONDS) -> None:
        self._application = application
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        body = _Body(receive, self._body_seconds)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message))
            elif scope.get("method") == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        await self._application(_as_asked(scope), body.receive, answer)


class _Body:
    """A request's body on its way in."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._end: float | None = None
        self._bytes = 0
        self._is_whole = False

    async def receive(self) -> Message:
        """Give its next piece; after the last one wait as long as it takes until the client goes."""
        if self._is_whole:
            return await self._receive()
        message = await self._in_time()
        self._bytes += len(message.get("body", b""))
        if self._bytes > BODY_LIMIT:
            raise HTTPException(TOO_LARGE, TOO_LARGE_A_BODY)
        self._is_whole = not message.get("more_body", False)
        return message

    async def _in_time(self) -> Message:
        """The connection of one that stalls is closed, since nothing that comes on it could be told apart."""
        self._end = self._end or asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._end):
                return await self._receive()
        except TimeoutError:
            raise HTTPException(TOO_SLOW, TOO_SLOW_A_BODY, {"Connection": "close"}) from None


def _as_asked(scope: Scope) -> Scope:
    """Have HEAD answered as GET, but for the body: also by addresses that know GET alone."""
    return {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope


def _complete(headers: MutableHeaders) -> None:
    """Say what the answer doesn't say itself; by whom it may be framed, its policy says alone."""
    for name, value in HEADERS.items():
        if name != "X-Frame-Options":
            headers.setdefault(name, value)
