"""The page that is published, in a browser of this machine, as people get it: a file beside its sound."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request

from pipeline.settings.config import Config
from pipeline.writing import FORMATS
from pipeline.writing.transcript_page import render_page
from tests.browser_fixtures import browser, firefox, new_pages, playwright
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT
from tests.episodes.test_goldens import read, result_of
from tests.factories import result

NAME = "07-the-slow-build"

__all__ = ["browser", "firefox", "playwright"]


@pytest.fixture(scope="package")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the example in a folder with its sound."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copy(AUDIO, folder)
    made = result_of(read(TRANSCRIPT), folder / "store")
    page = folder / f"{NAME}.html"
    page.write_bytes(FORMATS["html"].content(made, Config().writing))
    return page


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[[str], Path]:
    """Write the page of a text; its sound is not there."""

    def write(source: str) -> Path:
        page = tmp_path / "page.html"
        page.write_text(render_page(result(source), "nowhere.mp3"), encoding="utf-8")
        return page

    return write


@dataclass(frozen=True, slots=True)
class Published:
    """An open page."""

    page: Page
    requests: list[str]
    """The addresses of all that it asked for."""
    complaints: list[str]
    """Errors of scripts, and everything that the Content-Security-Policy refused."""

    @property
    def moment(self) -> float:
        """Where the sound is, in seconds."""
        return float(self.page.evaluate("document.getElementById('audio').currentTime"))

    @property
    def lit(self) -> Locator:
        """The spoken word."""
        return self.page.locator(".lit")

    def sound_is_there(self) -> None:
        """Wait until the sound can be played from any place."""
        self.page.wait_for_function("() => document.getElementById('audio').readyState >= 2")

    def plays(self) -> None:
        """Wait until the sound plays."""
        self.page.wait_for_function("() => !document.getElementById('audio').paused")

    def seek(self, seconds: float) -> None:
        """Move the sound, as its own controls do."""
        self.page.evaluate("time => { document.getElementById('audio').currentTime = time }", seconds)

    def is_in_view(self, place: Locator) -> bool:
        """Whether a place is below the player and above the end of the window."""
        player, box = self.page.locator(".player").bounding_box(), place.bounding_box()
        size = self.page.viewport_size
        assert player is not None
        assert box is not None
        assert size is not None
        return player["y"] + player["height"] <= box["y"] and box["y"] + box["height"] <= size["height"]


Opener = Callable[..., Published]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open a page; options are those of a Playwright context. Nothing in it may have been refused."""
    yield from opener_in(browser)


@pytest.fixture
def opened_in_firefox(firefox: Browser) -> Iterator[Opener]:
    """The same in Firefox."""
    yield from opener_in(firefox)


def opener_in(browser: Browser) -> Iterator[Opener]:
    """Yield what opens pages in a browser; at the end, nothing in them may have been refused."""
    with new_pages(browser) as new_page:

        def open_page(path: Path, hash: str = "", **options: object) -> Published:  # noqa: A002 -- its name in an address
            new, requests = new_page(**options), list[str]()

            def note(request: Request) -> None:
                requests.append(request.url)

            new.page.on("request", note)
            new.page.goto(path.as_uri() + hash)
            return Published(new.page, requests, new.complaints)

        yield open_page
