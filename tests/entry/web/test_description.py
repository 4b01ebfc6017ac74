"""The API's description: it is valid, it names every address, and what it says of answers is true."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from bugbridge.core.access import Role
from tests.entry.scene import Scene
from tests.entry.web.browsing import Page
from tests.entry.web.route_table import TABLE, Kind
from tests.entry.web.team import JSON, TOKEN, Team, visitor

AT = "/api/openapi.json"
NOT_DESCRIBED = {AT}
WAY_IN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Nobody does anything but ask."""
    with pytest.MonkeyPatch.context() as patch:
        yield Team(Scene(tmp_path_factory.mktemp("team"), patch), patch)


@pytest.fixture(scope="module")
def document(team: Team) -> Mapping[str, Any]:
    """The description as an agent gets it."""
    page = team.send("GET", AT, b"", JSON, visitor(Role.AGENT))
    assert page.status == 200
    found: Mapping[str, Any] = page.facts
    return found


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each method and path, with what is said of it."""
    for path, methods in document["paths"].items():
        yield from ((method.upper(), path, operation) for method, operation in methods.items())


def described(path: str) -> str:
    """Give a path as the description has it, which doesn't say that a reference may hold a slash."""
    return path.replace(":path}", "}")


def complaints(document: Mapping[str, Any], operation: Mapping[str, Any], page: Page) -> list[str]:
    """What of an answer isn't as described: its status, its kind, or what stands in it."""
    responses = operation["responses"]
    said = responses.get(str(page.status)) or responses.get(f"{page.status // 100}XX")
    if said is None or "content" not in said:
        return [] if said is not None and not page.text else [f"{page.status} isn't described"]
    if page.headers["content-type"] not in said["content"]:
        return [f"{page.headers['content-type']} isn't described"]
    schema = {**said["content"][page.headers["content-type"]]["schema"], "components": document["components"]}
    return [
        f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(schema).iter_errors(page.facts)
    ]


def test_the_description_is_valid(document: Mapping[str, Any]) -> None:
    """By OpenAPI 3.1's own schema; it names the product, its version, and the token that a request carries."""
    OpenAPIV31SpecValidator(document).validate()
    assert (document["openapi"][:3], document["info"]["title"]) == ("3.1", "BugBridge")
    assert document["security"] == [{"bearer": []}]


def test_every_address_for_programs_is_described_and_nothing_else(document: Mapping[str, Any]) -> None:
    """Neither pages nor hooks; those that FastAPI doesn't serve are described by hand."""
    api = [key for key in TABLE if key[1].startswith("/api/") and key[1] not in NOT_DESCRIBED]
    routes = {(method, described(path)) for method, path in api}
    assert {(method, path) for method, path, _ in operations(document)} == routes
    assert [key for key in TABLE if TABLE[key].kind is Kind.API and key[1].startswith("/hooks")] == []


def test_every_operation_says_what_it_does_and_gives(document: Mapping[str, Any]) -> None:
    """A summary of its own, a schema for what comes back, and the one sentence of a refusal."""
    summaries = [operation["summary"] for _, _, operation in operations(document)]
    assert all(summaries)
    assert len(set(summaries)) == len(summaries)
    for method, path, operation in operations(document):
        done = [status for status in operation["responses"] if status.startswith("2")]
        assert len(done) == 1, (method, path)
        for status in (*done, "4XX", "5XX"):
            content = operation["responses"][status].get("content")
            assert content is None or content["application/json"]["schema"], (method, path, status)
            assert content or status == "204", (method, path, status)


@pytest.mark.parametrize(
    "key", [key for key in TABLE if key[0] == "GET" and key[1].startswith("/api/v1/")], ids=" ".join
)
def test_answers_are_as_described(team: Team, document: Mapping[str, Any], key: tuple[str, str]) -> None:
    """What is given and what is refused alike."""
    for who, more in ((visitor(Role.ADMIN), WAY_IN), (None, {})):
        page = team.send("GET", TABLE[key].path(team.own), b"", JSON, who, **more)
        assert complaints(document, document["paths"][described(key[1])]["get"], page) == []
