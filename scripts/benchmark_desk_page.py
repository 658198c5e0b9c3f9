"""Measure the desk's page in Chromium on a long transcript: work for each key, and the renderer's private memory.

    python scripts/benchmark_desk_page.py [--words 30000] [--keys 200]

The work is CPU time of the page's main thread (Chromium's ``threadTicks``), so that other programs on the machine do
not count. *Script, layout, style and paint* is what the page does for a key, and less than 16 ms for 95 of 100 keys;
*all* is also the browser's own part, which reports to this script. A key that types nothing shows how much that is.

The memory is measured while nothing happens, after the keys, and while listening goes on: words, turns and progress are
sent again and again, as the server sends them. It is less than 400 MB.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsers import chromium
from tests.desk.browser.canned_server import CannedServer, Desk, Json, silence

NAMES = ("Hannah Weir", "Oskar Lind", "Priya Nand", "Miles Okoro")
VOCABULARY = ("the", "tea", "build", "server", "disk", "night", "people", "number", "problem", "little", "catalog")
MS_A_WORD = 360
"""Three hours have 30,000 words."""

PAUSE_MS = 40
"""Between two keys; shorter than between those of the fastest typists."""

PARTS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")

PAINTS = ("PrePaint", "Paint", "Layerize", "Commit")
"""Events of Chromium's trace, none of which is in another one."""

HEARD_PARTS, PART_PAUSE_MS = 60, 250
"""So many parts of the sound are heard one after the other, each with its events, four in a second: the server sends
them every few seconds."""


@dataclass
class LongDesk(Desk):
    """A desk whose marks were made with its text."""

    marks: tuple[list[int | None], ...] = ()

    def word_marks(self) -> list[list[int | None]]:
        """The marks of all words."""
        return list(self.marks)


def long_desk(count: int, chance: random.Random) -> LongDesk:
    """A desk of so many words: turns of 5 to 60 words, in which every tenth word is unsure or not found."""
    parts, labels = [], []
    marks: list[list[int | None]] = []
    turns: list[list[int]] = []
    at = moment = 0
    while len(marks) < count:
        speaker = len(turns) % len(NAMES)
        label = f"**{NAMES[speaker]}**:"
        labels.append([at, at + len(label), speaker])
        text, column, began = label, len(label), moment
        for _ in range(chance.randint(5, 60)):
            word = chance.choice(VOCABULARY)
            gap = "\n " if column + len(word) > 78 else " "
            column = len(word) if gap == "\n " else column + 1 + len(word)
            start = at + len(text) + len(gap)
            flag = chance.choices((0, 1, 2), (90, 5, 5))[0]
            time = [None, None] if flag == 2 else [moment, moment + MS_A_WORD - 60]
            marks.append([start, start + len(word), *time, flag])
            text += gap + word
            moment += MS_A_WORD
        turns.append([began, moment, speaker])
        parts.append(f"{text}\n\n")
        at += len(parts[-1])
    speakers = [{"name": name, "sample": None, "seconds": 60} for name in NAMES]
    state = {
        "audio": {"name": "long.mp3", "duration": moment},
        "labels": {"version": 0, "labels": labels, "times": [], "notes": []},
        "speakers": {"speakers": speakers},
        "turns": {"turns": turns, "typed": [[0, moment]]},
    }
    return LongDesk("".join(parts), [], state, silence(60), marks=tuple(marks))


@dataclass(frozen=True, slots=True)
class Spent:
    """What the main thread has done until a moment.

    Attributes:
        at: the moment, in seconds, by the clock of Chromium's trace.
        own: ms of script, layout and style.
        whole: ms of everything.
    """

    at: float
    own: float
    whole: float


def work_for_keys(page: Page, keys: list[str]) -> list[tuple[float, float]]:
    """CPU time of the main thread for each key in milliseconds: script, layout, style and paint, and all."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> Spent:
        values = {one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]}
        return Spent(values["Timestamp"], 1000 * sum(values[part] for part in PARTS), 1000 * values["TaskDuration"])

    browser = cast("Browser", page.context.browser)
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    moments = [spent()]
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE_MS)
        moments.append(spent())
    paints = painted(browser.stop_tracing())
    work = []
    for before, after in pairwise(moments):
        paint = sum(ms for at, ms in paints if before.at < at <= after.at)
        work.append((after.own - before.own + paint, after.whole - before.whole))
    return work


def painted(trace: bytes) -> list[tuple[float, float]]:
    """When the page was painted, in seconds, and the CPU time in milliseconds, from a trace."""
    events = json.loads(trace)["traceEvents"]
    return [
        (one["ts"] / 1e6, one.get("tdur", one["dur"]) / 1e3) for one in events if one["name"] in PAINTS and "dur" in one
    ]


def line(title: str, work: list[float]) -> str:
    """A line with the median and the 95th percentile."""
    most = statistics.quantiles(work, n=20)[-1]
    return f"{title}: median {statistics.median(work):.1f} ms, 95th percentile {most:.1f} ms"


def private_mb(browser: psutil.Process) -> float:
    """The private memory of the largest renderer in MB."""
    renderers = [one for one in browser.children(recursive=True) if "--type=renderer" in " ".join(one.cmdline())]
    return max(one.memory_full_info().uss for one in renderers) / 1_000_000


def memory_while_listening(page: Page, desk: LongDesk, memory: Callable[[], float]) -> float:
    """The most private memory in MB while the events of listening come."""
    state, most, count = desk.full_state(), 0.0, len(desk.marks)
    duration = count * MS_A_WORD
    for part in range(1, HEARD_PARTS + 1):
        first, last = count * (part - 1) // HEARD_PARTS, count * part // HEARD_PARTS
        marks = desk.marks[first:last]
        done = duration * part // HEARD_PARTS
        hearing = {"stage": "listening", "done": done, "total": duration, "heard": [[0, done]]}
        desk.send("hearing", {**hearing, "finished": part == HEARD_PARTS, "failed": None})
        desk.send("timing", {"version": 0, "from": marks[0][0], "to": marks[-1][1], "words": list(marks)})
        for name in ("labels", "turns", "speakers", "queue"):
            desk.send(name, cast("Json", state[name]))
        page.wait_for_timeout(PART_PAUSE_MS)
        most = max(most, memory())
    return most


def measure(page: Page, desk: LongDesk, memory: Callable[[], float], keys: int, chance: random.Random) -> None:
    """Listen, and type in the middle of the text; print what it took."""
    page.wait_for_timeout(3000)
    print(f"renderer, idle: {memory():.0f} MB private")
    print(f"renderer, while listening goes on: at most {memory_while_listening(page, desk, memory):.0f} MB private")
    page.evaluate(
        """() => {
            const view = document.querySelector('.cm-content').cmTile.root.view;
            view.focus();
            view.dispatch({ selection: { anchor: view.state.doc.length >> 1 }, scrollIntoView: true });
        }"""
    )
    page.wait_for_timeout(1000)
    idle = work_for_keys(page, ["Shift"] * 40)
    typed = work_for_keys(page, [chance.choice("abcdefgh ") for _ in range(keys)])
    print(line("a key that types nothing, all", [one[1] for one in idle]))
    print(line("a key, script, layout, style and paint", [one[0] for one in typed]))
    print(line("a key, all", [one[1] for one in typed]))
    print(f"renderer, after typing: {memory():.0f} MB private")


def main() -> None:
    """Open the page and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=30_000, help="words of the transcript")
    parser.add_argument("--keys", type=int, default=200, help="keys that are typed")
    options = parser.parse_args()
    chance = random.Random(7)  # noqa: S311 -- the same text each time
    desk = long_desk(options.words, chance)
    with CannedServer(desk) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.address)
        page.locator("body.ready").wait_for()
        measure(page, desk, lambda: private_mb(psutil.Process()), options.keys, chance)
        browser.close()


if __name__ == "__main__":
    main()
