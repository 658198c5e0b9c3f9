"""The browsers of the tests of pages: a ``conftest.py`` imports these fixtures, so each package has its own browser.

A browser ends with the tests of its package: while what drives it runs, its event loop counts as running, and
``asyncio.run`` in a later test of the same process is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browsers import PATIENCE_S, launch_chromium, launch_firefox


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers of these tests."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for these tests."""
    browser = launch_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def firefox(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Firefox for the tests of the nightly tier."""
    firefox = launch_firefox(playwright, tmp_path_factory.mktemp("firefox"))
    yield firefox
    firefox.close()


@dataclass(frozen=True, slots=True)
class NewPage:
    """An empty page in a window of its own."""

    page: Page
    context: BrowserContext
    complaints: list[str]
    """Errors of scripts, and everything that the Content-Security-Policy refused."""


@contextmanager
def new_pages(browser: Browser) -> Iterator[Callable[..., NewPage]]:
    """Yield what opens pages; its options are those of a Playwright context. No page may have complained at the end."""
    opened: list[NewPage] = []
    with ExitStack() as stack:

        def new_page(**options: object) -> NewPage:
            context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})  # type: ignore[arg-type]
            stack.callback(context.close)
            one = NewPage(context.new_page(), context, [])
            one.page.set_default_timeout(1_000 * PATIENCE_S)
            one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
            one.page.on(
                "console", lambda said: one.complaints.append(said.text) if "Content Security" in said.text else None
            )
            opened.append(one)
            return one

        yield new_page
    assert [one.complaints for one in opened] == [[] for _ in opened]
