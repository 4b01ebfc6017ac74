"""GitHub's releases, commits and comparisons."""

from starlette.requests import Request
from starlette.responses import Response

from bugbridge.sandbox import github_json
from bugbridge.sandbox.commits import compare, history, resolve
from bugbridge.sandbox.github_places import api_url, page_of, repository_name
from bugbridge.sandbox.wire import answer, whole
from bugbridge.sandbox.world import UnknownError, World

LARGEST_COMPARISON = 250


def releases(request: Request, world: World) -> Response:
    """Newest first; drafts and prereleases too, as for those who may write."""
    newest_first = list(reversed(world.releases[repository_name(request, world)]))
    return page_of(request, newest_first, lambda release: github_json.release(api_url(request), release))


def commits(request: Request, world: World) -> Response:
    """The history of a branch, tag or commit, newest first."""
    name, base = repository_name(request, world), api_url(request)
    shas = history(world, name, resolve(world, name, request.query_params.get("sha", "main")))
    return page_of(request, shas, lambda sha: github_json.commit(base, name, world.commits[name][sha]))


def commit(request: Request, world: World) -> Response:
    """One commit, by its sha or by what leads to it."""
    name = repository_name(request, world)
    sha = resolve(world, name, request.path_params["sha"])
    return answer(github_json.commit(api_url(request), name, world.commits[name][sha]))


def comparison(request: Request, world: World) -> Response:
    """`base...head`: `ahead` means that all of base is in head."""
    name, url = repository_name(request, world), api_url(request)
    base, dots, head = request.path_params["pair"].partition("...")
    if not dots:
        raise UnknownError(base)
    status, ahead, behind = compare(world, name, base, head)
    known = world.commits[name]
    first, last = known[resolve(world, name, base)], known[resolve(world, name, head)]
    common = set(history(world, name, first.sha))
    shared = next(sha for sha in history(world, name, last.sha) if sha in common)
    size, page = whole(request, "per_page", LARGEST_COMPARISON, LARGEST_COMPARISON), whole(request, "page", 1, 10_000)
    shown = ahead[(page - 1) * size : page * size]
    address, page_address = f"{url}/repos/{name}/compare/{base}...{head}", f"{github_json.SITE}/{name}/compare"
    return answer({
        "url": address,
        "html_url": f"{page_address}/{base}...{head}",
        "permalink_url": f"{page_address}/{first.sha[:7]}...{last.sha[:7]}",
        "diff_url": f"{page_address}/{base}...{head}.diff",
        "patch_url": f"{page_address}/{base}...{head}.patch",
        "base_commit": github_json.commit(url, name, first),
        "merge_base_commit": github_json.commit(url, name, known[shared]),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [github_json.commit(url, name, known[sha]) for sha in shown],
        "files": [],
    })  # fmt: skip
