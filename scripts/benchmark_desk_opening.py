"""Measure how long a document of three hours and 30,000 words takes to open at the desk, when it was heard before.

Starts the command itself, with engines that hear nothing because everything is in the store, and its page in Chromium.
Prints the median time from the command to its address, and from opening that address until the page shows the text,
its times and its queue: for a document that is opened for the first time after ``align``, which also has no waveform
yet; for one that is heard, but whose alignment is not kept, as with another voice book; for one that has not changed
since it was open; and for one that was changed elsewhere in five places. Other programs on the machine count, so let
none run; the processor time of the command itself until then is printed too.

    python -m scripts.benchmark_desk_opening [--words 30000] [--times 5]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import psutil
from playwright.sync_api import Browser, sync_playwright

from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.listening.audio.recording import RATE
from pipeline.listening.diarize.diarize_options import DiarizeOptions
from pipeline.settings.config import Config
from scripts.benchmark_desk import changed, made_text
from tests.browsers import chromium
from tests.desk.serving import desk_program
from tests.desk.serving.running_desk import RunningDesk, running_desk

BIT_RATE = 32_000
WORDS = ("show.mp3", "show.md", "--no-voices", "--no-browser")
SHOWN = """() => {
    const view = document.querySelector('.cm-content')?.cmTile.root.view;
    const isTimed = document.querySelector('#note').textContent !== '';
    return document.body.classList.contains('ready') && view.state.doc.length > 0 && isTimed
        && document.querySelectorAll('#queue > li').length > 0;
}"""


def write_silence(path: Path, seconds: int) -> None:
    """Write an MP3 without a sound, of constant bit rate; a minute's work for three hours."""
    with av.open(str(path), "w") as target:
        stream = target.add_stream("mp3", rate=RATE)
        stream.bit_rate, stream.layout = BIT_RATE, "mono"
        for second in range(0, seconds, 10):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 10 * RATE), np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, second * RATE
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


def prepare(folder: Path, words: int) -> str:
    """Make the audio and the transcript, and align them; returns the transcript."""
    text, hearing = made_text(words, random.Random(1))  # noqa: S311 -- a made text
    audio, transcript = folder / "show.mp3", folder / "show.md"
    write_silence(audio, hearing.duration // 1_000)
    transcript.write_text(text)
    engines = replace(desk_program.ENGINES, hear=lambda *_: hearing)
    config = Config(diarize=DiarizeOptions(voices=False))
    align(audio, transcript, config, engines=engines, store=Store(folder / "store"))
    return text


@contextmanager
def started(folder: Path) -> Iterator[tuple[RunningDesk, str, float]]:
    """Start the desk; yields it with its address, and the seconds until that was there."""
    variables = {"CUEMARK_STORE": str(folder / "store"), "CUEMARK_DESK": str(folder / "desk")}
    start = time.monotonic()
    with running_desk(folder, *WORDS, variables=variables) as desk:
        address = desk.address()
        yield desk, address, time.monotonic() - start
        desk.process.send_signal(signal.SIGINT)
        desk.wait()


def opening(folder: Path, browser: Browser) -> tuple[float, float, float]:
    """Open the document once; returns the seconds to the address, from there to the page, and of its processor."""
    with started(folder) as (desk, address, to_address):
        page = browser.new_context().new_page()
        start = time.monotonic()
        page.goto(address)
        page.wait_for_function(SHOWN, timeout=120_000, polling=20)
        to_page = time.monotonic() - start
        used = sum(psutil.Process(desk.process.pid).cpu_times()[:2])
        page.context.close()
        desk.enter(desk.line("desk: open; for another browser: "))
        with desk.events() as events:  # until everything is settled, and kept
            desk.state()
            for name, event in events:
                if name == "hearing" and event["finished"]:
                    break
        time.sleep(5)
    return to_address, to_page, used


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(os.path.realpath(name))
        text = prepare(folder, options.words)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        chance = random.Random(2)  # noqa: S311 -- the same changes each time
        shutil.copytree(folder / "store", folder / "aligned")
        for kind in ("for the first time", "aligned anew", "unchanged", "changed in five places"):
            seconds = []
            for _ in range(options.times):
                if kind != "unchanged":
                    shutil.rmtree(folder / "desk", ignore_errors=True)
                    shutil.rmtree(folder / "store")
                    shutil.copytree(folder / "aligned", folder / "store")
                if kind == "aligned anew":
                    shutil.rmtree(folder / "store" / "alignment")
                (folder / "show.md").write_text(changed(text, chance) if "changed in" in kind else text)
                seconds.append(opening(folder, browser))
            to_address, to_page, used = (statistics.median(one) for one in zip(*seconds, strict=True))
            least = min(first + second for first, second, _ in seconds)
            sys.stdout.write(
                f"opened {kind}: address after {to_address:.1f} s, page {to_page:.1f} s after that, "
                f"the quickest {least:.1f} s in all; processor time {used:.1f} s\n"
            )
        browser.close()


if __name__ == "__main__":
    main()
