"""What Jira shows beyond an issue's stage, only where it is configured: planned versions, and whom it mirrors."""

from dataclasses import replace
from typing import Any

import pytest
import responses

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.trackers.jira import Jira, JiraOptions
from tests.trackers.jira_json import API, OPTIONS, REFERENCE, STATUSES, day, issue, jira_time, status, with_changes

TOLD = replace(OPTIONS, dates_may_be_told=True)
FIELD, LINKS = "customfield_10050", f"{API}/issue/10012/remotelink"
GITHUB = "https://github.com/acme/app/issues/12"


def read(api: responses.RequestsMock, jira: Jira, shown: dict[str, Any]) -> IssueSnapshot:
    api.get(f"{API}/status", json=[status(number) for number in STATUSES])
    api.post(f"{API}/search/jql", json={"issues": [with_changes(shown)], "isLast": True})
    (snapshot,) = jira.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    return snapshot


def version(name: str, on: str = "", *, released: bool = False) -> dict[str, Any]:
    return {"id": name, "name": name, "released": released, **({"releaseDate": on} if on else {})}


@pytest.mark.parametrize(
    ("options", "versions", "expected"),
    [
        (OPTIONS, [version("4.2", "2026-06-10")], ("", None)),
        (TOLD, [], ("", None)),
        (TOLD, [version("4.2")], ("", None)),
        (TOLD, [version("4.1", "2026-06-05", released=True)], ("", None)),
        (TOLD, [version("4.2", "2026-06-10")], ("4.2", day(10, 12))),
        (TOLD, [version("4.3", "2026-06-12"), version("next"), version("4.2", "2026-06-10")], ("4.2", day(10, 12))),
    ],
)
def test_a_planned_version_is_given_only_where_its_date_may_be_told(
    api: responses.RequestsMock,
    slept: list[float],
    options: JiraOptions,
    versions: list[dict[str, Any]],
    expected: tuple[str, object],
) -> None:
    """The first unreleased one with a date, at noon UTC, the same day almost everywhere; by default none is."""
    snapshot = read(api, Jira(options, sleep=slept.append), issue(fixVersions=versions))
    assert (snapshot.planned_version, snapshot.planned_on) == expected


@pytest.mark.parametrize(
    ("field", "value", "texts"),
    [
        (FIELD, GITHUB, (GITHUB,)),
        (FIELD, None, ()),
        (FIELD, {"type": "doc", "content": []}, ()),
        ("", GITHUB, ()),
    ],
)
def test_the_configured_field_says_whom_an_issue_mirrors(
    api: responses.RequestsMock, slept: list[float], field: str, value: object, texts: tuple[str, ...]
) -> None:
    """It is asked for only where it is configured."""
    jira = Jira(replace(OPTIONS, mirror_field=field), sleep=slept.append)
    assert read(api, jira, issue(**{FIELD: value})).mirror_texts == texts
    assert (FIELD in str(api.calls[0].request.body)) is bool(field)


def test_remote_links_say_whom_an_issue_mirrors(api: responses.RequestsMock, slept: list[float]) -> None:
    """Beside the field, if both are configured."""
    api.get(LINKS, json=[{"id": 1, "object": {"url": GITHUB, "title": "hostile"}}, {"id": 2, "object": {}}])
    jira = Jira(replace(OPTIONS, mirror_field=FIELD, mirror_links=True), sleep=slept.append)
    assert read(api, jira, issue(**{FIELD: "acme/app#34"})).mirror_texts == ("acme/app#34", GITHUB, "")


def test_remote_links_are_read_once_for_each_change(api: responses.RequestsMock, slept: list[float]) -> None:
    """A request for each issue is dear, and releases have issues read that didn't change."""
    links = api.get(LINKS, json=[{"id": 1, "object": {"url": GITHUB}}])
    jira = Jira(replace(OPTIONS, mirror_links=True), sleep=slept.append)
    texts = [read(api, jira, issue()).mirror_texts, read(api, jira, issue()).mirror_texts]
    unchanged = links.call_count
    api.post(f"{API}/search/jql", json={"issues": [with_changes(issue(updated=jira_time(day(21))))], "isLast": True})
    list(jira.issues([REFERENCE]))
    list(jira.issues([REFERENCE]))
    assert (texts, unchanged, links.call_count) == ([(GITHUB,), (GITHUB,)], 1, 2)


@pytest.mark.parametrize("answered", [403, 404])
def test_a_site_without_remote_links_has_its_issues_read_all_the_same(
    api: responses.RequestsMock, slept: list[float], answered: int
) -> None:
    """Issue linking can be switched off, and an issue isn't gone for that."""
    api.get(LINKS, json={}, status=answered)
    assert read(api, Jira(replace(OPTIONS, mirror_links=True), sleep=slept.append), issue()).mirror_texts == ()


def test_remote_links_of_another_shape_are_an_error(api: responses.RequestsMock, slept: list[float]) -> None:
    """Then nothing is concluded, and the change is read again."""
    api.get(LINKS, json={"no": "list"})
    with pytest.raises(RemoteError, match="remote links"):
        read(api, Jira(replace(OPTIONS, mirror_links=True), sleep=slept.append), issue())
