"""The doors for webhooks: each opens only to a delivery that was made with its own secret."""

import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bugbridge.entry.web.answers import read_body
from bugbridge.entry.web.limits import HOOK_BODY_LIMIT
from bugbridge.entry.web.signatures import Signature, digest_of, is_signed, names_secret
from bugbridge.entry.web.statuses import ACCEPTED, MALFORMED, NO_METHOD, NOT_FOUND, UNPROVED

log = logging.getLogger("bugbridge.serve")
DELIVERY_ID = re.compile(r"[!-~]{1,100}")


@dataclass(frozen=True, slots=True)
class Hook:
    """The door of one tracker or helpdesk. Headers by name in lower case; signed times are held against `now`.

    Without a `signature` the secret is the last part of the address. `subjects` reads headers and payload for
    `receive`, which keeps a delivery by its id and says whether there is something new to follow; then `wake` is
    called.
    """

    path: str
    secret: str = field(repr=False)
    signature: Signature | None
    delivery_header: str
    subjects: Callable[[Request, bytes], Sequence[str]]
    receive: Callable[[str, Sequence[str]], bool]
    wake: Callable[[], None]
    now: Callable[[], datetime]


def hook_routes(hooks: Sequence[Hook]) -> Sequence[BaseRoute]:
    """Give a route for each hook; where there is no hook there is no route."""
    return [
        Route(hook.path, _signed_door(hook, hook.signature), methods=["POST"])
        if hook.signature
        else Route(f"{hook.path}/{{secret:path}}", _SecretDoor(hook))
        for hook in hooks
    ]


def _signed_door(hook: Hook, signature: Signature) -> Callable[[Request], Awaitable[Response]]:
    """Give what answers a delivery that has to be signed.

    GitHub, Jira, Help Scout and Zammad sign no time, and nobody signs the delivery's id. What keeps a repetition from
    counting is the id, unique in the inbox; with a forged id a repeated body costs one look at the issue or ticket as
    it is now, which changes nothing.
    """

    async def answer(request: Request) -> Response:
        body = await read_body(request, HOOK_BODY_LIMIT)
        if isinstance(body, int):
            return Response(status_code=body)
        if not is_signed(signature, hook.secret, request.headers, body, hook.now()):
            log.warning("%s: a delivery without the right signature was refused", hook.path)
            return Response(status_code=UNPROVED)
        return await _taken(hook, request, body)

    return answer


class _SecretDoor:
    """Answers deliveries that name the secret in their address; to others it is as if it weren't there.

    So the route takes every verb (one that it refused by itself would tell that there is a hook), nothing of the body
    is read before, and the answer is the one to any address that doesn't exist.
    """

    def __init__(self, hook: Hook) -> None:
        self._hook = hook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not names_secret(self._hook.secret, request.path_params["secret"]):
            log.warning("%s: a delivery without the right secret was refused", self._hook.path)
            raise HTTPException(NOT_FOUND)
        if request.method != "POST":
            raise HTTPException(NO_METHOD, headers={"Allow": "POST"})
        body = await read_body(request, HOOK_BODY_LIMIT)
        return Response(status_code=body) if isinstance(body, int) else await _taken(self._hook, request, body)


async def _taken(hook: Hook, request: Request, body: bytes) -> Response:
    """Keep what a delivery that was proved genuine is about, and have it followed."""
    try:
        subjects = hook.subjects(request, body)
    except ValueError:
        return Response(status_code=MALFORMED)
    if subjects:
        is_new = await run_in_threadpool(hook.receive, delivery_id(hook, request, body), subjects)
        if is_new:
            hook.wake()
    return Response(status_code=ACCEPTED)


def delivery_id(hook: Hook, request: Request, body: bytes) -> str:
    """Give the id that a delivery names, or one of our own where it names none that can be kept.

    Signed bytes tell of the change, or hold its time, so the same bytes once more are a repetition: their digest is the
    id. A body that isn't signed was written by our user's own template and names the ticket alone: every change of a
    ticket sends the same bytes, and no digest of them, not even with the minute, tells the next change from a
    repetition. So each of these is new. While the ticket waits to be read they still cost one look, since all name it;
    one that comes while it is being read, or later, has a row of its own and so a look of its own; and a repetition
    costs a look that changes nothing.
    """
    named = request.headers.get(hook.delivery_header, "")
    if DELIVERY_ID.fullmatch(named):
        return named
    if hook.signature is None:
        return f"unnamed:{uuid.uuid4()}"
    return digest_of(hook.signature.signed(request.headers, body))
