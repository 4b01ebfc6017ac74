"""What `doctor` tries at GitHub: the sign-in, the requests left, and each permission that is needed."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.snapshots import Check
from bugbridge.trackers.client import as_object
from bugbridge.trackers.github_client import ForbiddenError, GitHubClient
from bugbridge.trackers.github_costs import Costs
from bugbridge.trackers.github_issues import present_name, unreadable
from bugbridge.trackers.github_reading import GitHubRules

FEW_REQUESTS = 100
CONTENTS = "Contents: read; without it releases and the commits in them can't be told"
PULL_REQUESTS = "Pull requests: read; without it the pull requests that fix issues can't be told"


def checks(client: GitHubClient, rules: GitHubRules, costs: Costs) -> tuple[Check, ...]:
    """Give a line for the sign-in and one for each repository; a refused sign-in is the only line."""
    sign_in = _sign_in(client, rules.name)
    if not sign_in.well:
        return (sign_in,)
    return (sign_in, *(_project(client, rules.name, project, costs) for project in rules.projects))


def _sign_in(client: GitHubClient, name: str) -> Check:
    """Ask for the limit: every kind of token may, an expired one is refused, and it costs nothing."""
    identity = f"{name}.sign_in"
    try:
        response = client.get("/rate_limit")
        with client.understood("the limit of requests"):
            core = as_object(client.parsed(response))["resources"]["core"]
            left, reset = int(core["remaining"]), datetime.fromtimestamp(int(core["reset"]), UTC)
    except NotFoundError:
        return Check(identity, well=True, sentence=f"{name} accepts the token and counts no requests.")
    except RemoteError as error:
        return Check(identity, well=False, sentence=str(error))
    sentence = f"{name} accepts the token; {left} requests are left until {reset:%H:%M} UTC."
    return Check(identity, well=left >= FEW_REQUESTS, sentence=sentence)


def _project(client: GitHubClient, name: str, project: str, costs: Costs) -> Check:
    identity = f"{name}.project.{project}"
    try:
        present = present_name(client, project)
        lacking = list(_lacking(client, project))
    except NotFoundError:
        return Check(identity, well=False, sentence=str(unreadable(name, project, client.secret_hint)))
    except RemoteError as error:
        return Check(identity, well=False, sentence=str(error))
    if lacking:
        return Check(identity, well=False, sentence=f"{name}: on {project} the token lacks {'; '.join(lacking)}.")
    renamed = f" It is called {present} now: correct it under projects." if present.lower() != project.lower() else ""
    sentence = f"{project}: one conditional request a cycle; 0 counted when nothing changed."
    return Check(identity, well=True, sentence=f"{sentence}{costs.sentence(project)}{renamed}")


def _lacking(client: GitHubClient, project: str) -> Iterator[str]:
    """Name each permission that a token lacks for a repository that it may see, and what can't be told without it.

    A repository may have no pull requests at all, which GitHub says by 404.
    """
    if _refusal(client, f"/repos/{project}/issues?per_page=1"):
        yield f"Issues: read ({client.secret_hint}); without it nothing can be told"
    if _refusal(client, f"/repos/{project}/releases?per_page=1"):
        yield CONTENTS
    if isinstance(_refusal(client, f"/repos/{project}/pulls?per_page=1"), ForbiddenError):
        yield PULL_REQUESTS


def _refusal(client: GitHubClient, path: str) -> NotFoundError | None:
    try:
        client.get(path)
    except NotFoundError as error:
        return error
    return None
