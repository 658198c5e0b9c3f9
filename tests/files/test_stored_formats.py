"""Files that version 0.1 of cuemark wrote are still read: what was stored before an update is used after it.

The files in ``stored/`` were written by the code before its types and fields were renamed (``vector`` and ``lessons``
are the stored names of ``embedding`` and ``enrolments``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.files.store import Store, key_of
from pipeline.files.voice_books import export_book, read_book
from pipeline.matching.speakers.profile import EpisodeEnrolment, Voice, VoiceBook
from pipeline.schema import Diarization, HeardWord, Hearing, Turn, VoiceExample, VoiceSample
from pipeline.settings.config import Config
from pipeline.times import Span

STORED = Path(__file__).with_name("stored")
AUDIO = "12" * 32
WEIGHTS = "ab" * 32

WORDS = (HeardWord("Hello", Span(100, 400), 0.9), HeardWord("there.", Span(420, 800), None))
HEARING = Hearing(WORDS, (Span(80, 820),), 4_000, "en", "faster-whisper", "base", "cd" * 32, {"beam_size": 5}, ("npm",))


def embedding(k: int) -> bytes:
    """A unit vector along one axis."""
    return bytes((np.arange(192) == k).astype("<f4").tobytes())


DIARIZATION = Diarization(
    (Turn(Span(0, 1_500), "SPEAKER_00"), Turn(Span(1_600, 4_000), "SPEAKER_01")),
    (
        VoiceSample((Span(0, 1_500),), "SPEAKER_00", embedding(0)),
        VoiceSample((Span(1_600, 3_000), Span(3_100, 4_000)), "SPEAKER_01", embedding(1)),
    ),
    "pyannote.audio",
    "embedded",
    WEIGHTS,
    {"segmentation_step": 0.5, "speakers": None},
)
ANN = (VoiceExample(1_000, 4_000, embedding(0)), VoiceExample(9_000, 3_000, embedding(2)))
BOOK = VoiceBook(
    "Kettle & Kernel",
    WEIGHTS,
    (
        Voice("Ann Lee", (EpisodeEnrolment(AUDIO, "07", ANN),)),
        Voice("Bo Ek", (EpisodeEnrolment(AUDIO, "07", (VoiceExample(15_000, 4_000, embedding(1)),)),)),
    ),
    ("Eve",),
    {"annie": "Ann Lee"},
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A copy of the old store: reading an entry changes its time of last use."""
    return Store(Path(shutil.copytree(STORED / "store", tmp_path / "old")))


def test_a_stored_diarization_is_read(store: Store) -> None:
    """A diarization is read as it was saved, embeddings included."""
    assert store.load("voices", key_of("diarization"), Diarization) == DIARIZATION


def test_a_stored_hearing_is_read(store: Store) -> None:
    """A hearing and the words of a single window are read as they were saved."""
    assert store.load("hearing", key_of("hearing"), Hearing) == HEARING
    assert store.windows(key_of("listening")).load("0-4000") == WORDS


def test_a_stored_result_is_written_to_the_same_bytes(store: Store, tmp_path: Path) -> None:
    """A new entry has the bytes of the old one, so an older cuemark reads it too."""
    new = Store(tmp_path / "new")
    new.save("voices", key_of("diarization"), DIARIZATION)
    new.save("hearing", key_of("hearing"), HEARING)

    for stage in ("voices", "hearing"):
        (entry,) = (path for path in (new.folder / stage).rglob("*") if path.is_file())
        assert entry.read_bytes() == (store.folder / entry.relative_to(new.folder)).read_bytes()


def test_keys_are_the_same() -> None:
    """The keys under which results are stored do not change, the default options included."""
    config = Config()

    assert key_of(1, "aa" * 32, {"a": 1}, config.hear, config.speech) == (
        "f74a25c9bd5d9bfff71cf2405cd47a41c44ad7997fabe74bc1d5bcf1627e196c"
    )
    assert key_of(config.transcribe, config.diarize, config.tracks, config.second_look) == (
        "0a912d229ada488f0807e36ae7f300e8b5921f0b1337867761d9d129977a48f2"
    )


def test_a_voice_book_is_read_and_written_to_the_same_bytes(tmp_path: Path) -> None:
    """A voice book is read as it was written, and written as it was."""
    export_book(tmp_path / "new.voices", BOOK)

    assert read_book(STORED / "kettle.voices") == BOOK
    assert (tmp_path / "new.voices").read_bytes() == (STORED / "kettle.voices").read_bytes()
