"""What `doctor` learns of a Jira: whether it lets us in, what it is, and what the account may do there."""

from collections.abc import Callable, Iterator, Sequence

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.snapshots import Check
from bugbridge.trackers.client import as_object, as_objects, token_variable
from bugbridge.trackers.jira_client import Flavour, JiraClient
from bugbridge.trackers.jira_reading import JiraRules

BROWSE = "BROWSE_PROJECTS"


def check_jira(client: JiraClient, projects: Sequence[str], rules: JiraRules) -> Iterator[Check]:
    """Try the account, then the site's flavour, each project and the site's resolutions, by reads alone."""
    signed_in = _line(client, "sign_in", lambda: _sign_in(client))
    yield signed_in
    if signed_in.well:
        yield _line(client, "flavour", lambda: _flavour(client))
        for project in projects:
            yield _project(client, project)
        yield _line(client, "resolutions", lambda: _resolutions(client, rules))


def project_problem(client: JiraClient, project: str) -> NotFoundError | None:
    """Say what to do about a project that can't be read, None for one that can."""
    try:
        client.read(f"project/{project}")
    except NotFoundError:
        return unreadable(client, project)
    return None


def unreadable(client: JiraClient, project: str) -> NotFoundError:
    """Name the permission that is missing, if the key is right."""
    return NotFoundError(
        f"{client.name}: the project {project} can't be read; check its key under projects, and that the "
        f"account behind {token_variable(client.name)} has the permission Browse projects there."
    )


def _line(client: JiraClient, name: str, ask: Callable[[], str]) -> Check:
    """Make a line of what a question gives: a sentence, or the error's."""
    identity = f"{client.name}.{name}"
    try:
        return Check(identity, well=True, sentence=ask())
    except RemoteError as error:
        return Check(identity, well=False, sentence=str(error))


def _sign_in(client: JiraClient) -> str:
    client.read("myself")
    return f"{client.name} accepts {client.secret_hint}."


def _flavour(client: JiraClient) -> str:
    """Compare with what the site says of itself: Data Center calls itself Server."""
    told = client.read("serverInfo").get("deploymentType")
    found = Flavour.CLOUD if told == "Cloud" else Flavour.DATA_CENTER
    if found is client.flavour:
        return f"{client.name} is Jira {found}."
    advice = "set email" if found is Flavour.CLOUD else "leave email out and use a personal access token"
    raise RemoteError(f"{client.name} is Jira {found} and is asked as Jira {client.flavour}: {advice}.", permanent=True)


def _project(client: JiraClient, project: str) -> Check:
    def ask() -> str:
        try:
            answer = client.read("mypermissions", {"projectKey": project, "permissions": BROWSE})
        except NotFoundError:
            raise unreadable(client, project) from None
        with client.understood("what the account may do"):
            allowed = as_object(answer["permissions"]).get(BROWSE, {}).get("havePermission")
        if allowed is not True:
            raise unreadable(client, project)
        return f"{client.name}: the project {project} can be read."

    return _line(client, f"project.{project}", ask)


def _resolutions(client: JiraClient, rules: JiraRules) -> str:
    """List those that nobody said the meaning of: issues closed with one of them wait for a person."""
    response = client.get(client.path("resolution"))
    with client.understood("its resolutions"):
        names = [str(found["name"]) for found in as_objects(client.parsed(response))]
    unnamed = [name for name in names if name.lower() not in rules.resolutions]
    if not unnamed:
        return f"{client.name}: it is known of every resolution whether it means fixed."
    return (
        f"{client.name}: nothing says what these resolutions mean, so issues closed with one count as closed for an "
        f"unknown reason: {', '.join(unnamed)}. Name them under resolutions as fixed, declined or duplicate."
    )
