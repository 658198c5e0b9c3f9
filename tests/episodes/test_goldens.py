"""The output for the example, file by file; ``--update-goldens`` rewrites it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import jsonschema
import pysubs2
import pytest

import pipeline.writing
from pipeline.episode.run import align
from pipeline.files.store import Store
from pipeline.files.transcript_file import WrittenFile
from pipeline.listening.audio.recording import Recording, open_recording
from pipeline.listening.forced.force import force
from pipeline.matching.forced.stretches import Forced, Stretch
from pipeline.schema import Result
from pipeline.settings.config import Config
from pipeline.writing import FORMATS
from pipeline.writing.markdown import MarkdownOptions, render_markdown
from tests.episodes.kept_hearing import AUDIO, TRANSCRIPT, kept_hearing
from tests.fake_engines import FakeEngines

EXPECTED = Path(__file__).with_name("expected")
SCHEMA = Path(pipeline.writing.__file__).with_name("alignment.schema.json")


@cache
def _forced(stretch: Stretch) -> Forced:
    """Force a stretch of the example once for all tests."""
    return next(force(open_recording(AUDIO), [stretch]))


def _force(
    _recording: Recording, stretches: Sequence[Stretch], _blocks: Mapping[int, bytes] | None
) -> Iterator[Forced]:
    """Force without the phone classifier, whose scores differ a little between processors."""
    return map(_forced, stretches)


def result_of(source: str, store: Path) -> Result:
    """Return the example's result, without what differs between machines; its words are really forced."""
    written = WrittenFile(TRANSCRIPT, source, "0" * 64)
    engines = replace(FakeEngines([kept_hearing()]).engines, open_recording=open_recording, force=_force)
    result = align(AUDIO, written, Config(), engines=engines, store=Store(store))
    return replace(
        result,
        audio=replace(result.audio, path="07-the-slow-build.mp3"),
        transcript_file=replace(result.audio, path="07-the-slow-build.md"),
        versions={},
    )


def read(path: Path) -> str:
    """Return a file's text, line endings as they are."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_output_is_as_reviewed(name: str, tmp_path: Path, golden: Callable[[Path, str | bytes], None]) -> None:
    """Every format of the example's result is byte for byte the reviewed file; of a Word document, its text's XML."""
    form = FORMATS[name]
    rendered = form.render(result_of(read(TRANSCRIPT), tmp_path), Config().writing)
    path = EXPECTED / f"07-the-slow-build{form.suffix}"

    if isinstance(rendered, bytes):
        golden(path.with_name(f"{path.name}.document.xml"), ZipFile(BytesIO(rendered)).read("word/document.xml"))
    else:
        golden(path, rendered)


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    """Aligned again, the timed document stays as it is."""
    once = render_markdown(result_of(read(TRANSCRIPT), tmp_path), MarkdownOptions())
    twice = render_markdown(result_of(once, tmp_path), MarkdownOptions())

    assert twice == once


def test_the_document_follows_its_schema() -> None:
    """The golden JSON is valid by the published schema, as an independent reader validates it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    document = json.loads((EXPECTED / "07-the-slow-build.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["schema"] == "cuemark.alignment/1"


@pytest.mark.parametrize("suffix", [".srt", ".vtt"])
def test_the_subtitles_keep_their_limits(suffix: str) -> None:
    """An independent reader finds two lines of 42 characters at most, 7 s at most, and gaps of 83 ms."""
    events = pysubs2.load(str(EXPECTED / f"07-the-slow-build{suffix}"), encoding="utf-8").events

    assert len(events) > 30
    assert all(len(event.plaintext.split("\n")) <= 2 for event in events)
    assert all(len(line) <= 42 for event in events for line in event.plaintext.split("\n"))
    assert all(event.duration <= 7_000 for event in events)
    assert all(b.start - a.end >= 83 for a, b in pairwise(events))
