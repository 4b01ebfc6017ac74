"""The sandbox's own endpoints below /_sandbox/: make news, move the clock, break things, count requests."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import changes, commits, github_changes, hooks, jira_changes
from bugbridge.sandbox.export import plain, seed_document
from bugbridge.sandbox.gate import CONTROL, Fault, Latency, Traffic
from bugbridge.sandbox.limits import KINDS, Limit
from bugbridge.sandbox.wire import Json, answer, zulu
from bugbridge.sandbox.world import Delivery, UnknownError, World

Action = Callable[[World, Traffic, Json], object]


def _clock(world: World, _: Traffic, __: Json) -> object:
    return {"now": zulu(world.now())}


def _advance(world: World, traffic: Traffic, asked: Json) -> object:
    world.advance(float(asked["seconds"]))
    return _clock(world, traffic, asked)


def _close(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.close_issue(world, asked["reference"], asked.get("state_reason", "completed"))


def _fix(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.fix_issue(world, asked["reference"], asked.get("by", "pull"))


def _reopen(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.reopen_issue(world, asked["reference"])


def _duplicate(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.mark_duplicate(world, asked["reference"], asked["survivor"])


def _comment(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.comment_issue(world, asked["reference"], asked["body"])


def _edit_comment(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.edit_comment(world, asked["repository"], int(asked["comment"]), asked["body"])[1]


def _delete_comment(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.delete_comment(world, asked["repository"], int(asked["comment"]))


def _label(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.change_label(world, asked["reference"], asked["label"], add=asked.get("add", True))


def _assign(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.assign(world, asked["reference"], asked["login"], add=asked.get("add", True))


def _release_repository(world: World, _: Traffic, asked: Json) -> object:
    draft, prerelease = bool(asked.get("draft")), bool(asked.get("prerelease"))
    place = asked.get("at", "main")
    return github_changes.release_repository(
        world, asked["repository"], asked["version"], draft=draft, prerelease=prerelease, at=place
    )


def _cherry_pick(world: World, _: Traffic, asked: Json) -> object:
    return commits.cherry_pick(world, asked["repository"], asked["sha"], asked["onto"])


def _rename(world: World, _: Traffic, asked: Json) -> object:
    github_changes.rename_repository(world, asked["old"], asked["new"])
    return {"renamed": world.renamed}


def _transfer(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.transfer_issue(world, asked["reference"], asked["repository"])


def _delete(world: World, _: Traffic, asked: Json) -> object:
    github_changes.delete_issue(world, asked["reference"])
    return {"gone": world.gone}


def _hide(world: World, _: Traffic, asked: Json) -> object:
    github_changes.hide_issue(world, asked["reference"], hidden=asked.get("hidden", True))
    return {"gone": world.gone}


def _convert(world: World, _: Traffic, asked: Json) -> object:
    return github_changes.convert_to_discussion(world, asked["reference"], asked.get("status"))


def _release(world: World, _: Traffic, asked: Json) -> object:
    on = date.fromisoformat(asked["on"]) if "on" in asked else None
    return jira_changes.release_version(world, asked["project"], asked["version"], on)


def _version(world: World, _: Traffic, asked: Json) -> object:
    on = date.fromisoformat(asked["on"]) if "on" in asked else None
    return jira_changes.add_version(world, asked["project"], asked["version"], on)


def _transition(world: World, _: Traffic, asked: Json) -> object:
    versions = asked.get("fix_versions")
    return jira_changes.transition_issue(world, asked["key"], asked["status"], asked.get("resolution"), versions)


def _fix_versions(world: World, _: Traffic, asked: Json) -> object:
    return jira_changes.set_fix_versions(world, asked["key"], asked["versions"])


def _jira_duplicate(world: World, _: Traffic, asked: Json) -> object:
    return jira_changes.set_duplicate(world, asked["key"], asked.get("survivor"))


def _jira_comment(world: World, _: Traffic, asked: Json) -> object:
    return jira_changes.add_comment(world, asked["key"], asked.get("author", "octavia"), asked["body"])


def _edit_jira_comment(world: World, _: Traffic, asked: Json) -> object:
    return jira_changes.edit_comment(world, asked["key"], int(asked["comment"]), asked["body"])


def _delete_jira_comment(world: World, _: Traffic, asked: Json) -> object:
    return jira_changes.delete_comment(world, asked["key"], int(asked["comment"]))


def _move(world: World, _: Traffic, asked: Json) -> object:
    return jira_changes.move_issue(world, asked["key"], asked["project"])


def _delete_jira(world: World, _: Traffic, asked: Json) -> object:
    jira_changes.delete_issue(world, asked["key"])
    return {"gone": world.gone}


def _hide_jira(world: World, _: Traffic, asked: Json) -> object:
    jira_changes.hide_issue(world, asked["key"], hidden=asked.get("hidden", True))
    return {"gone": world.gone}


def _lag(world: World, _: Traffic, asked: Json) -> object:
    world.jira_index_lag = timedelta(seconds=float(asked["seconds"]))
    return {"seconds": asked["seconds"]}


def _customer(world: World, _: Traffic, asked: Json) -> object:
    return changes.customer_comment(world, int(asked["ticket"]), asked["body"])


def _agent(world: World, _: Traffic, asked: Json) -> object:
    public, status = bool(asked.get("public", True)), asked.get("status")
    return changes.agent_comment(world, int(asked["ticket"]), asked["body"], public=public, status=status)


def _fault(world: World, traffic: Traffic, asked: Json) -> object:
    traffic.faults.append(Fault(**asked))
    return _faults(world, traffic, asked)


def _faults(_: World, traffic: Traffic, __: Json) -> object:
    """Those that struck as often as they were to have `times` 0."""
    return {"faults": [asdict(fault) for fault in traffic.faults]}


def _mend(_: World, traffic: Traffic, __: Json) -> object:
    traffic.faults.clear()
    return {"faults": []}


def _latency(_: World, traffic: Traffic, asked: Json) -> object:
    traffic.latencies.append(Latency(**asked))
    return {"latencies": [asdict(latency) for latency in traffic.latencies]}


def _hasten(_: World, traffic: Traffic, __: Json) -> object:
    traffic.latencies.clear()
    return {"latencies": []}


def _limit(world: World, traffic: Traffic, asked: Json) -> object:
    """Leave `remaining` requests (`primary`) or points (`graphql`), or none at all (`secondary`, `jira`), for so many
    seconds."""
    kind, until = asked["kind"], world.now() + timedelta(seconds=float(asked["seconds"]))
    if kind not in KINDS:
        raise ValueError(f"unknown kind of limit {kind!r}; there are {', '.join(KINDS)}")
    if kind == "primary":
        traffic.quotas["core"].restrict(int(asked.get("remaining", 0)), until, int(asked.get("status", 403)))
    elif kind == "graphql":
        traffic.quotas["graphql"].restrict(int(asked.get("remaining", 0)), until, int(asked.get("status", 200)))
    else:
        chosen = {name: asked[name] for name in ("status", "form", "reason") if name in asked}
        traffic.limits.append(Limit(kind, until, **chosen))
    return {"until": zulu(until)}


def _unlimit(_: World, traffic: Traffic, __: Json) -> object:
    traffic.limits.clear()
    for quota in traffic.quotas.values():
        quota.used, quota.status = 0, None
    return {}


def _shown_delivery(delivery: Delivery) -> Json:
    about = {"identifier": delivery.identifier, "hook": delivery.hook.id, "event": delivery.event}
    return {**about, "headers": delivery.headers, "body": delivery.body.decode(), "statuses": delivery.statuses}


def _hooks(world: World, _: Traffic, __: Json) -> object:
    return {"deliveries": [_shown_delivery(delivery) for delivery in world.deliveries]}


def _register(world: World, _: Traffic, asked: Json) -> object:
    return {"id": hooks.register(world, asked["server"], asked["url"], asked.get("secret", "")).id}


def _redeliver(world: World, _: Traffic, asked: Json) -> object:
    return _shown_delivery(hooks.redeliver(world, asked["identifier"]))


def _requests(_: World, traffic: Traffic, __: Json) -> object:
    return {"counted": traffic.counted, "kinds": traffic.kinds, "requests": traffic.requests}


def _under_way(_: World, traffic: Traffic, __: Json) -> object:
    return {"requests": traffic.under_way}


def _forget(world: World, traffic: Traffic, asked: Json) -> object:
    traffic.forget()
    return _requests(world, traffic, asked)


def _seed(world: World, _: Traffic, __: Json) -> object:
    return seed_document(world)


READS: dict[str, Action] = {
    "clock": _clock,
    "requests": _requests,
    "seed": _seed,
    "hooks": _hooks,
    "faults": _faults,
    "under-way": _under_way,
}
WRITES: dict[str, Action] = {
    "clock/advance": _advance,
    "github/close": _close,
    "github/fix": _fix,
    "github/reopen": _reopen,
    "github/duplicate": _duplicate,
    "github/comment": _comment,
    "github/edit-comment": _edit_comment,
    "github/delete-comment": _delete_comment,
    "github/label": _label,
    "github/assign": _assign,
    "github/release": _release_repository,
    "github/cherry-pick": _cherry_pick,
    "github/rename": _rename,
    "github/transfer": _transfer,
    "github/delete": _delete,
    "github/hide": _hide,
    "github/convert": _convert,
    "jira/release": _release,
    "jira/version": _version,
    "jira/transition": _transition,
    "jira/fix-versions": _fix_versions,
    "jira/duplicate": _jira_duplicate,
    "jira/comment": _jira_comment,
    "jira/edit-comment": _edit_jira_comment,
    "jira/delete-comment": _delete_jira_comment,
    "jira/move": _move,
    "jira/delete": _delete_jira,
    "jira/hide": _hide_jira,
    "jira/lag": _lag,
    "hooks/register": _register,
    "hooks/redeliver": _redeliver,
    "limits": _limit,
    "limits/clear": _unlimit,
    "zendesk/customer-comment": _customer,
    "zendesk/agent-comment": _agent,
    "faults": _fault,
    "faults/clear": _mend,
    "latency": _latency,
    "latency/clear": _hasten,
    "requests/forget": _forget,
}


def control_routes(world: World, traffic: Traffic) -> list[Route]:
    """The control endpoints of one server: what there is by GET, everything that changes by POST with JSON."""

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
