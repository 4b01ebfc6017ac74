"""The Chromium and the company that scripts/test-web shows to each other."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

AXE = "BUGBRIDGE_WEB_AXE"  # axe-core's file, as npm installed it
if AXE not in os.environ:
    collect_ignore_glob = ["test_*.py"]
else:
    from playwright.sync_api import Browser, Page, sync_playwright

    from bugbridge.entry.web.paths import sidebar_path
    from tests.web.company import Company
    from tests.web.pages import AGENT
    from tests.web.window import WIDTHS, Window, launched


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A browser."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def company() -> Iterator["Company"]:
    """A company at which nobody changes anything."""
    with Company() as company:
        yield company


@pytest.fixture(scope="session")
def working_company() -> Iterator["Company"]:
    """Another one, at which each test changes what no other one looks at."""
    with Company() as company:
        yield company


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    return Path(os.environ[AXE]).read_text(encoding="utf-8")


@pytest.fixture
def window(chromium: "Browser") -> Iterator[Callable[..., "Window"]]:
    """Opens windows, and closes them at the end of the test."""
    opened: list[Window] = []

    def open_window(*settings: object, **more: object) -> Window:
        opened.append(Window(chromium, *settings, **more))
        return opened[-1]

    yield open_window
    for one in opened:
        one.context.close()


@pytest.fixture
def runs_scripts() -> bool:
    """Whether what a test does runs the pages' scripts; EITHER_WAY has it done without as well."""
    return True


@pytest.fixture
def beside(
    working_company: "Company", window: Callable[..., "Window"], *, runs_scripts: bool
) -> Callable[[str], "Page"]:
    """Opens the sidebar of a ticket, as an agent in a frame's width."""
    view: Window = window(WIDTHS[0], runs_scripts=runs_scripts)
    view.context.add_cookies([working_company.cookie(AGENT)])
    return lambda ticket: view.show(working_company.url(sidebar_path(ticket)))
