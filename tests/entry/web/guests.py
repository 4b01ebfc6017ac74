"""Somebody with a browser of their own, who keeps cookies and signs in, and where they sign in."""

import json
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from bugbridge.entry.web.application import web_application
from tests.entry.scene import CONFIG, Scene
from tests.entry.web.asking import answer
from tests.entry.web.browsing import FORM, HERE, Browser, Page

KEY = "k" * 32
FIELD = re.compile(r'name="csrf" value="(\w+)"')
PEOPLE = "agent,name,role,brands\nada@acme.example,Ada,admin,\nben@acme.example,Ben,agent,support:EU\n"


class Guest(Browser):
    """A browser at a team's web, with its cookies; `environment` is the token of the environment."""

    def __init__(self, scene: Scene, environment: str = "", web: str = "", client_secret: str = "") -> None:
        scene.config.write_text(f"{CONFIG}\n[web]\n{web}", encoding="utf-8")
        super().__init__(scene)
        self.cookies: dict[str, str] = {}
        self.set_cookies: dict[str, str] = {}
        own = (environment, KEY, client_secret)
        self.application = web_application(self.app, {}, self.woken.append, *own)

    def sign_in(self, token: str, following: str = "") -> Page:
        """Fill the form in and send it."""
        page = self.get("/sign-in", urlencode({"next": following}))
        found = FIELD.search(page.text)
        fields = {"csrf": found[1] if found else "", "token": token, "next": following}
        return self.send("/sign-in", fields)

    def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Send a form with these fields alone."""
        return self._ask("POST", path, urlencode(fields).encode(), {**HERE, "Content-Type": FORM, **headers}, "")

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], query: str) -> Page:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = answer(self.application, path, [body], {**headers, **({"Cookie": kept} if kept else {})}, method, query)
        told = [(name.decode(), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        for _, line in (one for one in told if one[0] == "set-cookie"):
            self._keep(line)
        text = b"".join(part.get("body", b"") for part in sent[1:]).decode()
        return Page(int(sent[0]["status"]), dict(told), text)

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            self.set_cookies[name] = line
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def made_token(scene: Scene, name: str = "ada", *options: str) -> str:
    """Make a token by the command, which may say something of the first one."""
    made = scene.run("token", "create", name, *options, "--json")
    assert made.exit_code == 0, made.output
    return str(json.loads(made.stdout)["token"])


def with_people(scene: Scene, text: str = PEOPLE) -> None:
    """Keep a list of people."""
    (scene.config.parent / "people.csv").write_text(text, encoding="utf-8")
