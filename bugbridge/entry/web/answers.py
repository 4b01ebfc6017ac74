"""How requests are let in and answered: what is said is kept and framed nowhere, and nobody waits for somebody else."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Protocol

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from bugbridge.entry.web.statuses import MALFORMED, TOO_LARGE, UNPROVED

BEARER = 'Bearer realm="BugBridge"'
WAY_IN = "The token is missing or wrong: it goes into the header Authorization, behind Bearer."

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


log = logging.getLogger("bugbridge.serve")


class Turn(Protocol):
    """What lets so many in at a time: a lock or a semaphore."""

    def acquire(self, *, blocking: bool) -> bool:
        """Take a turn; False where none is free."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


def bearer_token(authorization: str) -> str:
    """Give the token of `Bearer TOKEN`, "" where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def unproved(challenge: str) -> Response:
    """Answer whoever doesn't know the token: there is nothing but the way in, for programs in a sentence, too."""
    way_in = {"WWW-Authenticate": challenge}
    if challenge == BEARER:
        return refusal(UNPROVED, WAY_IN, way_in)
    return Response(status_code=UNPROVED, headers=way_in)


def refusal(status: int, sentence: str, more: Mapping[str, str] | None = None) -> Response:
    """Refuse in one sentence."""
    return JSONResponse({"error": sentence}, status, headers={**HEADERS, **(more or {})})


async def read_body(request: Request, limit: int) -> bytes | int:
    """Read the body, or give the status to refuse it with; what it says of its own length isn't believed."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                return TOO_LARGE
    except ClientDisconnect:
        return MALFORMED
    return bytes(body)


async def in_turn(turn: Turn, work: Callable[[], Response], busy: Response) -> Response:
    """Answer from a thread of its own that nobody waits for at the end, as one would for those that hooks use.

    Where no turn is free, or no thread can be started, the answer is `busy`. The turn is given back before the answer.
    """
    if not turn.acquire(blocking=False):
        return busy
    done: Future[Response] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            done.set_result(_done(turn, work))
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    try:
        threading.Thread(target=run, name="answer", daemon=True).start()
    except RuntimeError as error:  # the computer has no thread left
        turn.release()
        log.warning("a request was put off: %s", error)
        return busy
    return await asyncio.wrap_future(done)


def _done(turn: Turn, work: Callable[[], Response]) -> Response:
    """Do the work, and let the next one in."""
    try:
        return work()
    finally:
        turn.release()
