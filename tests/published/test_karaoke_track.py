"""The words of the karaoke subtitles in a browser, which is what opens them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from pipeline.times import Span
from pipeline.writing.cues import Cue
from pipeline.writing.exports.karaoke import render_karaoke_vtt
from tests.writing.cue_samples import cue_of
from tests.writing.exports.turn_samples import HOSTILE_NAMES, HOSTILE_TEXTS

CUES = [
    cue_of(Span(1_000, 2_000), ("Hello there,", "and welcome."), "Ann Lee", speaker_changes=True),
    *(
        cue_of(Span(1_000 * k, 1_000 * k + 900), (" ".join(HOSTILE_TEXTS[:10]), "the end"), name, speaker_changes=True)
        for k, name in enumerate(HOSTILE_NAMES, start=3)
    ),
]

READ = """async (text) => {
  document.body.innerHTML = '<video><track default></video>';
  const element = document.querySelector('track');
  const loaded = new Promise((resolve) => element.addEventListener('load', resolve));
  element.track.mode = 'hidden';
  element.src = URL.createObjectURL(new Blob([text], {type: 'text/vtt'}));
  await loaded;
  return [...element.track.cues].map((cue) => {
    const shown = cue.getCueAsHTML();
    const walker = document.createTreeWalker(shown, NodeFilter.SHOW_PROCESSING_INSTRUCTION);
    const times = [];
    while (walker.nextNode()) times.push(walker.currentNode.data);
    return [cue.startTime, cue.endTime, shown.textContent, times];
  });
}"""


@pytest.fixture
def shown(browser: Browser) -> list[tuple[float, float, str, list[str]]]:
    """The start, the end, the text and the times within each cue, as the browser has them."""
    page = browser.new_page()
    try:
        found = page.evaluate(READ, render_karaoke_vtt(CUES))
    finally:
        page.close()
    return [(start, end, text, times) for start, end, text, times in found]


def ends_of(cue: Cue) -> tuple[float, float]:
    """The times of a cue in seconds."""
    return cue.span.start / 1_000, cue.span.end / 1_000


def test_a_browser_shows_each_word_at_its_time(shown: list[tuple[float, float, str, list[str]]]) -> None:
    """Nothing that was typed is lost or read as markup, and the times within a cue are those of its words."""
    assert [one[:2] for one in shown] == [ends_of(cue) for cue in CUES]
    assert [text for _, _, text, _ in shown] == ["\n".join(cue.lines) for cue in CUES]
    assert shown[0][3] == ["00:00:01.250", "00:00:01.500", "00:00:01.750"]
    assert all(len(times) == len(cue.words) - 1 for (*_, times), cue in zip(shown, CUES, strict=True))
