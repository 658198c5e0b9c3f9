"""The pictures in docs/media are what their scripts make today, small, and complete in themselves."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse

ROOT = Path(__file__).parents[2]
MEDIA = ROOT / "docs" / "media"
SCRIPTS = {
    "make_picture": ("picture.svg",),
    "make_recording": ("align.svg", "finish.svg"),
    "make_figures_chart": ("figures.svg",),
    "make_alignment_chart": ("alignment-cost.svg",),
}
PICTURES = tuple(picture for pictures in SCRIPTS.values() for picture in pictures)
FIGURES: dict[str, Any] = tomllib.loads((MEDIA / "figures.toml").read_text(encoding="utf-8"))

MOST_BYTES = 60_000
NAMESPACE = "{http://www.w3.org/2000/svg}"
EXTERNAL = re.compile(r"@import|@font-face|https?:|data:|url\((?!#)")
"""Anything by which a picture would load, or lead to, something else."""

MACHINE = re.compile(r"/(?:tmp|var|home|root|Users|private|work)\b")


def run(script: str, folder: Path) -> list[Path]:
    """The pictures that a script makes in a folder."""
    command = [sys.executable, str(ROOT / "scripts" / f"{script}.py"), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, list(SCRIPTS[script])), done.stderr
    return [folder / name for name in SCRIPTS[script]]


def svg(path: Path) -> Element:
    """The picture's root element."""
    root = parse(path).getroot()
    assert root is not None
    return root


def texts(path: Path) -> list[str]:
    """All text of a picture in its order, with plain spaces."""
    return [
        text.replace("\N{NO-BREAK SPACE}", " ")
        for element in svg(path).iter()
        if (text := element.text or "").strip() and not element.tag.endswith("style")
    ]


def shapes(path: Path) -> list[tuple[str, dict[str, str]]]:
    """All elements of a picture with their attributes, but for the waveform's path, which depends on the decoder."""
    return [
        (element.tag, {name: value for name, value in element.attrib.items() if name != "d"})
        if element.get("id") == "waveform"
        else (element.tag, dict(element.attrib))
        for element in svg(path).iter()
    ]


def heights(path: Path) -> list[int]:
    """The heights of the waveform's strokes in pixels."""
    (waveform,) = (element for element in svg(path).iter() if element.get("id") == "waveform")
    return [int(height) for height in re.findall(r"v(\d+)", waveform.get("d", ""))]


# If one of the next three fails: run the script, look at the picture and commit it.


def test_the_recordings_are_current(tmp_path: Path) -> None:
    """Shows what the commands print today, line by line."""
    made = run("make_recording", tmp_path)

    assert [texts(path) for path in made] == [texts(MEDIA / path.name) for path in made]


def test_the_picture_of_the_example_is_current(tmp_path: Path) -> None:
    """Says and draws the same in the same places, and the waveform of the example to two pixels of height.

    A decoder may round differently on another processor.
    """
    (made,) = run("make_picture", tmp_path)
    now, then = heights(made), heights(MEDIA / made.name)

    assert texts(made) == texts(MEDIA / made.name)
    assert shapes(made) == shapes(MEDIA / made.name)
    assert len(now) == len(then) > 250
    assert [(a, b) for a, b in zip(now, then, strict=True) if abs(a - b) > 2] == []


@pytest.mark.parametrize("script", ["make_figures_chart", "make_alignment_chart"])
def test_the_chart_is_current(tmp_path: Path, script: str) -> None:
    """Says and draws the same as the committed chart."""
    (made,) = run(script, tmp_path)

    assert texts(made) == texts(MEDIA / made.name)
    assert shapes(made) == shapes(MEDIA / made.name)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_complete_in_itself(name: str) -> None:
    """Is valid XML below 60 KB that loads nothing, runs nothing and leads nowhere."""
    text = (MEDIA / name).read_text(encoding="utf-8")
    names = {element.tag.removeprefix(NAMESPACE) for element in svg(MEDIA / name).iter()}

    assert len(text.encode()) < MOST_BYTES
    assert EXTERNAL.findall(text.replace('xmlns="http://www.w3.org/2000/svg"', "")) == []
    assert names & {"script", "image", "a", "use", "foreignObject"} == set()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_says_what_it_is_and_how_it_was_made(name: str) -> None:
    """Has a title and a description that names its script, both tied to the picture."""
    root = svg(MEDIA / name)
    title, description = (root.find(f"{NAMESPACE}{part}") for part in ("title", "desc"))
    (script,) = (script for script, pictures in SCRIPTS.items() if name in pictures)

    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title desc")
    assert title is not None
    assert title.text
    assert description is not None
    assert f"Made by scripts/{script}.py" in (description.text or "")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_a_background(name: str) -> None:
    """Covers its whole area with one colour, so that it reads the same on a light and a dark page."""
    root = svg(MEDIA / name)
    _, _, width, height = (float(one) for one in root.get("viewBox", "").split())
    first = next(element for element in root.findall(f"{NAMESPACE}rect"))

    assert re.fullmatch("#[0-9a-f]{6}", first.get("fill", ""))
    assert float(first.get("width", "0")) >= width - 2
    assert float(first.get("height", "0")) >= height - 2


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_names_no_machine(name: str) -> None:
    """Shows no path of the machine that it was made on."""
    assert MACHINE.findall((MEDIA / name).read_text(encoding="utf-8")) == []


def test_the_recording_of_align_shows_what_people_want_to_see() -> None:
    """Shows the moved note, the share of words that were found, the results and a time in the transcript."""
    shown = "\n".join(texts(MEDIA / "align.svg"))

    assert "note: <!-- Continue at 1:30! --> -> <!-- Continue at 3:40! -->" in shown
    assert "found: 97% of the written words" in shown
    assert "07-the-slow-build.timed.md" in shown
    assert "3:35 - **Hannah Weir**: We will come back to the pencil." in shown


def test_the_recording_of_finish_shows_a_draft_under_names() -> None:
    """Shows where the draft begins and who says what in it."""
    shown = texts(MEDIA / "finish.svg")

    assert "<!-- Drafted by cuemark from 3:40 -->" in shown
    assert "**Oskar Lind**: And the robots complained." in shown


def test_recordings_stand_still_where_people_want_that() -> None:
    """Ends every animation for those who asked for less motion, and repeats none."""
    texts_of_both = [(MEDIA / name).read_text(encoding="utf-8") for name in SCRIPTS["make_recording"]]

    assert [text.count("prefers-reduced-motion: reduce") for text in texts_of_both] == [1, 1]
    assert [text.count("infinite") for text in texts_of_both] == [0, 0]


def test_every_figure_compares_and_says_where_it_is_from() -> None:
    """Compares cuemark with another tool, says on what, and names an existing script or how it was measured."""
    for figure in FIGURES["figure"]:
        assert "cuemark" in figure["values"]
        assert len(figure["values"]) >= 2
        assert figure["better"] in {"less", "more"}
        assert figure["on"]
        assert figure["source"]
        assert [name for name in re.findall(r"scripts/\w+\.py", figure["source"]) if not (ROOT / name).is_file()] == []


def test_the_chart_says_where_cuemark_is_not_ahead() -> None:
    """Says so below each figure in which another tool is better, and below no other."""
    behind = 0
    for figure in FIGURES["figure"]:
        best = (min if figure["better"] == "less" else max)(figure["values"].values())
        behind += figure["values"]["cuemark"] != best

    assert sum("cuemark is not ahead" in text for text in texts(MEDIA / "figures.svg")) == behind > 0
