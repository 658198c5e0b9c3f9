"""Words follow the sound, and the sound follows words, times and addresses."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pipeline.listening.audio import encode
from pipeline.listening.audio.recording import open_recording
from pipeline.writing.transcript_page import render_page
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT
from tests.episodes.test_goldens import read, result_of
from tests.published.conftest import Opener, Published

pytestmark = pytest.mark.xdist_group("browser")


def times(here: Published) -> list[int]:
    """When each word starts, in ms, in the order of the text."""
    starts: list[int] = here.page.evaluate("[...document.querySelectorAll('[data-t]')].map(word => +word.dataset.t)")
    return starts


def test_the_spoken_word_is_lit(opened: Opener, example: Path) -> None:
    """Lights the word that is said at each moment, alone, and the one before it where a pause is."""
    here = opened(example)
    here.sound_is_there()
    starts = times(here)
    for word in (0, 20, len(starts) // 2, len(starts) - 1):
        here.seek((starts[word] + 20) / 1000)
        here.page.wait_for_function("time => document.querySelector('.lit')?.dataset.t === time", arg=str(starts[word]))
        assert here.lit.count() == 1


def test_words_follow_while_it_plays(opened: Opener, example: Path) -> None:
    """Lights one word after the other, in the order of the text."""
    here = opened(example)
    here.sound_is_there()
    here.page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const time = document.querySelector('.lit')?.dataset.t;
                if (time && time !== window.seen.at(-1)) window.seen.push(time);
            }).observe(document.querySelector('main'), { subtree: true, attributeFilter: ['class'] });
        }"""
    )
    first = times(here)[30]
    here.seek(first / 1000)
    here.page.evaluate("document.getElementById('audio').play()")
    here.page.wait_for_function("() => window.seen.length >= 6")
    seen = [int(time) for time in here.page.evaluate("window.seen")]
    assert seen == sorted(set(seen))
    assert set(seen) <= set(times(here))
    assert here.is_in_view(here.lit)


def test_it_is_not_moved_back_where_one_reads(opened: Opener, example: Path) -> None:
    """Follows what plays until a person scrolls, and again from the next start."""
    here = opened(example)
    here.sound_is_there()
    here.seek(times(here)[-1] / 1000 - 20)
    here.page.evaluate("document.getElementById('audio').play()")
    here.page.wait_for_function("() => scrollY > 1000")
    here.page.mouse.move(600, 500)
    here.page.mouse.wheel(0, -100_000)
    here.page.wait_for_function("() => scrollY === 0")
    lit = here.lit.get_attribute("data-t")
    here.page.wait_for_function("lit => document.querySelector('.lit').dataset.t !== lit", arg=lit)
    assert here.page.evaluate("scrollY") == 0

    here.page.evaluate("document.getElementById('audio').pause()")
    here.page.evaluate("document.getElementById('audio').play()")
    here.page.wait_for_function("() => scrollY > 1000")


def test_a_click_on_a_word_plays_it(opened: Opener, example: Path) -> None:
    """Goes to the start of the word, and plays."""
    here = opened(example)
    word = here.page.locator("[data-t]").nth(200)
    start = int(word.get_attribute("data-t") or 0) / 1000
    word.click()
    here.plays()
    here.page.wait_for_function("start => document.getElementById('audio').currentTime >= start", arg=start)
    assert here.moment < start + 30


def test_a_selection_plays_nothing(opened: Opener, example: Path) -> None:
    """Lets people select a part of a word to copy it."""
    here = opened(example)
    here.sound_is_there()
    word = here.page.locator("[data-t]", has_text="different").first
    word.scroll_into_view_if_needed()
    box = word.bounding_box()
    assert box is not None
    here.page.mouse.move(box["x"] + 3, box["y"] + box["height"] / 2)
    here.page.mouse.down()
    here.page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2, steps=5)
    here.page.mouse.up()
    assert len(here.page.evaluate("String(getSelection())")) > 3
    assert here.page.evaluate("document.getElementById('audio').paused")
    assert here.moment == 0


def test_a_time_plays_its_turn(opened: Opener, example: Path) -> None:
    """Goes there by mouse and by keyboard, puts the moment into the address, and does it again at the second time."""
    here = opened(example)
    here.sound_is_there()
    time = here.page.locator("a.at").nth(3)
    clock = time.text_content() or ""
    minutes, seconds = clock.split(":")
    for _ in range(2):
        here.page.evaluate("document.getElementById('audio').pause()")
        here.seek(0)
        time.focus()
        here.page.keyboard.press("Enter")
        here.plays()
        here.page.wait_for_function(
            "start => document.getElementById('audio').currentTime >= start", arg=60 * int(minutes) + int(seconds)
        )
        assert here.page.url.endswith(f"#t={clock}")


@pytest.mark.parametrize("hash", ["#t=1:30", "#t=90", "#t=0:01:30", "#t=90.0"])
def test_an_address_opens_at_its_moment(opened: Opener, example: Path, hash: str) -> None:  # noqa: A002 -- see opened
    """Has the sound at the moment of the address, with what is said then in view; nothing plays by itself."""
    here = opened(example, hash)
    here.lit.wait_for()
    assert here.moment == 90
    assert here.is_in_view(here.lit)
    assert here.page.evaluate("document.getElementById('audio').paused")
    starts = times(here)
    said = max(start for start in starts if start <= 90_000)
    assert here.lit.get_attribute("data-t") == str(said)


def test_the_address_may_change(opened: Opener, example: Path) -> None:
    """Goes to the new moment without being loaded again."""
    here = opened(example, "#t=0:20")
    here.lit.wait_for()
    here.page.evaluate("location.hash = '#t=2:00'")
    here.page.wait_for_function("() => document.getElementById('audio').currentTime === 120")


@pytest.mark.parametrize("hash", ["#t=", "#t=x", "#t=1:2:3:4", "#t=-5", "#t=1e3", "#<b>", "#t=1:30&x"])
def test_an_address_that_is_none_is_let_be(opened: Opener, example: Path, hash: str) -> None:  # noqa: A002 -- see opened
    """Opens at the beginning."""
    here = opened(example, hash)
    here.sound_is_there()
    assert here.moment == 0
    assert here.page.evaluate("scrollY") == 0


def test_a_moment_behind_the_end_is_the_end(opened: Opener, example: Path) -> None:
    """Goes to the end of the sound."""
    here = opened(example, "#t=99:59:59")
    here.page.wait_for_function("() => document.getElementById('audio').currentTime > 0")
    # The length of an MP3 is a guess of the browser until it was read to its end.
    assert here.moment == pytest.approx(here.page.evaluate("document.getElementById('audio').duration"), abs=1)


def test_sound_in_the_page_plays(opened: Opener, tmp_path: Path) -> None:
    """Plays and seeks in a page that has its sound inside, and asks for nothing else."""
    made = result_of(read(TRANSCRIPT), tmp_path / "store")
    content = encode.encode_aac(open_recording(AUDIO))
    address = f"data:{encode.MEDIA_TYPE};base64,{base64.b64encode(content).decode()}"
    path = tmp_path / "page.html"
    path.write_text(render_page(made, address), encoding="utf-8")
    here = opened(path)
    here.sound_is_there()
    length = here.page.evaluate("document.getElementById('audio').duration")
    assert length == pytest.approx(made.hearing.duration / 1000, abs=0.2)

    here.page.locator("[data-t]").nth(300).click()
    here.plays()
    here.page.wait_for_function("seen => document.getElementById('audio').currentTime > seen + 0.3", arg=here.moment)
    assert here.lit.count() == 1
    assert {url.partition(":")[0] for url in here.requests} <= {"file", "data"}
    assert [url for url in here.requests if url.startswith("file:")] == [path.as_uri()]
