"""A window of Chromium, driven by Playwright: what it shows, what it was told, and what went wrong in it."""

import shutil
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Response

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    # Sites that tests make up count as ones of the internet, which Chromium doesn't let into frames of this computer's.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
)
LIGHT, DARK = "light", "dark"
WIDTHS = (320, 768, 1440)  # pixels
HEIGHT = 900  # pixels
PATIENCE = 30_000  # milliseconds until something that has to be seen counts as missing
# Times that Tab goes on within fields for a day or an instant, which have a place for each of their parts.
WITHIN_FIELDS = 20
CAN_BE_REACHED = "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, summary"
# What Tab has to reach, each marked by its number; of radio buttons with one name Tab reaches one.
MARK = """selector => {
  const seen = new Set();
  const shown = [...document.querySelectorAll(selector + ', [tabindex="0"]')].filter(one => {
    if (!one.getClientRects().length || getComputedStyle(one).visibility === 'hidden') return false;
    if (one.type !== 'radio') return true;
    return !seen.has(one.name) && seen.add(one.name);
  });
  shown.forEach((one, index) => { one.dataset.place = one.type === 'radio' ? one.name : index; });
  return shown.map(one => [one.dataset.place, one.outerHTML.slice(0, 120)]);
}"""
# For what a form suffices for.
EITHER_WAY = pytest.mark.parametrize("runs_scripts", [True, False], ids=["by script", "without script"])
# What reaches over the window's edge, for the message; boxes that scroll by themselves may.
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 120)).slice(0, 5).concat(document.documentElement.scrollWidth)"""
# Only what is wrong travels to the test: what passes names each element of a page.
RUN_AXE = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return [found.passes.length, found.violations.map(rule => [rule.id, rule.nodes.slice(0, 5).map(node => node.html)])];
}"""
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return {
    place: one.type === 'radio' ? one.name : one.dataset.place ?? '',
    html: one.outerHTML.slice(0, 120),
    visible: (outlined || style.boxShadow !== 'none') && box.width > 1 && box.height > 1,
  };
}"""


def launched(playwright: Playwright) -> Browser:
    """Start Debian's Chromium with a profile of its own."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))


class Window:
    """One window with a profile of its own; `wrong` is what happened in it that shouldn't have."""

    def __init__(self, browser: Browser, width: int = 1440, theme: str = LIGHT, *, runs_scripts: bool = True) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, color_scheme=theme, java_script_enabled=runs_scripts
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url}"))
        self.page.on("response", self._on_response)
        self._expected = 200

    def show(self, url: str, status: int = 200) -> Page:
        """Open an address, which answers with this status; what went wrong before is forgotten."""
        self.wrong.clear()
        self._expected = status
        response = self.page.goto(url)
        assert response is not None
        assert response.status == status, (url, response.status)
        return self.page

    def asked(self, expression: str, argument: object = None) -> Any:
        """Give what a script finds out; the page's own rules don't hold for it."""
        return self.page.evaluate(expression, argument)

    def axe(self, text: str) -> list[str]:
        """Give what axe-core finds wrong: the rule, and the first elements that break it."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(text)
        passed, violations = self.page.evaluate(RUN_AXE)
        assert passed
        return [f"{rule}: {elements}" for rule, elements in violations]

    def wider(self) -> list[str]:
        """Give what makes the page wider than its window."""
        return list(self.page.evaluate(WIDER))

    def unreachable(self) -> list[str]:
        """Give what Tab doesn't reach from the beginning of the page on, or what shows no focus when it does; also what
        Tab doesn't get out of to the beginning again."""
        wanted = {str(place): text for place, text in self.asked(MARK, CAN_BE_REACHED)}
        focused: dict[str, Any] = {"place": ""}
        for step in range(len(wanted) + WITHIN_FIELDS):
            self.page.keyboard.press("Tab")
            focused = self.asked(FOCUSED)
            if step and focused["place"] == "0" and not wanted:
                return []
            if focused["visible"]:
                wanted.pop(focused["place"], None)
        return [*wanted.values(), f"It ended at {focused['html']}"]

    def _on_console(self, message: ConsoleMessage) -> None:
        if self._expected < 400 or f"status of {self._expected}" not in message.text:
            self.wrong.append(f"{message.type}: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status != self._expected:
            self.wrong.append(f"{response.status}: {response.url}")
