"""GitHub's search of issues: thirty requests a minute, and at most 256 characters of words."""

from bugbridge.core.references import search_words
from bugbridge.core.snapshots import FoundIssue
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_reading import GitHubRules


def search(client: GitHubClient, rules: GitHubRules, text: str, limit: int) -> tuple[FoundIssue, ...]:
    """Find issues of the configured repositories that hold every word, the best match first."""
    words = [f'"{word}"' for word in search_words(text)]
    if not words:
        return ()
    within = [f"repo:{project}" for project in rules.projects]
    query = " ".join([*words, "is:issue", *within])
    response = client.get("/search/issues", {"q": query, "per_page": str(limit)})
    with client.understood("found issues"):
        items = as_objects(as_object(client.parsed(response))["items"])
        found = [_found(rules, item) for item in items]
    return tuple(one for one in found if one is not None)[:limit]


def _found(rules: GitHubRules, item: Json) -> FoundIssue | None:
    """Give what lies in a configured repository, under its configured name."""
    shown = "/".join(str(item["repository_url"]).split("/")[-2:])
    if not rules.configured(shown) or "pull_request" in item:
        return None
    return FoundIssue(rules.canonical(shown, int(item["number"])), str(item["title"]))
