"""Make the pictures of the desk in docs/media from the real command, in Chromium.

    ./.venv/bin/python scripts/make_desk_screenshots.py [FOLDER]

What is heard are the kept runs over the example and over a conversation in Hebrew (``tests/media/kept_run.py``): no
model is needed. Chromium is the one on PATH, or the one that CHROMIUM names. Look at the pictures before you commit
them.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsers import launch_chromium
from tests.desk.serving.running_desk import running_desk
from tests.media.kept_run import EPISODES, EXAMPLE, HEBREW
from tests.media.kept_run_program import VARIABLE

MEDIA = Path(__file__).parents[1] / "docs" / "media"
PROGRAM = "tests.media.kept_run_program"
COLOURS = 128
"""Colours in a picture: text and waves look the same, in half of the octets."""

SETTLED_MS = 3_000
"""After so long the waveform is drawn, and times and findings are final."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file, the size of the window, the scheme of colours, and the episode."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    episode: str = EXAMPLE


SHOTS = (
    Shot("desk.png", 1280, 800),
    Shot("desk-dark.png", 1280, 800, "dark"),
    Shot("desk-narrow.png", 420, 800),
    Shot("desk-right-to-left.png", 1280, 640, episode=HEBREW),
)
FILM = Shot("desk-typing.webp", 960, 600)
"""The animation: grey text is taken, then what was taken is heard."""

TAKEN = ("Tab", "Tab", "Tab", "Alt+Enter", "Shift+Alt+Enter")
STILL_MS = 900
"""How long each state is shown before the next key."""

HEARD_S = 5
"""How long what was taken is heard."""


def to_the_end_of_typing(page: Page) -> None:
    """Put the caret behind the last typed word, where the grey text begins: at the label of who speaks next."""
    page.evaluate(
        """() => {
            const view = document.querySelector('.cm-content').cmTile.root.view;
            const anchor = view.state.doc.toString().split('<!-- Continue')[0].trimEnd().length;
            view.dispatch({ selection: { anchor }, scrollIntoView: true });
        }"""
    )
    page.locator(".grey-text", has_text="**").wait_for()
    page.evaluate("document.querySelector('.cm-scroller').scrollBy(0, 150)")  # all of the grey text is seen


@contextmanager
def opened(browser: Browser, shot: Shot) -> Generator[Page]:
    """The desk in a window, with the grey text behind the caret and all that was heard."""
    episode = EPISODES[shot.episode]
    with tempfile.TemporaryDirectory() as home:
        place = Path(home)
        for path in (episode.audio, episode.transcript):
            shutil.copy(path, place)
        own = {"CUEMARK_STORE": f"{home}/store", "CUEMARK_DESK": f"{home}/desk", "CUEMARK_VOICES": f"{home}/voices"}
        words = (episode.audio.name, episode.transcript.name, "--no-browser")
        with running_desk(place, *words, variables={**own, VARIABLE: shot.episode}, program=PROGRAM) as desk:
            viewport = {"width": shot.width, "height": shot.height}
            context = browser.new_context(viewport=viewport, color_scheme=shot.scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.set_default_timeout(120_000)
            page.goto(desk.address())
            page.locator("body.ready").wait_for()
            to_the_end_of_typing(page)
            page.wait_for_timeout(SETTLED_MS)
            yield page
            context.close()


def picture(page: Page) -> Image.Image:
    """What the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def take(browser: Browser, shot: Shot, folder: Path) -> None:
    """Write one picture."""
    with opened(browser, shot) as page:
        picture(page).quantize(COLOURS, dither=Image.Dither.NONE).save(folder / shot.name, optimize=True)


def frames(page: Page) -> Iterator[tuple[Image.Image, int]]:
    """Yield what the window shows, and for how many milliseconds."""
    start = page.evaluate("document.querySelector('.cm-content').cmTile.root.view.state.selection.main.head")
    yield picture(page), 2 * STILL_MS
    for key in TAKEN:
        page.keyboard.press(key)
        page.locator(".grey-text").wait_for()
        page.wait_for_timeout(STILL_MS)  # what is counted and computed again after a key is there
        yield picture(page), STILL_MS
    page.wait_for_timeout(SETTLED_MS)
    yield picture(page), STILL_MS
    yield from heard(page, start)
    yield picture(page), 3 * STILL_MS


def heard(page: Page, start: int) -> Iterator[tuple[Image.Image, int]]:
    """Play what was taken, and yield what is seen as long as it lasts."""
    page.evaluate(
        """at => document.querySelector('.cm-content').cmTile.root.view.dispatch({ selection: { anchor: at } })""",
        start + len("\n\n**Miles Okoro**: The "),
    )
    page.keyboard.press("Control+Enter")
    page.locator("#play.playing").wait_for()
    began = shown = time.monotonic()
    while shown - began < HEARD_S:
        one = picture(page)
        page.wait_for_timeout(150)
        now = time.monotonic()
        yield one, round(1_000 * (now - shown))
        shown = now
    page.keyboard.press("F4")


def film(browser: Browser, shot: Shot, folder: Path) -> None:
    """Write the animation. It ends with its last picture, for people who are disturbed by what moves."""
    with opened(browser, shot) as page:
        pictures, durations = zip(*frames(page), strict=True)
    first, *others = pictures
    first.save(
        folder / shot.name,
        save_all=True,
        append_images=others,
        duration=list(durations),
        loop=2,
        lossless=True,
        method=6,
        minimize_size=True,
    )


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=MEDIA, help="where they are written; docs/media")
    folder = parser.parse_args().folder
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for shot in SHOTS:
            take(browser, shot, folder)
        film(browser, FILM, folder)
        browser.close()
    for shot in (*SHOTS, FILM):
        print(f"{shot.name}: {(folder / shot.name).stat().st_size:,} octets")


if __name__ == "__main__":
    main()
