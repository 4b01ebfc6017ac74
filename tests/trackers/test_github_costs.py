"""What a busy repository costs: its changes are listed, or all that is kept of it is read, whichever is cheaper."""

import json
from collections.abc import Sequence

import pytest
import responses

from bugbridge.core.errors import NotFoundError
from bugbridge.core.records import IssueRow
from bugbridge.trackers.github import GitHub
from bugbridge.trackers.github_costs import Costs
from tests.trackers.github_json import API, LIST_URL, day, issue, zulu

FOLLOWING = "https://api.github.com/repositories/1/issues?page=2"
PLACE = {"since": zulu(day(8)), "seen": zulu(day(8)), "etag": ""}
CURSOR = json.dumps({"acme/app": PLACE})


def rows(count: int, gone: int = 0) -> Sequence[IssueRow]:
    """Give so many issues as they are kept, the first of them gone."""
    return [
        IssueRow(number, 1, "github", f"github:acme/app#{number}", number, day(1), number <= gone)
        for number in range(1, count + 1)
    ]


def a_page(api: responses.RequestsMock, url: str, number: int, link: str) -> None:
    """Answer with one changed issue, and what follows."""
    api.get(url, json=[issue(number, updated_at=zulu(day(8 + number)))], headers={"Link": link})


@pytest.mark.parametrize(
    ("kept", "gone", "has_graphql", "pages_left", "reads_all"),
    [
        (0, 0, True, 1, False),
        (0, 0, True, 2, True),
        (3, 0, True, 2, False),
        (3, 0, True, 3, True),
        (50, 0, True, 3, True),
        (51, 0, True, 3, False),
        (1000, 0, True, 21, False),
        (1000, 0, True, 22, True),
        (3, 2, True, 4, False),
        (3, 2, True, 5, True),
        (3, 0, False, 7, False),
        (3, 0, False, 8, True),
    ],
)
def test_all_is_read_where_the_pages_left_cost_more(
    kept: int, gone: int, pages_left: int, *, has_graphql: bool, reads_all: bool
) -> None:
    """Fifty issues by one query, what is gone by itself, and one request for the newest change."""
    found = Costs(lambda _: rows(kept, gone), has_graphql=has_graphql).cheaper("acme/app", pages_left)
    assert (found is not None) is reads_all


def test_what_is_kept_is_counted_only_where_pages_are_left() -> None:
    """A cycle with one page of changes asks the database nothing more."""
    asked: list[str] = []

    def kept(project: str) -> Sequence[IssueRow]:
        asked.append(project)
        return rows(3)

    assert (Costs(kept).cheaper("acme/app", 1), asked) == (None, [])


def test_a_busy_repository_is_left_at_its_newest_change(api: responses.RequestsMock, github: GitHub) -> None:
    """The pages between aren't listed; each kept issue is read, so that none of their changes is lost."""
    last = FOLLOWING.replace("page=2", "page=10")
    a_page(api, LIST_URL, 1, f'<{FOLLOWING}>; rel="next", <{last}>; rel="last"')
    api.get(LIST_URL, json=[issue(7, updated_at=zulu(day(20)))])
    (page,) = github.changed_since(CURSOR, lambda _: rows(3))
    assert page.references == ("github:acme/app#1", "github:acme/app#2", "github:acme/app#3")
    assert json.loads(page.cursor) == {"acme/app": {"since": zulu(day(20)), "seen": zulu(day(20)), "etag": ""}}
    assert len(api.calls) == 2


def test_few_changes_of_a_repository_with_many_kept_are_listed(api: responses.RequestsMock, github: GitHub) -> None:
    """120 changes are one page more; reading 1,000 issues would be twenty."""
    a_page(api, LIST_URL, 1, f'<{FOLLOWING}>; rel="next", <{FOLLOWING}>; rel="last"')
    a_page(api, f"{API}/repositories/1/issues", 2, "")
    pages = list(github.changed_since(CURSOR, lambda _: rows(1000)))
    assert [page.references for page in pages] == [("github:acme/app#1",), ("github:acme/app#2",)]


def test_without_a_last_page_as_many_are_expected_as_were_read(api: responses.RequestsMock, github: GitHub) -> None:
    """GitHub's cursors don't always say how many follow (trap 21); a wrong guess at most doubles the cost."""
    for number, url in enumerate((LIST_URL, *[f"{API}/repositories/1/issues"] * 2), start=1):
        a_page(api, url, number, f'<{FOLLOWING.replace("page=2", f"after=x{number}")}>; rel="next"')
    api.get(LIST_URL, json=[issue(7, updated_at=zulu(day(20)))])
    *listed, last = github.changed_since(CURSOR, lambda _: rows(3))
    assert [page.references for page in listed] == [("github:acme/app#1",), ("github:acme/app#2",)]
    assert (len(last.references), json.loads(last.cursor)["acme/app"]["seen"]) == (3, zulu(day(20)))


def test_a_repository_whose_newest_change_cannot_be_read_stays_where_it_was(
    api: responses.RequestsMock, github: GitHub
) -> None:
    """Nothing is kept of a choice that couldn't be carried out; the next cycle begins at the same place."""
    last = FOLLOWING.replace("page=2", "page=10")
    a_page(api, LIST_URL, 1, f'<{FOLLOWING}>; rel="next", <{last}>; rel="last"')
    api.get(LIST_URL, status=404, json={})
    with pytest.raises(NotFoundError, match="acme/app"):
        next(github.changed_since(CURSOR, lambda _: rows(3)))


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (812, "812 issues are kept; reading all of them costs 17 requests, 100 changed issues one. All are read where"),
        (1, "1 issue is kept; reading all of them costs 1 request, 100 changed issues one. All are read where more"),
    ],
)
def test_the_doctor_shows_what_the_choice_goes_by(
    api: responses.RequestsMock, github: GitHub, kept: int, sentence: str
) -> None:
    """People see how a busy repository would be read, and why."""
    api.get(f"{API}/rate_limit", json={"resources": {"core": {"remaining": 4812, "reset": 1780304400}}})
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/app"})
    for what in ("issues", "releases", "pulls"):
        api.get(f"{API}/repos/acme/app/{what}", json=[])
    _, check = github.check(lambda _: rows(kept))
    assert (check.well, sentence in check.sentence) == (True, True)
