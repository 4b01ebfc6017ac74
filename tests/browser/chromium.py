"""A Chromium without a window, driven from here: what it shows, prints, says on its console and fetches."""

import json
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",  # as on a telephone: they take no room
    "--force-color-profile=srgb",
)
LIGHT, DARK = "light", "dark"
# Widths of a window, in pixels.
WIDE, TELEPHONE = 1440, 360


class Chromium:
    """One window; use it as a context."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self._driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._driver.quit()

    def show(self, page: Path, width: int = WIDE, theme: str = LIGHT, height: int = 900) -> None:
        """Open a file in a window of so many pixels; what was said and fetched before is forgotten."""
        self._command("Page.setBypassCSP", enabled=False)
        self._command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        self._show_as("", theme)
        self.said(), self.fetched()
        self._driver.get(page.as_uri())

    def show_as_paper(self, theme: str = LIGHT) -> None:
        """Show the page as it would be printed, in the same window."""
        self._show_as("print", theme)

    def said(self) -> list[str]:
        """Give what the console got since the last time."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def fetched(self) -> list[str]:
        """Give what was asked for, by address, since the last time."""
        entries = [json.loads(entry["message"])["message"] for entry in self._driver.get_log("performance")]
        return [
            entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"
        ]

    def asked(self, expression: str, *arguments: object) -> Any:
        """Give what a script finds out; the page's own rules don't hold for it."""
        return self._driver.execute_script(f"return {expression}", *arguments)

    def axe(self, text: str) -> list[str]:
        """Give what axe-core finds wrong: the rule, and the first elements that break it."""
        self._driver.execute_script(text)
        found = self._driver.execute_async_script("axe.run(document).then(arguments[0])")
        assert found["passes"]
        return [f"{rule['id']}: {[node['html'] for node in rule['nodes']][:5]}" for rule in found["violations"]]

    def picture(self, part: str, most: int) -> bytes:
        """Give an element and what stands beside it, down to so many pixels, as a PNG."""
        box = self.asked(f"document.querySelector('{part}').getBoundingClientRect()")
        height = min(box["height"], most)
        clip = {"x": 0, "y": box["top"], "width": self.asked("innerWidth"), "height": height, "scale": 1}
        return b64decode(self._command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"])

    def printed(self, path: Path) -> list[str]:
        """Print on A4 with the page's own margins, as a PDF, and give the text of each sheet."""
        path.write_bytes(b64decode(self._command("Page.printToPDF", preferCSSPageSize=True)["data"]))
        command = [str(shutil.which("pdftotext")), "-raw", str(path), "-"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.split("\f")[:-1]

    def _show_as(self, media: str, theme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self._command("Emulation.setEmulatedMedia", media=media, features=features)

    def _command(self, name: str, **parameters: object) -> Any:
        return self._driver.execute_cdp_cmd(name, parameters)
