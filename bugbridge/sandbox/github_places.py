"""Where things are at GitHub: addresses, redirects for what has moved, and pages of a list."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from bugbridge.sandbox import github_json
from bugbridge.sandbox.wire import Json, Refusal, answer, base_url, whole
from bugbridge.sandbox.world import UnknownError, World

ENTERPRISE = "/api/v3"
DOCUMENTATION = "https://docs.github.com/rest"
Item = TypeVar("Item")


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """A refusal in GitHub's form."""
    return Refusal(status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}, headers)


def api_url(request: Request) -> str:
    """The address of the API as the client has it: GitHub Enterprise Server has a path before it."""
    return base_url(request) + (ENTERPRISE if request.url.path.startswith(ENTERPRISE) else "")


def _moved(request: Request, path: str, status: int = 301) -> Refusal:
    query = f"?{request.url.query}" if request.url.query else ""
    address = f"{api_url(request)}{path}{query}"
    words = {301: "Moved Permanently", 307: "Temporary Redirect"}
    body = {"message": words[status], "url": address, "documentation_url": DOCUMENTATION}
    return Refusal(status, body, {"location": address})


def _identity(world: World, name: str) -> int:
    return github_json.number_of(world.first_name(name))


def repository_name(request: Request, world: World) -> str:
    """The repository that the path names, by its name or by its id.

    A former name is redirected to the id, for writes in a way that keeps the method. UnknownError where there is
    none."""
    if "identity" in request.path_params:
        for name in world.issues:
            if _identity(world, name) == request.path_params["identity"]:
                return name
        raise UnknownError(str(request.path_params["identity"]))
    name = f"{request.path_params['owner']}/{request.path_params['repository']}"
    if present := world.renamed.get(name):
        rest = request.url.path.partition(f"/repos/{name}")[2]
        status = 301 if request.method in {"GET", "HEAD"} else 307
        raise _moved(request, f"/repositories/{_identity(world, present)}{rest}", status)
    if name not in world.issues:
        raise UnknownError(name)
    return name


def issue_reference(request: Request, world: World) -> str:
    """The issue that the path names. A transferred one is redirected, but nothing below it is, as at GitHub."""
    name, number = repository_name(request, world), request.path_params["number"]
    reference = f"{name}#{number}"
    if (status := world.gone.get(reference)) is not None:
        raise error(status, "This issue was deleted" if status == 410 else "Not Found")
    present = world.moved.get(reference)
    if present is None:
        return reference
    if not request.url.path.endswith(f"/issues/{number}"):
        raise UnknownError(reference)
    repository, _, new = present.partition("#")
    raise _moved(request, f"/repositories/{_identity(world, repository)}/issues/{new}")


def page_of(request: Request, items: list[Item], show: Callable[[Item], Json]) -> Response:
    """One page of a list, with the Link header that names its neighbours."""
    size, page = whole(request, "per_page", 30, 100), whole(request, "page", 1, 10_000)
    last = max(-(-len(items) // size), 1)
    places = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = {name: place for name, place in places.items() if (page < last if name in {"next", "last"} else page > 1)}
    links = [
        f'<{base_url(request)}{request.url.path}?{urlencode({**request.query_params, "page": place})}>; rel="{name}"'
        for name, place in wanted.items()
    ]
    shown = [show(item) for item in items[(page - 1) * size : page * size]]
    return answer(shown, headers={"link": ", ".join(links)} if links else None)
