"""Tokens, people and the trail: what admins see and do, and what everybody else doesn't."""

import json
from datetime import timedelta

import pytest

from bugbridge.core.access import Role, Visitor
from tests.entry.scene import CONFIG, START, Scene
from tests.entry.web.browsing import CSRF, HERE, Page
from tests.entry.web.guests import PEOPLE, Guest, made_token, with_people

PAGES = ("/people", "/tokens", "/trail", "/api/v1/people", "/api/v1/tokens", "/api/v1/trail")
JSON = {"Content-Type": "application/json", **HERE}


def asked(guest: Guest, token: str, path: str, method: str = "GET", body: object = None) -> Page:
    """Ask as a program does."""
    sent = json.dumps(body).encode() if body is not None else b""
    return guest._ask(method, path, sent, {**JSON, "Authorization": f"Bearer {token}"}, "")


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("lead", 403), ("admin", 200), ("", 401)])
def test_people_tokens_and_trail_are_for_admins(scene: Scene, role: str, status: int) -> None:
    """Pages and facts alike; strangers to pages are led to the form."""
    guest, token = Guest(scene), made_token(scene, "somebody", "--role", role or "agent")
    for path in PAGES:
        expected = 303 if not role and not path.startswith("/api") else status
        assert asked(guest, token if role else "bb_wrong", path).status == expected, path


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_nobody_but_an_admin_makes_or_revokes_tokens(scene: Scene, role: str) -> None:
    """Not even with the scope to write."""
    guest, token = Guest(scene), made_token(scene, "somebody", "--role", role, "--scope", "write")
    made_token(scene, "ben")
    for path, body in (("/api/v1/tokens", {"name": "mine"}), ("/api/v1/tokens/ben/revoke", None)):
        assert asked(guest, token, path, "POST", body).status == 403
    assert [one.name for one in guest.app.store.tokens("").rows if one.revoked_at is None] == ["somebody", "ben"]


def test_a_token_without_write_changes_nothing(scene: Scene) -> None:
    """Neither by the API nor by a form, when somebody signed in by it."""
    guest, token = Guest(scene), made_token(scene, "ada", "--role", "admin")
    found = asked(guest, token, "/api/v1/tokens", "POST", {"name": "ben"})
    assert (found.status, "its scope is read" in found.facts["error"]) == (403, True)
    guest.sign_in(token)
    assert guest.post("/tokens", {"name": "ben", "role": "agent", "scope": "read"}, "/tokens").status == 403
    assert guest.app.store.token_named("ben") is None


def test_an_admin_makes_a_token_that_is_shown_once(scene: Scene) -> None:
    """With the rights that they chose; it works, and no page shows it again."""
    guest = Guest(scene)
    guest.sign_in(made_token(scene, "ada", "--role", "admin", "--scope", "write"))
    fields = {"name": "ben", "role": "lead", "scope": "write", "brands": "support:EU | support:US", "days": "90"}
    found = guest.post("/tokens", fields, "/tokens")
    secret = found.text.partition("<code>")[2].partition("</code>")[0]
    assert (found.status, secret[:3], found.headers["cache-control"]) == (200, "bb_", "no-store")
    kept = guest.app.store.token_named("ben")
    assert kept is not None
    assert (kept.role.word, sorted(kept.brands or ()), sorted(kept.scopes)) == (
        "lead",
        ["support:EU", "support:US"],
        ["read", "write"],
    )
    assert kept.expires_at is not None
    assert timedelta(days=90) >= kept.expires_at - kept.created_at > timedelta(days=89)
    assert asked(guest, secret, "/api/v1/due").status == 200
    admin = made_token(scene, "admin", "--role", "admin")
    assert secret not in "".join(asked(guest, admin, path).text for path in PAGES)


def test_programs_make_and_revoke_tokens(scene: Scene) -> None:
    """The same by the API."""
    guest, token = Guest(scene), made_token(scene, "ada", "--role", "admin", "--scope", "write")
    made = asked(guest, token, "/api/v1/tokens", "POST", {"name": "ben", "brands": ["support"], "days": 1})
    assert (made.status, made.facts["name"], made.headers["cache-control"]) == (201, "ben", "no-store")
    assert asked(guest, made.facts["token"], "/api/v1/due").status == 200
    assert asked(guest, token, "/api/v1/tokens/ben/revoke", "POST").facts == {"name": "ben"}
    assert asked(guest, made.facts["token"], "/api/v1/due").status == 401
    assert asked(guest, token, "/api/v1/tokens/ben/revoke", "POST").status == 400
    assert asked(guest, token, "/api/v1/tokens/nobody/revoke", "POST").status == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "Ada Lovelace"}, "A token&#39;s name is made of"),
        ({"name": "web"}, "loopback and web are taken"),
        ({"name": ""}, "A token&#39;s name is made of"),
        ({"role": "boss"}, "has a role and a scope of those"),
        ({"scope": "all"}, "has a role and a scope of those"),
        ({"brands": "elsewhere"}, "&#39;elsewhere&#39; is neither a helpdesk nor HELPDESK:BRAND"),
        ({"brands": "<script>"}, "&lt;script&gt;"),
        ({"days": "0"}, "from 1 to 3,650"),
        ({"days": "3651"}, "from 1 to 3,650"),
        ({"days": "9" * 40}, "from 1 to 3,650"),
        ({"days": "soon"}, "from 1 to 3,650"),
        ({"name": "ada"}, "There is, or was, a token named ada"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_a_sentence(scene: Scene, fields: dict[str, str], sentence: str) -> None:
    """And none is made."""
    guest, token = Guest(scene), made_token(scene, "ada", "--role", "admin", "--scope", "write")
    scene.run("token", "revoke", "ada")
    guest = Guest(scene, "the-token-of-the-environment")
    guest.sign_in("the-token-of-the-environment")
    found = guest.post("/tokens", {"name": "ben", "role": "agent", "scope": "read", **fields}, "/tokens")
    assert (found.status, sentence in found.text, token in found.text) == (400, True, False)
    assert [one.name for one in guest.app.store.tokens("").rows] == ["ada"]


def test_a_form_that_is_refused_keeps_what_was_typed(scene: Scene) -> None:
    """Whatever it was, as text; and says what is wrong with it."""
    guest = Guest(scene, "the-token-of-the-environment")
    guest.sign_in("the-token-of-the-environment")
    typed = {"name": '"><script>', "role": "lead", "scope": "write", "brands": "support:eu|<b>", "days": "soon"}
    found = guest.post("/tokens", typed, "/tokens")
    assert (found.status, 'role="alert">Days until it expires is a whole number' in found.text) == (400, True)
    for part in (
        'value="&#34;&gt;&lt;script&gt;"',
        "<option selected>lead</option>",
        '<option value="write" selected>',
        'value="support:eu|&lt;b&gt;"',
        'value="soon"',
    ):
        assert part in found.text
    assert "Revoke" not in found.text  # there is nothing to revoke yet


def test_the_first_token_is_offered_as_an_admins(scene: Scene) -> None:
    """On this computer, where no other page is shown once it is made; the form says so, and so does the answer."""
    guest = Guest(scene)
    form = guest.get("/tokens").text
    for part in ("This is the first token", "<option selected>admin</option>", '<option value="write" selected>'):
        assert part in form
    found = guest.post("/tokens", {"name": "ada", "role": "admin", "scope": "write"}, "/tokens")
    assert (found.status, "From now on every page asks for sign-in, also on this computer." in found.text) == (
        200,
        True,
    )
    assert ('href="/sign-in"' in found.text, 'action="/tokens' in found.text) == (True, False)
    guest.sign_in(found.text.partition("<code>")[2].partition("</code>")[0])
    later = guest.get("/tokens").text
    assert ("This is the first token" in later, "<option selected>agent</option>" in later) == (False, True)


@pytest.mark.parametrize(
    "less", [{"role": "lead"}, {"scopes": ["read"]}, {"brands": ["support:EU"]}, {"role": "agent"}], ids=str
)
def test_the_first_token_is_an_admins_for_everything(scene: Scene, less: dict[str, object]) -> None:
    """With any other nobody could make tokens on the web: the form and the API refuse it, and say what to do first."""
    guest, wish = Guest(scene), {"name": "ben", "role": "admin", "scopes": ["write"], "brands": [], **less}
    form = {"name": "ben", "role": str(wish["role"]), "scope": wish["scopes"][-1], "brands": "|".join(wish["brands"])}
    page = guest.post("/tokens", form, "/tokens")
    assert (page.status, "Make an admin&#39;s token first" in page.text) == (409, True)
    found = CSRF.search(guest.get("/tokens").text)
    assert found is not None
    api = guest._ask("POST", "/api/v1/tokens", json.dumps(wish).encode(), {**JSON, "X-CSRF-Token": found[1]}, "")
    assert (api.status, "Make an admin's token first" in api.text) == (409, True)
    assert not guest.app.store.has_tokens()


def test_revoking_is_asked_once_more(scene: Scene) -> None:
    """No token is chosen beforehand; the question says whose it is, and nothing is done before it is answered."""
    guest = Guest(scene)
    guest.sign_in(made_token(scene, "ada", "--role", "admin", "--scope", "write"))
    made_token(scene, "ben", "--role", "admin", "--scope", "write")
    assert '<select id="revoked" name="name" required><option value="">choose one</option>' in guest.get("/tokens").text
    for name, is_own in (("ada", True), ("ben", False)):
        asks = guest.get("/tokens/revoke", f"name={name}")
        assert (asks.status, 'action="/tokens/revoke"' in asks.text) == (200, True)
        assert ("It is your own: you are signed out" in asks.text) is is_own
    assert len(guest.app.store.token_makers(START)) == 2
    assert guest.post("/tokens/revoke", {"name": "ben"}, "/tokens").status == 303
    assert [one.name for one in guest.app.store.token_makers(START)] == ["ada"]
    assert [guest.get("/tokens/revoke", f"name={name}").status for name in ("ben", "nobody", "")] == [409, 404, 404]


@pytest.mark.parametrize(
    "others",
    [
        (),
        (("--role", "lead", "--scope", "write"),),
        (("--role", "admin"),),
        (("--role", "admin", "--scope", "write", "--brand", "support:EU"),),
    ],
    ids=str,
)
def test_the_last_token_that_makes_others_is_not_revoked_on_the_web(
    scene: Scene, others: tuple[tuple[str, ...], ...]
) -> None:
    """Nobody could make one there any more: page, form and API refuse it, and say what to do first."""
    guest, token = Guest(scene), made_token(scene, "ada", "--role", "admin", "--scope", "write")
    for number, options in enumerate(others):
        made_token(scene, f"other-{number}", *options)
    guest.sign_in(token)
    asks = guest.get("/tokens/revoke", "name=ada")
    assert ("make another one first" in asks.text, 'action="/tokens/revoke"' in asks.text) == (True, False)
    found = guest.post("/tokens/revoke", {"name": "ada"}, "/tokens")
    assert (found.status, "ada is the last token by which" in found.text) == (409, True)
    assert asked(guest, token, "/api/v1/tokens/ada/revoke", "POST").status == 409
    made_token(scene, "bea", "--role", "admin", "--scope", "write")
    assert asked(guest, token, "/api/v1/tokens/ada/revoke", "POST").status == 200


@pytest.mark.parametrize("way", ["environment", "provider", "agents-of-the-provider"])
def test_the_last_token_may_go_where_an_admin_comes_another_way(scene: Scene, way: str) -> None:
    """By the environment's token, or from the provider as an admin of the list of people."""
    web = 'url = "https://b.example"\noidc_issuer = "https://a.example"\noidc_client_id = "b"'
    with_people(scene, PEOPLE if way == "provider" else "agent,name,role\nben@acme.example,Ben,agent\n")
    guest = Guest(scene, "a-token-of-the-admins") if way == "environment" else Guest(scene, "", web)
    token = made_token(scene, "ada", "--role", "admin", "--scope", "write")
    expected = 409 if way == "agents-of-the-provider" else 200
    assert asked(guest, token, "/api/v1/tokens/ada/revoke", "POST").status == expected


def test_the_command_revokes_the_last_token_and_says_what_follows(scene: Scene) -> None:
    """Whoever reads the database may; of one that isn't the last nothing is said."""
    for name in ("ada", "ben"):
        made_token(scene, name, "--role", "admin", "--scope", "write")
    assert scene.run("token", "revoke", "ada").stderr == ""
    last = scene.run("token", "revoke", "ben")
    assert (last.exit_code, last.stdout) == (0, "The token ben opens nothing any more.\n")
    assert "`bugbridge token create NAME --role admin --scope write` makes one." in last.stderr


def test_the_form_offers_what_a_person_needs(scene: Scene) -> None:
    """An agent who reads and writes; and says when looking suffices."""
    guest = Guest(scene)
    guest.sign_in(made_token(scene, "ada", "--role", "admin", "--scope", "write"))
    form = guest.get("/tokens").text
    assert "<option selected>agent</option>" in form
    assert '<option value="write" selected>read and write</option>' in form
    assert "Read suffices for a program that only looks" in form


def test_a_brand_that_no_ticket_has_is_named_where_the_token_is_shown(scene: Scene) -> None:
    """It may be mistyped, or still to come: the token is made all the same. A helpdesk by itself is no such brand."""
    scene.released()
    guest = Guest(scene)
    guest.sign_in(made_token(scene, "ada", "--role", "admin", "--scope", "write"))
    found = guest.post("/tokens", {"name": "ben", "role": "agent", "scope": "write", "brands": "support:<i>|support"})
    assert (found.status, guest.app.store.token_named("ben") is not None) == (200, True)
    assert "No ticket here has the brand <bdi>support:&lt;i&gt;</bdi> yet" in found.text
    assert found.text.count("No ticket here has the brand") == 1


def test_a_token_that_only_reads_is_offered_no_form(scene: Scene) -> None:
    """But told why; beside its name every page says so."""
    guest = Guest(scene)
    guest.sign_in(made_token(scene, "ada", "--role", "admin"))
    found = guest.get("/tokens").text
    assert ("your token lets you look" in found, "(admin), read only" in found) == (True, True)
    assert ('action="/tokens"' in found, 'action="/tokens/revoke"' in found) == (False, False)


def test_an_admin_of_some_brands_gives_no_more_than_they_have(scene: Scene) -> None:
    """They make tokens for those brands, revoke those alone, and see no trail, which names tickets of all."""
    options = ("--role", "admin", "--scope", "write", "--brand", "support:EU")
    guest, token = Guest(scene), made_token(scene, "ada", *options)
    made_token(scene, "everything")
    for brands in ([], ["support"], ["support:US"], ["support:EU", "support:US"]):
        found = asked(guest, token, "/api/v1/tokens", "POST", {"name": "ben", "brands": brands})
        assert (found.status, "at most what you see: support:EU" in found.text) == (400, True)
    assert asked(guest, token, "/api/v1/tokens", "POST", {"name": "ben", "brands": ["support:EU"]}).status == 201
    assert asked(guest, token, "/api/v1/tokens/everything/revoke", "POST").status == 400
    assert asked(guest, token, "/api/v1/tokens/ben/revoke", "POST").status == 200
    assert [asked(guest, token, path).status for path in ("/trail", "/api/v1/trail")] == [403, 403]


def test_last_use_is_known_to_a_minute(scene: Scene) -> None:
    """Reading writes once a minute at most."""
    guest, token = Guest(scene), made_token(scene)
    assert scene.facts("token", "list")[0]["last_used_at"] is None
    asked(guest, token, "/api/v1/due")
    first = scene.facts("token", "list")[0]["last_used_at"]
    asked(guest, token, "/api/v1/due")
    assert scene.facts("token", "list")[0]["last_used_at"] == first
    scene.clock.at += timedelta(minutes=1)
    asked(guest, token, "/api/v1/due")
    assert scene.facts("token", "list")[0]["last_used_at"] > first


def test_the_list_of_people_is_shown_with_what_each_may_see(scene: Scene) -> None:
    """As it stands in the file now; without one, what to write."""
    guest = Guest(scene)
    assert "Nobody is listed. Write people.csv" in guest.get("/people").text
    with_people(scene)
    assert guest.get("/api/v1/people").facts["rows"] == [
        {"agent": "ada@acme.example", "name": "Ada", "role": "admin", "brands": "all", "last_act_at": None},
        {"agent": "ben@acme.example", "name": "Ben", "role": "agent", "brands": "support:EU", "last_act_at": None},
    ]
    head = "Agent,Name,Role,Brands,Last sign-in or act (UTC)"
    assert guest.get("/people", "format=csv").text.splitlines()[0] == head


def test_the_list_of_people_says_when_each_was_last_there(scene: Scene) -> None:
    """By signing in or doing something, with its zone; whoever wasn't there yet has nothing."""
    with_people(scene)
    guest, ben = Guest(scene), Visitor("ben@acme.example", "Ben", Role.AGENT, via="session")
    for hours, did in ((0, "session.started"), (1, "told")):
        guest.app.store.add_to_trail(ben, did, "", START + timedelta(hours=hours))
    rows = {row["name"]: row["last_act_at"] for row in guest.get("/api/v1/people").facts["rows"]}
    assert rows == {"Ada": None, "Ben": "2026-06-15T10:00:00.000000Z"}
    page = guest.get("/people").text
    assert ("Last sign-in or act (UTC)" in page, "2026-06-15 10:00" in page) == (True, True)


def test_many_people_come_a_page_at_a_time(scene: Scene) -> None:
    """Fifty of them."""
    with_people(scene, "agent\n" + "".join(f"support:{number}\n" for number in range(51)))
    first = Guest(scene).get("/api/v1/people").facts
    second = Guest(scene).get("/api/v1/people", f"after={first['next']}").facts
    assert (len(first["rows"]), [row["agent"] for row in second["rows"]], second["next"]) == (50, ["support:50"], "")


def test_a_list_that_is_wrong_is_said_so(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """In the log; the page says that it is for later."""
    with_people(scene, "agent,role\nada@acme.example,boss\n")
    found = Guest(scene).get("/people")
    assert (found.status, "can&#39;t be read" in found.text, "'boss' is no role" in caplog.text) == (503, True, True)


def test_the_trail_says_who_did_what(scene: Scene) -> None:
    """By the command, by a session and by a token, the latest first."""
    guest, token = Guest(scene), made_token(scene, "ada", "--role", "admin", "--scope", "write")
    guest.sign_in(token)
    asked(guest, token, "/api/v1/tokens", "POST", {"name": "ben"})
    guest.post("/tokens/revoke", {"name": "ben"}, "/tokens")
    guest.post("/sign-out", {})
    rows = asked(guest, token, "/api/v1/trail").facts["rows"]
    assert [(row["who"], row["via"], row["did"], row["subject"]) for row in rows[:4]] == [
        ("ada", "session", "session.ended", ""),
        ("ada", "session", "token.revoked", "ben"),
        ("ada", "token", "token.made", "ben"),
        ("ada", "session", "session.started", ""),
    ]
    assert (rows[4]["via"], rows[4]["did"], rows[4]["subject"]) == ("cli", "token.made", "ada")


def test_a_place_that_is_none_begins_anew(scene: Scene) -> None:
    """Whatever somebody writes into an address."""
    guest = Guest(scene)
    for path in ("/people", "/trail", "/tokens"):
        for after in ("x", "-1", "9" * 60, "%C2%B2"):
            assert guest.get(path, f"after={after}").status == 200, (path, after)


def test_commands_make_list_and_revoke(scene: Scene) -> None:
    """The secret is put out once; what is wrong is one sentence."""
    assert "`bugbridge token create NAME --role admin --scope write` makes one" in scene.say("token", "list")
    made_token(scene, "admin", "--role", "admin", "--scope", "write")
    said = scene.say("token", "create", "ada", "--role", "lead", "--brand", "support:EU", "--days", "90")
    assert "Copy it now; it won't be shown again:" in said
    secret = said.split()[-1]
    assert secret.startswith("bb_")
    assert secret not in scene.say("token", "list")
    again = scene.run("token", "create", "ada")
    assert (again.exit_code, again.stderr) == (2, "There is, or was, a token named ada: choose another name.\n")
    unknown = scene.run("token", "create", "ben", "--brand", "desk:EU")
    assert (unknown.exit_code, "'desk:EU' is neither a helpdesk" in unknown.stderr) == (2, True)
    scene.say("token", "revoke", "ada")
    assert [one["state"] for one in scene.facts("token", "list")] == ["valid", "revoked"]
    assert [scene.run("token", "revoke", name).exit_code for name in ("ada", "nobody")] == [2, 2]


@pytest.mark.parametrize(
    ("options", "is_said"),
    [
        ((), True),
        (("--role", "agent", "--scope", "write"), True),
        (("--role", "lead", "--scope", "write"), True),
        (("--role", "admin"), True),
        (("--role", "admin", "--scope", "write"), False),
    ],
)
def test_whoever_makes_the_first_token_for_no_admin_is_told_what_that_means(
    scene: Scene, options: tuple[str, ...], *, is_said: bool
) -> None:
    """In one sentence on stderr, with what makes an admin's; it is made all the same, and of the next nothing is
    said."""
    first = scene.run("token", "create", "ada", *options, "--json")
    assert (first.exit_code, json.loads(first.stdout)["name"]) == (0, "ada")
    assert len(first.stderr.splitlines()) == int(is_said)
    assert ("`bugbridge token create NAME --role admin --scope write` makes one" in first.stderr) is is_said
    assert scene.run("token", "create", "ben").stderr == ""


@pytest.mark.parametrize("way", ["environment", "provider"])
def test_where_somebody_else_can_sign_in_the_first_token_is_one_like_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """An admin may come by the environment's token, or from the provider."""
    if way == "environment":
        monkeypatch.setenv("BUGBRIDGE_WEB_TOKEN", "a-token-of-the-admins")
    else:
        web = 'url = "https://b.example"\noidc_issuer = "https://a.example"\noidc_client_id = "b"'
        scene.config.write_text(f"{CONFIG}\n[web]\n{web}\n", encoding="utf-8")
    assert scene.run("token", "create", "ada").stderr == ""


def test_brands_are_written_alike_everywhere(scene: Scene) -> None:
    """On the command line one by one or with | between them, as in people.csv and in the form; and an empty one is no
    way to all of them."""
    made_token(scene, "admin", "--role", "admin", "--scope", "write")
    scene.say("token", "create", "several", "--brand", "support:eu", "--brand", "support:rt")
    scene.say("token", "create", "between", "--brand", "support:eu| support:rt")
    guest = Guest(scene, "the-token-of-the-environment")
    guest.sign_in("the-token-of-the-environment")
    wish = {"name": "form", "role": "agent", "scope": "read", "brands": "support:eu|support:rt"}
    guest.post("/tokens", wish, "/tokens")
    brands = {one["name"]: one["brands"] for one in scene.facts("token", "list")}
    both = ["support:eu", "support:rt"]
    assert brands == {"admin": [], "several": both, "between": both, "form": both}
    for typed in ("", "support:eu|", "|"):
        found = scene.run("token", "create", "nobody", "--brand", typed)
        assert (found.exit_code, "'' is neither a helpdesk nor HELPDESK:BRAND" in found.stderr) == (2, True)
    assert guest.post("/tokens", {**wish, "name": "nobody", "brands": "|"}, "/tokens").status == 400
    api = {"name": "nobody", "brands": ["support:eu|support:rt"]}
    assert asked(guest, "the-token-of-the-environment", "/api/v1/tokens", "POST", api).status == 400


def test_an_export_holds_no_token_and_no_session(scene: Scene) -> None:
    """Nor the trail: it is of the web alone, and names people."""
    token, guest = made_token(scene), Guest(scene)
    guest.sign_in(token)
    kept = guest.app.store.token_named("ada")
    assert kept is not None
    tables = {table for table, _ in guest.app.store.export(personal=True)}
    assert [table for table in tables if table.startswith("web_")] == []
    assert scene.run("check").exit_code == 0
