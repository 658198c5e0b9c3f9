"""Make docs/media/picture.svg, the picture of README, from the kept run over the example episode.

    ./.venv/bin/python scripts/make_picture.py [FOLDER]

It shows the waveform, who speaks when, a few lines of the timed transcript and the note that was moved. All of it comes
from ``tests/media/kept_run.py`` (what the models gave in a real run) and from today's code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.listening.audio.recording import open_recording
from pipeline.schema import Result, TimedUtterance
from pipeline.times import Ms, Span, format_clock
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from scripts.svg import MONO, MONO_ADVANCE, Drawing
from tests.episodes.kept_hearing import AUDIO
from tests.media.kept_run import aligned, engines, kept_run

MEDIA = Path(__file__).parents[1] / "docs" / "media"
NAME = "picture.svg"

WIDTH, HEIGHT = 900, 556
LEFT, RIGHT = 118, 880
WAVE, WAVE_HALF = 104, 30
LANES, LANE = 152, 21
AXIS = LANES + 4 * LANE + 6
PAGE = AXIS + 44
LINE = 17.5
SIZE = 12.5

INK, GREY, FAINT, PAPER, RULE = "#1f2328", "#57606a", "#8c959f", "#fffdf8", "#d0d7de"
ADDED, REMOVED, ADDED_TEXT, REMOVED_TEXT = "#dafbe1", "#ffebe9", "#116329", "#a40e26"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#8a4f9e")
"""Four colours that people with any kind of colour vision can distinguish; each person also has a row and a name."""

SHOWN = (1, 8, 27)
"""The utterances whose lines are shown, by their index."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn: the result, its timed Markdown and the peaks of its audio."""

    result: Result
    timed: str
    peaks: tuple[int, ...]

    @property
    def duration(self) -> Ms:
        """The length of the audio."""
        return self.result.hearing.duration

    @property
    def stop(self) -> Ms:
        """Where the typing stops."""
        at = self.result.continue_point.at
        if at is None:
            raise SystemExit("the example has no place where the typing stops")
        return at

    @property
    def typed(self) -> tuple[Span, ...]:
        """The spans of the found utterances."""
        return tuple(one.span for one in self.result.utterances if one.span)

    def x(self, at: Ms) -> float:
        """Return the x coordinate of a time."""
        return round(LEFT + (RIGHT - LEFT) * at / self.duration, 1)


def main() -> int:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=MEDIA, help="where it is written")
    path = parser.parse_args().folder / NAME
    path.write_text(drawn(scene()), encoding="utf-8")
    print(path.name)
    return 0


def scene() -> Scene:
    """Return all that is drawn, from the kept run."""
    result = aligned(engines(kept_run()))
    return Scene(result, render_markdown(result, MarkdownOptions()), peaks(300))


def peaks(columns: int) -> tuple[int, ...]:
    """Return the loudest sample of each part of the audio, in tenths of ``WAVE_HALF``'s pixels."""
    recording = open_recording(AUDIO)
    parts = np.array_split(np.abs(recording.read(Span(0, recording.duration)).samples), columns)
    loudest = np.array([part.max() for part in parts])
    return tuple(int(one) for one in np.rint(loudest / loudest.max() * WAVE_HALF))


def drawn(scene: Scene) -> str:
    """Return the picture as SVG."""
    drawing = Drawing(WIDTH, HEIGHT, "What cuemark does with the example episode", description(scene))
    drawing.raw(
        "<defs>"
        '<pattern id="untyped" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#eaeef2"/><path d="M0 0v6" stroke="#c3cad2" stroke-width="3"/></pattern>'
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{ADDED_TEXT}"/></marker></defs>'
    )
    drawing.add("rect", x=0.5, y=0.5, width=WIDTH - 1, height=HEIGHT - 1, rx=10, fill=PAPER, stroke=RULE)
    draw_untyped(drawing, scene)
    draw_wave(drawing, scene)
    draw_speakers(drawing, scene)
    draw_axis(drawing, scene)
    draw_note(drawing, scene)
    draw_page(drawing, scene)
    return drawing.text()


def description(scene: Scene) -> str:
    """Describe how the picture was made and what is on it."""
    old, new = format_clock(old_note(scene)), format_clock(scene.stop)
    length, people = format_clock(scene.duration), ", ".join(people_of(scene.result))
    return (
        f"Made by scripts/make_picture.py from a run of cuemark align over {AUDIO.name} with Whisper base. At the top"
        f" the waveform of {length}, with a row for each of {people} that shows when that person speaks; what is not"
        f" typed is hatched. The note moves from {old} to {new}, where the typing stops. At the bottom lines of the"
        " transcript with the times that were written into it."
    )


def people_of(result: Result) -> tuple[str, ...]:
    """Return the people of the episode, in the order of the panel."""
    return result.transcript.panel


def old_note(scene: Scene) -> Ms:
    """Return the time of the note before the run."""
    return scene.result.transcript.notes[-1].at


def holes(scene: Scene) -> Iterator[Span]:
    """Return the spans of speech that are not typed."""
    for finding in scene.result.findings:
        if finding.kind == "untranscribed" and finding.span:
            yield finding.span


def draw_untyped(drawing: Drawing, scene: Scene) -> None:
    """Hatch what is not typed, over the waveform and all rows, and label it."""
    top = WAVE - WAVE_HALF - 4
    for hole in holes(scene):
        left, right = scene.x(hole.start), scene.x(hole.end)
        drawing.add("rect", x=left, y=top, width=right - left, height=AXIS - top, fill="url(#untyped)", opacity=0.75)
        rest = hole.start >= scene.stop
        words = "not typed yet: finish drafts it" if rest else "not typed"
        middle = (left + right) / 2
        drawing.add("text", words, x=middle, y=top - 6, font_size=10.5, fill=GREY, text_anchor="middle")


def draw_wave(drawing: Drawing, scene: Scene) -> None:
    """Draw the sound."""
    step = (RIGHT - LEFT) / len(scene.peaks)
    strokes = "".join(
        f"M{LEFT + step * (index + 0.5):.1f} {WAVE - max(half, 1)}v{2 * max(half, 1)}"
        for index, half in enumerate(scene.peaks)
    )
    drawing.add("text", "audio", x=20, y=WAVE + 4, font_size=12, fill=GREY)
    drawing.add("path", id="waveform", d=strokes, stroke="#475569", stroke_width=1.5, fill="none")


def draw_speakers(drawing: Drawing, scene: Scene) -> None:
    """Draw a row for each person, with a bar wherever that person speaks."""
    for row, (name, colour) in enumerate(zip(people_of(scene.result), COLOURS, strict=True)):
        y = LANES + row * LANE
        turns = joined([turn.span for turn in scene.result.named_turns if turn.name == name])
        bars = "".join(
            f"M{scene.x(one.start):g} {y}h{max(1.0, scene.x(one.end) - scene.x(one.start)):.1f}" for one in turns
        )
        drawing.add("text", name, x=20, y=y + 4, font_size=12, font_weight=600, fill=INK)
        drawing.add("path", d=f"M{LEFT} {y}H{RIGHT}", stroke=RULE, stroke_width=1)
        drawing.add("path", d=bars, stroke=colour, stroke_width=12)


def joined(turns: Sequence[Span], pause: Ms = 900) -> list[Span]:
    """Return the turns, joined where no more than ``pause`` ms are between them."""
    whole: list[Span] = []
    for one in turns:
        if whole and one.start - whole[-1].end <= pause:
            whole[-1] = Span(whole[-1].start, one.end)
        else:
            whole.append(one)
    return whole


def draw_axis(drawing: Drawing, scene: Scene) -> None:
    """Draw a tick for each minute, and the numbers of the utterances that are shown below."""
    minutes = [*range(0, scene.duration - 20_000, 60_000), scene.duration]
    for at in minutes:
        x = scene.x(at)
        drawing.add("path", d=f"M{x:g} {AXIS}v4", stroke=FAINT)
        drawing.add("text", format_clock(at), x=x, y=AXIS + 16, font_size=10.5, fill=GREY, text_anchor="middle")
    for number, (index, _) in enumerate(shown(scene), start=1):
        x = scene.x(start_of(scene.result.utterances[index]))
        drawing.add(
            "path", d=f"M{x:g} {WAVE - WAVE_HALF - 4}V{AXIS + 22}", stroke=INK, stroke_width=0.8, stroke_dasharray="2 2"
        )
        draw_number(drawing, x, AXIS + 29, number)


def draw_number(drawing: Drawing, x: float, y: float, number: int) -> None:
    """Draw a number in a circle."""
    drawing.add("circle", cx=x, cy=y, r=8, fill=INK)
    drawing.add("text", str(number), x=x, y=y + 3.8, font_size=11, font_weight=700, fill="#fff", text_anchor="middle")


def draw_note(drawing: Drawing, scene: Scene) -> None:
    """Draw the note at its old and its new time, with an arrow between."""
    old, new, y = scene.x(old_note(scene)), scene.x(scene.stop), 30
    bottom = WAVE + WAVE_HALF + 6
    drawing.add("path", d=f"M{old:g} {y + 8}V{bottom}", stroke=REMOVED_TEXT, stroke_width=1.2, stroke_dasharray="4 3")
    drawing.add("path", d=f"M{new:g} {y + 8}V{AXIS}", stroke=ADDED_TEXT, stroke_width=2)
    before, after = f"Continue at {format_clock(old_note(scene))}", f"Continue at {format_clock(scene.stop)}"
    label = {"y": y, "font_size": 13, "font_weight": 600}
    drawing.add("text", before, x=old, **label, fill=REMOVED_TEXT, text_anchor="middle", text_decoration="line-through")
    drawing.add("text", after, x=new + 4, **label, fill=ADDED_TEXT, text_anchor="start")
    drawing.add(
        "path", d=f"M{old + 72:g} {y - 4}H{new - 4:g}", stroke=ADDED_TEXT, stroke_width=1.5, marker_end="url(#tip)"
    )


def shown(scene: Scene) -> Iterator[tuple[int, list[str]]]:
    """Yield the utterances that are shown: index and lines of the timed transcript."""
    for index in SHOWN:
        utterance = scene.result.transcript.utterances[index]
        own = scene.result.transcript.source[utterance.chars.start : utterance.chars.end].rstrip()
        at = scene.timed.index(own)
        begin = scene.timed.rindex("\n", 0, at) + 1
        yield index, scene.timed[begin : at + len(own)].split("\n")


def start_of(utterance: TimedUtterance) -> Ms:
    """Return the start of an utterance, which must have been found."""
    if utterance.span is None:
        raise SystemExit("an utterance that is to be shown was not found")
    return utterance.span.start


def draw_page(drawing: Drawing, scene: Scene) -> None:
    """Draw the lines of the timed transcript; what was inserted is marked."""
    drawing.add("rect", x=14, y=PAGE, width=WIDTH - 28, height=HEIGHT - PAGE - 14, rx=6, fill="#fff", stroke=RULE)
    drawing.add("text", "07-the-slow-build.timed.md", x=26, y=PAGE + 18, font_size=11.5, font_weight=600, fill=GREY)
    drawing.add("path", d=f"M14 {PAGE + 27}H{WIDTH - 14}", stroke=RULE)
    y = PAGE + 47.0
    for number, (_, lines) in enumerate(shown(scene), start=1):
        draw_number(drawing, 34, y - 4, number)
        draw_turn(drawing, y, lines)
        y += LINE * len(lines) + 6
        if number < len(SHOWN):
            drawing.mono(54, y, "[…]", SIZE, fill=FAINT)
            y += LINE + 6
    old, new = note_of(scene.result.transcript.source), note_of(scene.timed)
    draw_marked(drawing, y, "-", old, (REMOVED, REMOVED_TEXT))
    draw_marked(drawing, y + LINE + 2, "+", new, (ADDED, ADDED_TEXT))


def draw_turn(drawing: Drawing, y: float, lines: Sequence[str]) -> None:
    """Draw an utterance; the time before it is what was inserted."""
    time, label, rest = lines[0].split("**")[0], lines[0].split("**")[1], lines[0].split("**")[2]
    advance = SIZE * MONO_ADVANCE
    drawing.add("rect", x=52, y=y - 12.5, width=len(time) * advance + 3, height=16.5, rx=3, fill=ADDED)
    drawing.mono(54, y, time, SIZE, fill=ADDED_TEXT, font_weight=700)
    bold = f"**{label}**"
    drawing.mono(54 + len(time) * advance, y, bold, SIZE, fill=INK, font_weight=700)
    drawing.mono(54 + (len(time) + len(bold)) * advance, y, rest, SIZE, fill=INK)
    for number, line in enumerate(lines[1:], start=1):
        drawing.mono(54, y + number * LINE, line, SIZE, fill=INK)


def draw_marked(drawing: Drawing, y: float, sign: str, line: str, colours: tuple[str, str]) -> None:
    """Draw a removed or an added line, as in a diff."""
    drawing.add("rect", x=26, y=y - 12.5, width=WIDTH - 52, height=17, rx=3, fill=colours[0])
    drawing.add(
        "text",
        sign,
        x=34,
        y=y,
        font_family=MONO,
        font_size=SIZE,
        font_weight=700,
        fill=colours[1],
        text_anchor="middle",
    )
    drawing.mono(54, y, line, SIZE, fill=colours[1], font_weight=600)


def note_of(text: str) -> str:
    """Return the line of a document that is its note."""
    return next(line for line in text.splitlines() if line.startswith("<!-- Continue at"))


if __name__ == "__main__":
    sys.exit(main())
