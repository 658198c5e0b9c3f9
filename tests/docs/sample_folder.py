"""The files that the examples on the pages name."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

from pipeline.files.voice_books import VoiceBookFolder, default_voice_book_folder
from pipeline.matching.speakers.profile import VoiceBook
from pipeline.matching.speakers.profile_updates import learn_episode
from tests.batch.fake_engines_by_name import HEARD_LOG
from tests.conftest import MODELS
from tests.docs.blocks import ROOT
from tests.matching.made_profiles import taught_examples
from tests.reading.imports.docx_samples import word_document
from tests.sample_episode import ANN, BOB, REST, SHOW

SPOKEN = f"{ANN} {BOB} {REST}"
SHOW_NAME = "My Show"


def make_folder(folder: Path) -> dict[str, str]:
    """Fill a folder with the sample files, and the voice book and the models where the program looks for them.

    Returns:
        The environment variables that the commands need.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stem in ("episode", "07", "08", "episodes/01", "episodes/02"):
        _write(folder / f"{stem}.mp3", f"{SPOKEN} of {stem}")
        _write(folder / f"{stem}.md", SHOW)
    (folder / "08.md").unlink()
    _write(folder / "captions.srt", "1\n00:00:01,000 --> 00:00:02,000\n<b>Hello</b>\n")
    _write(
        folder / "feed.xml",
        '<rss version="2.0"><channel><item><enclosure url="https://example.org/episode.mp3"/></item></channel></rss>\n',
    )
    _write(folder / "other-episode.md", SHOW)
    _write(folder / "interview.mp3", SPOKEN)
    (folder / "interview.docx").write_bytes(word_document(f"Ann Lee: {ANN}", f"Ann Lee: {ANN}"))
    _write(folder / "interview.srt", f"1\n00:00:00,000 --> 00:00:05,000\nAnn Lee: {ANN}\n")
    turn = {"start": 1.0, "end": 2.0, "text": ANN, "speaker": "Ann Lee", "confidence": 1.0}
    _write(folder / "report.json", json.dumps({"schema": "cuemark.alignment/1", "utterances": [turn]}))
    for name in ("ann.wav", "bob.wav"):
        _write(folder / name, SPOKEN)
    _write(
        folder / "manifest.csv", "audio,transcript\nepisodes/01.mp3,episodes/01.md\nepisodes/02.mp3,episodes/02.md\n"
    )
    shutil.copytree(ROOT / "examples", folder / "examples")
    _write_two_cuts(folder)
    VoiceBookFolder(default_voice_book_folder()).change(SHOW_NAME, lambda _: _voice_book())
    return {HEARD_LOG: str(folder / "heard.log"), "CUEMARK_MODELS": str(_own_models(folder.with_name("models")))}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_two_cuts(folder: Path) -> None:
    """Write files with times of ``old.mp3``, and ``new.mp3``: the same recording, which takes no time to compare."""
    audio = ROOT / "examples" / "kettle-and-kernel" / "07-the-slow-build.mp3"
    for name in ("old.mp3", "new.mp3"):
        shutil.copy(audio, folder / name)
    for path in (ROOT / "tests" / "episodes" / "expected").glob("07-the-slow-build.*"):
        shutil.copy(path, folder / path.name.replace("07-the-slow-build", "old"))
    chapters = (
        '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "Hello"}, {"startTime": 60, "title": "Builds"}]}'
    )
    _write(folder / "old.chapters.json", chapters)


def _voice_book() -> VoiceBook:
    """What two labelled episodes have taught."""
    made = VoiceBook(SHOW_NAME)
    for episode in ("05", "06"):
        made = learn_episode(made, taught_examples(episode, {"Ann Lee": "Ann Lee", "Bob Ray": "Bob Ray"}))
    return made


def _own_models(folder: Path) -> Path:
    """A folder of models that a command may remove from: links to the user's own, or copies on another disk."""
    with suppress(FileNotFoundError):
        shutil.copytree(MODELS, folder, copy_function=_link)
    return folder


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
