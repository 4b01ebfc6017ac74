"""The doors for trackers' webhooks: each opens only to a delivery signed with that tracker's own secret."""

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

log = logging.getLogger("bugbridge.serve")
BODY_LIMIT = 1024 * 1024  # bytes
DELIVERY_ID = re.compile(r"[!-~]{1,100}")

ACCEPTED, MALFORMED, UNSIGNED, TOO_LARGE = 202, 400, 401, 413


@dataclass(frozen=True, slots=True)
class Hook:
    """One tracker's door. Headers by name in lower case; `subjects` reads headers and payload for `receive`.

    `receive` keeps a delivery by its id, and says whether there is something new to follow; then `wake` is called.
    """

    path: str
    secret: str = field(repr=False)
    signature_header: str
    delivery_header: str
    subjects: Callable[[Request, bytes], Sequence[str]]
    receive: Callable[[str, Sequence[str]], bool]
    wake: Callable[[], None]


def hook_routes(hooks: Sequence[Hook]) -> APIRouter:
    """Give a route for each hook; where there is no hook there is no route."""
    router = APIRouter()
    for hook in hooks:
        router.add_api_route(hook.path, _door(hook), methods=["POST"], status_code=ACCEPTED)
    return router


def _door(hook: Hook) -> Callable[..., object]:
    """Give what answers a delivery.

    Neither GitHub nor Jira signs a time or the delivery's id, so nothing signed says how old a delivery is. What keeps
    a repetition from counting is the id, unique in the inbox; with a forged id a repeated body costs one look at the
    issue as it is now, which changes nothing.
    """

    async def answer(request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, int):
            return Response(status_code=body)
        if not is_signed(hook.secret, body, request.headers.get(hook.signature_header, "")):
            log.warning("%s: a delivery without the right signature was refused", hook.path)
            return Response(status_code=UNSIGNED)
        try:
            subjects = hook.subjects(request, body)
        except ValueError:
            return Response(status_code=MALFORMED)
        delivery = delivery_id(request.headers.get(hook.delivery_header, ""), body)
        if subjects:
            is_new = await run_in_threadpool(hook.receive, delivery, subjects)
            if is_new:
                hook.wake()
        return Response(status_code=ACCEPTED)

    return answer


async def _body(request: Request) -> bytes | int:
    """Read the body, or give the status to refuse it with; what it says of its own length isn't believed."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return TOO_LARGE
    except ClientDisconnect:
        return MALFORMED
    return bytes(body)


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether a header is `sha256=` and the body's HMAC with SHA-256 in hexadecimal, compared in constant time.

    https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries; Jira's is of the same form.
    """
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(expected.encode(), signature.encode())


def delivery_id(header: str, body: bytes) -> str:
    """Give the id that a delivery names, or a digest of its body where it names none that can be kept."""
    return header if DELIVERY_ID.fullmatch(header) else "sha256:" + hashlib.sha256(body).hexdigest()
