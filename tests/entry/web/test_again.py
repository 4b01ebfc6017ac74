"""Whoever is signed out by the time they send a form signs in, and sends the same once more without typing it again."""

from collections.abc import Mapping

import pytest

from tests.entry.scene import Scene
from tests.entry.web.browsing import Page
from tests.entry.web.guests import Guest, made_token
from tests.entry.web.reviewing import ROUND, Reader, four_tickets
from tests.entry.web.seeing import BUG_API, BUG_PAGE

OURS = {"Sec-Fetch-Site": "same-origin"}
WORDS = {"text": 'Export as CSV,\n<b>now</b> "so".', "language": "en", "applies_to": "", "kind": ""}


@pytest.fixture
def guest(scene: Scene) -> Guest:
    """Somebody who was signed in while they typed."""
    four_tickets(scene)
    scene.read()
    guest = Guest(scene)
    token = made_token(scene, "ada", "--role", "lead", "--scope", "write")
    guest.sign_in(token)
    guest.token = token  # type: ignore[attr-defined]
    return guest


def sent_again(guest: Guest, page: Page, path: str) -> Page:
    """Sign in, and press the button of a refusal."""
    return guest.send(path, fields_of(page), **OURS)


def fields_of(page: Page) -> Mapping[str, str]:
    """What a refusal has of what was sent."""
    (form,) = [one for one in Reader(page.text).forms if one.buttons]
    return form.fields


def test_what_was_typed_before_signing_out_is_sent_after_signing_in(guest: Guest) -> None:
    """Twice at most: the second page proves that it is theirs, which nobody can who isn't signed in."""
    typed = {**WORDS, "csrf": "of the page that was open"}
    guest.cookies.clear()
    out = guest.send(f"{BUG_PAGE}/workarounds", typed, **OURS)
    assert (out.status, "Sign in in another tab" in out.text, fields_of(out)) == (401, True, WORDS)
    guest.sign_in(guest.token)  # type: ignore[attr-defined]
    stale = sent_again(guest, out, f"{BUG_PAGE}/workarounds")
    assert (stale.status, WORDS.items() <= fields_of(stale).items()) == (403, True)
    assert guest.get(BUG_API).facts["workaround"] == ""
    assert sent_again(guest, stale, f"{BUG_PAGE}/workarounds").status == 303
    assert guest.get(BUG_API).facts["workaround"] == WORDS["text"]


def test_words_of_a_round_outlive_a_sign_out(guest: Guest) -> None:
    """The question whether to send them is asked as if nothing had happened, and nothing goes out before."""
    page = guest.get(ROUND)
    fields = next(one.fields for one in Reader(page.text).forms if "send" in one.buttons)
    number = next(name for name in fields if name.startswith("text "))
    guest.cookies.clear()
    out = guest.send(ROUND, {**fields, number: "Words of mine.", "act": "send"}, **OURS)
    guest.sign_in(guest.token)  # type: ignore[attr-defined]
    asked = sent_again(guest, sent_again(guest, out, ROUND), ROUND)
    assert (asked.status, "in words of your own." in asked.text, "Words of mine." in asked.text) == (200, True, True)


@pytest.mark.parametrize("site", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_what_another_site_sends_is_offered_to_nobody(guest: Guest, site: dict[str, str]) -> None:
    """Nobody shall take somebody else's words for their own, signed in or not."""
    for cookies in (dict(guest.cookies), {}):
        guest.cookies = cookies
        page = guest.send(f"{BUG_PAGE}/workarounds", {**WORDS, "csrf": "guessed"}, **site)
        assert page.status in (401, 403)
        assert "Export as CSV" not in page.text
