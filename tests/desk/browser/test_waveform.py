"""The waveform has the colours of who speaks, whatever arrives first, and tells what was typed and what was played."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from PIL import Image
from playwright.sync_api import Route

from tests.desk.browser.canned_server import Desk, Json
from tests.desk.browser.conftest import Opened, Opener
from tests.desk.browser.example_desk import example

pytestmark = pytest.mark.xdist_group("browser")

NO_TURNS: Json = {"turns": [], "typed": []}
LONG_MS = 3_000
"""A turn of this length has a bar of the waveform that is its own alone."""

BARS = """moments => {
    const waveform = document.querySelector('#waveform > div')?.shadowRoot;
    const canvases = [...(waveform?.querySelectorAll('.canvases canvas') ?? [])];
    if (canvases.length === 0) return null;
    const width = waveform.querySelector('.wrapper').clientWidth;
    return moments.map(share => {
        const x = share * width;
        const left = one => parseFloat(one.style.left);
        const canvas = canvases.find(one => left(one) <= x && x < left(one) + one.clientWidth);
        const scale = canvas.width / canvas.clientWidth;
        const bar = Math.floor((x - left(canvas)) / 3) * 3;
        return [...canvas.getContext('2d').getImageData(bar * scale, canvas.height / 2, 1, 1).data];
    });
}"""
"""The colours of the bars at shares of the whole length; null as long as there are none."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A long turn: its middle as a share of the whole length, its speaker, and whether it was typed."""

    middle: float
    speaker: int | None
    typed: bool


def stretches(desk: Desk) -> list[Stretch]:
    """The long turns of the example."""
    length = desk.state["audio"]["duration"]  # type: ignore[index]
    turns = desk.state["turns"]["turns"]  # type: ignore[index]
    end = desk.state["turns"]["typed"][0][1]  # type: ignore[index]
    return [
        Stretch((start + stop) / 2 / length, speaker, (start + stop) / 2 < end)
        for start, stop, speaker in turns
        if stop - start >= LONG_MS
    ]


def colour(here: Opened, name: str) -> tuple[int, ...]:
    """A colour of the page."""
    value = here.page.evaluate("name => getComputedStyle(document.body).getPropertyValue(name)", name)
    return tuple(int(part, 16) for part in re.findall("[0-9a-f]{2}", value))


def colour_of(here: Opened, speaker: int | None) -> tuple[int, ...]:
    """A speaker's colour."""
    return colour(here, "--muted" if speaker is None else f"--speaker-{speaker}")


def are_right(here: Opened, expected: list[Stretch]) -> bool:
    """Whether each bar has its speaker's colour, and is faint where nothing was typed."""
    bars = here.page.evaluate(BARS, [one.middle for one in expected])
    if bars is None:
        return False
    wanted = [(*colour_of(here, one.speaker), 255 if one.typed else 115) for one in expected]
    # A faint colour is kept as its product with the opacity, so that it comes back a little different.
    return all(abs(a - b) <= 3 for bar, want in zip(bars, wanted, strict=True) for a, b in zip(bar, want, strict=True))


def test_the_example_has_something_to_tell_apart() -> None:
    """Has typed and untyped turns of several people, as a check of the tests below."""
    found = stretches(example())
    assert {one.typed for one in found} == {True, False}
    assert len({one.speaker for one in found}) >= 4


def test_turns_before_the_peaks(opened: Opener) -> None:
    """Draws the turns that arrived while the peaks were on their way."""
    desk = example()
    turns, desk.state = desk.state["turns"], {**desk.state, "turns": NO_TURNS}
    here = opened(desk, ready=False)
    held: list[Route] = []
    here.page.route("**/api/peaks*", lambda route: held.append(route))  # noqa: PLW0108 -- Playwright looks into the function
    here.enter()
    here.desk.send("turns", turns)  # type: ignore[arg-type]
    here.desk.send("note", {"text": None, "at": 61_000, "complete": False})
    here.page.locator("#note", has_text="1:01").wait_for()  # so the turns, which were sent before, have arrived
    here.until(lambda: len(held) == 1)
    assert here.page.evaluate(BARS, [0.5]) is None

    held[0].continue_()
    desk.state["turns"] = turns
    here.until(lambda: are_right(here, stretches(desk)))


def test_turns_after_the_peaks(opened: Opener) -> None:
    """Draws all in one colour as long as no voice is known, and in the speakers' colours as soon as they are."""
    desk = example()
    turns, desk.state = desk.state["turns"], {**desk.state, "turns": NO_TURNS}
    here = opened(desk)
    here.until(lambda: are_right(here, [Stretch(share, None, typed=True) for share in (0.2, 0.5, 0.8)]))
    here.desk.send("turns", turns)  # type: ignore[arg-type]
    desk.state["turns"] = turns
    here.until(lambda: are_right(here, stretches(desk)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_played_keeps_its_colours(opened: Opener, scheme: str) -> None:
    """Dims the speakers' colours before the moment of the sound, and not behind it."""
    desk = example()
    here = opened(desk, color_scheme=scheme)
    found = [one for one in stretches(desk) if one.typed]
    here.until(lambda: are_right(here, found))
    length = desk.state["audio"]["duration"]  # type: ignore[index]
    now = found[len(found) // 2].middle
    here.page.evaluate("time => { document.getElementById('sound').currentTime = time }", now * length / 1000)
    progress = "parseFloat(document.querySelector('#waveform > div').shadowRoot.querySelector('.progress').style.width)"
    here.page.wait_for_function(f"share => Math.abs({progress} - 100 * share) < 0.1", arg=now)

    surface = colour(here, "--surface")
    picture = Image.open(io.BytesIO(here.page.locator("#waveform").screenshot())).convert("RGB")
    for one in found:
        bar = int(one.middle * picture.width / 3) * 3
        if abs(one.middle - now) * picture.width < 6:
            continue  # the cursor stands here
        share = 0.55 if one.middle < now else 1
        wanted = [share * a + (1 - share) * b for a, b in zip(colour_of(here, one.speaker), surface, strict=True)]
        shown = picture.getpixel((bar, picture.height // 2))
        assert shown == pytest.approx(tuple(wanted), abs=4)
