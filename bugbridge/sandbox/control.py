"""The sandbox's own endpoints below /_sandbox/: make news, move the clock, break things, count requests."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import changes
from bugbridge.sandbox.export import plain, seed_document
from bugbridge.sandbox.gate import CONTROL, Fault, Traffic
from bugbridge.sandbox.wire import Json, answer, zulu
from bugbridge.sandbox.world import UnknownError, World

Action = Callable[[World, Traffic, Json], object]


def _clock(world: World, _: Traffic, __: Json) -> object:
    return {"now": zulu(world.now())}


def _advance(world: World, traffic: Traffic, asked: Json) -> object:
    world.advance(float(asked["seconds"]))
    return _clock(world, traffic, asked)


def _close(world: World, _: Traffic, asked: Json) -> object:
    return changes.close_issue(world, asked["reference"], asked.get("state_reason", "completed"))


def _reopen(world: World, _: Traffic, asked: Json) -> object:
    return changes.reopen_issue(world, asked["reference"])


def _comment(world: World, _: Traffic, asked: Json) -> object:
    return changes.comment_issue(world, asked["reference"], asked["body"])


def _release(world: World, _: Traffic, asked: Json) -> object:
    on = date.fromisoformat(asked["on"]) if "on" in asked else None
    return changes.release_version(world, asked["project"], asked["version"], on)


def _transition(world: World, _: Traffic, asked: Json) -> object:
    return changes.transition_issue(
        world, asked["key"], asked["status"], asked.get("resolution"), asked.get("fix_versions")
    )


def _customer(world: World, _: Traffic, asked: Json) -> object:
    return changes.customer_comment(world, int(asked["ticket"]), asked["body"])


def _agent(world: World, _: Traffic, asked: Json) -> object:
    public, status = bool(asked.get("public", True)), asked.get("status")
    return changes.agent_comment(world, int(asked["ticket"]), asked["body"], public=public, status=status)


def _fault(_: World, traffic: Traffic, asked: Json) -> object:
    traffic.faults.append(Fault(**asked))
    return {"faults": [asdict(fault) for fault in traffic.faults]}


def _mend(_: World, traffic: Traffic, __: Json) -> object:
    traffic.faults.clear()
    return {"faults": []}


def _requests(_: World, traffic: Traffic, __: Json) -> object:
    return {"counted": traffic.counted, "requests": traffic.requests}


def _forget(world: World, traffic: Traffic, asked: Json) -> object:
    traffic.forget()
    return _requests(world, traffic, asked)


def _seed(world: World, _: Traffic, __: Json) -> object:
    return seed_document(world)


READS: dict[str, Action] = {"clock": _clock, "requests": _requests, "seed": _seed}
WRITES: dict[str, Action] = {
    "clock/advance": _advance,
    "github/close": _close,
    "github/reopen": _reopen,
    "github/comment": _comment,
    "jira/release": _release,
    "jira/transition": _transition,
    "zendesk/customer-comment": _customer,
    "zendesk/agent-comment": _agent,
    "faults": _fault,
    "faults/clear": _mend,
    "requests/forget": _forget,
}


def control_routes(world: World, traffic: Traffic) -> list[Route]:
    """The control endpoints of one server: `seed`, `clock` and `requests` by GET, everything else by POST with JSON."""

    def route(name: str, action: Action, method: str) -> Route:
        async def serve(request: Request) -> Response:
            try:
                asked = json.loads(await request.body() or b"{}")
                with world.lock:
                    return answer(plain(action(world, traffic, asked)))
            except UnknownError as unknown:
                return answer({"error": f"there is no {unknown}"}, 404)
            except (KeyError, TypeError, ValueError) as wrong:
                return answer({"error": f"{type(wrong).__name__}: {wrong}"}, 400)

        return Route(CONTROL + name, serve, methods=[method])

    reads = [route(name, action, "GET") for name, action in READS.items()]
    return reads + [route(name, action, "POST") for name, action in WRITES.items()]
