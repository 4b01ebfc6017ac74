"""The API asked with whatever its own description allows, and with what it doesn't: no answer is a mistake of ours."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugbridge.core.access import Role, Visitor
from tests.entry.scene import Scene
from tests.entry.web.from_schema import WITH_SURROGATES, Schema, Values, from_schema, resolved
from tests.entry.web.team import JSON, Team, visitor
from tests.entry.web.test_description import AT, WAY_IN, complaints, operations

EXAMPLES = 300  # of all addresses together
HOSTILE = (
    "",
    " ",
    "\x00",
    "0",
    "-1",
    "9" * 40,
    "1e400",
    "NaN",
    "2026-06-15T09:00:00.000000Z|x",
    "2026-06-15T09:00:00.000000Z|" + "9" * 40,
    "|",
    "' OR 1=1 --",
    "{{ 7 * 7 }}",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "\u202egnorw\u202c",
    "../../etc/passwd",
    "support:",
    ":1",
    "support:1/../2",
    "github:acme/app#",
    "%",
    "%00",
    "é" * 300,
    "\ud800",
    "a" * 10_000,
)
# An admin, who is asked for most; an agent; and nobody.
VISITORS = ((visitor(Role.ADMIN), WAY_IN), (visitor(Role.ADMIN), WAY_IN), (visitor(Role.AGENT), {}), (None, {}))
TRACES = ("Traceback", 'File "/', "sqlite3.", "Error:", "bugbridge/")


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """What is sent may change it: any state will do."""
    with pytest.MonkeyPatch.context() as patch:
        yield Team(Scene(tmp_path_factory.mktemp("team"), patch), patch)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_nothing_that_is_sent_makes_it_fail(team: Team, data: st.DataObject) -> None:
    """Whoever sends it. Each answer has a status below 500, is as described, and shows nothing of how it was made."""
    document = _described(team)
    method, path, operation = data.draw(st.sampled_from(list(operations(document))), "operation")
    address, body = _request(team, path, operation, document["components"], data)
    who, way_in = data.draw(st.sampled_from(VISITORS), "visitor")
    page = team.send(method, address, body, JSON, who, **way_in)
    assert page.status < 500
    assert who is not None or page.status >= 400
    assert [trace for trace in TRACES if trace in page.text] == []
    assert complaints(document, operation, page) == []


@pytest.mark.parametrize(("who", "way_in"), [VISITORS[0], *VISITORS[2:]], ids=["admin", "agent", "nobody"])
def test_every_operation_answers_everybody(team: Team, who: Visitor | None, way_in: Mapping[str, str]) -> None:
    """With nothing sent and with words that are out to do harm: none is left to chance."""
    for method, path, operation in operations(document := _described(team)):
        for text in ("", *HOSTILE[5:17]):
            address = re.sub(r"{\w+}", quote(text or "x", safe=""), path)
            for body in (b"", b"[]", json.dumps(dict.fromkeys(("text", "verb", "name"), text)).encode()):
                page = team.send(method, address, body, JSON, who, **way_in)
                assert page.status < 500, (method, address)
                assert complaints(document, operation, page) == []


def test_a_list_goes_on_after_anything_that_is_asked(team: Team) -> None:
    """Whoever changes the place where a list goes on gets rows or a sentence."""
    for method, path, operation in operations(_described(team)):
        if any(parameter["name"] == "after" for parameter in operation.get("parameters", ())) and "{" not in path:
            for after in HOSTILE:
                query = urlencode({"after": after}, errors="surrogatepass")
                page = team.send(method, f"{path}?{query}", b"", JSON, visitor(Role.AGENT))
                assert page.status in {200, 400, 403}, (path, after)


def _described(team: Team) -> Mapping[str, Any]:
    found: Mapping[str, Any] = team.send("GET", AT, b"", JSON, visitor(Role.ADMIN)).facts
    return found


def _request(
    team: Team, path: str, operation: Mapping[str, Any], parts: Schema, data: st.DataObject
) -> tuple[str, bytes]:
    """Draw an address of an operation, and what is sent there."""
    query: list[tuple[str, str]] = []
    for parameter in operation.get("parameters", ()):
        name, value = parameter["name"], data.draw(_values(team, parameter["schema"], parts), parameter["name"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(_text(value), safe="", errors="surrogatepass"))
        else:
            query += [(name, _text(one)) for one in (value if isinstance(value, list) else [value])]
    schema = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    body = data.draw(_bodies(team, schema, parts), "body") if schema else b""
    return f"{path}?{urlencode(query, errors='surrogatepass')}", body


def _values(team: Team, schema: Schema, parts: Schema) -> Values:
    """What the schema allows, what it doesn't, and names of things that are there."""
    known = st.sampled_from((team.own.ticket, team.foreign.ticket, team.own.bug, *team.own.ticket.split(":")))
    return st.one_of(from_schema(schema, parts), st.sampled_from(HOSTILE), WITH_SURROGATES, known)


def _bodies(team: Team, schema: Schema, parts: Schema) -> st.SearchStrategy[bytes]:
    """What the schema allows, the same with a value that may be anything, and what is no JSON."""
    allowed = from_schema(schema, parts)
    keys = sorted(resolved(schema, parts).get("properties", {})) or ["key"]
    changed = st.tuples(allowed, st.sampled_from([*keys, "another"]), _values(team, {}, parts)).map(_with_another)
    return st.one_of(allowed.map(_written), changed.map(_written), st.binary(max_size=100))


def _with_another(drawn: tuple[Any, str, Any]) -> Any:
    content, key, value = drawn
    return {**content, key: value} if isinstance(content, dict) else value


def _written(content: Any) -> bytes:
    return json.dumps(content).encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
