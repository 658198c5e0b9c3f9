"""The desk's page in a browser of this machine, with a canned server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser_fixtures import browser, firefox, new_pages, playwright
from tests.browsers import PATIENCE_S
from tests.desk.browser.canned_server import CannedServer, Desk, units

STATE = "document.querySelector('.cm-content').cmTile.root.view.state"
"""The state of CodeMirror: the editor draws only what is seen."""

__all__ = ["browser", "firefox", "playwright"]


@dataclass(frozen=True, slots=True)
class Opened:
    """The page, and the server behind it."""

    page: Page
    desk: Desk
    server: CannedServer
    context: BrowserContext
    complaints: list[str]
    """Errors of scripts, and everything that the Content-Security-Policy refused."""

    @property
    def text(self) -> str:
        """The text in the editor."""
        return str(self.page.evaluate(f"{STATE}.doc.toString()"))

    @property
    def head(self) -> int:
        """Where the caret is, in UTF-16 code units."""
        return int(self.page.evaluate(f"{STATE}.selection.main.head"))

    def caret(self, before: str) -> None:
        """Put the caret behind the first place of a text."""
        at = units(self.text.partition(before)[0] + before)
        self.page.evaluate(
            """at => {
                const view = document.querySelector('.cm-content').cmTile.root.view;
                view.focus();
                view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
            }""",
            at,
        )

    def grey(self, start: str) -> str:
        """The grey text, when it begins so."""
        shown = self.page.locator(".grey-text")
        shown.filter(has_text=start).wait_for()
        return shown.text_content() or ""

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end
            self.page.wait_for_timeout(20)

    def status(self, state: str) -> None:
        """Wait until the page says that its text is saved so far, and, where it is, until the server has all of it."""
        self.until(lambda: state == "pending" or self.desk.text == self.text)
        self.page.locator(f"#status[data-state={state}]").wait_for()

    def enter(self) -> None:
        """Open the page and wait until it is ready."""
        self.page.goto(self.server.address)
        self.page.locator("body.ready").wait_for()


Opener = Callable[..., Opened]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open the page with a desk; options are those of a Playwright context. Nothing in it may have been refused."""
    yield from opener_in(browser)


@pytest.fixture
def opened_in_firefox(firefox: Browser) -> Iterator[Opener]:
    """The same in Firefox."""
    yield from opener_in(firefox)


def opener_in(browser: Browser) -> Iterator[Opener]:
    """Yield what opens pages in a browser; at the end, nothing in them may have been refused."""
    with ExitStack() as stack, new_pages(browser) as new_page:

        def open_page(desk: Desk, *, ready: bool = True, **options: object) -> Opened:
            server = stack.enter_context(CannedServer(desk))
            new = new_page(**options)
            result = Opened(new.page, desk, server, new.context, new.complaints)
            if ready:
                result.enter()
            return result

        yield open_page
