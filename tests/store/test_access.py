"""Tokens, sessions and the trail: kept as hashes, ended when they should, and nameless once a ticket is forgotten."""

import sqlite3
from datetime import timedelta

import pytest

from bugbridge.core.access import Role, Visitor, within
from bugbridge.core.erasing import ErasedKind
from bugbridge.core.listings import PAGE_ROWS
from bugbridge.core.tokens import NewToken, Session, hash_of
from bugbridge.store.access import _LAST_ACTS
from tests.store.scene import ACTOR, START, Scene, day

ADA = Visitor("ada", "Ada", Role.ADMIN, via="session")
HOUR = timedelta(hours=1)


@pytest.fixture
def scene() -> Scene:
    """A team's data."""
    return Scene()


def test_a_token_is_known_by_the_hash_of_its_secret_alone(scene: Scene) -> None:
    """What isn't a hash isn't kept at all."""
    assert scene.store.save_token(NewToken("ada", Role.LEAD), hash_of("secret"), "ben", START)
    assert not scene.store.save_token(NewToken("ada", Role.ADMIN), hash_of("another"), "ben", START)
    found = scene.store.token_by_hash(hash_of("secret"))
    assert found is not None
    assert (found.name, found.role, found.created_by) == ("ada", Role.LEAD, "ben")
    assert scene.store.token_by_hash("secret") is None
    with pytest.raises(sqlite3.IntegrityError):
        scene.store.save_token(NewToken("ben", Role.LEAD), "secret", "ben", START)


def test_tokens_and_trail_come_a_page_at_a_time(scene: Scene) -> None:
    """Each exactly once, the trail from its end."""
    for number in range(PAGE_ROWS + 1):
        scene.store.save_token(NewToken(f"t{number}", Role.AGENT), hash_of(str(number)), "ben", START)
        scene.store.add_to_trail(ADA, "token.made", f"t{number}", START)
    for ask, first in ((scene.store.tokens, "t0"), (scene.store.trail, f"t{PAGE_ROWS}")):
        page = ask("")
        rest = ask(page.next)
        names = [getattr(one, "name", None) or getattr(one, "subject", "") for one in (*page.rows, *rest.rows)]
        assert (names[0], len(page.rows), len(set(names)), rest.next) == (first, PAGE_ROWS, PAGE_ROWS + 1, "")


def test_sessions_that_are_over_are_let_go(scene: Scene) -> None:
    """When the next one begins; one of a revoked token at once."""
    scene.store.save_token(NewToken("ada", Role.LEAD), hash_of("secret"), "ben", START)
    for number in range(3):
        began = START + number * HOUR
        by = ("", "ada@acme.example") if number == 0 else (hash_of("secret"), "")
        scene.store.start_session(Session(hash_of(str(number)), *by, began, began + HOUR))
    kept = [row["hash"] for row in scene.store._rows("SELECT hash FROM web_session")]
    assert kept == [hash_of("2")]
    assert scene.store.session(hash_of("2"), START + 2 * HOUR) is not None
    assert scene.store.session(hash_of("2"), START + 3 * HOUR) is None
    assert scene.store.revoke_token("ada", START + 2 * HOUR)
    assert scene.store.session(hash_of("2"), START + 2 * HOUR) is None


def test_the_last_thing_that_each_did_is_found_by_an_index(scene: Scene) -> None:
    """In one query for all of them, however long the trail is; nobody else is named."""
    for hours, who in ((0, "ada"), (1, "ben"), (2, "ada")):
        visitor = Visitor(who, who, Role.AGENT, via="session")
        scene.store.add_to_trail(visitor, "told", "", START + hours * HOUR)
    assert scene.store.last_acts(["ada", "cho"]) == {"ada": START + 2 * HOUR}
    plan = scene.store._connection().execute(f"EXPLAIN QUERY PLAN {_LAST_ACTS}", {"whos": "[]"}).fetchall()
    assert [row["detail"] for row in plan if "web_trail" in row["detail"]] == [
        "SEARCH web_trail USING INDEX web_trail_who (who=?)"
    ]


def test_the_trail_names_no_ticket_that_was_forgotten(scene: Scene) -> None:
    """By itself or before something else; what merely begins alike stays."""
    subjects = ("support:47", "support:47 github:acme/app#12", "support:471", "support:4", "github:acme/app#47")
    for subject in subjects:
        scene.store.add_to_trail(ADA, "told", subject, START)
    ticket = scene.ticket("47", scene.customer("carla"))
    scene.store.erase([], [ticket], ErasedKind.TICKET, at=day(1), actor=ACTOR)
    kept = [one.subject for one in reversed(scene.store.trail("").rows)]
    assert kept == [f"erased:{ticket}", f"erased:{ticket}", *subjects[2:]]


def test_what_each_request_asks_is_found_by_an_index(scene: Scene) -> None:
    """However many tokens and sessions there are."""
    connection = scene.store._connection()
    for table, column in (("web_token", "hash"), ("web_session", "hash"), ("web_trail", "subject")):
        plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} = 'x'").fetchall()  # noqa: S608
        assert [row["detail"] for row in plan if row["detail"].startswith("SCAN")] == []


@pytest.mark.parametrize(
    ("brands", "wider", "is_within"),
    [
        (None, None, True),
        (None, {"support"}, False),
        ({"support:EU"}, None, True),
        ({"support:EU"}, {"support"}, True),
        ({"support"}, {"support:EU"}, False),
        ({"support:EU"}, {"support:EU", "desk"}, True),
        ({"support:EU", "desk"}, {"support:EU"}, False),
    ],
)
def test_brands_lie_within_others(brands: set[str] | None, wider: set[str] | None, *, is_within: bool) -> None:
    """A helpdesk's name stands for all its brands; none named are all."""
    frozen = [None if one is None else frozenset(one) for one in (brands, wider)]
    assert within(*frozen) is is_within
